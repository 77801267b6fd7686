"""What the figures of a page rest on: observed, modelled, assumed, or nothing said, as the instance's provenance has it."""

from __future__ import annotations

from functools import cached_property

import pandas as pd

from optimizer.instance.filled import filled
from optimizer.plan.plan import Plan
from optimizer.report.blocks import Ground
from optimizer.report.naming import Naming

SILENT = "silent"
SIGNS = {"observed": "●", "modelled": "◐", "assumed": "○", SILENT: "?"}
#: Words on the page → columns of the instance that such figures come from.
SOURCES: dict[str, tuple[str, ...]] = {
    "population": ("counties.population",),
    "income": ("counties.income",),
    "people": ("needs.people",),
    "unit_cost": ("needs.unit_cost",),
    "budget": ("budgets.amount",),
    "donors": ("donors.money",),
    "capacity": ("donors.pairs_max",),
    "cost": ("projects.cost",),
    "effects": ("effects.people",),
    "last": ("baseline.money",),
    "fit": ("pairs.fit",),
    "place": ("counties.lon", "counties.lat"),
    "existing": ("pairs.existing",),
    "jobs": ("projects.jobs",),
}


class Grounds:
    """Statuses of the columns of an instance."""

    def __init__(self, plan: Plan, names: Naming) -> None:
        self.plan, self.names = plan, names

    @cached_property
    def stated(self) -> pd.DataFrame:
        """The provenance table with blanks filled."""
        return filled(self.plan.instance.tables, "provenance").fillna({"source": "", "note": ""})

    @cached_property
    def _counts(self) -> dict[tuple[str, str], dict[str, int]]:
        """(table, column) → status → cells named one by one, 0 = all others."""
        out: dict[tuple[str, str], dict[str, int]] = {}
        for (table, column, status), keys in self.stated.groupby(["table", "column", "status"], sort=True)["key"]:
            whole = bool((keys == "*").any())
            out.setdefault((str(table), str(column)), {})[str(status)] = 0 if whole else len(keys)
        return out

    def statuses(self, column: str) -> dict[str, int]:
        """Status → cells named one by one (0 = all, or all others) of a ``table.column``; empty where there is no such thing.

        Money written into the settings has no provenance of its own: nothing is said of it.
        """
        table, _, name = column.partition(".")
        if table == "budgets":
            return self._budgets()
        known = self.plan.instance.tables.get(table)
        if known is None or not len(known):
            return {}
        said = dict(self._counts.get((table, name)) or self._counts.get((table, "*")) or {})
        if sum(said.values()) >= len(known):  # every cell is named: what is said of all others speaks of none
            said = {status: cells for status, cells in said.items() if cells}
        return said or ({SILENT: 0} if any(str(each).split("@")[0] == name for each in known.columns) else {})

    def _budgets(self) -> dict[str, int]:
        table = self.plan.instance.tables.get("budgets")
        listed = set() if table is None or not len(table) else set(table["stream"])
        transfers = {name for name, stream in self.plan.data.streams.items() if stream.kind == "transfer"}
        out = dict(self._counts.get(("budgets", "amount"), {SILENT: 0})) if listed else {}
        return out | ({SILENT: 0} if transfers - listed else {})

    def of(self, *whats: str) -> tuple[Ground, ...]:
        """What figures of some kinds rest on, in words; kinds that the instance does not have are left out."""
        out = []
        for what in whats:
            found: dict[str, int] = {}
            for column in SOURCES[what]:
                for status, cells in self.statuses(column).items():
                    found[status] = max(found.get(status, 0), cells)
            if found:
                told = tuple((status, self._told(status, cells)) for status, cells in sorted(found.items(), key=_order))
                out.append(Ground(self.names.t(f"ground.{what}"), told))
        return tuple(out)

    def _told(self, status: str, cells: int) -> str:
        t = self.names.t
        word = t(f"status.{status}")
        return f"{SIGNS[status]} {word if not cells else t('ground.cells', status=word, cells=f'{cells:,}')}"

    def cells(self, table: str, column: str) -> dict[str, str]:
        """Identifier → status of single cells that are told apart from the rest of their column."""
        rows = self.stated[(self.stated["table"] == table) & (self.stated["column"] == column) & (self.stated["key"] != "*")]
        return dict(zip(rows["key"].astype(str), rows["status"].astype(str), strict=True))


def _order(entry: tuple[str, int]) -> tuple[int, int]:
    return (entry[1], list(SIGNS).index(entry[0]))
