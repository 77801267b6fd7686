"""`plan.xlsx`: the plan for Excel, in two languages; every number is one of the plan's own tables."""

from optimizer.report.workbook.write import write_workbook

__all__ = ["write_workbook"]
