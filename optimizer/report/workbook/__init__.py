"""`plan.xlsx`: the plan for Excel, in two languages; every number is one of the plan's own tables."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from optimizer.plan.plan import Plan


def write_workbook(plan: Plan, path: Path, lang: str = "en") -> None:
    """Write the workbook of a plan; see `optimizer.report.workbook.write`, loaded when first used."""
    from optimizer.report.workbook import write

    write.write_workbook(plan, path, lang)


__all__ = ["write_workbook"]
