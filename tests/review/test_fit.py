"""Parts of the fit: worked by hand, by a second reading cell by cell, and with what is missing."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import optimizer as opt
from optimizer.instance.check import check
from optimizer.instance.fit import PARTS
from optimizer.instance.instance import Instance
from optimizer.plan.audit import audit_folder
from optimizer.plan.files import write_plan

SETTINGS: dict[str, Any] = {
    "format": 1, "periods": [2026], "needs": {"water": {"kind": "lasting", "category": "works"}}, "categories": {"works": {}},
    "streams": {"central": {"budget": 100}},
}
COUNTIES = pd.DataFrame({
    "county": ["A", "B", "C"], "industries": ["tea;fruit", "mining", None], "terrain_relief": [1.0, 3.0, np.nan],
    "languages": ["wu;yi", "yi", "han"], "ethnicities": ["yi", "yi;han", None], "lon": [100.0, 101.0, 102.0], "lat": 30.0,
})
DONORS = pd.DataFrame({
    "donor": ["D", "E"], "money": [50.0, 90.0], "sectors": ["tea;textiles", None], "wants": [None, "fruit;mining;coal;tea"],
    "terrain_relief": [0.0, 4.0], "languages": ["wu", None], "ethnicities": ["han", "yi"], "lon": [120.0, 121.0], "lat": 30.0,
})
PAIRS = pd.DataFrame({
    "donor": ["D", "D", "D", "E", "E", "E"], "county": ["A", "B", "C"] * 2, "existing": [1.0, 0, 0, 0, 1, 1],
    "since": [2016.0, np.nan, np.nan, np.nan, 2021, np.nan], "workers": [300.0, 0, np.nan, 100, 0, np.nan],
})
NEEDS = pd.DataFrame({"county": ["A", "B", "C"], "need": "water", "people": [100.0, 300, 200], "unit_cost": 1.0})


def instance(fit: dict[str, float], **tables: pd.DataFrame) -> Instance:
    given = {"counties": COUNTIES, "donors": DONORS, "pairs": PAIRS, "needs": NEEDS} | tables
    return Instance.from_frames(settings=SETTINGS | {"pairs": {"fit": fit}}, **given)


@pytest.mark.parametrize(("part", "expected"), [
    ("means", [1, 0, 0.5, 0, 1, 0.5]),  # D has the least money, E the most; needs rank A < C < B
    ("sectors", [0.5, 0, 0, 0, 0, 0]),  # D is strong in one of A's two; C and E are blank
    ("existing", [1, 0, 0, 0, 1, 1]),
    ("years", [1, 0, 0, 0, 0.5, 0]),  # ten years, five, and one that nobody knows
    ("labour", [0.75, 0, 0, 0.25, 0, 0]),
    ("terrain", [0.75, 0.25, 0, 0.25, 0.75, 0]),  # range 4
    ("language", [0.5, 0, 0, 0, 0, 0]),
    ("ethnicity", [0, 0.5, 0, 1, 0.5, 0]),
    ("mutual", [0.5, 0.5, 0, 0.5, 0.25, 0]),  # D lacks fruit and mining of tea, textiles, fruit, mining; E says what it wants
])
def test_parts_worked_by_hand(part: str, expected: list[float]) -> None:
    pairs = instance({part: 2.0}).data.pairs
    assert pairs["donor"].tolist() == PAIRS["donor"].tolist() and pairs["county"].tolist() == PAIRS["county"].tolist()
    assert pairs[f"fit_{part}"].tolist() == pytest.approx(expected)
    assert pairs["fit"].tolist() == pytest.approx([2 * value for value in expected])


def test_fit_is_the_weighted_sum_of_all_its_parts() -> None:
    weights = {part: 0.1 * n for n, part in enumerate(PARTS, start=1)} | {"workers": 1e-3}
    pairs = instance(weights).data.pairs
    total = sum(weight * pairs[f"fit_{part}"] for part, weight in weights.items())
    assert pairs["fit"].to_numpy() == pytest.approx(total.to_numpy(), abs=1e-6)
    made = pairs[[f"fit_{part}" for part in PARTS]].to_numpy()
    assert made.min() >= 0 and made.max() <= 1


@pytest.mark.parametrize("seed", range(5))
def test_lists_and_terrain_against_a_reading_cell_by_cell(seed: int) -> None:
    rng = np.random.default_rng(seed)
    names = ["a", "b", "c", "d"]

    def lists(count: int) -> list[str | None]:
        return [";".join(n for n in names if rng.random() < 0.5) or None for _ in range(count)]

    counties = pd.DataFrame({"county": [f"C{n}" for n in range(4)], "industries": lists(4), "terrain": rng.uniform(0, 9, 4),
                             "terrain_b": rng.choice([1.0, 2.0, np.nan], 4)})
    donors = pd.DataFrame({"donor": [f"D{n}" for n in range(3)], "sectors": lists(3), "wants": [None, "a;b", None],
                           "terrain": rng.uniform(0, 9, 3), "terrain_b": [1.0, 5.0, np.nan]})
    made = Instance.from_frames(
        settings=SETTINGS | {"pairs": {"candidates": "all", "fit": {"sectors": 1, "mutual": 1, "terrain": 1}}},
        counties=counties, donors=donors, needs=pd.DataFrame({"county": ["C0"], "need": "water", "people": 1.0}),
    ).data.pairs.set_index(["donor", "county"])
    every = {n for cell in [*counties["industries"], *donors["sectors"]] if isinstance(cell, str) for n in cell.split(";")}
    for d, c in itertools.product(donors.to_dict("records"), counties.to_dict("records")):
        strong, local = (set(cell.split(";")) if isinstance(cell, str) else set() for cell in (d["sectors"], c["industries"]))
        wants = set(d["wants"].split(";")) if isinstance(d["wants"], str) else (every - strong if strong else set())
        row = made.loc[(d["donor"], c["county"])]
        assert row["fit_sectors"] == pytest.approx(len(strong & local) / len(local) if local else 0)
        assert row["fit_mutual"] == pytest.approx(len(wants & local) / len(wants) if wants and local else 0)
        alike = []
        for column in ("terrain", "terrain_b"):
            values = [v for v in [*donors[column], *counties[column]] if v == v]
            if d[column] == d[column] and c[column] == c[column]:
                alike.append(1 - abs(d[column] - c[column]) / (max(values) - min(values)))
        assert row["fit_terrain"] == pytest.approx(sum(alike) / len(alike) if alike else 0)


def test_a_column_of_pairs_stands_as_it_is_and_in_the_place_of_newer_parts() -> None:
    pairs = PAIRS.assign(terrain=[7.0, 6, 5, 4, 3, 2], means=99.0)
    made = instance({"terrain": 1, "means": 1}, pairs=pairs).data.pairs
    assert made["fit_terrain"].tolist() == [7, 6, 5, 4, 3, 2]
    assert made["fit_means"].max() <= 1  # the older parts are always made


def test_what_is_missing_counts_nothing_and_is_told() -> None:
    found = {f.column: f for f in check(instance(dict.fromkeys(PARTS, 0.1))) if f.column and f.column.startswith("pairs.fit")}
    assert {name.removeprefix("pairs.fit."): int(f.problem.split()[3]) for name, f in found.items()} == {
        "sectors": 4, "years": 1, "labour": 2, "terrain": 2, "language": 3, "ethnicity": 2, "mutual": 2}
    assert {f.severity for f in found.values()} == {"warning"}
    alone = check(instance({"labour": 1}, pairs=PAIRS.drop(columns="workers")))
    problems = [f.problem for f in alone if f.column == "pairs.fit.labour"]
    assert problems == ["is unknown for all 6 candidate pairs and counts 0 there"]


def test_an_unknown_part_is_an_error_that_lists_the_known_ones() -> None:
    errors = [f for f in check(instance({"terain": 1, "sectors": 1})) if f.severity == "error"]
    assert len(errors) == 1 and "Perhaps 'terrain' is meant" in errors[0].sentence()
    assert all(part in errors[0].mend for part in [*PARTS, "workers"])


def test_a_plan_keeps_the_parts_of_the_fit_of_its_pairs_and_folders_without_them_are_read_too(tmp_path: Path) -> None:
    counties = COUNTIES.assign(partners_min=1.0)
    made = opt.solve(instance({"means": 0.5, "sectors": 0.25}, counties=counties))
    wanted = made.data.pairs.set_index(["donor", "county"])
    listed = made.pairings.set_index(["donor", "county"])
    assert list(listed.columns[-2:]) == ["fit_means", "fit_sectors"] and len(listed) >= 3
    for name in ("fit_means", "fit_sectors"):
        assert listed[name].to_dict() == wanted.loc[listed.index, name].to_dict()
    assert np.allclose(0.5 * listed["fit_means"] + 0.25 * listed["fit_sectors"], listed["fit"], atol=1e-6)
    write_plan(made, tmp_path / "plan", {})
    pd.testing.assert_frame_equal(opt.Plan.read(tmp_path / "plan").pairings, made.pairings)
    told = pd.read_csv(tmp_path / "plan" / "columns.csv", encoding="utf-8-sig")
    assert {"fit_means", "fit_sectors"} <= set(told.loc[told["file"] == "pairings.csv", "column"])
    assert audit_folder(tmp_path / "plan").passed

    file = tmp_path / "plan" / "pairings.csv"
    text = file.read_text(encoding="utf-8-sig")
    cells = pd.read_csv(file, dtype="str", keep_default_na=False, encoding="utf-8-sig")
    cells.drop(columns=["fit_means", "fit_sectors"]).to_csv(file, index=False, encoding="utf-8-sig")
    assert audit_folder(tmp_path / "plan").passed  # as folders were before there were parts in them
    assert "fit_means" not in opt.Plan.read(tmp_path / "plan").pairings
    wrong = cells.assign(fit_means=["0.125", *cells["fit_means"][1:]])
    wrong.to_csv(file, index=False, encoding="utf-8-sig")
    assert [check.clause for check in audit_folder(tmp_path / "plan").failures] == ["pair_columns"]
    file.write_text(text.replace("fit_sectors", "fit_luck"), encoding="utf-8-sig")
    assert [check.clause for check in audit_folder(tmp_path / "plan").failures] == ["pair_columns"]
