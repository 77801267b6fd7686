"""Recommendations as a whole: their tables, files and command."""

from __future__ import annotations

import json
import math
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import optimizer as opt
from optimizer.cli.main import app
from optimizer.cli.recommend import told
from optimizer.review import everyone
from optimizer.review.everyone import processes
from optimizer.review.recommend import task_of
from optimizer.review.recommendations import FILES, RECOMMENDATIONS, Recommendations, shaped

SETTINGS = {
    "format": 1, "title": "Four counties", "money": {"unit": "10k_yuan", "yuan": 10000, "label": "万元", "step": 1},
    "periods": [2026], "needs": {"water": {"kind": "lasting", "category": "works", "tiers": [
        {"width": 0.5, "factor": 1}, {"width": 0.5, "factor": 2}]}},
    "categories": {"works": {}}, "streams": {"central": {"budget": 300}, "collaboration": {"kind": "pairing"}},
    "method": {"type": "single", "levels": [{"criterion": "coverage"}]}, "settings": {"gap": 0},
}


def instance() -> opt.Instance:
    counties = pd.DataFrame({"county": list("ABCE"), "name": ["甲", "<b>乙</b>", "=1+1", "E"], "population": 1000.0,
                             "partners_min": 1.0, "partners_max": [1.0, 1.0, 1.0, 2.0]})
    needs = pd.DataFrame({"county": list("ABCE"), "need": "water", "people": [900.0, 500.0, 700.0, 650.0],
                          "unit_cost": [0.5, 0.7, 0.4, 1.0]})
    donors = pd.DataFrame({"donor": ["P", "Q", "R"], "money": [120.0, 70.0, 90.0], "pairs_max": [1.0, 2.0, 2.0]})
    pairs = pd.DataFrame([{"donor": d, "county": c, "fit": round(0.1 * n, 1), "existing": float((d, c) == ("P", "A")),
                           "most_support": 80.0} for n, (d, c) in enumerate((d, c) for d in "PQR" for c in "ABCE")])
    return opt.Instance.from_frames(settings=SETTINGS, counties=counties, needs=needs, donors=donors, pairs=pairs)


def pairs_in(table: pd.DataFrame) -> list[tuple[str, str]]:
    return sorted(zip(table["donor"], table["county"], strict=True))


@pytest.fixture(scope="module")
def found() -> Recommendations:
    return opt.recommend(instance(), alternatives=2)


def test_every_county_has_its_partners_first_and_then_its_alternatives_by_price(found):
    assert set(found.counties["county"]) == set("ABCE")
    for county in "ABCE":
        rows = found.of(county)
        assert rows["rank"].tolist() == sorted(rows["rank"]) and rows["chosen"].tolist() == (rows["rank"] == 1).tolist()
        prices = rows.loc[~rows["chosen"], "price_high"]
        assert prices.is_monotonic_increasing and len(prices) >= 1
        assert (rows["price_low"] <= rows["price_high"]).all()
    chosen = found.table[found.table["chosen"]]
    given = found.plan.pairings[found.plan.pairings["status"] != "ended"]
    assert pairs_in(chosen) == pairs_in(given)
    with pytest.raises(KeyError):
        found.of("Z")


def test_the_partnership_of_today_is_priced_however_little_it_promises(found):
    rows = found.table[(found.table["donor"] == "P") & (found.table["county"] == "A")]
    assert len(rows) == 1
    today = found.today.set_index(["donor", "county"])
    if today.loc[("P", "A"), "status"] == "ended":
        assert today.loc[("P", "A"), "price"] == rows.iloc[0]["price_high"]


def test_what_a_pair_adds_is_the_price_of_its_cheapest_stand_in(found):
    for county in "ABC":  # one partner each
        rows = found.of(county)
        adds = float(rows.loc[rows["chosen"], "adds"].iloc[0])
        assert adds == rows.loc[~rows["chosen"], "price_high"].min()


def test_an_alternative_says_which_partner_it_takes_the_place_of():
    """County E must have two partners, the others one; asked of the pricer for that partner alone the price is the same."""
    two = opt.recommend(instance().with_({"counties.partners_min[county=E]": 2}), alternatives=2)
    pricer = task_of(two.plan)[0].pricer()
    others = two.table[~two.table["chosen"]]
    assert (others["replaces"] != "").all() and (two.table.loc[two.table["chosen"], "replaces"] == "").all()
    assert len(others) >= 4 and "E" in set(others["county"])
    for row in others.to_dict("records"):
        own = set(two.of(row["county"]).query("chosen")["donor"])
        assert row["replaces"] in own and (row["county"] == "E") == (len(own) == 2)
        prices = {donor: price for donor in own if (price := pricer.instead(row["donor"], row["county"], donor)) is not None}
        assert min(price.high for price in prices.values()) == pytest.approx(row["price_high"], abs=0.01)
        assert prices[row["replaces"]].high == pytest.approx(row["price_high"], abs=0.01)


def test_counties_for_which_the_time_was_over_are_not_called_clear(found, capsys):
    late = opt.recommend(found.plan, alternatives=2, improve=0, time_limit=0)
    assert set(late.counties["verdict"]) == {"unpriced"} and late.settings["counties_priced"] == 0
    assert "0 clear, 0 close calls and 4 not priced, for the time was over" in " ".join(told(late))
    assert "not priced" not in " ".join(told(found))


def test_donors_stand_within_their_limits(found):
    donors = found.donors
    assert (donors["pairs"] <= donors["pairs_max"]).all() and (donors["money_used"] <= donors["money_limit"]).all()
    chosen = found.table[found.table["chosen"]]
    counted = chosen.groupby("donor").size().reindex(list("PQR"), fill_value=0)
    assert donors.set_index("donor")["pairs"].to_dict() == counted.to_dict()


def test_written_and_read_they_are_the_same(found, tmp_path: Path):
    (tmp_path / "recs").mkdir()
    (tmp_path / "recs" / "decisions.csv").write_text("kind\n")  # what a committee left there stays
    found.write(tmp_path / "recs")
    again = Recommendations.read(tmp_path / "recs")
    assert (tmp_path / "recs" / "decisions.csv").is_file()
    for name in FILES:
        pd.testing.assert_frame_equal(shaped(found.tables[name], name), again.tables[name])
    assert {**found.settings, "plan_sha256": again.settings["plan_sha256"]} == dict(again.settings)
    header = (tmp_path / "recs" / "recommendations.csv").read_text(encoding="utf-8-sig").splitlines()[0].split(",")
    assert header[:4] == ["county", "rank", "donor", "fit"] and header[-1] == list(RECOMMENDATIONS)[-1]
    with pytest.raises(opt.InstanceError, match="holds no recommendations"):
        Recommendations.read(tmp_path)


@pytest.mark.thorough
def test_two_processes_find_what_one_finds(found):
    two = opt.recommend(found.plan, alternatives=2, workers=2)
    pd.testing.assert_frame_equal(two.table, found.table, rtol=1e-6, atol=1e-3)


def test_few_counties_are_priced_in_one_process_and_many_in_as_many_as_there_are_processors(monkeypatch):
    monkeypatch.setattr(everyone.os, "sched_getaffinity", lambda _: set(range(8)), raising=False)
    assert processes(39) == 1 and processes(40) == processes(832) == 4
    monkeypatch.setattr(everyone.os, "sched_getaffinity", lambda _: {0, 1})
    assert processes(66) == 2


def test_nothing_is_priced_for_a_process_that_has_ended(monkeypatch):
    ended = SimpleNamespace(is_alive=lambda: False)
    monkeypatch.setattr(everyone.multiprocessing, "parent_process", lambda: ended)
    monkeypatch.setitem(everyone._WORKER, "pricer", None)
    assert everyone._batch(["A", "B"], lambda pricer, county: county, math.inf) == {}
    monkeypatch.setattr(ended, "is_alive", lambda: True)
    assert everyone._batch(["A", "B"], lambda pricer, county: county, math.inf) == {"A": "A", "B": "B"}


def test_near_optimal_plans_and_runs_say_how_sure_a_pair_is(found, tmp_path: Path):
    study = pd.DataFrame({"kind": ["pair", "project"], "donor": ["P", ""], "county": ["A", "A"], "project": ["", "X"],
                          "share": [0.25, 1]})
    study.to_csv(tmp_path / "selection.csv", index=False)
    sure = opt.recommend(found.plan, alternatives=1, near=2, study=tmp_path)
    chosen = sure.table[sure.table["chosen"]]
    assert chosen["frequency"].between(0.3, 1).all()
    runs = sure.table.set_index(["donor", "county"])["runs_frequency"]
    assert runs[("P", "A")] == 0.25 and runs.drop(("P", "A")).max() == 0
    study.assign(county="Z").to_csv(tmp_path / "selection.csv", index=False)
    with pytest.raises(opt.InstanceError, match="P>Z"):
        opt.recommend(found.plan, study=tmp_path)


def test_with_everything_free_a_price_is_that_of_the_best_plan_with_the_pair(found):
    free = opt.recommend(found.plan, alternatives=2, free=4)
    rows = free.table[free.table["held"] == "free"]
    assert len(rows) == 4 == free.settings["free"]
    held = found.table.set_index(["donor", "county"])["price_high"]
    for row in rows.to_dict("records"):
        lock = pd.DataFrame([{"kind": "pair", "donor": row["donor"], "county": row["county"], "decision": "lock"}])
        best = opt.solve(instance().with_decisions(lock))
        assert best.outcome.status == "optimal"
        assert row["price_low"] - 2 <= found.plan.outcome.objective - best.outcome.objective <= row["price_high"] + 2
        assert row["price_high"] <= held[(row["donor"], row["county"])] + 6  # whole steps and whole people aside
    for _, part in free.table.groupby("county"):
        assert part["rank"].is_monotonic_increasing and (part["rank"] == 1).eq(part["chosen"]).all()


def test_the_command_writes_everything_and_speaks(tmp_path: Path):
    instance().to_folder(tmp_path / "four")
    done = CliRunner().invoke(app, ["recommend", str(tmp_path / "four"), "--out", str(tmp_path / "recs"), "--changes", "0,1"])
    assert done.exit_code == 0, done.output
    assert "4 of 4 counties" in done.output and "review.html" in done.output
    for name in ("review.html", "recommendations.json", *(f"{file}.csv" for file in FILES)):
        assert (tmp_path / "recs" / name).stat().st_size > 0
    assert opt.Plan.read(tmp_path / "recs" / "plan").outcome.status == "optimal"
    curve = Recommendations.read(tmp_path / "recs").changes
    assert curve["n"].tolist() == [0, 1] and curve["value"].is_monotonic_increasing
    told = CliRunner().invoke(app, ["recommend", str(tmp_path / "four"), "--plan", str(tmp_path / "recs" / "plan"), "--out",
                                    str(tmp_path / "more"), "--json", "--alternatives", "1"])
    assert told.exit_code == 0 and len(json.loads(told.stdout)["counties"]) == 4


def test_an_instance_without_pairs_is_told_so_in_one_sentence(tmp_path: Path):
    four = instance()
    counties = four.tables["counties"].drop(columns=["partners_min", "partners_max"])
    settings = {**SETTINGS, "streams": {"central": {"budget": 300}}}
    opt.Instance.from_frames(settings=settings, counties=counties, needs=four.tables["needs"]).to_folder(tmp_path / "alone")
    done = CliRunner().invoke(app, ["recommend", str(tmp_path / "alone"), "--out", str(tmp_path / "recs")])
    assert done.exit_code == 2 and not (tmp_path / "recs").exists()
    assert "no pairs of donors and counties" in done.output


def test_wrong_numbers_of_changes_are_refused(tmp_path: Path):
    instance().to_folder(tmp_path / "four")
    done = CliRunner().invoke(app, ["recommend", str(tmp_path / "four"), "--changes", "0,-1", "--out", str(tmp_path / "recs")])
    assert done.exit_code == 2 and "--changes" in done.output and not (tmp_path / "recs").exists()


def test_a_table_lacks_nothing_that_its_file_names():
    made = shaped(pd.DataFrame({"county": ["A"], "donor": ["P"], "fit_means": [0.5]}), "recommendations")
    assert list(made)[:5] == ["county", "rank", "donor", "fit", "fit_means"]
    assert np.isnan(made.loc[0, "price_low"]) and not made.loc[0, "chosen"] and made.loc[0, "displaces"] == ""
