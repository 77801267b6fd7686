"""Partners: enough donors for the counties that must have one, and counties for the donors that must give."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from optimizer.instance.checks.words import amount, counted, some
from optimizer.instance.counts.case import Case, largest
from optimizer.instance.counts.locked import excused
from optimizer.instance.counts.network import Conflict, Network
from optimizer.instance.findings import Finding
from optimizer.instance.settings import BoundRule, PairsRule

ENOUGH = 1e-9


def check(case: Case) -> Iterator[Finding]:
    """Counts of partners, as one network: source → donor → county → sink."""
    if not len(case.data.donors):
        yield from _no_donors(case)
        return
    yield from _barred(case)
    for conflict in _network(case).conflicts():
        yield _told(case, conflict)


def _no_donors(case: Case) -> Iterator[Finding]:
    need = case.data.counties["partners_min"].astype(float)
    short = list(need[need > 0].index)
    if short and case.hard:
        yield case.located("partners_min", f"{case.places(short)} must have a partner (partners_min), but there are no donors",
                           f"Fill in {case.view.file('donors')}, or set partners_min to 0")


def _barred(case: Case) -> Iterator[Finding]:
    """Existing pairs that a rule keeps although they are forbidden."""
    pairs = case.data.pairs
    barred = pairs[((pairs["existing"] == 1) & (pairs["status"] == "forbid")).to_numpy()]
    for rule in case.data.settings.rules:
        if isinstance(rule, PairsRule) and case.counts(rule) and (rule.keep == "all" or rule.max_changed is not None):
            allowed = 0 if rule.keep == "all" else int(rule.max_changed or 0)
            if len(barred) > allowed:
                names = [f"{d}–{c}" for d, c in zip(barred["donor"], barred["county"], strict=True)]
                yield case.located(
                    f"rule {rule.id}",
                    f"lets at most {counted(allowed, 'existing pair')} end, but {len(names)} are forbidden ({some(names)})",
                    f"Raise max_changed, or free the pairs in {case.view.file('pairs')}",
                )


def _network(case: Case) -> Network:
    data = case.data
    pairs = data.pairs[(data.pairs["status"] != "forbid").to_numpy()]
    network = Network()
    donor_node, county_node = network.block(len(data.donors)), network.block(len(data.counties))
    room, why = donor_room(case)
    told, of_county = excused(case)
    room = np.where(_by_rule(why), room, np.maximum(room, told))
    least = data.donors["pairs_min"].fillna(0.0).to_numpy(float)
    network.add(0, donor_node, least, room, "pairs_min of donors", why, data.donors.index.to_numpy(object))
    must, reason = _chosen(case, pairs)
    donor, county = pairs["donor"].map(case.donor_at), pairs["county"].map(case.county_at)
    network.add(donor_node[donor.to_numpy(int)], county_node[county.to_numpy(int)], must, 1.0, reason, "candidate pairs",
                pairs["county"].to_numpy(object))
    low, low_reason, high, high_reason = _county_bounds(case)
    high = np.where(_by_rule(high_reason), high, np.maximum(high, of_county))
    network.add(county_node, 1, low, high, low_reason, high_reason, data.counties.index.to_numpy(object))
    return network


def _by_rule(reasons: np.ndarray) -> np.ndarray:
    return np.array([str(reason).startswith("rule ") for reason in reasons], dtype=bool)


def donor_room(case: Case) -> tuple[np.ndarray, np.ndarray]:
    """Most pairs of each donor and what limits them: ``pairs_max``, its load, its money over least supports."""
    data = case.data
    pairs = data.pairs[(data.pairs["status"] != "forbid").to_numpy()]
    limits = {"pairs_max of donors": data.donors["pairs_max"].fillna(np.inf).to_numpy(float)}
    loads = pairs["load"].to_numpy(float)
    limits["load_max of donors"] = _fits(pairs, loads, data.donors["load_max"].astype(float), case.donor_at)
    for period, money in data.donor_money.groupby("period"):
        support = data.pair_money[data.pair_money["period"] == period].set_index("pair")["least"].reindex(pairs.index)
        means = money.set_index("donor")["money"].astype(float)
        limits[f"donors' money of {period} over least supports"] = _fits(pairs, support.to_numpy(float), means, case.donor_at)
    for rule in data.settings.rules:
        if not (isinstance(rule, BoundRule) and case.counts(rule) and _plain_count(rule)):
            continue
        if rule.each == "donor" and rule.max is not None:
            limits[f"rule {rule.id}"] = np.full(len(data.donors), np.floor(rule.max + ENOUGH))
    count = pairs["donor"].map(case.donor_at).value_counts().reindex(range(len(data.donors)), fill_value=0)
    limits["candidate pairs of donors"] = count.to_numpy(float)
    names, table = list(limits), np.array(list(limits.values()))
    return table.min(axis=0), np.array(names, dtype=object)[table.argmin(axis=0)]


def _fits(pairs: pd.DataFrame, size: np.ndarray, limit: pd.Series, place: pd.Series) -> np.ndarray:
    """How many of a donor's smallest pairs fit within its limit; infinite where it has none."""
    bound = limit.reindex(place.index).to_numpy(float)
    bound = np.where(np.isnan(bound), np.inf, bound)
    rows = pd.DataFrame({"donor": pairs["donor"].map(place).to_numpy(int), "size": np.nan_to_num(size)})
    rows = rows.sort_values("size", kind="stable")
    taken = rows.groupby("donor")["size"].cumsum().to_numpy()
    allowed = bound[rows["donor"].to_numpy()]
    fits = taken <= allowed * (1 + ENOUGH) + ENOUGH
    count = np.bincount(rows["donor"].to_numpy(), weights=fits, minlength=len(place))
    return np.where(np.isinf(bound) | (count == np.bincount(rows["donor"].to_numpy(), minlength=len(place))), np.inf, count)


def _chosen(case: Case, pairs: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Pairs that are chosen in every plan, and why."""
    locked = (pairs["status"] == "lock").to_numpy()
    kept = np.zeros(len(pairs), dtype=bool)
    reason = np.full(len(pairs), "locked pairs", dtype=object)
    for rule in case.data.settings.rules:
        if isinstance(rule, PairsRule) and case.counts(rule) and (rule.keep == "all" or rule.max_changed == 0):
            kept |= (pairs["existing"] == 1).to_numpy() & ~locked
            reason[kept] = f"rule {rule.id}"
    return (locked | kept).astype(float), reason


def _plain_count(rule: BoundRule) -> bool:
    """A rule on the number of chosen pairs, without a column, a denominator or a filter."""
    return rule.of.sum == "pairs" and rule.of.column is None and not rule.per and not rule.of.filters and not rule.or_zero


def _county_bounds(case: Case) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    data = case.data
    low = data.counties["partners_min"].fillna(0.0).to_numpy(float).copy()
    high = data.counties["partners_max"].fillna(1.0).to_numpy(float).copy()
    low_reason = np.full(len(low), "partners_min of counties", dtype=object)
    high_reason = np.full(len(low), "partners_max of counties", dtype=object)
    for rule in data.settings.rules:
        if isinstance(rule, BoundRule) and case.counts(rule) and _plain_count(rule) and rule.each == "county":
            if rule.min is not None:
                stricter = np.ceil(rule.min - ENOUGH) > low
                low[stricter], low_reason[stricter] = np.ceil(rule.min - ENOUGH), f"rule {rule.id}"
            if rule.max is not None:
                stricter = np.floor(rule.max + ENOUGH) < high
                high[stricter], high_reason[stricter] = np.floor(rule.max + ENOUGH), f"rule {rule.id}"
    return low, low_reason, high, high_reason


def _told(case: Case, conflict: Conflict) -> Finding:
    """``88 counties of 云南省 need 88 partners; the 16 donors eligible for them take at most 64``."""
    floors, ceilings = conflict.floors, conflict.ceilings
    label = largest(conflict)
    least, most = amount(conflict.least), amount(conflict.most)
    of_counties = floors["about"].isin(case.data.counties.index)
    if label.startswith("pairs_min"):
        donors = list(dict.fromkeys(floors["about"][~of_counties]))
        problem = (f"{counted(len(donors), 'donor')} ({some(donors)}) must have {least} counties in all (pairs_min), but at most "
                   f"{most} can be given to them ({case.summed(ceilings)})")
        return case.located(label, problem, "Lower pairs_min, raise partners_max of counties, or add candidate pairs")
    counties = list(dict.fromkeys(floors["about"]))
    donors = list(dict.fromkeys(a for a in ceilings["about"] if a in case.donor_at.index))
    eligible = f"the {counted(len(donors), 'donor')} eligible for {'them' if len(counties) > 1 else 'it'} ({some(donors)})"
    takes = f"{eligible} {'take' if len(donors) > 1 else 'takes'}" if donors else "the candidate pairs allow"
    need = "need" if len(counties) > 1 else "needs"
    partners = "partners" if conflict.least != 1 else "partner"
    problem = (f"{case.places(counties)} {need} {least} {partners} ({case.summed(floors)}); "
               f"{takes} at most {most} ({case.summed(ceilings, 'donors')})")
    return case.located(label, problem, f"Raise the limits of donors by {amount(conflict.missing)} in all, widen the candidates, "
                        "or lower partners_min")
