"""A whole round of review: recommended, overruled on the page, solved again with the page's file, recommended again."""

from pathlib import Path

import pandas as pd
import pytest
from browser import Browser
from reviewing import Reviewer

import optimizer as opt
from optimizer.review.page import review_page

pytestmark = pytest.mark.thorough


@pytest.fixture(scope="module")
def found() -> opt.Recommendations:
    """Three counties that three donors could take; money reaches people at different costs."""
    counties = pd.DataFrame({"county": ["North", "South", "West"], "lon": [103.0, 104.0, 101.0], "lat": [31.0, 28.0, 30.0],
                             "province": "四川省", "partners_min": 1.0, "partners_max": 1.0, "population": 50_000.0})
    donors = pd.DataFrame({"donor": ["Rich", "Middle", "Poor"], "lon": [120.0, 121.0, 122.0], "lat": [30.0, 31.0, 32.0],
                           "money": [500.0, 300.0, 100.0], "pairs_max": 1.0, "province": "浙江省"})
    needs = pd.DataFrame({"county": ["North", "South", "West"], "need": "water", "people": 5_000.0, "unit_cost": [0.1, 0.2, 0.4]})
    settings = {
        "format": 1, "title": "Three and three", "periods": [2026],
        "money": {"unit": "10k_yuan", "yuan": 10000, "label": "万元", "step": 1},
        "needs": {"water": {"kind": "yearly", "category": "works"}}, "categories": {"works": {}},
        "streams": {"collaboration": {"kind": "pairing"}}, "settings": {"gap": 0},
        "pairs": {"candidates": "all", "fit": {"means": 0.6, "distance": 0.4}},
    }
    instance = opt.Instance.from_frames(settings=settings, counties=counties, donors=donors, needs=needs)
    return opt.recommend(instance, alternatives=2)


def test_a_reviewer_overrules_and_gets_the_new_plan_with_its_price(chromium: Browser, tmp_path: Path, found):
    other = found.table[~found.table["chosen"]].sort_values("price_high").iloc[-1]
    assert other["price_low"] > 100
    at = found.counties["county"].tolist().index(other["county"])
    page = Reviewer(chromium, tmp_path, found)
    page.write("#reviewer", "Li")
    page.county(at)
    page.decide("lock", alternative=int(other["rank"]) - 2)
    page.comment("They know each other", alternative=int(other["rank"]) - 2)
    assert "You overruled 1 pair. Its single price: " in page.text("#summary")
    file = page.export()
    again = opt.solve(found.plan.instance.with_decisions(file))
    pairs = again.pairings[again.pairings["status"] != "ended"]
    assert ((pairs["donor"] == other["donor"]) & (pairs["county"] == other["county"])).any()
    lost = found.plan.outcome.objective - again.outcome.objective
    assert 0 <= lost <= other["price_high"] + 10  # all else is free to follow; plans are in whole steps of 10 people
    second = opt.recommend(again, alternatives=3)
    (tmp_path / "second").mkdir()
    page = Reviewer(chromium, tmp_path / "second", second)
    assert "1 accepted or locked" in page.text("#summary")  # what was decided in the round before is there
    assert page.browser.run("document.getElementById('round').value") == "2"
    page.county(second.counties["county"].tolist().index(other["county"]))
    text = page.text("#card")
    assert "Round 1: Lock, Li, " in text and "The pair is locked." in text
    assert "overruled" not in page.text("#summary")
    page.decide("undecided")
    rows = page.exported()
    assert rows["decision"].tolist() == ["lock", "undecided"] and rows["round"].tolist() == [1, 2]
    freed = found.plan.instance.with_decisions(file).with_decisions(rows)
    assert isinstance(freed.decisions, pd.DataFrame) and len(freed.decisions) == 2


def test_what_is_written_beside_the_tables_is_this_page_and_this_workbook(found, tmp_path):
    found.write(tmp_path / "out")
    assert (tmp_path / "out" / "review.html").read_text(encoding="utf-8") == review_page(found)
    decided = found.plan.instance.with_decisions(tmp_path / "out" / "review.xlsx")
    assert len(decided.decisions) == len(found.table)
    back = opt.Recommendations.read(tmp_path / "out")
    assert review_page(back) == review_page(found)
