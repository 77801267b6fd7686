"""How far tests go: ``make test`` looks at few of many random cases, continuous integration at all of them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

import pytest

#: 1, or 4 where thorough tests are asked for too: how many times as much random tests draw; see ``tests/conftest.py``.
MORE = int(os.environ.get("OPTIMIZER_MORE", "1"))


def few(count: int, values: Iterable[Any]) -> list[Any]:
    """The values as parameters of a test, all but the first ``count`` marked as thorough."""
    return [value if n < count else pytest.param(value, marks=pytest.mark.thorough) for n, value in enumerate(values)]
