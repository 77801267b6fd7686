"""Money: what budgets, donors and counties let pass against what rules, locks and guarantees demand of it.

One network for each period and one for the horizon: source → budget of a stream and scope → stream in a county →
category in a county → county → sink; donors' money enters along pairs.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from optimizer.instance.counts.bounds import HORIZON, Limits, county_rows
from optimizer.instance.counts.case import Case
from optimizer.instance.counts.guarantees import Demand, demands
from optimizer.instance.counts.network import Network
from optimizer.instance.counts.projects import locked_cost, most_cost
from optimizer.instance.counts.telling import told
from optimizer.instance.findings import Finding

MOST_PAIRS = 100_000  # with more candidates donors are taken together


def check(case: Case) -> Iterator[Finding]:
    """Every period by itself, then the horizon."""
    data = case.data
    seen: set[str] = set()
    for period in ([*data.periods, HORIZON] if len(data.periods) > 1 else data.periods):
        for conflict in _Build(case, period).network().conflicts():
            finding = told(case, conflict, period)
            if finding.problem not in seen:
                seen.add(finding.problem)
                yield finding


class _Build:
    """The network of one period, or of the horizon."""

    def __init__(self, case: Case, period: int) -> None:
        self.case, self.period, self.data = case, period, case.data
        self.counties = list(case.data.counties.index)
        self.names = np.array(self.counties, dtype=object)
        self.categories = list(case.data.settings.categories)
        self.streams = list(case.data.streams)
        size = len(self.counties)
        self.county = Limits(size)
        self.stream = {s: Limits(size) for s in self.streams}
        self.category = {c: Limits(size) for c in self.categories}
        self.both: dict[tuple[str, str], Limits] = {}
        self.pairing = [s for s in self.streams if case.data.streams[s].kind == "pairing"]

    def network(self) -> Network:
        self._guarantees()
        for row in county_rows(self.case, self.period):
            self._floor(row.reason, row.streams, row.categories, row.low)
            if row.exact:
                self._ceiling(row.reason, row.streams, row.categories, row.high)
        network = Network()
        if not self._demanded():
            return network
        self._absorb()
        at = network.block(len(self.counties))
        _limited(network, at, 1, self.county, self.names)
        pots = {}
        for category, limits in self.category.items():
            pots[category] = network.block(len(self.counties))
            _limited(network, pots[category], at, limits, self.names)
        for stream in self.streams:
            self._stream(network, stream, pots)
        return network

    def _demanded(self) -> bool:
        """Whether there is any floor at all; without one nothing can conflict."""
        limits = [self.county, *self.stream.values(), *self.category.values(), *self.both.values()]
        chosen = (self.data.pairs["status"] == "lock").any() or (self.data.counties["partners_min"] > 0).any()
        return bool(
            any(limit.low.any() for limit in limits) or (self.data.budgets["least"] > 0).any()
            or (self.data.donor_money["least_money"] > 0).any() or (chosen and (self.data.pair_money["least"] > 0).any())
        )

    def _in_period(self, frame: pd.DataFrame) -> pd.DataFrame:
        return frame if self.period == HORIZON else frame[(frame["period"] == self.period).to_numpy()]

    def _floor(
        self, reason: str, streams: tuple[str, ...] | None, categories: tuple[str, ...] | None, low: np.ndarray
    ) -> None:
        """A floor on some streams and categories is one on every larger sum too."""
        one, kind = streams is not None and len(streams) == 1, categories is not None and len(categories) == 1
        if one and kind and streams and categories and streams[0] in self.stream and categories[0] in self.category:
            self.both.setdefault((streams[0], categories[0]), Limits(len(low))).at_least(low, reason)
        if one and streams and streams[0] in self.stream:
            self.stream[streams[0]].at_least(low, reason)
        elif kind and categories and categories[0] in self.category:
            self.category[categories[0]].at_least(low, reason)
        else:
            self.county.at_least(low, reason)

    def _ceiling(
        self, reason: str, streams: tuple[str, ...] | None, categories: tuple[str, ...] | None, high: np.ndarray
    ) -> None:
        """A ceiling on some streams and categories is one on each of them."""
        if streams is None and categories is None:
            self.county.at_most(high, reason)
        elif categories is None:
            for stream in set(streams or ()) & set(self.streams):
                self.stream[stream].at_most(high, reason)
        elif streams is None:
            for category in set(categories) & set(self.categories):
                self.category[category].at_most(high, reason)
        else:
            for stream in set(streams) & set(self.streams):
                for category in set(categories) & set(self.categories):
                    self.both.setdefault((stream, category), Limits(len(high))).at_most(high, reason)

    def _absorb(self) -> None:
        """Without unspent money, a category of a county takes no more than its projects and direct support can use."""
        if self.data.settings.settings.unspent == "allow":
            return
        reserve = self.data.step * len(self.streams) * (len(self.data.periods) if self.period == HORIZON else 1)
        most = most_cost(self.case, None if self.period == HORIZON else self.period)
        needs = self.data.needs.merge(self.data.tiers, on=["county", "need", "period"])
        needs = self._in_period(needs).assign(money=lambda d: d["people"] * d["width"] * d["cost"])
        direct = needs.groupby(["category", "county"])["money"].sum()
        usable = set(zip(needs["category"], needs["county"], strict=True))
        usable |= set(zip(self.data.projects["category"], self.data.projects["county"], strict=True))
        for category, limits in self.category.items():
            index = pd.MultiIndex.from_product([[category], self.counties])
            room = most.reindex(index).fillna(0.0).to_numpy() + direct.reindex(index).fillna(0.0).to_numpy()
            open_to = np.array([(category, county) in usable for county in self.counties], dtype=bool)
            limits.at_most(np.where(open_to, room + reserve, 0.0), "what projects and direct support can use")

    def _guarantees(self) -> None:
        """Locked projects cost what they cost, and guaranteed coverage costs at least its cheapest way."""
        locked = locked_cost(self.case, None if self.period == HORIZON else self.period)
        demand: Demand = demands(self.case, None if self.period == HORIZON else self.period)
        also = " and locked projects" if len(locked) else ""
        for category, limits in self.category.items():
            index = pd.MultiIndex.from_product([[category], self.counties])
            sunk = locked.reindex(index).fillna(0.0).to_numpy()
            direct = demand.direct.reindex(index).fillna(0.0).to_numpy()
            limits.at_least(np.where(direct > 0, sunk + direct, 0.0), demand.label + also)
            limits.at_least(np.where(direct > 0, 0.0, sunk), "locked projects")
        if len(locked):
            sunk = locked.groupby(level=1).sum().reindex(self.counties).fillna(0.0).to_numpy()
        else:
            sunk = np.zeros(len(self.counties))
        whole = demand.whole.reindex(self.counties).fillna(0.0).to_numpy()
        self.county.at_least(np.where(whole > 0, sunk + whole, 0.0), demand.label + also)
        self.county.at_least(np.where(whole > 0, 0.0, sunk), "locked projects")

    def _stream(self, network: Network, stream: str, pots: dict[str, np.ndarray]) -> None:
        """A stream's budgets by scope, or its donors, and from each county what it may pay there."""
        data, limits = self.data, self.stream[stream]
        reach = data.reach[(data.reach["stream"] == stream).to_numpy()]
        at = network.block(len(self.counties))
        place = self.case.county_at
        if stream in self.pairing:
            self._donors(network, stream, at, limits)
        else:
            for scope, rows in self._in_period(data.budgets[(data.budgets["stream"] == stream).to_numpy()]).groupby("scope"):
                inside = place[reach.loc[(reach["scope"] == scope).to_numpy(), "county"]].to_numpy(int)
                pot = network.block(1)
                label = f"budget of {stream}" + ("" if scope == "all" else f" for {scope}")
                most = self._amount(stream, str(scope), rows)
                network.add(0, pot, float(rows["least"].sum()), most, f"least spend of {stream}", label, stream)
                _limited(network, pot[0], at[inside], limits, self.names, inside)
        may = set(data.stream_categories.loc[(data.stream_categories["stream"] == stream).to_numpy(), "category"])
        inside = np.unique(place[reach["county"]].to_numpy(int))
        for category in self.categories:
            if category in may and len(inside):
                both = self.both.get((stream, category), Limits(len(self.counties)))
                _limited(network, at[inside], pots[category][inside], both, self.names, inside)
        if stream not in self.pairing:
            self._unreached(network, limits, inside, stream)

    def _unreached(self, network: Network, limits: Limits, inside: np.ndarray, stream: str) -> None:
        """A floor on a stream in a county that it never reaches."""
        outside = np.setdiff1d(np.arange(len(self.counties)), inside)
        outside = outside[limits.low[outside] > 0]
        if len(outside):
            network.add(0, 1, limits.low[outside], 0.0, limits.why_low[outside], f"reach of stream {stream}", self.names[outside])

    def _amount(self, stream: str, scope: str, rows: pd.DataFrame) -> float:
        """Budget of a period with what may be carried over from the one before."""
        amount = float(rows["amount"].sum())
        if self.period == HORIZON:
            return amount
        budgets = self.data.budgets
        same = (budgets["stream"] == stream) & (budgets["scope"] == scope)
        before = budgets.loc[(same & (budgets["period"] == self.period - 1)).to_numpy(), "amount"].sum()
        return amount + self.data.streams[stream].carry * float(before)

    def _donors(self, network: Network, stream: str, at: np.ndarray, limits: Limits) -> None:
        """Donors' money along candidate pairs; the least support of locked pairs is a floor."""
        data = self.case.data
        pairs = data.pairs[((data.pairs["stream"] == stream) & (data.pairs["status"] != "forbid")).to_numpy()]
        money = self._in_period(data.pair_money)
        sums = money[money["pair"].isin(pairs.index).to_numpy()].groupby("pair")[["least", "most"]].sum()
        pairs = pairs.join(sums)
        partners = data.counties["partners_max"].fillna(1.0).to_numpy(float)
        top = _top(pairs["county"].map(self.case.county_at).to_numpy(int), pairs["most"].to_numpy(float), partners)
        limits.at_most(top, "most support of partners")
        needed = data.counties["partners_min"].fillna(0.0).to_numpy(float)
        if len(self.pairing) == 1:
            least = -_top(pairs["county"].map(self.case.county_at).to_numpy(int), -pairs["least"].to_numpy(float), needed)
            limits.at_least(least, "least support of partners")
        means = self._in_period(data.donor_money).groupby("donor")[["money", "least_money"]].sum().reindex(data.donors.index)
        mine = (data.donors["stream"] == stream).to_numpy()
        hub = network.block(len(self.counties))
        _limited(network, hub, at, limits, self.names)
        if len(pairs) > MOST_PAIRS:
            pot = network.block(1)
            network.add(0, pot, 0.0, float(means.loc[mine, "money"].sum()), "", "donors' money", stream)
            network.add(pot[0], hub, 0.0, np.inf, "", "", self.names)
            return
        donor = network.block(len(data.donors))
        place = pairs["donor"].map(self.case.donor_at).to_numpy(int)
        room = data.donors["pairs_max"].fillna(np.inf).to_numpy(float)
        most = _top(place, pairs["most"].to_numpy(float), room)
        upper = np.minimum(means["money"].fillna(0.0).to_numpy(float), most)
        why = np.where(most < means["money"].fillna(0.0).to_numpy(float), "most support of donors' pairs", "donors' money")
        names = data.donors.index.to_numpy(object)
        least_money = means["least_money"].fillna(0.0).to_numpy(float)
        network.add(0, donor[mine], least_money[mine], upper[mine], "least_money of donors", why[mine], names[mine])
        locked = (pairs["status"] == "lock").to_numpy()
        network.add(donor[place], hub[pairs["county"].map(self.case.county_at).to_numpy(int)],
                    np.where(locked, pairs["least"].to_numpy(float), 0.0), pairs["most"].to_numpy(float), "locked pairs",
                    "most_support of pairs", pairs["county"].to_numpy(object))


def _limited(
    network: Network, tail: np.ndarray | int, head: np.ndarray | int, limits: Limits, names: np.ndarray,
    which: np.ndarray | slice = slice(None),
) -> None:
    """Arcs, one for each of ``which`` counties, with their floors and ceilings."""
    network.add(tail, head, limits.low[which], limits.high[which], limits.why_low[which], limits.why_high[which], names[which])


def _top(group: np.ndarray, value: np.ndarray, count: np.ndarray) -> np.ndarray:
    """Sum of the ``count`` largest values of each group; shape of ``count``."""
    order = np.lexsort((-value, group))
    group, value = group[order], value[order]
    first = np.searchsorted(group, group)
    rank = np.arange(len(group)) - first
    kept = rank < count[group]
    return np.bincount(group[kept], weights=value[kept], minlength=len(count))
