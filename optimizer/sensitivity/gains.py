"""What more money buys, and for whom: people and money by need, county and province at one budget and the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from scipy import sparse

from optimizer.engine.program import Floats
from optimizer.instance.data import Data
from optimizer.instance.settings import Measure
from optimizer.model.algebra import Algebra, Terms
from optimizer.model.measures import total_terms
from optimizer.plan.plan import Plan

NEXT = ["from", "to", "by", "key", "name", "money_change", "covered_change", "covered_per_million", "share_of_gain"]
SEEN = 1e-6  # changes of money and people below this are a solver's rounding
PARTS = ("need", "county", "province")


@dataclass(frozen=True, eq=False)
class Shares:
    """What each gets at one budget.

    Attributes
    ----------
    covered : index county, need; person-periods covered (periods by their weight)
    money : index county; money of all streams over the horizon
    """

    covered: pd.Series
    money: pd.Series

    @classmethod
    def of_plan(cls, plan: Plan) -> Shares:
        """Those of a plan in whole units."""
        coverage = plan.coverage
        people = coverage["covered"].astype(float) * coverage["period"].map(dict(plan.data.weight))
        covered = people.groupby([coverage["county"], coverage["need"]]).sum()
        money = plan.funds.groupby("county")["money"].sum().reindex(plan.data.counties.index, fill_value=0.0)
        return cls(covered.rename_axis(["county", "need"]), money.astype(float).rename_axis("county"))


class Measured:
    """Reads off a point of the program what each county and need gets."""

    def __init__(self, algebra: Algebra, data: Data) -> None:
        self.covered, self._covered = _grouped(total_terms(algebra, data, Measure(sum="covered")), ["county", "need"],
                                               algebra.width)
        self.counties, self.money = _grouped(total_terms(algebra, data, Measure(sum="money")), ["county"], algebra.width)

    def at(self, x: Floats) -> Shares:
        """What each gets at a point; columns that were added to the program count for nothing."""
        inside = x[: self.money.shape[1]]
        return Shares(pd.Series(self._covered @ inside, pd.MultiIndex.from_frame(self.covered)),
                      pd.Series(self.money @ inside, pd.Index(self.counties["county"], name="county")))


def _grouped(terms: Terms, by: list[str], width: int) -> tuple[pd.DataFrame, sparse.csr_matrix]:
    """The different keys of terms, and a matrix that sums their columns under each."""
    if not len(terms):
        return pd.DataFrame(columns=by, dtype=object), sparse.csr_matrix((0, width))
    real = terms.column >= 0
    number = terms.keys.groupby(by, sort=True).ngroup().to_numpy()
    keys = terms.keys[by].drop_duplicates().sort_values(by, ignore_index=True)
    matrix = sparse.csr_matrix((terms.coefficient[real], (number[real], terms.column[real])), shape=(len(keys), width))
    return keys, matrix


def next_table(data: Data, shares: Sequence[tuple[float, Shares]], million: float) -> pd.DataFrame:
    """Who gains between each budget and the next, the largest gains of each part first.

    Parameters
    ----------
    shares : budgets in rising order, with what each gets there
    million : one million yuan in the instance's unit of money

    Returns
    -------
    ``from``, ``to`` (budgets), ``by`` (need, county, province), ``key``, ``name``, ``money_change`` (nan for needs),
    ``covered_change`` (person-periods), ``covered_per_million`` (of the budget), ``share_of_gain`` (of all people gained)
    """
    rows: list[pd.DataFrame] = []
    for (low, before), (high, after) in pairwise(shares):
        covered = (after.covered - before.covered).rename("covered_change").reset_index()
        money = (after.money - before.money).rename("money_change").reset_index()
        for part in PARTS:
            found = _by(part, data, covered, money)
            seen = (found["covered_change"].abs() > SEEN) | (found["money_change"].abs() > SEEN)
            found["from"], found["to"], found["by"] = low, high, part
            rows.append(found[seen].sort_values("covered_change", ascending=False, kind="stable"))
    if not rows:
        return pd.DataFrame(columns=NEXT)
    table = pd.concat(rows, ignore_index=True)
    table["covered_per_million"] = table["covered_change"] / (table["to"] - table["from"]) * million
    total = table[table["by"] == "need"].groupby(["from", "to"])["covered_change"].sum().rename("total")
    whole = table[["from", "to"]].merge(total, left_on=["from", "to"], right_index=True, how="left")["total"].to_numpy(float)
    table["share_of_gain"] = np.divide(table["covered_change"].to_numpy(float), whole, where=np.abs(whole) > SEEN,
                                       out=np.full(len(table), np.nan))
    return table[NEXT]


def _by(part: str, data: Data, covered: pd.DataFrame, money: pd.DataFrame) -> pd.DataFrame:
    """Changes under one kind of key."""
    if part == "need":
        found = covered.groupby("need")["covered_change"].sum().to_frame().assign(money_change=np.nan)
        names = {need: spec.label for need, spec in data.settings.needs.items()}
    else:
        key = data.counties["province"] if part == "province" else pd.Series(data.counties.index, data.counties.index)
        found = pd.DataFrame({
            "covered_change": covered.groupby(covered["county"].map(key))["covered_change"].sum(),
            "money_change": money.groupby(money["county"].map(key))["money_change"].sum(),
        }).fillna(0.0)
        named = data.counties["name"].dropna() if part == "county" and "name" in data.counties else pd.Series(dtype=object)
        names = {str(county): str(name) for county, name in named.items()}
    found = found.rename_axis("key").reset_index()
    return found.assign(name=[names.get(key) or key for key in found["key"]])
