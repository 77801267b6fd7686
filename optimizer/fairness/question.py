"""The questions behind the price of fairness: the same instance, once for people reached and once for each sense of fair."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import pandas as pd

from optimizer.instance.equity_forms import INDICES, OPTIMISED
from optimizer.instance.findings import raise_if_errors
from optimizer.instance.instance import Instance
from optimizer.instance.settings import EquityFields, parse_settings
from optimizer.plan.criteria import equity
from optimizer.plan.measure import Measures
from optimizer.plan.plan import Plan

EFFICIENT = "coverage"
#: Forms that are asked without being told anything further, with what they are told; those that take longest come last,
#: so that time is left to the others.
USUAL: Mapping[str, Mapping[str, Any]] = MappingProxyType({
    "maximin": {}, "leximin": {}, "cvar": {"m": 0.1}, "kalai": {}, "nash": {}, "range": {}, "mad": {}, "hoover": {},
    "gini_absolute": {}, "gini": {}, "atkinson": {"alpha": 0.5}, "theil": {}, "mcloone": {},
})


@dataclass(frozen=True)
class Sense:
    """One meaning of fair: a name and the fields of an equity criterion (form, outcome, units, parameters)."""

    name: str
    fields: Mapping[str, Any]

    @property
    def parsed(self) -> EquityFields:
        """The fields with their defaults."""
        return EquityFields.model_validate(dict(self.fields))


def senses_of(instance: Instance, forms: Mapping[str, Mapping[str, Any]] | None = None, *, outcome: str = "covered_share",
              over: str = "counties") -> list[Sense]:
    """The senses to price: those given, else the instance's own equity criteria and every usual form that can be optimised.

    Parameters
    ----------
    forms : name → fields of an equity criterion; a name that is a form needs no ``equity``
    outcome, over : what the usual forms look at
    """
    if forms is not None:
        return [Sense(name, {"equity": name, "outcome": outcome, "over": over, **fields}) for name, fields in forms.items()]
    own = [Sense(name, criterion.model_dump(exclude_none=True, include=set(EquityFields.model_fields)))
           for name, criterion in instance.settings.criteria.items() if criterion.equity in OPTIMISED]
    seen = {_meaning(sense) for sense in own}
    usual = [Sense(form, {"equity": form, "outcome": outcome, "over": over, **fields})
             for form, fields in USUAL.items() if form in OPTIMISED]
    return own + [sense for sense in usual if _meaning(sense) not in seen]


def _meaning(sense: Sense) -> str:
    """What a sense asks, without its name."""
    return sense.parsed.model_dump_json()


def asked_for(instance: Instance, sense: Sense | None, tolerance: str | float) -> Instance:
    """The instance asked for the most people reached, under a sense of fair first held within ``tolerance`` of its best.

    Parameters
    ----------
    tolerance : a percent of that best, or an amount
    """
    raw = copy.deepcopy(dict(instance.raw_settings))
    levels: list[dict[str, Any]] = [{"criterion": EFFICIENT}]
    if sense is not None:
        name = _free_name(sense.name, instance)
        raw["criteria"] = {**dict(raw.get("criteria") or {}), name: dict(sense.fields)}
        levels = [{"criterion": name, "tolerance": tolerance}, *levels]
    raw["method"] = {"type": "single" if sense is None else "lexicographic", "levels": levels}
    settings, findings = parse_settings(raw, "price of fairness")
    raise_if_errors(findings)
    assert settings is not None
    return instance.replaced(settings=settings, raw_settings=MappingProxyType(raw))


def tolerance_of(sense: Sense, tolerance: str, measures: Measures) -> str | float:
    """How far a sense may stay below its best: of inequality, which may be nothing at best, a part of what it is at first.

    Parameters
    ----------
    tolerance : a percent of the best, or an amount
    measures : of the plan that reaches most people
    """
    if sense.parsed.equity not in INDICES or not tolerance.strip().endswith("%"):
        return tolerance
    return float(tolerance.strip().removesuffix("%")) / 100 * abs(equity(measures, sense.parsed).number)


def _free_name(name: str, instance: Instance) -> str:
    """A criterion's name that the instance does not use for another thing."""
    taken = {*instance.settings.criteria}
    wanted = f"fair_{name}"
    while wanted in taken:
        wanted += "_"
    return wanted


def held_selection(plan: Plan) -> pd.DataFrame:
    """Decisions that hold a plan's pairs and projects, so that only money is left to move.

    Returns
    -------
    kind, donor, county, project, decision (``lock``/``forbid``)
    """
    chosen = plan.pairings[plan.pairings["status"] != "ended"]
    pairs = plan.data.pairs[["donor", "county"]].merge(chosen[["donor", "county"]], how="left", indicator="in")
    pairs = pairs.assign(kind="pair", decision=pairs["in"].astype(str).map({"both": "lock"}).fillna("forbid"))
    started = set(plan.projects.loc[plan.projects["amount"] > 0, "project"])
    projects = pd.DataFrame({"project": plan.data.projects.index, "kind": "project"})
    projects["decision"] = ["lock" if name in started else "forbid" for name in projects["project"]]
    return pd.concat([pairs.drop(columns="in"), projects], ignore_index=True)
