"""Fields that equity criteria and equity rules share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from optimizer.instance.checks.equity_model import modelled
from optimizer.instance.checks.view import View
from optimizer.instance.checks.words import near
from optimizer.instance.findings import Finding
from optimizer.instance.settings import EquityFields

OUTCOMES = frozenset({"covered_share", "gap_per_1000", "money", "money_per_head", "loss", "burden"})


def equity_fields(view: View, path: tuple[str, str], fields: EquityFields, severity: Any) -> Iterator[Finding]:
    """The form, outcome and units of an equity criterion or rule."""
    yield from modelled(view, path, fields, severity)
    outcomes = OUTCOMES | view.identifiers("outcomes")
    if fields.outcome is not None and fields.outcome not in outcomes:
        yield view.setting(*path, "outcome", fields.outcome, "is no outcome", near(fields.outcome, outcomes))
    if fields.over == "donors" and not view.size("donors"):
        yield view.setting(*path, "over", "donors", "there are no donors", "Write counties, or a text column of counties")
    columns = frozenset(map(str, view.frame("counties").columns)) | {"counties", "donors"}
    if fields.over not in columns:
        yield view.setting(*path, "over", fields.over, "is neither counties, donors nor a column of counties",
                           near(fields.over, columns))
