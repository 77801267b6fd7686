"""The build scripts make the shipped files again, byte for byte, and the counts that the data cards state hold."""

from __future__ import annotations

import csv
import filecmp
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2] / "instances"
NAMES = ("national", "zhejiang-sichuan", "us-counties")
CHINESE = NAMES[:2]
EASTERN = {"北京市", "天津市", "上海市", "江苏省", "浙江省", "福建省", "山东省", "广东省"}
TEXT = {"county": str, "donor": str, "project": str, "key": str}


def build(name: str, out: Path, *options: str) -> None:
    subprocess.run([sys.executable, str(ROOT / name / "build.py"), "--out", str(out), *options],
                   check=True, capture_output=True, timeout=300)


def table(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / f"{name}.csv", dtype=TEXT, encoding="utf-8-sig")


@pytest.fixture(scope="module", params=NAMES)
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    out = tmp_path_factory.mktemp(request.param)
    build(request.param, out)
    return request.param, out


def test_build_reproduces_the_shipped_files(built: tuple[str, Path]) -> None:
    name, out = built
    made = sorted(path.name for path in out.iterdir())
    shipped = sorted(path.name for path in (ROOT / name).iterdir() if path.suffix in (".csv", ".yaml"))
    assert made == shipped
    same, different, missing = filecmp.cmpfiles(ROOT / name, out, made, shallow=False)
    assert (different, missing) == ([], [])
    assert len(same) == len(made)


@pytest.mark.parametrize("name", NAMES)
def test_files_are_small_utf8_with_bom_and_line_feeds(name: str) -> None:
    for path in (ROOT / name).glob("*.csv"):
        raw = path.read_bytes()
        assert raw.startswith(b"\xef\xbb\xbf"), path
        assert b"\r" not in raw, path
        assert len(raw) < 4 * 1024 * 1024, path


def test_national_counts() -> None:
    folder = ROOT / "national"
    counties, donors, projects = table(folder, "counties"), table(folder, "donors"), table(folder, "projects")
    assert len(counties) == counties["county"].nunique() == 832
    assert 300 <= len(donors) <= 577
    assert set(donors["province"]) == EASTERN
    assert 10_000 <= len(projects) <= 20_000
    without = counties[counties["partners_max"] == 0]
    assert 370 <= len(without) <= 410
    assert (without["bloc"] == "no eastern partner").all()
    assert len(table(folder, "needs")) == 832 * 6
    assert projects["name"].str.contains("模拟").all()
    assert set(projects["stage"]) == {"proposed", "committed", "under way"}
    assert (projects.loc[projects["stage"] != "proposed", "status"] == "lock").all()


def test_every_bloc_has_room_for_its_counties() -> None:
    folder = ROOT / "national"
    counties, donors = table(folder, "counties"), table(folder, "donors")
    slots = donors.groupby("bloc")["pairs_max"].sum()
    needed = counties.groupby("bloc")["partners_min"].sum().drop("no eastern partner")
    assert set(slots.index) == set(needed.index)
    assert (slots >= needed).all()
    least = 1000 * needed
    assert (donors.groupby("bloc")["money"].sum() >= least).all()


def test_known_pairs_lie_inside_the_blocs_of_today() -> None:
    for name in CHINESE:
        pairs = table(ROOT / name, "pairs")
        donor = pairs["donor"].map(table(ROOT / name, "donors").set_index("donor")["bloc"])
        county = pairs["county"].map(table(ROOT / name, "counties").set_index("county")["bloc"])
        assert (donor == county).all()
        assert (pairs["least_support"] <= pairs["most_support"]).all()


def test_totals_follow_the_published_figures() -> None:
    folder = ROOT / "national"
    needs = table(folder, "needs")
    assert needs.loc[needs["need"] == "income", "people"].sum() == round(5_510_000 * 0.85)
    jinyang = needs[(needs["county"] == "513430") & (needs["need"] == "income")]["people"].iloc[0]
    rural = table(folder, "counties").set_index("county").at["513430", "rural_population"]
    assert jinyang == pytest.approx(0.146 * rural, abs=1)
    assert table(folder, "baseline")["money"].sum() == round(1260.95 * 10_000 * 0.60)
    settings = yaml.safe_load((folder / "instance.yaml").read_text(encoding="utf-8"))
    assert settings["streams"]["central"]["budget"] == {2021: round(1396.36 * 10_000 * 0.60)}
    projects = table(folder, "projects")
    assert (projects["cost"] * projects["most"]).mean() == pytest.approx(2690e2 / 1343, rel=0.01)
    counties = table(folder, "counties").set_index("county")
    housing = needs[needs["need"] == "housing"].set_index("county")["unit_cost"]
    liangshan = counties.index[counties["prefecture"] == "凉山彝族自治州"]
    assert housing[liangshan].mean() == pytest.approx(50.46e2 / 2151, abs=0.002)
    donors = table(folder, "donors").groupby("bloc")["money"].sum()
    assert donors["浙江-四川"] == pytest.approx(3300e2 / 68 * 66, abs=60)
    assert donors["天津-甘肃"] == pytest.approx(965e2, abs=30)


def test_provenance_marks_every_imputed_cell() -> None:
    source = ROOT / "national" / "source"
    with (source / "rural_income_2015_2020.csv").open(encoding="utf-8") as stream:
        fresh = {row["county_id"] for row in csv.DictReader(stream) if int(row["year"]) >= 2019}
    with (source / "counties_832.csv").open(encoding="utf-8") as stream:
        no_place = {row["county_id"] for row in csv.DictReader(stream) if not row["lon"]}
    with (source / "county_snapshot.csv").open(encoding="utf-8") as stream:
        no_people = {row["county_id"] for row in csv.DictReader(stream) if not row["registered_pop_10k"]}
    for name in CHINESE:
        counties = set(table(ROOT / name, "counties")["county"])
        marks = table(ROOT / name, "provenance")
        marked = marks[(marks["table"] == "counties") & (marks["status"] == "modelled")].groupby("column")["key"].agg(set)
        assert marked["income"] == counties - fresh
        for column, expected in (("lon", no_place), ("lat", no_place), ("terrain_relief", no_place),
                                 ("population", no_people)):
            assert marked.get(column, set()) - {"*"} == expected & counties


def test_provenance_covers_every_column() -> None:
    for name in NAMES:
        marks = table(ROOT / name, "provenance")
        assert set(marks["status"]) <= {"observed", "modelled", "assumed"}
        assert (marks["source"].str.len() > 0).all()
        for path in (ROOT / name).glob("*.csv"):
            if path.stem == "provenance":
                continue
            keys = {"county", "need", "donor", "project", "resource", "stream", "scope", "period", "of", "per", "unit",
                    "category", "year", "since"}
            columns = set(table(ROOT / name, path.stem).columns) - keys
            known = set(marks.loc[marks["table"] == path.stem, "column"])
            assert columns - known <= set(), (name, path.stem)


def test_qinghai_partner_is_marked_assumed() -> None:
    counties, marks = table(ROOT / "national", "counties"), table(ROOT / "national", "provenance")
    qinghai = set(counties.loc[counties["province"] == "青海省", "county"])
    assumed = marks[(marks["table"] == "counties") & (marks["column"] == "bloc") & (marks["status"] == "assumed")]
    assert qinghai <= set(assumed["key"])


def test_edition_of_three_periods(tmp_path: Path) -> None:
    build("zhejiang-sichuan", tmp_path, "--periods", "3")
    settings = yaml.safe_load((tmp_path / "instance.yaml").read_text(encoding="utf-8"))
    assert settings["periods"] == [2021, 2022, 2023]
    assert set(settings["streams"]["central"]["budget"]) == {2021, 2022, 2023}
    assert "3 periods" in settings["title"]
    assert {"people@2021", "people@2022", "people@2023"} <= set(table(tmp_path, "needs").columns)
    assert sorted(table(tmp_path, "budgets")["period"].unique()) == [2021, 2022, 2023]
    assert table(tmp_path, "projects")["delay"].sum() > 0


def test_copied_edition_says_that_it_is_synthetic(tmp_path: Path) -> None:
    build("zhejiang-sichuan", tmp_path, "--scale", "2")
    counties = table(tmp_path, "counties")
    assert len(counties) == counties["county"].nunique() == 132
    assert "SYNTHETIC" in yaml.safe_load((tmp_path / "instance.yaml").read_text(encoding="utf-8"))["title"]
    projects = table(tmp_path, "projects")
    assert projects["project"].is_unique
    assert set(projects["county"]) == set(counties["county"])
    assert set(projects["requires"].dropna()) <= set(projects["project"])


def test_editions_are_never_written_over_the_shipped_files() -> None:
    done = subprocess.run([sys.executable, str(ROOT / "zhejiang-sichuan" / "build.py"), "--periods", "3"],
                          check=False, capture_output=True, text=True)
    assert done.returncode == 2
    assert "--out" in done.stderr
