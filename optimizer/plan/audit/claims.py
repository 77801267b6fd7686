"""What the solver claims of a plan, as far as the tables can bear it out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from optimizer.plan.audit.cells import records
from optimizer.plan.audit.exact import exact_or_none, spells
from optimizer.plan.audit.measure import Meter
from optimizer.plan.audit.report import Tallies


@dataclass(frozen=True)
class Claims:
    """The claims the audit reads: outcome, objective, proofs of rounding, ranges of a weighted method, ideals of units."""

    status: str | None = None
    objective: float | None = None
    bound: float | None = None
    gap: float | None = None
    rounding: Mapping[tuple[str, str], str] = field(default_factory=dict)
    ranges: Mapping[str, float] = field(default_factory=dict)
    ideals: Mapping[tuple[str, str], Mapping[str, float]] = field(default_factory=dict)

    @classmethod
    def of(cls, given: object) -> Claims:
        """From ``plan.json`` (a mapping) or any object with attributes of these names."""
        def read(name: str) -> Any:
            return given.get(name) if isinstance(given, Mapping) else getattr(given, name, None)

        if given is None:
            return cls()
        rounding = read("rounding") or {}
        if not isinstance(rounding, Mapping):
            rounding = {(row["rule"], row["index"]): str(row.get("proof", "")) for row in rounding}
        ideals = read("ideals") or {}
        if not isinstance(ideals, Mapping):
            ideals = {(entry["outcome"], entry["over"]): entry["units"] for entry in ideals}
        return cls(read("status"), read("objective"), read("bound"), read("gap"), dict(rounding), dict(read("ranges") or {}),
                   dict(ideals))


def audit_claims(meter: Meter, claims: Claims, tallies: Tallies) -> None:
    """Objective, bound and gap are those of the first objective; the status is borne out by them."""
    rows = meter.books.tables.criteria
    objectives = rows[rows["role"] == "objective"].sort_values("level", kind="stable")
    if not len(objectives):
        return
    first = objectives.iloc[0]
    at = f"criterion {first['criterion']}"
    for name, claimed, column in (("objective", claims.objective, "value"), ("bound", claims.bound, "bound"),
                                  ("gap", claims.gap, "gap")):
        true = exact_or_none(first[column])
        if claimed is not None and true is not None:
            good = spells(float(claimed), true)
            tallies["claimed_objective"].holds(good, at, f"{name} {claimed!r} of plan.json should be {float(true)!r}")
    if claims.status in ("optimal", "within_gap"):
        _status(meter, claims.status, records(objectives), tallies)


def _status(meter: Meter, status: str, objectives: list[dict[str, Any]], tallies: Tallies) -> None:
    """``optimal`` and ``within_gap`` say that a bound is known."""
    known = [row for row in objectives if exact_or_none(row["bound"]) is not None]
    first = objectives[0]["criterion"]
    tallies["claimed_status"].holds(bool(known), f"criterion {first}", f"called {status}, but no bound is given")
