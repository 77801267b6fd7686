"""Criteria: one function a kind, evaluated in exact numbers on the tables of a plan.

A built-in criterion is a function in `BUILT_IN`; an equity form is one in `optimizer.plan.equity`. To add one, write
the function and name it there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import pandas as pd

from optimizer.instance.data import Data
from optimizer.instance.settings import Criterion, EquityFields, Measure
from optimizer.plan.equity import FORMS, Units, boundless, kalai, sense_of, unit_of_form
from optimizer.plan.exact import Exact, codes_of, fraction
from optimizer.plan.grouping import in_periods, per_values, period_weights
from optimizer.plan.measure import Measures, column_of
from optimizer.plan.outcomes import Outcome, outcome, unit_weights

ONE = pd.DataFrame(index=range(1))


@dataclass(frozen=True)
class Value:
    """The value of a criterion: exact where it is rational, with its sense and unit; None = not defined.

    ``boundless``: there is no number because it is worse than any.
    """

    value: Fraction | None
    sense: str
    unit: str
    boundless: bool = False

    @property
    def number(self) -> float:
        """The nearest float; NaN where it is not defined."""
        return float("nan") if self.value is None else float(self.value)


def _sum(measures: Measures, measure: Measure) -> Fraction:
    return measures.values(measure, in_periods(measures.data, _whole(measure), ONE, "total")).total()


def _whole(measure: Measure) -> Measure:
    """A measure over all periods, unless it names some itself."""
    return measure.model_copy(update={"periods": None}) if measure.periods == "each" else measure


def coverage(measures: Measures) -> Value:
    """Σ period weight · need weight · covered (person-periods)."""
    return Value(_sum(measures, Measure(sum="covered", weighted=True)), "max", "weighted person-periods")


def coverage_share(measures: Measures) -> Value:
    """Mean over needs of covered / people, both summed by period weight; a need that nobody has is left out."""
    table = measures.tables["coverage"]
    weights = period_weights(measures.data, table["period"].to_numpy())
    codes, needs = codes_of(table, ["need"])
    people = (Exact.of(table["people"]) * weights).sum_by(codes, len(needs))
    covered = (Exact.of(table["covered"]) * weights).sum_by(codes, len(needs))
    shares = [covered.at(n) / people.at(n) for n in range(len(needs)) if people.at(n)]
    return Value(sum(shares, start=Fraction(0)) / len(shares) if shares else Fraction(0), "max", "share")


def gap(measures: Measures) -> Value:
    """Σ period weight · people in need and not covered."""
    return Value(_sum(measures, Measure(sum="gap")), "min", "person-periods")


def spend(measures: Measures) -> Value:
    """All money paid, transfers and pairing streams."""
    return Value(_sum(measures, Measure(sum="money")), "min", measures.data.settings.money.unit)


def exited(measures: Measures) -> Value:
    """Σ period weight · counties that pass the exit rules."""
    return Value(_sum(measures, Measure(sum="exited")), "max", "county-periods")


def fit(measures: Measures) -> Value:
    """Σ fit · support: fit weighted by the money that flows."""
    support = measures.tables["support"]
    points = Exact.of(support["money"]) * column_of(measures.data, "support", "fit", support)
    return Value(points.total(), "max", measures.data.settings.money.unit)


def fit_pairs(measures: Measures) -> Value:
    """Σ fit of the chosen pairs."""
    return Value(_sum(measures, Measure(sum="pairs", column="fit")), "max", "points")


def disruption(measures: Measures) -> Value:
    """Existing pairs that are ended."""
    return Value(Fraction(int((measures.tables["pairings"]["status"] == "ended").sum())), "min", "pairs")


BUILT_IN: dict[str, Callable[[Measures], Value]] = {
    "coverage": coverage, "coverage_share": coverage_share, "gap": gap, "spend": spend, "exited": exited, "fit": fit,
    "fit_pairs": fit_pairs, "disruption": disruption,
}


def units_of(measures: Measures, fields: EquityFields) -> tuple[Units, Outcome]:
    """The units that an equity form looks at, with their weights, and the outcome they come from."""
    name, over = fields.outcome or "covered_share", fields.over or "counties"
    found = outcome(measures, name, over)
    weights = None if fields.weight is None else unit_weights(measures, name, over, fields.weight, found.units)
    return Units.of(found.fractions(), weights, found.better), found


def equity(measures: Measures, fields: EquityFields, sense: str | None = None) -> Value:
    """The value of an equity form over an outcome.

    Raises
    ------
    ValueError : the form cannot be worked out from a plan alone
    """
    form = fields.equity or "maximin"
    if form == "kalai":
        return _share_of_ideal(measures, fields)
    if form not in FORMS:
        raise ValueError(f"the equity form '{form}' is not worked out from a plan alone; those that are: {', '.join(FORMS)}")
    units, found = units_of(measures, fields)
    value = FORMS[form](units, fields)
    return Value(value, sense or sense_of(form, found.better), unit_of_form(form, found.unit), boundless(form, units, value))


def _share_of_ideal(measures: Measures, fields: EquityFields) -> Value:
    """Kalai–Smorodinsky; not defined where nobody asked the solver for the ideals."""
    name, over = fields.outcome or "covered_share", fields.over or "counties"
    ideals = measures.ideals.get((name, over), {})
    found = outcome(measures, name, over)
    shares = [(value, fraction(ideals[str(unit)])) for value, unit in zip(found.fractions(), found.units, strict=True)
              if str(unit) in ideals]
    return Value(kalai([value for value, _ in shares], [ideal for _, ideal in shares]), "max", "index")


def declared(measures: Measures, criterion: Criterion) -> Value:
    """A criterion of the instance: a measure, a measure per columns, or an equity form over an outcome."""
    if criterion.equity is not None:
        return equity(measures, criterion, criterion.sense)
    assert criterion.of is not None
    value = _sum(measures, criterion.of)
    unit = unit_of(measures.data, criterion.of)
    sense = criterion.sense or "max"
    if not criterion.per:
        return Value(value, sense, unit)
    rows = in_periods(measures.data, _whole(criterion.of), ONE, "total")
    each = per_values(measures.data, criterion.per, criterion.of, rows)
    low = each.total() if "people" in criterion.per else each.at(0)  # columns are the same in every period
    return Value(value / low if low else None, sense, per_unit(measures.data, criterion.of, criterion.per))


def criterion_value(measures: Measures, name: str, broken: Fraction | None = None) -> Value:
    """The value of a criterion by name, declared or built in; ``broken`` are the soft rules' points."""
    if name in measures.data.settings.criteria:
        return declared(measures, measures.data.settings.criteria[name])
    if name == "broken":
        return Value(broken or Fraction(0), "min", "points")
    if name in BUILT_IN:
        return BUILT_IN[name](measures)
    if name in FORMS:
        return equity(measures, EquityFields.model_validate({"equity": name, "outcome": "covered_share"}))
    raise ValueError(f"no criterion '{name}'; there are {', '.join(criterion_names(measures.data))}")


def criterion_names(data: Data) -> list[str]:
    """Every criterion that can be evaluated: declared ones, then the built-in ones."""
    return list(dict.fromkeys([*data.settings.criteria, *BUILT_IN, "broken"]))


def unit_of(data: Data, measure: Measure) -> str:
    """The unit of a measure."""
    money = data.settings.money.unit
    if measure.sum in ("money", "support"):
        return money if not measure.column else f"{money} × {measure.column}"
    if measure.sum in ("covered", "gap"):
        return "weighted people" if measure.weighted else "people"
    if measure.sum == "projects":
        return money if measure.column == "cost" else (measure.column or "projects")
    return measure.column or {"pairs": "pairs", "exited": "counties"}[measure.sum]


def per_unit(data: Data, measure: Measure, per: tuple[str, ...] | list[str]) -> str:
    """The unit of a measure divided by columns; people per people is a share."""
    unit, low = unit_of(data, measure), " × ".join(per)
    same = unit in ("people", "weighted people") and all(column in ("people", "population", "rural_population")
                                                        for column in per) and len(per) == 1
    return "share" if same else f"{unit} per {low}"
