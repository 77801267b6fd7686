"""How many people can be covered at most, and what covering some of them costs at least."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from optimizer.instance.data import Data

KEYS = ["county", "need", "period"]


@dataclass(frozen=True, eq=False)
class Reachable:
    """Ceilings on coverage by county, need and period."""

    data: Data

    @cached_property
    def payable(self) -> pd.MultiIndex:
        """county, category for which some stream may pay (a budget above zero, or a candidate pair with money)."""
        rich = self.data.budgets.loc[self.data.budgets["amount"] > 0, ["stream", "scope"]].drop_duplicates()
        reach = self.data.reach.merge(rich, on=["stream", "scope"])[["stream", "county"]]
        money = self.data.pair_money.merge(self.data.pairs[["stream", "status"]], left_on="pair", right_index=True)
        money = money.loc[(money["most"] > 0) & (money["status"] != "forbid"), ["stream", "county"]].drop_duplicates()
        reach = pd.concat([reach, money.merge(self.data.reach[["stream", "county"]], on=["stream", "county"])])
        paid = reach.merge(self.data.stream_categories, on="stream")[["county", "category"]].drop_duplicates()
        return pd.MultiIndex.from_frame(paid)

    @cached_property
    def started(self) -> pd.DataFrame:
        """Projects that may be started: largest amount, index project."""
        projects = self.data.projects
        free = projects[projects["status"] != "forbid"]
        most = np.where(free["scalable"] == 1, free["most"].astype(float), 1.0)
        return pd.DataFrame({"most": most, "exclusive": free["exclusive"]}, index=free.index)

    @cached_property
    def effects(self) -> pd.DataFrame:
        """project, county, need, period, single, people: most that one whole project, and the project at its largest
        amount, could have added to what is built by a period."""
        rows = self.data.served[self.data.served["project"].isin(self.started.index)]
        lasting = rows["need"].map({n: need.kind == "lasting" for n, need in self.data.settings.needs.items()}).to_numpy(bool)
        pieces = [rows[~lasting]]
        pieces += [rows[lasting & (rows["period"] <= p).to_numpy()].assign(period=p) for p in self.data.periods]
        single = pd.concat(pieces).groupby(["project", *KEYS])["people"].max()
        out = single[single > 0].rename("single").reset_index()
        return out.assign(people=out["single"] * out["project"].map(self.started["most"]))

    @cached_property
    def least_cost(self) -> pd.Series:
        """Least accounted money of one whole project over the horizon, whenever it starts; index project."""
        cost = self.data.project_money.groupby(["project", "start"])["money"].sum()
        starts = pd.MultiIndex.from_frame(self.data.project_starts[["project", "start"]])
        return cost.reindex(starts).fillna(0.0).groupby(level=0).min()

    @cached_property
    def built(self) -> pd.Series:
        """Most people covered through projects; of an exclusive group only the one that serves most counts."""
        rows = self.effects.assign(group=self.effects["project"].map(self.started["exclusive"]))
        rows["group"] = rows["group"].where(rows["group"].notna(), "\0" + rows["project"])
        most: pd.Series = rows.groupby([*KEYS, "group"])["people"].max().groupby(KEYS).sum()
        return most

    @cached_property
    def tiers(self) -> pd.DataFrame:
        """Tiers that money can reach: county, need, period, tier, people, cost."""
        rows = self.data.tiers.merge(self.data.needs[[*KEYS, "people", "category", "kind"]], on=KEYS)
        paid = pd.MultiIndex.from_frame(rows[["county", "category"]]).isin(self.payable) | (rows["cost"] == 0).to_numpy()
        rows = rows[paid].assign(people=rows["width"] * rows["people"])
        lasting = (rows["kind"] == "lasting").to_numpy()
        if len(self.data.periods) == 1 or not lasting.any():
            return rows[[*KEYS, "tier", "people", "cost"]]
        # held people stay: a tier open in any period up to now counts, at the least cost it has had
        people = self.data.needs.set_index(KEYS)["people"]
        pieces = [rows[~lasting]]
        for period in self.data.periods:
            open_now = rows[lasting & (rows["period"] <= period).to_numpy()]
            tier = open_now.groupby(["county", "need", "tier"])
            open_now = pd.concat([tier["width"].max(), tier["cost"].min()], axis=1).reset_index()
            open_now["period"] = period
            at = pd.MultiIndex.from_frame(open_now[KEYS])
            pieces.append(open_now.assign(people=open_now["width"] * people.reindex(at).to_numpy()))
        return pd.concat(pieces, ignore_index=True)[[*KEYS, "tier", "people", "cost"]]

    @cached_property
    def needs(self) -> pd.DataFrame:
        """county, need, period, people, weight, direct, built, covered: ceilings on each kind of coverage (people)."""
        needs = self.data.needs[[*KEYS, "people", "weight", "category", "kind"]].copy()
        at = pd.MultiIndex.from_frame(needs[KEYS])
        direct = self.tiers.groupby(KEYS)["people"].sum()
        needs["direct"] = direct.reindex(at).fillna(0.0).to_numpy()
        needs["built"] = self.built.reindex(at).fillna(0.0).to_numpy() if len(self.built) else 0.0
        needs["covered"] = np.minimum(needs["people"], needs["direct"] + needs["built"])
        return needs

    def direct_cost(self, wanted: pd.Series) -> pd.Series:
        """Least direct money for covering ``wanted`` people (index county, need, period) by direct support alone."""
        rows = self.tiers.sort_values([*KEYS, "cost"], kind="stable")
        return cheapest(rows, wanted)

    def whole_cost(self, wanted: pd.Series) -> pd.Series:
        """Least money, by county, for covering ``wanted`` people (index county, need, period; one row a need).

        A project's cost is split over the needs it serves in proportion to people: the cheapest ways for each need
        then add up to no more than any plan costs. What serves another county than its own, or is locked, is free.
        """
        offers = self.effects[pd.MultiIndex.from_frame(self.effects[KEYS]).isin(wanted.index)]
        whole = offers.groupby("project")["single"].transform("sum")
        home, locked = self.data.projects["county"], self.data.projects["status"] == "lock"
        free = (offers["project"].map(home) != offers["county"]) | offers["project"].map(locked).astype(bool)
        price = (offers["project"].map(self.least_cost) / whole).where(~free, 0.0)
        ways = pd.concat([self.tiers[[*KEYS, "people", "cost"]], offers[[*KEYS, "people"]].assign(cost=price)], ignore_index=True)
        return cheapest(ways.sort_values([*KEYS, "cost"], kind="stable"), wanted).groupby(level="county").sum()


def cheapest(ways: pd.DataFrame, wanted: pd.Series) -> pd.Series:
    """Least cost of ``wanted`` people, taking the ways of each key from the cheapest on (sorted by cost)."""
    ways = ways.astype({"people": float, "cost": float})
    ways = ways[(ways["people"] > 0).to_numpy()]
    at = pd.MultiIndex.from_frame(ways[KEYS])
    need = wanted.reindex(at).fillna(0.0).to_numpy(float)
    before = ways.groupby(KEYS)["people"].cumsum().to_numpy(float) - ways["people"].to_numpy(float)
    taken = np.clip(need - before, 0.0, ways["people"].to_numpy(float))
    cost = pd.Series(taken * ways["cost"].to_numpy(float), index=at)
    return cost.groupby(level=KEYS).sum().reindex(wanted.index).fillna(0.0)
