"""The review page: one HTML file that opens from disk and needs no network."""

from __future__ import annotations

from optimizer.review.page.page import review_page

__all__ = ["review_page"]
