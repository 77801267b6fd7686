"""Puts the makers of small instances, here and beside, within reach of these tests."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent
for folder in (HERE.parent / "methods", HERE.parent / "whole", HERE):
    sys.path.insert(0, str(folder))
