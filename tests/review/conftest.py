"""Puts the makers of recommendations, and the browser, within reach of these tests."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from browser import CHROMIUM, Browser


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """One browser for all tests of a module."""
    if CHROMIUM is None:
        pytest.skip("there is no Chromium to open the page with")
    browser = Browser(tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()
