"""From whole-unit choices to a plan: every table of the plan folder, derived in exact numbers."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from optimizer.instance.data import Data
from optimizer.instance.settings import EquityRule
from optimizer.plan.accounts import (
    effects_of,
    funds_table,
    pairings_table,
    projects_table,
    streams_table,
    support_table,
    unspent_table,
)
from optimizer.plan.baselines import baseline_table, whole_baseline
from optimizer.plan.choices import Choices, Claims, Level
from optimizer.plan.composite import composite
from optimizer.plan.coverage import coverage_table
from optimizer.plan.criteria import Value, criterion_names, criterion_value, equity
from optimizer.plan.exact import fraction, locate
from optimizer.plan.measure import Measures
from optimizer.plan.plan import Plan
from optimizer.plan.rules import rules_table

if TYPE_CHECKING:
    from optimizer.instance.instance import Instance

CRITERIA = ["criterion", "role", "level", "sense", "unit", "value", "modelled_value", "bound", "gap", "gap_percent",
            "last", "factor"]


def assemble(instance: Instance, choices: Choices, claims: Claims | None = None) -> Plan:
    """Derive every table of a plan from its decisions.

    Parameters
    ----------
    instance : the effective instance
    choices : the whole-unit decisions
    claims : what the solver says; repeated in the plan, never believed

    Raises
    ------
    ValueError : choices name a pair, project start or county that the instance does not have
    """
    data, claims = instance.data, claims or Claims()
    _known(data, choices)
    tables = derive(data, choices)
    measures = Measures(data, tables, claims.ideals)
    rules, points = rules_table(measures, claims.rounding)
    criteria = criteria_table(measures, claims, points)
    return Plan.of(instance, {**tables, "criteria": criteria, "rules": rules}, claims)


def claiming(plan: Plan, claims: Claims) -> Plan:
    """The plan under other claims: what it decides stays, and only the table that repeats the claims is made anew."""
    measures = Measures(plan.data, plan.tables, claims.ideals)
    points = rules_table(measures, claims.rounding)[1]
    return replace(plan, claims=claims, criteria=criteria_table(measures, claims, points))


def derive(data: Data, choices: Choices) -> dict[str, pd.DataFrame]:
    """The tables on money, pairs, projects and people."""
    funds, support = funds_table(data, choices), support_table(choices)
    projects = projects_table(data, choices.starts)
    coverage = coverage_table(data, effects_of(data, projects), choices.direct)
    return {
        "funds": funds, "streams": streams_table(data, funds), "support": support,
        "pairings": pairings_table(data, choices.pairs, support), "projects": projects, "coverage": coverage,
        "unspent": unspent_table(data, funds, projects, coverage),
    }


def _known(data: Data, choices: Choices) -> None:
    """Refuse choices about things that are not in the instance."""
    for frame, index, keys, what in (
        (choices.pairs, data.pairs, ["donor", "county"], "pair"),
        (choices.starts, data.project_starts, ["project", "start"], "project start"),
        (choices.direct, data.needs, ["county", "need", "period"], "need"),
    ):
        lost = np.flatnonzero(locate(frame, index, keys) < 0)
        if len(lost):
            raise ValueError(f"the instance has no such {what}: {', '.join(str(v) for v in frame[keys].iloc[lost[0]])}")
    for name in ("transfers", "placed", "support"):
        frame = getattr(choices, name)
        strange = frame.loc[~frame["county"].isin(data.counties.index), "county"]
        if len(strange):
            raise ValueError(f"the instance has no such county: {strange.iloc[0]}")


def criteria_table(measures: Measures, claims: Claims, points: Fraction) -> pd.DataFrame:
    """``criteria.csv``: objectives by level, criteria held to a bound, and every other one as an indicator.

    ``last`` and ``factor`` are the criterion's value under last year's money and the factor method where money alone
    decides it.
    """
    data = measures.data
    names = criterion_names(data)
    levels = data.settings.method.levels
    values = {name: criterion_value(measures, name, points)
              for name in dict.fromkeys([*names, *(level.criterion for level in levels)])}
    claimed = {level.criterion: level for level in claims.levels}
    rows = []
    method = data.settings.method.type
    together = composite(data, values, claims)
    if together is not None and method in claimed:
        rows.append(_row(method, "objective", 1, together, claimed[method]))
    for number, level in enumerate(levels, start=1):
        place = number if together is None else 1
        rows.append(_row(level.criterion, "objective", place, values[level.criterion], claimed.get(level.criterion)))
    for rule in data.settings.rules:
        if isinstance(rule, EquityRule) and rule.active:
            rows.append(_row(rule.id, "bounded", None, equity(measures, rule)))
    done = {level.criterion for level in levels}
    rows += [_row(name, "indicator", None, values[name], claimed.get(name)) for name in names if name not in done]
    out = pd.DataFrame(rows, columns=CRITERIA)
    for which in ("last", "factor"):
        found = baseline_criteria(measures, which)
        out[which] = [found.get(str(name), math.nan) for name in out["criterion"]]
    for name in CRITERIA[5:]:
        out[name] = out[name].astype("float64")
    out["level"] = out["level"].astype("float64")
    return out


def _row(name: str, role: str, level: int | None, value: Value, claimed: Level | None = None) -> dict[str, object]:
    row: dict[str, object] = {"criterion": name, "role": role, "level": level, "sense": value.sense, "unit": value.unit,
                              "value": value.number}
    if claimed is None:
        return row
    row |= {"modelled_value": claimed.modelled_value, "bound": claimed.bound}
    if value.value is None or math.isnan(claimed.bound) or math.isinf(claimed.bound):
        return row
    sign = 1 if claimed.sense == "max" else -1
    gap = max(Fraction(0), sign * (fraction(claimed.bound) - value.value))
    row["gap"] = float(gap)
    if value.value:
        row["gap_percent"] = float(100 * gap / abs(value.value))
    elif not gap:
        row["gap_percent"] = 0.0
    return row


def baseline_criteria(measures: Measures, which: str) -> dict[str, float]:
    """Values of the criteria that money alone decides, under last year's money or the factor method.

    Only where the baseline is known of every county and of all the money there; else left out.
    """
    data = measures.data
    if (which == "factor" and data.settings.factor is None) or (which == "last" and not len(data.baseline)):
        return {}
    table = baseline_table(data, which)
    if set(data.counties.index) - set(table["county"]) or not whole_baseline(data, which):
        return {}
    funds = table.assign(category="")[["stream", "county", "category", "period", "money"]]
    money_only = Measures(data, {**measures.tables, "funds": funds}, measures.ideals)
    out = {"spend": criterion_value(money_only, "spend").number}
    for name, criterion in data.settings.criteria.items():
        if criterion.equity is not None:
            decided = criterion.outcome in ("money", "money_per_head", "loss") and criterion.outcome not in data.settings.outcomes
        else:
            assert criterion.of is not None
            decided = criterion.of.sum == "money" and not {"stream", "category"} & set(criterion.of.filters)
        if decided:
            out[name] = criterion_value(money_only, name).number
    return out
