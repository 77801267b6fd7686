"""Fonts that have Chinese letters: found on this machine, or one hint how to get one."""

from __future__ import annotations

import logging
from functools import cache
from pathlib import Path

LATIN = "DejaVu Sans"  # comes with matplotlib
#: In order of preference; simplified Chinese forms first.
CHINESE = (
    "Noto Sans CJK SC", "Source Han Sans SC", "Noto Sans SC", "Microsoft YaHei", "PingFang SC", "Hiragino Sans GB", "SimHei",
    "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Heiti SC", "STHeiti", "Noto Serif CJK SC", "SimSun", "Arial Unicode MS",
    "Noto Sans CJK JP", "Noto Sans CJK TC", "Droid Sans Fallback",
)
#: What a browser looks for; Verdana is as wide as DejaVu Sans, with which the text was measured.
STACK = f"'{LATIN}', Verdana, 'Noto Sans CJK SC', 'Source Han Sans SC', 'Microsoft YaHei', 'PingFang SC', sans-serif"
MARKS = ("cjk", "sourcehan", "msyh", "simhei", "wqy", "pingfang", "notosanssc", "simsun")
HINT = (
    "No font of this machine has the letter %s (U+%04X) of a figure, so pictures show boxes for it. Install a font with Chinese "
    "letters, for example Noto Sans CJK, and start again; SVG files are read with the reader's own fonts."
)
log = logging.getLogger("optimizer.report.figures")


@cache
def families() -> tuple[str, ...]:
    """Families for text, letters that the first lacks taken from the second; one family where no Chinese font is found."""
    from matplotlib import font_manager

    known = {font.name for font in font_manager.fontManager.ttflist}
    found = next((name for name in CHINESE if name in known), None)
    return (LATIN,) if (name := found or _newly_installed()) is None else (LATIN, name)


def _newly_installed() -> str | None:
    """The family of a font file that matplotlib's list, made once, does not know yet."""
    from matplotlib import font_manager

    for file in sorted(font_manager.findSystemFonts()):
        if any(mark in Path(file).name.lower().replace("-", "").replace("_", "") for mark in MARKS):
            try:
                font_manager.fontManager.addfont(file)
            except (OSError, RuntimeError):  # a broken file is no font
                continue
            return font_manager.fontManager.ttflist[-1].name
    return None


@cache
def hint(letter: int) -> None:
    """Say once what is missing; further letters of the same kind are not named."""
    log.warning(HINT, chr(letter), letter)
