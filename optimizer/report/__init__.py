"""Results in, pages out: the one-page report of a plan.

Importing this package lets every plan folder hold a `report.html`.
"""

from optimizer.plan.files import register_view
from optimizer.report.figures import accessor
from optimizer.report.html import render, write_report
from optimizer.report.workbook import write_workbook

register_view("plan.xlsx", write_workbook)
register_view("report.html", write_report)

__all__ = ["accessor", "render", "write_report", "write_workbook"]
