"""The worked example of the format, written out by hand: an instance and every table of one optimal plan."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
import pytest

from optimizer.instance.instance import Instance
from optimizer.plan.audit import AuditReport, audit

NAN = float("nan")

SETTINGS: dict[str, Any] = {
    "format": 1,
    "title": "Two counties",
    "money": {"unit": "10k_yuan", "yuan": 10000, "label": "万元", "step": 1},
    "periods": [2026, 2027],
    "needs": {
        "water": {"kind": "lasting", "category": "infrastructure",
                  "tiers": [{"width": 0.5, "factor": 1}, {"width": 0.5, "factor": 2}]},
        "work": {"kind": "yearly", "category": "industry"},
    },
    "categories": {"infrastructure": {}, "industry": {}},
    "streams": {"central": {"budget": {2026: 400, 2027: 300}, "carry": "10%"}, "collaboration": {"kind": "pairing"}},
    "rules": [
        {"id": "industry", "type": "share", "sentence": "At least 40 % of central money goes to industry",
         "part": {"sum": "money", "stream": "central", "category": "industry"},
         "whole": {"sum": "money", "stream": "central"}, "min": "40%"},
    ],
    "method": {"type": "single", "levels": [{"criterion": "coverage"}]},
}

INPUTS: dict[str, list[dict[str, Any]]] = {
    "counties": [
        {"county": "A", "population": 100000, "partners_min": 1},
        {"county": "B", "population": 80000, "partners_min": 1},
    ],
    "needs": [
        {"county": "A", "need": "water", "people": 1000, "relapse": 0.1, "unit_cost": 0.5},
        {"county": "B", "need": "water", "people": 600, "relapse": 0, "unit_cost": 0.5},
        {"county": "A", "need": "work", "people": 400, "relapse": NAN, "unit_cost": 1},
        {"county": "B", "need": "work", "people": 300, "relapse": NAN, "unit_cost": 1},
    ],
    "donors": [
        {"donor": "D1", "money": 100, "pairs_max": 1, "sectors": "tea"},
        {"donor": "D2", "money": 60, "pairs_max": 1, "sectors": None},
    ],
    "pairs": [
        {"donor": "D1", "county": "A", "fit": 0.6, "existing": 1},
        {"donor": "D1", "county": "B", "fit": 0.8, "existing": 0},
        {"donor": "D2", "county": "A", "fit": 0.5, "existing": 0},
        {"donor": "D2", "county": "B", "fit": 0.4, "existing": 1},
    ],
    "projects": [
        {"project": "PA", "county": "A", "category": "infrastructure", "sector": None, "cost": 200, "upkeep": 0,
         "partner_sector": None},
        {"project": "PB", "county": "B", "category": "industry", "sector": "tea", "cost": 90, "upkeep": 10,
         "partner_sector": "tea"},
    ],
    "effects": [{"project": "PA", "need": "water", "people": 600}, {"project": "PB", "need": "work", "people": 200}],
}

INF, IND, C, E = "infrastructure", "industry", "central", "collaboration"
PLAN: dict[str, tuple[str, list[tuple[Any, ...]]]] = {
    "funds": ("stream county category period money", [
        (C, "A", INF, 2026, 190), (C, "A", IND, 2026, 70), (C, "B", INF, 2026, 50), (C, "B", IND, 2026, 90),
        (E, "A", INF, 2026, 60), (E, "B", INF, 2026, 100),
        (C, "A", INF, 2027, 125), (C, "A", IND, 2027, 165), (C, "B", IND, 2027, 10),
        (E, "A", INF, 2027, 60), (E, "B", IND, 2027, 100)]),
    "streams": ("stream scope period budget carried_in spent carried_out lapsed", [
        (C, "all", 2026, 400, 0, 400, 0, 0), (C, "all", 2027, 300, 0, 300, 0, 0)]),
    "support": ("donor county period money", [
        ("D1", "B", 2026, 100), ("D1", "B", 2027, 100), ("D2", "A", 2026, 60), ("D2", "A", 2027, 60)]),
    "pairings": ("donor county status locked fit load distance money", [
        ("D1", "A", "ended", 0, 0.6, 1, NAN, 0), ("D1", "B", "new", 0, 0.8, 1, NAN, 200),
        ("D2", "A", "new", 0, 0.5, 1, NAN, 120), ("D2", "B", "ended", 0, 0.4, 1, NAN, 0)]),
    "projects": ("project county category sector start amount cost tail own", [
        ("PA", "A", INF, None, 2026, 1, 200, 0, 0), ("PB", "B", IND, "tea", 2026, 1, 100, 0, 0)]),
    "coverage": ("county need period people carried built direct direct_cost covered gap", [
        ("A", "water", 2026, 1000, 0, 600, 100, 50, 700, 300), ("A", "work", 2026, 400, 0, 0, 70, 70, 70, 330),
        ("B", "water", 2026, 600, 0, 0, 300, 150, 300, 300), ("B", "work", 2026, 300, 0, 200, 0, 0, 200, 100),
        ("A", "water", 2027, 1000, 90, 540, 370, 185, 1000, 0), ("A", "work", 2027, 400, 0, 0, 165, 165, 165, 235),
        ("B", "water", 2027, 600, 300, 0, 0, 0, 300, 300), ("B", "work", 2027, 300, 0, 200, 100, 100, 300, 0)]),
    "unspent": ("county category period money kind", []),
    "criteria": ("criterion role level sense unit value modelled_value bound gap gap_percent last factor", [
        ("coverage", "objective", 1, "max", "person-periods", 3035, 3035, 3035, 0, 0, NAN, NAN),
        ("coverage_share", "indicator", NAN, "max", "share", 0.621875, NAN, NAN, NAN, NAN, NAN, NAN),
        ("gap", "indicator", NAN, "min", "person-periods", 1565, NAN, NAN, NAN, NAN, NAN, NAN),
        ("spend", "indicator", NAN, "min", "10k_yuan", 1020, NAN, NAN, NAN, NAN, NAN, NAN),
        ("exited", "indicator", NAN, "max", "county-periods", 0, NAN, NAN, NAN, NAN, NAN, NAN),
        ("fit", "indicator", NAN, "max", "10k_yuan", 220, NAN, NAN, NAN, NAN, NAN, NAN),
        ("fit_pairs", "indicator", NAN, "max", "fit", 1.3, NAN, NAN, NAN, NAN, NAN, NAN),
        ("disruption", "indicator", NAN, "min", "pairs", 2, NAN, NAN, NAN, NAN, NAN, NAN),
        ("broken", "indicator", NAN, "min", "points", 0, NAN, NAN, NAN, NAN, NAN, NAN)]),
    "rules": ("rule index sentence hard unit value min max slack broken_by status", [
        ("industry", "period=2026", "", 1, "10k_yuan", 160, 160, NAN, 0, 0, "holds"),
        ("industry", "period=2027", "", 1, "10k_yuan", 175, 120, NAN, 55, 0, "holds")]),
}
TEXT = {"stream", "county", "category", "scope", "donor", "status", "project", "sector", "need", "kind", "criterion", "role",
        "sense", "unit", "rule", "index", "sentence", "region", "requires", "exclusive", "partner_sector", "resource", "of",
        "sectors"}


def frame(header: str, rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    """A table of the plan from its header and rows."""
    names = header.split()
    out = pd.DataFrame(rows, columns=names)
    return out.astype({name: "str" if name in TEXT else "float64" for name in names})


@dataclass
class Case:
    """An instance and a plan that a test may change before it is audited."""

    settings: dict[str, Any] = field(default_factory=lambda: copy.deepcopy(SETTINGS))
    inputs: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: copy.deepcopy(INPUTS))
    tables: dict[str, pd.DataFrame] = field(
        default_factory=lambda: {name: frame(header, rows) for name, (header, rows) in PLAN.items()})
    claims: dict[str, Any] = field(default_factory=lambda: {
        "status": "optimal", "objective": 3035.0, "bound": 3035.0, "gap": 0.0})
    decisions: list[dict[str, Any]] = field(default_factory=list)

    @property
    def instance(self) -> Instance:
        frames = {name: pd.DataFrame(rows) for name, rows in self.inputs.items()}
        made = Instance.from_frames(settings=self.settings, **frames)
        if not self.decisions:
            return made
        # the statuses that decisions set are left out, so that it is the decision itself that is audited
        return made.with_decisions(pd.DataFrame(self.decisions)).replaced(tables=made.tables)

    def audit(self) -> AuditReport:
        return audit(self.instance, self.tables, self.claims)

    def given(self, table: str, key: str, **cells: Any) -> None:
        """Change cells of an input row found by its first column(s), ``a/b``."""
        parts = key.split("/")
        for row in self.inputs[table]:
            if list(row.values())[: len(parts)] == parts:
                row.update(cells)
                return
        raise KeyError(key)

    def put(self, table: str, where: str, **cells: Any) -> None:
        """Change cells of the plan's rows that match a pandas query."""
        rows = self.tables[table].query(where, engine="python").index
        assert len(rows), where
        for name, value in cells.items():
            self.tables[table].loc[rows, name] = value

    def add(self, table: str, *rows: tuple[Any, ...]) -> None:
        """Add rows to a table of the plan."""
        header = " ".join(self.tables[table].columns)
        parts = [part for part in (self.tables[table], frame(header, list(rows))) if len(part)]
        self.tables[table] = pd.concat(parts, ignore_index=True)

    def drop(self, table: str, where: str) -> None:
        """Leave out rows of a table of the plan."""
        rows = self.tables[table].query(where, engine="python").index
        assert len(rows), where
        self.tables[table] = self.tables[table].drop(index=rows).reset_index(drop=True)

    def rule(self, **fields: Any) -> None:
        """Add a rule to the instance."""
        self.settings["rules"].append({"sentence": "a rule", **fields})


@pytest.fixture
def worked() -> Case:
    """The worked example of the format."""
    return Case()


@pytest.fixture
def rich() -> Case:
    """The worked example with a use of every clause, and still a good plan."""
    return enriched(Case())


def enriched(case: Case) -> Case:
    """Limits, locks, resources and rules of every type, all of which the worked plan meets."""
    case.settings["streams"]["central"]["least_spend"] = "50%"
    case.given("counties", "A", rural_population=80000, region="west")
    case.given("counties", "B", rural_population=20000, region="west")
    case.given("donors", "D1", pairs_min=1, load_max=1, least_money=50)
    case.given("donors", "D2", pairs_min=0, load_max=2, least_money=0)
    case.given("pairs", "D1/B", least_support=50, most_support=100, status="lock")
    case.put("pairings", "donor == 'D1' and county == 'B'", locked=1)
    case.given("pairs", "D1/A", status="forbid")
    case.given("projects", "PA", status="lock", exclusive="one")
    case.given("projects", "PB", requires="PA", starts="2026", exclusive=None)
    case.inputs["projects"].append({"project": "PC", "county": "A", "category": INF, "cost": 5, "upkeep": 0, "exclusive": "one",
                                    "status": "forbid"})
    case.inputs["resources"] = [
        {"resource": "land", "scope": "region", "capacity": 3},
        {"resource": "teachers", "scope": "county", "of": "B", "capacity": 1},
    ]
    case.inputs["uses"] = [
        {"project": "PA", "resource": "land", "amount": 2}, {"project": "PB", "resource": "land", "amount": 1},
        {"project": "PB", "resource": "teachers", "amount": 4},
    ]
    case.inputs["brings"] = [{"donor": "D1", "county": "B", "resource": "teachers", "amount": 3}]
    case.inputs["baseline"] = [{"county": "A", "stream": C, "money": 200}, {"county": "B", "stream": C, "money": 100}]
    money = "10k_yuan"
    case.rule(id="water", type="bound", of={"sum": "covered", "need": "water"}, per=["people"], each="county", periods="last",
              min="50%")
    case.add("rules", ("water", "county=A", "", 1, "share", 1, 0.5, NAN, 0.5, 0, "holds"),
             ("water", "county=B", "", 1, "share", 0.5, 0.5, NAN, 0, 0, "holds"))
    case.rule(id="floor", type="bound", of={"sum": "money", "county": "B"}, min=300, price=2)
    case.add("rules", ("floor", "period=2026", "", 0, money, 240, 300, NAN, 0, 60, "broken"),
             ("floor", "period=2027", "", 0, money, 110, 300, NAN, 0, 190, "broken"))
    case.put("criteria", "criterion == 'broken'", value=500)
    case.rule(id="steady", type="band", of={"sum": "money", "stream": C}, to="last", each="county", low=0.1, high=2)
    for county, year, value, most in (("A", 2026, 260, 400), ("A", 2027, 290, 400), ("B", 2026, 140, 200), ("B", 2027, 10, 200)):
        low = most / 20
        case.add("rules", ("steady", f"county={county};period={year}", "", 1, money, value, low, most,
                           min(value - low, most - value), 0, "holds"))
    case.rule(id="change", type="pairs", max_changed=2)
    case.add("rules", ("change", "", "", 1, "pairs", 2, NAN, 2, 0, 0, "holds"))
    case.rule(id="exit", type="exit", needs=["water"], threshold="1%", at_least=1)
    case.add("rules", ("exit", "period=2027", "", 1, "counties", 1, 1, NAN, 0, 0, "holds"))
    case.put("criteria", "criterion == 'exited'", value=2)
    case.rule(id="worst", type="equity", equity="maximin", outcome="covered_share", min=0.3)
    case.add("rules", ("worst", "", "", 1, "share", 11 / 18, 0.3, NAN, 11 / 18 - 0.3, 0, "holds"))
    case.add("criteria", ("worst", "bounded", NAN, "max", "share", 11 / 18, NAN, NAN, NAN, NAN, NAN, NAN))
    case.rule(id="dead", type="bound", of={"sum": "money"}, min=5000, active=0)
    case.add("rules", ("dead", "", "", 1, "", NAN, NAN, NAN, NAN, NAN, "off"))
    case.rule(id="half", type="bound", of={"sum": "money", "category": IND, "county": "A"}, periods=[2026], min=70.5)
    case.add("rules", ("half", "period=2026", "", 1, money, 70, 70.5, NAN, 0, 0.5, "rounding"))
    case.claims["rounding"] = [{"rule": "half", "index": "period=2026", "proof": "no whole-unit plan"}]
    case.put("criteria", "criterion == 'spend'", last=600)
    return case
