"""What counting looks at: an instance spelled out, where its parts stand, and words for sums."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd

from optimizer.instance.checks.filters import KEYS, match
from optimizer.instance.checks.view import Severity, View
from optimizer.instance.checks.words import amount, some
from optimizer.instance.counts.network import Conflict
from optimizer.instance.counts.reachable import Reachable
from optimizer.instance.data import Data
from optimizer.instance.findings import Finding

LEAST_SPEND = "least spend of "
RULE = re.compile(r"rule ([\w-]+)")


@dataclass(frozen=True, eq=False)
class Case:
    """One instance, as the model will read it, with the view that knows its files."""

    view: View
    data: Data
    hard: bool = True  # False: soft rules are held too, to see what cannot be had together

    @cached_property
    def unit(self) -> str:
        """The unit of money as planners write it."""
        money = self.view.settings.money
        return money.label or money.unit

    @cached_property
    def county_at(self) -> pd.Series:
        return pd.Series(np.arange(len(self.data.counties)), index=self.data.counties.index)

    @cached_property
    def donor_at(self) -> pd.Series:
        return pd.Series(np.arange(len(self.data.donors)), index=self.data.donors.index)

    @cached_property
    def reachable(self) -> Reachable:
        """Ceilings on coverage."""
        return Reachable(self.data)

    def inside(self, group: object, table: Literal["counties", "projects"]) -> np.ndarray:
        """Which rows of a table of ``data`` a GROUP of a rule holds: those of the files may stand in another order."""
        named = self.view.text(table, KEYS[table])[match(self.view, table, group).mask]
        return np.asarray(getattr(self.data, table).index.isin(named), dtype=bool)

    def counts(self, rule: object) -> bool:
        """Whether a rule is among those held."""
        return bool(getattr(rule, "active", True)) and (bool(getattr(rule, "hard", True)) or not self.hard)

    def money(self, value: float) -> str:
        return f"{amount(round(value, 4))} {self.unit}"

    def places(self, counties: Iterable[str]) -> str:
        """``88 counties of 云南省 (A, B, …)``."""
        names = list(dict.fromkeys(counties))
        provinces = self.data.counties["province"].reindex(names).dropna().unique()
        if len(names) == 1:
            return f"county {names[0]}"
        of = f" of {provinces[0]}" if len(provinces) == 1 else ""
        return f"{len(names):,} counties{of} ({some(names)})"

    def located(self, label: str, problem: str, mend: str) -> Finding:
        """A finding at the rule or table that a label names."""
        severity: Severity = "error" if self.hard else "warning"
        rule = RULE.search(label)
        if rule:
            return self.view.setting("rules", rule.group(1), None, None, problem, mend, severity)
        if label.startswith(LEAST_SPEND):
            stream = label.removeprefix(LEAST_SPEND)
            if stream not in set(self.view.text("budgets", "stream")):
                return self.view.setting("streams", stream, "least_spend", None, problem, mend, severity)
            label = "budgets"
        table = next((t for word, t in TABLE_OF.items() if word in label), None)
        if table is None:
            return self.view.setting("streams", None, None, None, problem, mend, severity)
        return Finding(self.view.file(table), None, None, None, problem, mend.rstrip("."), severity)

    def summed(self, rows: pd.DataFrame, what: str = "counties") -> str:
        """``rule floor 1,200 (88 counties), locked projects 300``, largest first."""
        if rows.empty:
            return "no budget, donor or use is open to it"
        parts = rows.groupby("label", sort=False).agg(amount=("amount", "sum"), count=("about", "nunique"))
        parts = parts.sort_values("amount", ascending=False, kind="stable")
        if len(parts) == 1:
            return str(parts.index[0])
        texts = [
            f"{label} {amount(round(float(row['amount']), 4))}" + (f" ({int(row['count']):,} {what})" if row["count"] > 1 else "")
            for label, row in parts.head(4).iterrows()
        ]
        rest = parts["amount"].iloc[4:]
        return ", ".join(texts) + (f", {len(rest)} more {amount(float(rest.sum()))}" if len(rest) else "")


TABLE_OF = {
    "locked pairs": "pairs", "existing pairs": "pairs", "partners_min": "counties", "partners_max": "counties",
    "locked projects": "projects", "pairs_min": "donors", "least_money": "donors", "budgets": "budgets", "decisions": "decisions",
}


def largest(conflict: Conflict) -> str:
    """The label that demands most."""
    sums = conflict.floors.groupby("label", sort=False)["amount"].sum()
    return str(sums.idxmax())
