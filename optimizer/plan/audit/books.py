"""What every clause reads: the instance, the plan's rows, and what the audit has worked out itself."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple

import pandas as pd

from optimizer.instance.data import Data
from optimizer.plan.audit.cells import by_name, cells, text
from optimizer.plan.audit.exact import exact, times, total
from optimizer.plan.audit.tables import Started, Tables


class Flow(NamedTuple):
    """Accounted money of a started project in one period."""

    project: str
    county: str
    category: str
    sector: str
    period: int
    money: Fraction


@dataclass(frozen=True, eq=False)
class Books:
    """The instance and a plan's tables, with the amounts of projects made exact.

    Attributes
    ----------
    data : the instance, defaults filled
    tables : the plan's rows
    """

    data: Data
    tables: Tables

    @cached_property
    def step(self) -> Fraction:
        return exact(self.data.step)

    @cached_property
    def period_weight(self) -> dict[int, Fraction]:
        return {period: exact(weight) for period, weight in self.data.weight.items()}

    @cached_property
    def started(self) -> frozenset[tuple[str, int]]:
        return frozenset((row.project, row.start) for row in self.tables.projects)

    @cached_property
    def whole_money(self) -> dict[tuple[str, int], list[tuple[int, Fraction, Fraction]]]:
        """Period, accounted money and others' money of one whole project, for the projects and starts of the plan."""
        out: dict[tuple[str, int], list[tuple[int, Fraction, Fraction]]] = {}
        rows = self.of_started(self.data.project_money)
        for project, start, period, money, own in cells(rows, "project", "start", "period", "money", "own"):
            out.setdefault((project, start), []).append((period, exact(money), exact(own)))
        return out

    def of_started(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The rows of a table by project and start that are of the plan's projects."""
        near = frame[frame["project"].isin({project for project, _ in self.started})]
        chosen = [key in self.started for key in cells(near, "project", "start")]
        return near[pd.Series(chosen, index=near.index, dtype=bool)]

    @cached_property
    def amount(self) -> dict[tuple[str, int], Fraction]:
        """Amount of each start: that of a scalable project with a cost is its cost over the cost of a whole one."""
        scalable = by_name(self.data.projects["scalable"])
        return {(row.project, row.start): self._amount(row, scalable[row.project] == 1) for row in self.tables.projects}

    def _amount(self, row: Started, scalable: bool) -> Fraction:
        if not scalable:
            return row.amount
        whole = total(money for _, money, _ in self.whole_money.get((row.project, row.start), ()))
        return row.cost / whole if whole > 0 else row.amount

    @cached_property
    def project_flows(self) -> list[Flow]:
        """Accounted money of the plan's projects by period."""
        known = self.data.projects
        county, category, sector = (by_name(known[name]) for name in ("county", "category", "sector"))
        return [
            Flow(p, county[p], category[p], text(sector[p]), period, times(amount, money))
            for (p, start), amount in self.amount.items()
            for period, money, _ in self.whole_money.get((p, start), ())
        ]

    @cached_property
    def chosen(self) -> frozenset[tuple[str, str]]:
        return frozenset(self.tables.chosen)

    @cached_property
    def pair_rows(self) -> dict[tuple[str, str], int]:
        """Row in ``data.pairs`` of each pair that is chosen, listed, supported, existing, locked or decided on."""
        pairs = self.data.pairs
        rows = self.tables.pairings
        wanted = set(cells(rows, "donor", "county"))
        wanted |= {(row.donor, row.county) for row in self.tables.support}
        mask = ((pairs["existing"] == 1) | (pairs["status"] == "lock")).to_numpy().copy()
        counties = {county for _, county in wanted}
        near = (pairs["county"].isin(counties) & pairs["donor"].isin({donor for donor, _ in wanted})).to_numpy()
        out: dict[tuple[str, str], int] = {}
        at = (mask | near).nonzero()[0]
        donors, names, special = pairs["donor"].tolist(), pairs["county"].tolist(), mask.tolist()
        for row in at.tolist():
            key = (donors[row], names[row])
            if special[row] or key in wanted:
                out[key] = row
        return out
