"""The instance of another country: published figures as they are, a plan under all rules, no Chinese word in what is said."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import optimizer as opt

FOLDER = Path(__file__).resolve().parents[2] / "instances" / "us-counties"
CHINESE = re.compile(r"[\u4e00-\u9fff]|yuan|prefecture")


def table(name: str) -> pd.DataFrame:
    return pd.read_csv(FOLDER / f"{name}.csv", dtype={"county": str, "fips": str}, encoding="utf-8-sig")


@pytest.fixture(scope="module")
def plan() -> opt.Plan:
    return opt.solve(opt.read(FOLDER))


def test_people_are_the_published_ones() -> None:
    source = pd.read_csv(FOLDER / "source" / "persistent_poverty_counties.csv", dtype={"fips": str}).set_index("fips")
    needs = table("needs").pivot(index="county", columns="need", values="people")
    assert len(needs) == 353  # the typology's own count
    assert needs["children"].equals(source["poor_children_2017"].rename("children").rename_axis("county"))
    assert (needs["children"] + needs["adults"]).sum() == source["poor_people_2017"].sum() == 4_216_308
    unemployed = source["labor_force_2018"] * source["unemployment_rate_2018_pct"] / 100
    np.testing.assert_allclose(needs["work"], unemployed, atol=0.51)
    assert (source["persistent_poverty_2015_edition"] == 1).all()


def test_money_is_split_without_remainder() -> None:
    assert table("baseline")["money"].sum() == 4_216_308
    assert table("budgets")["scope"].nunique() == 30


def test_plan_holds_every_rule_and_keeps_each_state_to_its_own(plan: opt.Plan) -> None:
    assert plan.outcome.status in ("optimal", "within_gap")
    assert plan.audit is not None
    assert plan.audit.passed
    assert set(plan.rules["status"]) <= {"holds", "rounding"}
    place = table("counties").set_index("county")["province"]
    state = plan.funds[plan.funds["stream"] == "state"]
    paid = state.groupby(state["county"].map(place))["money"].sum()
    budget = table("budgets").assign(province=lambda t: t["scope"].str.removeprefix("province=")).set_index("province")["amount"]
    assert (paid <= budget.reindex(paid.index)).all()
    federal = plan.funds[plan.funds["stream"] == "federal"]
    nonmetro = federal["county"].map(table("counties").set_index("county")["nonmetro"]) == 1
    assert federal.loc[nonmetro, "money"].sum() >= 0.4 * federal["money"].sum() - 1


@pytest.mark.thorough
def test_prices_speak_of_dollars(plan: opt.Plan) -> None:
    said = opt.sensitivity(plan, again=(), time_limit=5).table["sentence"].dropna()
    assert said.str.contains("a million dollars").any()
    assert not [text for text in said if CHINESE.search(text)]


def test_mended_units_are_named_in_the_instances_own_currency() -> None:
    instance = opt.read(FOLDER)
    needs = instance.tables["needs"].copy()
    needs["unit_cost"] = needs["unit_cost"].astype(float) / 1e7
    wrong = opt.Instance.from_frames(settings=instance.raw_settings, **{**instance.tables, "needs": needs})
    told = [finding for finding in opt.check(wrong) if finding.column == "unit_cost"]
    assert any("dollars for one person" in finding.problem and "dollars" in finding.mend for finding in told)
    assert not any(CHINESE.search(finding.problem + finding.mend) for finding in told)
