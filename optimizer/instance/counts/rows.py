"""Rows of rules over groups: what a sum can be at most and at least, against the bound that a rule puts on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from optimizer.instance.checks.words import amount
from optimizer.instance.counts.bounds import acts_in, per_county, scope_of
from optimizer.instance.counts.case import Case
from optimizer.instance.counts.groups import cheapest_cover, group_money, needs_of
from optimizer.instance.counts.guarantees import thresholds
from optimizer.instance.counts.partners import donor_room
from optimizer.instance.counts.projects import most_amount
from optimizer.instance.findings import Finding
from optimizer.instance.settings import BoundRule, EquityRule, ExitRule

TOLERANCE = 1e-6


def check(case: Case) -> Iterator[Finding]:
    """Bounds on groups and on the nation, exits and the worst-off county."""
    for rule in case.data.settings.rules:
        if not case.counts(rule):
            continue
        if isinstance(rule, BoundRule) and rule.each != "donor" and "period" not in rule.of.filters:
            yield from _bound(case, rule)
        elif isinstance(rule, ExitRule):
            yield from _exits(case, rule)
        elif isinstance(rule, EquityRule):
            yield from _worst(case, rule)


def _groups(case: Case, each: str) -> pd.Series | None:
    """The row of each county; None if counties are not what the rule parts."""
    counties = case.data.counties
    if each == "all":
        return pd.Series("all", index=counties.index)
    if each == "county" or each not in counties:
        return None
    return counties[each]


def _bound(case: Case, rule: BoundRule) -> Iterator[Finding]:
    group = _groups(case, rule.each)
    inside = case.inside(rule.of.filters.get("county"), "counties")
    if group is None or rule.or_zero:
        return
    for period in case.data.periods if rule.periods != "total" else (None,):
        if period is not None and not acts_in(case, rule.periods, rule.of, period):
            continue
        most = _most(case, rule, period, inside)
        per = _per(case, rule, period, inside)
        if per is None:
            return
        rows = pd.DataFrame({"group": group.to_numpy(), "per": per})[inside].groupby("group")["per"].sum()
        if rule.of.sum == "gap" and period is not None:
            yield from _gap(case, rule, period, inside, group, rows)
        if most is None:
            continue
        top = most(group)
        for name, value in rows.items():
            low = -np.inf if rule.min is None or not value > 0 else rule.min * value
            can = float(top.get(name, 0.0))
            if low > can * (1 + TOLERANCE) + TOLERANCE:
                at = "" if rule.each == "all" else f" in {name}"
                when = f" in {period}" if period is not None and len(case.data.periods) > 1 else ""
                unit = f" {case.unit}" if rule.of.sum in ("money", "support") else ""
                yield case.located(
                    f"rule {rule.id}",
                    f"demands at least {amount(low)}{unit}{at}{when}, but at most {amount(can)}{unit} can be had",
                    "Lower min, or raise what there is",
                )
            elif rule.of.sum == "covered" and period is not None and low > 0:
                yield from _dear(case, rule, period, (group == name).to_numpy() & inside, low, str(name))


def _gap(
    case: Case, rule: BoundRule, period: int, inside: np.ndarray, group: pd.Series, rows: pd.Series
) -> Iterator[Finding]:
    """More people stay uncovered, whatever is done, than a rule allows."""
    needs = needs_of(case, rule)
    needs = needs[(needs["period"] == period).to_numpy()]
    left = (needs["people"] - needs["covered"]) * (needs["weight"] if rule.of.weighted else 1.0)
    by_county = left.groupby(needs["county"]).sum().reindex(case.data.counties.index).fillna(0.0) * inside
    for name, value in by_county.groupby(group).sum().items():
        most = np.inf if rule.max is None or not rows.get(name, 0.0) > 0 else rule.max * float(rows[name])
        if value > most * (1 + TOLERANCE) + TOLERANCE:
            at = "" if rule.each == "all" else f" in {name}"
            yield case.located(
                f"rule {rule.id}",
                f"allows at most {amount(most)} uncovered people{at} in {period}, but direct support and projects leave at least "
                f"{amount(value)}", "Raise max, widen the tiers, or add projects with an effect",
            )


def _dear(case: Case, rule: BoundRule, period: int, members: np.ndarray, low: float, name: str) -> Iterator[Finding]:
    """Coverage of a whole group that costs more than all money that can reach it."""
    cost = cheapest_cover(case, rule, period, members, low)
    one = pd.Series("all", index=case.data.counties.index)
    single = len(case.data.periods) == 1
    money = float(group_money(case, None, None, period if single else None, members, one).get("all", 0.0))
    if cost > money * (1 + TOLERANCE) + TOLERANCE:
        at = "" if rule.each == "all" else f" in {name}"
        yield case.located(
            f"rule {rule.id}",
            f"demands that {amount(low)} people are covered{at} in {period}, which costs at least {case.money(cost)} with what "
            f"is locked there, but at most {case.money(money)} can be paid",
            f"Lower min, or raise what can be paid by {case.money(cost - money)}",
        )


def _per(case: Case, rule: BoundRule, period: int | None, inside: np.ndarray) -> np.ndarray | None:
    """What each county adds to the denominator of its row; without one the row has the denominator 1."""
    counties = case.data.counties
    if not rule.per:
        group = _groups(case, rule.each)
        if group is None:
            return None
        inner = group.where(inside)
        size: np.ndarray = inner.map(inner.value_counts()).to_numpy(float)
        return 1.0 / np.where(size > 0, size, 1.0)
    if list(rule.per) == ["people"]:
        if period is None or rule.of.sum not in ("covered", "gap"):
            return None
        rows = needs_of(case, rule)
        rows = rows[(rows["period"] == period).to_numpy()]
        people = rows["people"] * (rows["weight"] if rule.of.weighted else 1.0)
        by_county: np.ndarray = people.groupby(rows["county"]).sum().reindex(counties.index).fillna(0.0).to_numpy(float)
        return np.where(inside, by_county, 0.0)
    per = per_county(case, rule.per)
    return None if per is None else np.nan_to_num(per) * inside


def _most(
    case: Case, rule: BoundRule, period: int | None, inside: np.ndarray
) -> Callable[[pd.Series], pd.Series] | None:
    """A function from the grouping to the most of each group, or None where no ceiling is known."""
    what = rule.of.sum
    if what == "covered" and period is not None:
        rows = needs_of(case, rule)
        rows = rows[(rows["period"] == period).to_numpy()]
        value = rows["covered"] * (rows["weight"] if rule.of.weighted else 1.0)
        by_county = value.groupby(rows["county"]).sum().reindex(case.data.counties.index).fillna(0.0) * inside
        return lambda group: by_county.groupby(group).sum()
    if what in ("money", "support"):
        streams, categories, _, _ = scope_of(case, rule.of)
        return lambda group: group_money(case, streams, categories, period, inside, group)
    if what == "pairs" and rule.of.column is None and set(rule.of.filters) <= {"county"}:
        return lambda group: _pairs(case, inside, group)
    if what == "projects" and rule.of.column != "cost" and (period is None or len(case.data.periods) == 1):
        return lambda group: _projects(case, rule, inside, group)
    return None


def _pairs(case: Case, inside: np.ndarray, group: pd.Series) -> pd.Series:
    """Pairs: no more than counties may have partners, and than donors with a candidate there can take."""
    data = case.data
    counties = data.counties
    pairs = data.pairs[(data.pairs["status"] != "forbid").to_numpy()]
    pairs = pairs[pd.Series(inside, index=counties.index)[pairs["county"]].to_numpy()]
    count = pairs["county"].value_counts().reindex(counties.index).fillna(0.0)
    by_county = count.clip(upper=counties["partners_max"].fillna(1.0)).groupby(group).sum()
    room, _ = donor_room(case)
    able = pd.Series(room, index=data.donors.index)
    rows = pd.DataFrame({"donor": pairs["donor"], "group": pairs["county"].map(group)}).dropna()
    size = rows.groupby(["donor", "group"]).size().reset_index(name="count")
    by_donor = size["count"].clip(upper=size["donor"].map(able)).groupby(size["group"]).sum()
    most: pd.Series = pd.concat([by_county, by_donor], axis=1).min(axis=1)
    return most


def _projects(case: Case, rule: BoundRule, inside: np.ndarray, group: pd.Series) -> pd.Series:
    """Every project that may be started, at its largest amount."""
    data = case.data
    most = most_amount(case)
    projects = data.projects.loc[most.index]
    mask = projects["county"].isin(set(data.counties.index[inside])).to_numpy()
    for key in ("category", "sector"):
        if key in rule.of.filters:
            wanted = rule.of.filters[key]
            mask = mask & projects[key].isin([wanted] if isinstance(wanted, str) else list(wanted)).to_numpy()
    if "project" in rule.of.filters:
        mask = mask & projects.index.isin(data.projects.index[case.inside(rule.of.filters["project"], "projects")])
    value = most if rule.of.column is None else most * projects[rule.of.column].astype(float).clip(lower=0.0)
    return value[mask].groupby(projects["county"][mask].map(group)).sum()


def _exits(case: Case, rule: ExitRule) -> Iterator[Finding]:
    """Fewer counties can fall below the threshold than a rule demands."""
    per = per_county(case, (rule.per,))
    if per is None:
        return
    by = rule.by if rule.by is not None else case.data.periods[-1]
    rows = case.reachable.needs
    rows = rows[((rows["period"] == by) & rows["need"].isin(list(rule.needs) or list(case.data.settings.needs))).to_numpy()]
    gap = (rows["people"] - rows["covered"]).groupby(rows["county"])
    left = (gap.max() if rule.combine == "max" else gap.sum()).reindex(case.data.counties.index).fillna(0.0).to_numpy()
    limit = thresholds(case, rule) * per
    stuck = left > limit * (1 + TOLERANCE) + TOLERANCE
    able = len(stuck) - int(stuck.sum())
    if (rule.at_least == "all" and stuck.any()) or (rule.at_least != "all" and int(rule.at_least) > able):
        names = list(np.array(case.data.counties.index)[stuck])
        worst = int(np.argmax(np.where(stuck, left - limit, -np.inf)))
        demanded = "all counties" if rule.at_least == "all" else f"{rule.at_least} counties"
        yield case.located(
            f"rule {rule.id}", f"demands that {demanded} exit by {by}, but {case.places(names)} cannot: in "
            f"{case.data.counties.index[worst]} at least {amount(np.ceil(left[worst] - TOLERANCE))} people stay uncovered, and "
            f"{amount(np.floor(limit[worst]))} are allowed",
            "Raise the threshold or lower at_least; or give these counties more that can cover",
        )


def _worst(case: Case, rule: EquityRule) -> Iterator[Finding]:
    """A least covered share that some county can never reach (one period)."""
    if rule.equity != "maximin" or rule.outcome != "covered_share" or rule.over != "counties" or rule.min is None:
        return
    if "covered_share" in case.data.settings.outcomes or len(case.data.periods) > 1:
        return
    rows = case.reachable.needs
    people = (rows["people"] * rows["weight"]).groupby(rows["county"]).sum()
    able = (rows["covered"] * rows["weight"]).groupby(rows["county"]).sum()
    share = (able / people)[people > 0]
    short = share[share < rule.min - TOLERANCE]
    if len(short):
        yield case.located(
            f"rule {rule.id}",
            f"demands a covered share of at least {rule.min:.4g} in every county, but {case.places(short.index)} cannot reach it "
            f"({short.idxmin()}: {short.min():.4g} at most)",
            "Lower min, or give these counties more that can cover",
        )

