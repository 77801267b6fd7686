"""The review workbook: the content of the review page for those who review in Excel, read back by ``--decisions``."""

from __future__ import annotations

from optimizer.review.workbook.workbook import review_workbook

__all__ = ["review_workbook"]
