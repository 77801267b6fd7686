"""A sound instance to spoil, and small random ones: sound as files, often impossible as plans."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from optimizer.instance.check import check, check_path
from optimizer.instance.findings import Finding
from optimizer.instance.instance import Instance
from optimizer.instance.template import write_template

CATEGORIES = ("building", "work")


@dataclass
class Draft:
    """The template's instance as text, to be spoiled cell by cell and checked from its files."""

    folder: Path
    tables: dict[str, pd.DataFrame]
    settings: dict[str, Any]
    files: dict[str, bytes] = field(default_factory=dict)
    checked: tuple[dict[str, bytes], list[Finding]] | None = None  # what was checked last, and what was found

    def put(self, table: str, row: int, column: str, value: object) -> Draft:
        """Write a cell; ``row`` as Excel counts."""
        frame = self.tables[table]
        if column not in frame.columns:
            frame[column] = ""
        frame.loc[row - 2, column] = str(value)
        return self

    def add(self, table: str, /, **cells: object) -> int:
        """Append a row; its number as Excel counts."""
        frame = self.tables[table]
        self.tables[table] = pd.concat([frame, pd.DataFrame([{k: str(v) for k, v in cells.items()}])], ignore_index=True).fillna(
            ""
        )
        return len(self.tables[table]) + 1

    def rule(self, **fields: Any) -> Draft:
        """Append a rule."""
        self.settings["rules"].append({"sentence": "A rule", **fields})
        return self

    def written(self) -> Path:
        """The folder with everything written."""
        for name, frame in self.tables.items():
            frame.to_csv(self.folder / f"{name}.csv", index=False)
        (self.folder / "instance.yaml").write_text(
            yaml.safe_dump(self.settings, allow_unicode=True, sort_keys=False), encoding="utf-8"
        )
        for name, data in self.files.items():
            (self.folder / name).write_bytes(data)
        return self.folder

    def findings(self, severity: str | None = None) -> list[Finding]:
        """What check says, all or of one severity."""
        folder = self.written()
        content = {file.name: file.read_bytes() for file in folder.iterdir()}
        if self.checked is None or self.checked[0] != content:
            self.checked = content, list(check_path(folder))
        found = self.checked[1]
        for finding in found:
            assert finding.problem and not finding.problem.endswith("."), finding
            assert finding.mend and not finding.mend.endswith("."), finding
        return [f for f in found if severity in (None, f.severity)]

    def told(self, file: str, row: int | str | None = None, column: str | None = None, severity: str = "error") -> str:
        """The one sentence about a place."""
        found = [f for f in self.findings(severity) if (f.file, f.row) == (file, row) and (column is None or f.column == column)]
        assert len(found) == 1, [f.sentence() for f in found] or [f.sentence() for f in self.findings()]
        return found[0].sentence()


@pytest.fixture(scope="session")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Draft:
    """The template, read once; not to be changed."""
    source = write_template(tmp_path_factory.mktemp("sound") / "instance")
    tables = {file.stem: pd.read_csv(file, dtype=str, keep_default_na=False) for file in sorted(source.glob("*.csv"))}
    return Draft(source, tables, yaml.safe_load((source / "instance.yaml").read_text(encoding="utf-8")))


@pytest.fixture
def draft(sound: Draft, tmp_path: Path) -> Draft:
    """A sound instance to spoil."""
    tables = {name: table.copy() for name, table in sound.tables.items()}
    one = Draft(tmp_path / "instance", tables, copy.deepcopy(sound.settings))
    one.folder.mkdir()
    return one


@pytest.fixture
def told() -> Callable[[Instance], list[str]]:
    """Sentences of the errors on an instance in memory."""
    return lambda instance: [f.sentence() for f in check(instance) if f.severity == "error"]


@pytest.fixture
def world() -> Callable[[int], Instance]:
    """Random small instances by seed."""
    return random_instance


def random_instance(seed: int) -> Instance:
    """Up to 4 counties, 3 donors, 6 projects, one or two periods, and a few rules with bounds of any size."""
    rng = np.random.default_rng(seed)
    periods = [2026] if rng.random() < 0.6 else [2026, 2027]
    counties = [f"C{n}" for n in range(rng.integers(1, 5))]
    donors = [f"D{n}" for n in range(rng.integers(0, 4))]
    settings: dict[str, Any] = {
        "format": 1,
        "periods": periods,
        "needs": {
            "water": {
                "kind": "lasting",
                "category": "building",
                "tiers": [{"width": 0.5, "factor": 1}, {"width": float(rng.choice([0.2, 0.5])), "factor": 2}],
            },
            "jobs": {"kind": "yearly", "category": "work"},
        },
        "categories": {c: {} for c in CATEGORIES},
        "streams": {
            "central": {
                "budget": float(rng.choice([50, 200, 600])),
                "carry": float(rng.choice([0, 0.2])),
                "least_spend": float(rng.choice([0, 0, 0.5, 1.0])),
            },
            "local": {"categories": [str(rng.choice(CATEGORIES))]},
        },
        "settings": {"unspent": str(rng.choice(["forbid", "forbid", "allow"]))},
        "rules": [rule for n in range(rng.integers(0, 4)) if (rule := _rule(rng, n, bool(donors)))],
    }
    if rng.random() < 0.5:
        settings["factor"] = {"streams": ["central"], "factors": [{"column": "population", "weight": 1}]}
    else:
        settings["rules"] = [r for r in settings["rules"] if r.get("to") != "factor"]
    tables = {
        "counties": pd.DataFrame(
            {
                "county": counties,
                "population": rng.integers(50, 500, len(counties)).astype(float),
                "rural_population": rng.integers(20, 50, len(counties)).astype(float),
                "province": rng.choice(["P", "Q"], len(counties)),
                "partners_min": rng.choice([0.0, 0.0, 1.0], len(counties)) if donors else 0.0,
                "partners_max": rng.choice([1.0, 2.0], len(counties)),
            }
        ),
        "needs": pd.DataFrame(
            [
                {
                    "county": c,
                    "need": k,
                    "people": float(rng.integers(10, 200)),
                    "relapse": 0.1 if k == "water" else np.nan,
                    "unit_cost": float(rng.choice([0.5, 1, 2])) if c == counties[0] or rng.random() < 0.7 else np.nan,
                }
                for c in counties
                for k in ("water", "jobs")
                if rng.random() < 0.9
            ]
            or [{"county": counties[0], "need": "water", "people": 10.0, "relapse": 0.0, "unit_cost": 1.0}]
        ),
        "budgets": pd.DataFrame(
            [
                {
                    "stream": "local",
                    "scope": f"province={p}",
                    "period": float(t),
                    "amount": float(rng.choice([20, 80])),
                    "least": float(rng.choice([0, 0, 10, 30])),
                }
                for p in ("P", "Q")
                for t in periods
            ]
        ),
        "baseline": pd.DataFrame([{"county": c, "stream": "central", "money": float(rng.integers(5, 200))} for c in counties]),
        **_projects(rng, counties),
        **(_donors(rng, donors, counties) if donors else {}),
    }
    return Instance.from_frames(settings=settings, **tables)


def _projects(rng: np.random.Generator, counties: list[str]) -> dict[str, pd.DataFrame]:
    rows, effects, uses = [], [], []
    for n in range(rng.integers(0, 7)):
        scalable = rng.random() < 0.25
        rows.append(
            {
                "project": f"X{n}",
                "county": str(rng.choice(counties)),
                "category": str(rng.choice(CATEGORIES)),
                "sector": "tea",
                "cost": float(rng.integers(5, 150)),
                "cost+1": float(rng.choice([0, 20])),
                "upkeep": float(rng.choice([0, 3])),
                "own_share": float(rng.choice([0, 0.5])),
                "delay": float(rng.choice([0, 0, 1])),
                "scalable": float(scalable),
                "least": float(rng.choice([0, 0.5])) if scalable else np.nan,
                "most": 2.0 if scalable else np.nan,
                "status": str(rng.choice(["free", "free", "lock", "forbid"])),
                "exclusive": "g" if rng.random() < 0.2 else None,
            }
        )
        if rng.random() < 0.8:
            need = str(rng.choice(["water", "jobs"]))
            effects.append({"project": f"X{n}", "need": need, "people": float(rng.integers(5, 150))})
        if rng.random() < 0.5:
            uses.append({"project": f"X{n}", "resource": "land", "amount": float(rng.choice([-2, 1, 4]))})
    out = {
        "resources": pd.DataFrame(
            {
                "resource": ["land"],
                "scope": [str(rng.choice(["all", "county", "province"]))],
                "capacity": [float(rng.choice([0, 3, 10]))],
                "per": [str(rng.choice(["horizon", "period"]))],
            }
        )
    }
    for name, made in (("projects", rows), ("effects", effects), ("uses", uses)):
        if made:
            out[name] = pd.DataFrame(made)
    return out if rows else {}


def _donors(rng: np.random.Generator, donors: list[str], counties: list[str]) -> dict[str, pd.DataFrame]:
    money = rng.integers(5, 120, len(donors)).astype(float)
    pairs = [
        {
            "donor": d,
            "county": c,
            "fit": 0.5,
            "existing": float(rng.choice([0, 1])),
            "least_support": float(rng.choice([0, 4, 30])),
            "most_support": float(rng.choice([40, 100])),
            "status": str(rng.choice(["free", "free", "free", "lock", "forbid"])),
        }
        for d in donors
        for c in counties
        if rng.random() < 0.7
    ] or [
        {
            "donor": donors[0],
            "county": counties[0],
            "fit": 0.5,
            "existing": 0.0,
            "least_support": 0.0,
            "most_support": 50.0,
            "status": "free",
        }
    ]
    return {
        "donors": pd.DataFrame(
            {
                "donor": donors,
                "money": money,
                "least_money": np.where(rng.random(len(donors)) < 0.2, np.floor(money / 2), 0.0),
                "pairs_min": rng.choice([0.0, 0.0, 1.0], len(donors)),
                "pairs_max": rng.choice([1.0, 2.0, np.nan], len(donors)),
                "load_max": rng.choice([1.0, 3.0, np.nan], len(donors)),
            }
        ),
        "pairs": pd.DataFrame(pairs),
    }


def _rule(rng: np.random.Generator, number: int, donors: bool) -> dict[str, Any] | None:
    """One rule of any kind; ``None`` where it would speak of donors and there are none."""
    common = {"id": f"r{number}", "sentence": "A rule", "periods": str(rng.choice(["each", "each", "total", "last"]))}
    each = str(rng.choice(["county", "all", "province"]))
    money: dict[str, Any] = {"sum": "money"}
    if rng.random() < 0.5:
        money["stream"] = str(rng.choice(["central", "local"]))
    if rng.random() < 0.3:
        money["category"] = str(rng.choice(CATEGORIES))
    kind = rng.integers(0, 14)
    if kind == 0:
        return {**common, "type": "bound", "of": money, "each": each, "min": float(rng.choice([5, 60, 300]))}
    if kind == 1:
        return {**common, "type": "bound", "of": money, "each": each, "max": float(rng.choice([0, 20, 150]))}
    if kind == 2:
        return {
            **common,
            "type": "bound",
            "of": {"sum": "covered", "need": str(rng.choice(["water", "jobs"]))},
            "each": each,
            "per": ["people"],
            "min": float(rng.choice([0.2, 0.6, 0.9])),
        }
    if kind == 3:
        low = float(rng.choice([0.5, 0.9, 1.1]))
        return {
            **common,
            "type": "band",
            "of": {"sum": "money", "stream": "central"},
            "each": each,
            "low": low,
            "high": float(rng.choice([low, 1.3, 2])),
            "scaled": float(rng.choice([0, 1])),
            "to": str(rng.choice(["last", "factor"])),
        }
    if kind == 4 and donors:
        return {
            **common,
            "type": "bound",
            "of": {"sum": "pairs"},
            "each": str(rng.choice(["county", "all", "donor"])),
            "min": float(rng.choice([1, 2])),
        }
    if kind == 5 and donors:
        return {**common, "type": "bound", "of": {"sum": "support"}, "each": each, "min": float(rng.choice([5, 40, 150]))}
    if kind == 6 and donors:
        return {**common, "type": "pairs", "max_changed": float(rng.choice([0, 1]))}
    if kind == 7:
        return {
            **common,
            "type": "exit",
            "needs": ["water"],
            "threshold": float(rng.choice([0.1, 0.9])),
            "at_least": str(rng.choice(["all", "1"])),
        }
    if kind == 8:
        return {
            **common,
            "type": "share",
            "each": each,
            "part": {"sum": "money", "category": "work"},
            "whole": {"sum": "money"},
            "min": float(rng.choice([0.3, 0.7])),
        }
    if kind == 9:
        return {**common, "type": "bound", "of": {"sum": "gap"}, "each": each, "max": float(rng.choice([5, 60, 200]))}
    if kind == 10:
        of = {"sum": "covered", "weighted": 1}
        return {**common, "type": "bound", "of": of, "each": each, "min": float(rng.choice([20, 100, 250]))}
    if kind == 11:
        low = float(rng.choice([0.1, 0.5, 0.9]))
        return {**common, "type": "equity", "equity": "maximin", "outcome": "covered_share", "over": "counties", "min": low}
    if kind == 12:
        return {**common, "type": "bound", "of": {"sum": "projects"}, "each": each, "min": float(rng.choice([1, 3]))}
    if kind == 13:
        return {**common, "type": "bound", "of": money, "each": each, "min": float(rng.choice([60, 300])), "or_zero": 1}
    return None
