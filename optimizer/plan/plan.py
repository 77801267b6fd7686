"""The answer: the tables of a plan, what is claimed of it and what the audit found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import pandas as pd

from optimizer.instance.data import Data
from optimizer.plan.choices import Choices, Claims
from optimizer.plan.outcome import PlanOutcome

if TYPE_CHECKING:
    from optimizer.instance.instance import Instance
    from optimizer.plan.audit import AuditReport
    from optimizer.plan.compare import Comparison

TABLES = ("funds", "streams", "support", "pairings", "projects", "coverage", "unspent", "criteria", "rules")


@dataclass(frozen=True, eq=False)
class Plan:
    """One answer to an instance, in whole units; the tables are those of the plan folder.

    Attributes
    ----------
    instance : the effective instance, all changes applied
    funds : stream, county, category, period, money
    streams : stream, scope, period, budget, carried_in, spent, carried_out, lapsed
    support : donor, county, period, money
    pairings : donor, county, status, locked, fit, load, distance, money, and a column fit_PART for each part of the fit
    projects : project, county, category, sector, start, amount, cost, tail, own
    coverage : county, need, period, people, carried, built, direct, direct_cost, covered, gap
    unspent : county, category, period, money, kind
    criteria : criterion, role, level, sense, unit, value, modelled_value, bound, gap, gap_percent, last, factor
    rules : rule, index, sentence, hard, unit, value, min, max, slack, broken_by, status
    claims : what the solver says of the plan
    audit : the verdict, None until audited
    info : what else ``plan.json`` held, for a plan read from a folder
    plot : figures, ``plan.plot.lorenz()``; put here by `optimizer.report.figures.accessor`
    """

    plot: ClassVar[Any]

    instance: Instance
    funds: pd.DataFrame
    streams: pd.DataFrame
    support: pd.DataFrame
    pairings: pd.DataFrame
    projects: pd.DataFrame
    coverage: pd.DataFrame
    unspent: pd.DataFrame
    criteria: pd.DataFrame
    rules: pd.DataFrame
    claims: Claims
    audit: AuditReport | None = None
    info: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(
        cls, instance: Instance, tables: Mapping[str, pd.DataFrame], claims: Claims, audit: AuditReport | None = None,
        info: Mapping[str, Any] | None = None,
    ) -> Plan:
        """A plan from its tables under their names."""
        funds, streams, support, pairings, projects, coverage, unspent, criteria, rules = (tables[name] for name in TABLES)
        return cls(instance, funds, streams, support, pairings, projects, coverage, unspent, criteria, rules, claims, audit,
                   info or {})

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Every table under its name."""
        return {name: getattr(self, name) for name in TABLES}

    @property
    def data(self) -> Data:
        """The instance as the clauses read it."""
        return self.instance.data

    @cached_property
    def outcome(self) -> PlanOutcome:
        """Status, objective, bound and gap of the first level."""
        objectives = self.criteria[self.criteria["role"] == "objective"].sort_values("level", kind="stable")
        if not len(objectives):
            raise ValueError("a plan has at least one objective")
        row = objectives.iloc[0]
        numbers = {name: None if pd.isna(row[name]) else float(row[name]) for name in ("value", "bound", "gap", "gap_percent")}
        return PlanOutcome(self.claims.status, str(row["criterion"]), numbers["value"], numbers["bound"], numbers["gap"],
                           numbers["gap_percent"], str(row["unit"]), str(row["sense"]), self.claims.method)

    @property
    def choices(self) -> Choices:
        """The plan's decisions, read from its tables."""
        pairing = {name for name, stream in self.data.streams.items() if stream.kind == "pairing"}
        placed = self.funds["stream"].isin(pairing)
        direct = self.coverage[["county", "need", "period"]].assign(money=self.coverage["direct_cost"])
        return Choices.of(
            transfers=self.funds[~placed], placed=self.funds[placed], support=self.support,
            pairs=self.pairings[self.pairings["status"] != "ended"], starts=self.projects, direct=direct,
        )

    def audited(self) -> Plan:
        """The same plan with the audit's verdict."""
        from optimizer.plan.audit import audit

        return replace(self, audit=audit(self.instance, self.tables, self.claims))

    def write(self, folder: str | Path) -> Path:
        """Write the plan folder, whole or not at all; see `optimizer.plan.files.write_plan`."""
        from optimizer.plan.files import write_plan

        return write_plan(self, Path(folder))

    def workbook(self, file: str | Path, lang: str = "en") -> None:
        """Write the workbook alone, in ``en`` or ``zh``; see `optimizer.report.workbook`."""
        from optimizer.plan.files import view

        view("plan.xlsx")(self, Path(file), lang)

    @classmethod
    def read(cls, folder: str | Path) -> Plan:
        """Read a plan folder; see `optimizer.plan.reading.read_plan`."""
        from optimizer.plan.reading import read_plan

        return read_plan(Path(folder))

    def indicators(self, alpha: float = 1.0) -> pd.DataFrame:
        """Coverage, Gini and other indicators before and after; see `optimizer.plan.indicators`."""
        from optimizer.plan.indicators import indicators

        return indicators(self, alpha)

    def against_last_year(self) -> Comparison:
        """Winners and losers against last year's money."""
        from optimizer.plan.compare import against_baseline

        return against_baseline(self, "last")

    def against_factor(self) -> Comparison:
        """Winners and losers against the factor method."""
        from optimizer.plan.compare import against_baseline

        return against_baseline(self, "factor")
