"""How far tests go: ``make test`` looks at few of many random cases, continuous integration at all of them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

import pytest

THOROUGH = os.environ.get("OPTIMIZER_THOROUGH") == "1"  # set by ``tests/conftest.py``


def more(quick: int, thorough: int) -> int:
    """How many random cases a test draws: ``thorough`` where tests of that mark are asked for too."""
    return thorough if THOROUGH else quick


def few(count: int, values: Iterable[Any]) -> list[Any]:
    """The values as parameters of a test, all but the first ``count`` marked as thorough."""
    return [value if n < count else pytest.param(value, marks=pytest.mark.thorough) for n, value in enumerate(values)]
