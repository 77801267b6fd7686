"""Small instances and plans for tests of reports, figures and workbooks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from optimizer.instance.instance import Instance


def table(text: str) -> pd.DataFrame:
    """A table from ``a,b|1,2``: cells as text."""
    header, *lines = text.split("|")
    return pd.DataFrame([line.split(",") for line in lines], columns=header.split(","))


@pytest.fixture
def make() -> Callable[..., Instance]:
    """Makes an instance from settings and tables written as text."""
    def made(settings: dict[str, Any], **tables: str) -> Instance:
        return Instance.from_frames(settings=settings, **{name: table(text) for name, text in tables.items()})
    return made
