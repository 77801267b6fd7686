"""instance.yaml from a template that a person can read: only figures that are computed are filled in."""

from __future__ import annotations

from pathlib import Path
from string import Template

import pandas as pd

from .needs import TIERS


def settings_text(template: Path, tables: dict[str, pd.DataFrame], *, central: int, key_share: float,
                  periods: list[int], scale: int) -> str:
    """Fill in periods, budgets, tiers, the share of the key counties and the blocs that occur."""
    names = list(dict.fromkeys(tables["donors"]["bloc"]))
    copies = ["", *(f"-{number:02d}" for number in range(1, scale))]
    return Template(template.read_text(encoding="utf-8")).substitute(
        periods=periods,
        last=periods[-1],
        time_limit=180 if len(periods) == 1 else 360,
        gap="0.1%" if len(periods) == 1 else "0.2%",
        tiers="[" + ", ".join(f"{{width: {width}, factor: {factor}}}" for width, factor in TIERS) + "]",
        central="{" + ", ".join(f"{period}: {central * scale}" for period in periods) + "}",
        key_share=f"{round(key_share * 100)}%",
        candidates="\n".join(f"    - {{donors: {{bloc: {name}{copy}}}, counties: {{bloc: {name}{copy}}}}}"
                             for copy in copies for name in names),
    )
