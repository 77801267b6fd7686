"""Floors and ceilings on money that hard rules, decisions and locks put on one county, stream or category."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from optimizer.instance.baselines import budget_of, factor_money, last_money
from optimizer.instance.counts.case import Case
from optimizer.instance.settings import BandRule, BoundRule, Measure

HORIZON = -1  # the place of the whole horizon among periods


@dataclass(eq=False)
class Limits:
    """A floor and a ceiling for each county, each with its reason."""

    size: int
    low: np.ndarray = field(init=False)
    high: np.ndarray = field(init=False)
    why_low: np.ndarray = field(init=False)
    why_high: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        self.low, self.high = np.zeros(self.size), np.full(self.size, np.inf)
        self.why_low, self.why_high = np.full(self.size, "", dtype=object), np.full(self.size, "", dtype=object)

    def at_least(self, value: np.ndarray | float, reason: str, where: np.ndarray | None = None) -> None:
        """Raise the floor to ``value`` where that is higher."""
        value = np.broadcast_to(np.asarray(value, float), (self.size,))
        stricter = value > self.low  # never where it is unknown
        if where is not None:
            stricter = stricter & where
        self.low, self.why_low = np.where(stricter, value, self.low), np.where(stricter, reason, self.why_low)

    def at_most(self, value: np.ndarray | float, reason: str, where: np.ndarray | None = None) -> None:
        """Lower the ceiling to ``value`` where that is lower."""
        value = np.broadcast_to(np.asarray(value, float), (self.size,))
        stricter = value < self.high
        if where is not None:
            stricter = stricter & where
        self.high, self.why_high = np.where(stricter, value, self.high), np.where(stricter, reason, self.why_high)


@dataclass(frozen=True, eq=False)
class Row:
    """A rule, decision or lock on the money of single counties: streams and categories it adds up (None = all)."""

    reason: str
    streams: tuple[str, ...] | None
    categories: tuple[str, ...] | None
    low: np.ndarray
    high: np.ndarray
    exact: bool = True  # False: it adds up something smaller, so only its floor says anything


def county_rows(case: Case, period: int) -> Iterator[Row]:
    """What holds for the money of each county in a period (its label), or over the horizon (``HORIZON``)."""
    for rule in case.data.settings.rules:
        if not case.counts(rule):
            continue
        if isinstance(rule, BoundRule) and rule.each == "county" and rule.of.sum in ("money", "support"):
            yield from _bound(case, rule, period)
        elif isinstance(rule, BandRule) and rule.each == "county" and rule.of.sum == "money":
            yield from _band(case, rule, period)
    yield from _decisions(case, period)


def acts_in(case: Case, periods: Any, measure: Measure, period: int) -> float:
    """How often a row of a rule counts in a period or over the horizon: 0 = it says nothing there."""
    if "period" in measure.filters:
        return 0.0
    if periods == "total":
        return 1.0 if period == HORIZON or len(case.data.periods) == 1 else 0.0
    listed = _listed(case, periods)
    return float(len(listed)) if period == HORIZON else float(period in listed)


def _listed(case: Case, periods: Any) -> tuple[int, ...]:
    """The periods of the horizon for which a rule has rows."""
    if periods in ("each", "total"):
        return case.data.periods
    return (case.data.periods[-1],) if periods == "last" else tuple(p for p in case.data.periods if p in periods)


def covers_horizon(case: Case, periods: Any) -> bool:
    """Whether the ceilings of a rule, added up, hold over the whole horizon."""
    return periods in ("each", "total") or len(case.data.periods) == 1 or set(periods) >= set(case.data.periods)


def _names(wanted: Any) -> tuple[str, ...] | None:
    if wanted is None:
        return None
    return tuple(str(x) for x in wanted) if isinstance(wanted, (list, tuple)) else (str(wanted),)


def scope_of(case: Case, measure: Measure) -> tuple[tuple[str, ...] | None, tuple[str, ...] | None, np.ndarray, bool]:
    """Streams, categories and counties that a measure of money adds up, and whether it adds up nothing less."""
    streams, exact = _names(measure.filters.get("stream")), True
    if measure.sum == "support":
        streams = tuple(n for n, s in case.data.streams.items() if s.kind == "pairing")
        exact = "donor" not in measure.filters
    mask = case.inside(measure.filters.get("county"), "counties")
    return streams, _names(measure.filters.get("category")), mask, exact


def per_county(case: Case, per: tuple[str, ...]) -> np.ndarray | None:
    """The product of the columns a rule divides by, by county; None if one of them is none of counties."""
    value = np.ones(len(case.data.counties))
    for column in per:
        if column not in case.data.counties or case.data.counties[column].dtype.kind not in "fiu":
            return None
        value = value * case.data.counties[column].to_numpy(float) / (case.data.yuan if column == "income" else 1.0)
    return value


def _bound(case: Case, rule: BoundRule, period: int) -> Iterator[Row]:
    times, per = acts_in(case, rule.periods, rule.of, period), per_county(case, rule.per)
    if not times or per is None:
        return
    streams, categories, mask, exact = scope_of(case, rule.of)
    mask = mask & (per > 0)
    nothing = np.full(len(mask), np.nan)
    low = np.where(mask, rule.min * per * times, np.nan) if rule.min is not None and not rule.or_zero else nothing
    whole = period != HORIZON or covers_horizon(case, rule.periods)
    high = np.where(mask, rule.max * per * times, np.nan) if rule.max is not None and whole else nothing
    yield Row(f"rule {rule.id}", streams, categories, low, high, exact)


def baseline(case: Case, rule: BandRule, period: int) -> np.ndarray | None:
    """Baseline money of each county in a period, scaled if the rule says so; NaN where unknown."""
    data = case.data
    streams, categories = _names(rule.of.filters.get("stream")), _names(rule.of.filters.get("category"))
    named = None if streams is None else list(streams)
    if rule.to == "last":
        money = last_money(data, named, None if categories is None else list(categories))
        total = float(last_money(data, named, None).sum())
    elif rule.to == "factor" and data.settings.factor is not None:
        rows = factor_money(data)
        rows = rows[rows["period"] == period] if named is None else rows[(rows["period"] == period) & rows["stream"].isin(named)]
        money = rows.groupby("county")["money"].sum()
        total = float(money.sum())
    else:
        return None
    values = money.reindex(data.counties.index).to_numpy(float)
    if rule.scaled:
        if total <= 0:
            return None
        values = values * budget_of(data, named, period) / total
    return values


def _band(case: Case, rule: BandRule, period: int) -> Iterator[Row]:
    times = acts_in(case, rule.periods, rule.of, period)
    if not times:
        return
    if rule.periods == "total" and rule.scaled and rule.to == "factor" and len(case.data.periods) > 1:
        return  # scaled by totals over the periods, which are not the sum of the periods' own
    parts = [baseline(case, rule, p) for p in (_listed(case, rule.periods) if period == HORIZON else (period,))]
    known = [part for part in parts if part is not None]
    if len(known) < len(parts) or not known:
        return
    money = np.sum(known, axis=0)
    streams, categories, mask, _ = scope_of(case, rule.of)
    money = np.where(mask, money, np.nan)
    of = {"last": "last year's", "factor": "the factor method's"}[rule.to]
    whole = period != HORIZON or covers_horizon(case, rule.periods)
    nothing = np.full(len(money), np.nan)
    for share, is_low in ((rule.low, True), (rule.high if whole else None, False)):
        if share is not None:
            value = share * money
            yield Row(f"rule {rule.id} ({share:g} × {of})", streams, categories, value if is_low else nothing,
                      nothing if is_low else value)


def _decisions(case: Case, period: int) -> Iterator[Row]:
    """Money that decisions set for one county."""
    data, single = case.data, len(case.data.periods) == 1
    for row in data.money_decisions.to_dict("records"):
        names = (row[key] for key in ("county", "stream", "category"))
        county, stream, category = (name if isinstance(name, str) and name else None for name in names)
        named = None if pd.isna(row["period"]) else int(row["period"])
        if county not in case.county_at.index or not (single or period == HORIZON or named == period):
            continue
        value = np.full(len(data.counties), np.nan)
        value[data.counties.index == county] = float(row["amount"])
        nothing = np.full(len(value), np.nan)
        whole = single or period != HORIZON or named is None
        yield Row(
            "decisions", None if stream is None else (stream,), None if category is None else (category,),
            value if row["decision"] in ("set", "least") else nothing,
            value if row["decision"] in ("set", "most") and whole else nothing,
        )
