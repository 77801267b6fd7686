"""The language of changes: KEY, VALUE, FILTER, scenarios, VARY."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from optimizer.instance.changes import apply_changes, parse_change, parse_key, parse_value, parse_vary, times
from optimizer.instance.findings import Finding, InstanceError
from optimizer.instance.instance import Instance, read

Look = Callable[[Instance], Any]


def cells(table: str, column: str) -> Look:
    return lambda instance: [None if pd.isna(v) else v for v in instance.tables[table][column]]


def budget(instance: Instance) -> Any:
    return instance.settings.streams["central"].budget


CHANGES: list[tuple[str, Any, Look, Any]] = [
    ("budget.central", "+10%", budget, {2026: 440.0, 2027: 330.0}),
    ("budget.central", "-10%", budget, {2026: 360.0, 2027: 270.0}),
    ("budget.central", "x1.1", budget, {2026: 440.0, 2027: 330.0}),
    ("budget.central", 500, budget, {2026: 500.0, 2027: 500.0}),
    ("budget.central", "500", budget, {2026: 500.0, 2027: 500.0}),
    ("budget.central", {2026: 1, 2027: 2}, budget, {2026: 1.0, 2027: 2.0}),
    ("budget.central.2027", "x2", budget, {2026: 400.0, 2027: 600.0}),
    ("rule.industry.min", "55%", lambda i: i.settings.rules[0].min, 0.55),
    ("rule.industry.min", "+10%", lambda i: i.settings.rules[0].min, 0.44),
    ("rule.industry.min", 0.5, lambda i: i.settings.rules[0].min, 0.5),
    ("rule.industry.active", "false", lambda i: i.settings.rules[0].active, False),
    ("rule.industry.active", False, lambda i: i.settings.rules[0].active, False),
    ("rule.industry.periods", "[2026]", lambda i: i.settings.rules[0].periods, (2026,)),
    ("rule.industry.from", 2, lambda i: i.settings.rules[0].from_, 2),
    ("rule.industry.sentence", "true", lambda i: i.settings.rules[0].sentence, "true"),
    ("rule.industry.price", "3", lambda i: (i.settings.rules[0].price, i.settings.rules[0].hard), (3.0, False)),
    ("need.water.weight", "x2", lambda i: i.settings.needs["water"].weight, 2.0),
    ("need.water.weight", "cost", lambda i: i.settings.needs["water"].weight, "cost"),
    ("stream.central.carry", "0", lambda i: i.settings.streams["central"].carry, 0.0),
    ("stream.central.counties", {"province": "West"}, lambda i: i.settings.streams["central"].counties, {"province": "West"}),
    ("weight.coverage", 3, lambda i: i.settings.method.levels[0].weight, 3.0),
    ("method.levels", [{"criterion": "gap"}], lambda i: i.settings.method.levels[0].criterion, "gap"),
    ("method.levels", "[{criterion: gap, tolerance: 1%}]", lambda i: i.settings.method.levels[0].tolerance.relative, True),
    ("settings.gap", "0.1%", lambda i: i.settings.settings.gap, 0.001),
    ("settings.time_limit", "x2", lambda i: i.settings.settings.time_limit, 360.0),
    ("settings.node_limit", "none", lambda i: i.settings.settings.node_limit, None),
    ("pairs.candidates", "all", lambda i: i.settings.pairs.candidates, "all"),
    ("pairs.candidates", [{"donors": {"donor": "D1"}}], lambda i: i.settings.pairs.candidates[0].donors, {"donor": "D1"}),
    ("needs.people", 7, cells("needs", "people"), [7, 7, 7, 7]),
    ("needs.people[need=water]", "x1.1", cells("needs", "people"), [1100, 660, 400, 300]),
    ("needs.people[need=water,province=West]", "-50%", cells("needs", "people"), [500, 600, 400, 300]),
    ("needs.people[county=A|B,need=work]", "+0%", cells("needs", "people"), [1000, 600, 400, 300]),
    ("needs.people@2027[county=A]", "x2", cells("needs", "people@2027"), [2000, None, 800, None]),
    ("needs.relapse", "55%", cells("needs", "relapse"), [0.55] * 4),
    ("needs.relapse[need=work]", "x2", cells("needs", "relapse"), [0.1, 0, 0, 0]),
    ("counties.partners_max", 3, cells("counties", "partners_max"), [3, 3]),
    ("counties.partners_max[county=B]", "x2", cells("counties", "partners_max"), [None, 2]),
    ("counties.deep_poverty", "true", cells("counties", "deep_poverty"), [1, 1]),
    ("counties.population", None, cells("counties", "population"), [None, None]),
    ("counties.industries", "tea;silk", cells("counties", "industries"), ["tea;silk"] * 2),
    ("counties.province[population=80000]", "x2", cells("counties", "province"), ["West", "x2"]),
    ("pairs.status[donor=D1,county=A]", "lock", cells("pairs", "status"), ["lock", None, None, None]),
    ("pairs.fit[province=West]", "x2", cells("pairs", "fit"), [1.2, 0.8, 1.0, 0.4]),
    ("pairs.fit[money=60]", 0, cells("pairs", "fit"), [0.6, 0.8, 0, 0]),
    ("effects.people[province=East]", "x3", cells("effects", "people"), [600, 600]),
    ("effects.people[category=infrastructure]", "x3", cells("effects", "people"), [1800, 200]),
    ("projects.cost+1[project=PA]", 5, cells("projects", "cost+1"), [5, None]),
    ("projects.most", "inf", cells("projects", "most"), [float("inf")] * 2),
    ("donors.money", "x0.1", cells("donors", "money"), [10, 6]),
]


@pytest.mark.parametrize(("key", "value", "look", "expected"), CHANGES)
def test_changes(two: Instance, key: str, value: Any, look: Look, expected: Any) -> None:
    before = look(two) if key.partition(".")[0] in ("budget", "rule") else None
    changed = two.with_({key: value})
    assert look(changed) == expected
    assert changed.changes == ((key, value),)
    assert before is None or look(two) == before, "the instance itself must not change"


def finding(instance: Instance, key: str, value: Any = 1) -> Finding:
    with pytest.raises(InstanceError) as caught:
        instance.with_({key: value})
    assert len(caught.value.findings) == 1
    return caught.value.findings[0]


NOTHING = [
    ("budget.centrl", 1, "there is no stream 'centrl'", "Perhaps 'central' is meant"),
    ("budget.collaboration", 1, "is of kind pairing", "Change the money of its donors, or another stream"),
    ("budget.central.2030", 1, "2030 is not one of the periods", "Write one of 2026, 2027"),
    ("budget.central.soon", 1, "is not a period", ""),
    ("budget.central[scope=all]", 1, "without scopes", "Leave the filter out"),
    ("neds.people", 1, "no key begins with 'neds'", "Perhaps 'needs' or 'need' is meant"),
    ("needs", 1, "cannot be read", ""),
    ("needs.peple", 1, "needs has no column 'peple'", "Perhaps 'people' is meant"),
    ("needs.people[need=wter]", 1, "no row of needs has need=wter", "Perhaps 'water' is meant"),
    ("needs.people[need=water,county=Z]", 1, "no row of needs has county=Z", "Write one of A, B"),
    ("needs.people[county=A,province=East]", 1, "meets all conditions at once", "Leave one condition out"),
    ("needs.people[ned=water]", 1, "is not a column", "Perhaps 'need' is meant"),
    ("needs.people[need]", 1, "not written as column=value", ""),
    ("needs.people[need=water", 1, "bracket", ""),
    ("needs.people[deep_poverty=1]", 1, "blank in 4 rows", ""),
    ("needs.need", "x", "by which the rows of needs are known", "Change the file itself"),
    ("budgets.amount", 1, "the table budgets has no rows", ""),
    ("rule.indus.min", 1, "there is no rule 'indus'", "Perhaps 'industry' is meant"),
    ("rule.industry.mni", 1, "there is no field 'mni'", "Perhaps 'min' is meant"),
    ("rule.industry.type", "bound", "changes the type of a rule", ""),
    ("rule.industry", 1, "rule.ID.FIELD", ""),
    ("rule.industry.min[a=1]", 1, "a filter in brackets is for", ""),
    ("need.watr.weight", 1, "there is no need 'watr'", "Perhaps 'water' is meant"),
    ("weight.maximin", 1, "with the criterion 'maximin'", "Known are coverage"),
    ("settings.gapp", 1, "there is no field 'gapp'", "Perhaps 'gap' is meant"),
    ("budget.central", "90%", "sets a budget, which is no share, to 90%", "Write x0.9 for 90% of what it is now"),
    ("budget.central.2026", "100%", "sets a budget, which is no share, to 100%", "Write x1 for 100% of what it is now"),
    ("needs.people[need=water]", "112.5 %", "sets needs.people, which is no share", "Write x1.125 for 112.5 %"),
    ("method.tpe", 1, "there is no field 'tpe'", "Perhaps 'type' is meant"),
]


@pytest.mark.parametrize(("key", "value", "problem", "mend"), NOTHING)
def test_a_key_that_matches_nothing(two: Instance, key: str, value: Any, problem: str, mend: str) -> None:
    found = finding(two, key, value)
    assert problem in found.problem and found.mend.startswith(mend) and found.mend


WRONG = [
    ("needs.people", "-5", "'-5' is negative"),
    ("needs.relapse", "120%", "'1.2' is above 1"),
    ("needs.relapse[county=A,need=water]", "x20", "'2' is above 1"),
    ("needs.people", "many", "is not a finite number"),
    ("needs.people", "nan", "is not a finite number"),
    ("needs.people", float("inf"), "is not a finite number"),
    ("needs.people", True, "is no number"),
    ("needs.people", None, "empties needs.people, which is needed"),
    ("needs.people", [1], "is not a number"),
    ("pairs.status", "locked", "'locked' is not one of the values offered"),
    ("counties.partners_max", "x1.5", "'1.5' is not a whole number"),
    ("counties.income", "x2", "multiplies cells that are all blank"),
    ("settings.gap", "120%", "is not a share"),
    ("settings.unspent", "maybe", "is not one of the values offered"),
    ("settings.node_limit", "x2", "multiplies node_limit, which is not set"),
    ("rule.industry.min", "x3", "is not a share"),
    ("rule.industry.sentence", "x3", "multiplies sentence, which is no number"),
    ("budget.central", "-5", "budget is negative"),
    ("budget.central", {2026: 1}, "says nothing about 2027"),
    ("method.levels", [], "is empty"),
]


@pytest.mark.parametrize(("key", "value", "problem"), WRONG)
def test_types_are_checked_after_the_change(two: Instance, key: str, value: Any, problem: str) -> None:
    assert problem in finding(two, key, value).problem


def test_a_rule_s_sentence_says_what_was_changed_in_it(two: Instance) -> None:
    """The sentence is the planner's own and may name the number of before."""
    first = two.settings.rules[0]
    once = two.with_({"rule.industry.min": "55%"})
    assert once.settings.rules[0].sentence == f"{first.sentence} [min: 55%]"
    again = once.with_({"rule.industry.min": 0.5, "rule.industry.price": 3, "rule.industry.periods": [2026]})
    assert again.settings.rules[0].sentence == f"{first.sentence} [min: 0.5] [periods: [2026]]"
    assert two.with_({"rule.industry.active": False}).settings.rules[0].sentence == first.sentence
    told = two.with_({"rule.industry.min": "55%", "rule.industry.sentence": "At least 55 %"})
    assert told.settings.rules[0].sentence == "At least 55 %"


def test_every_wrong_change_is_told_at_once(two: Instance) -> None:
    with pytest.raises(InstanceError) as caught:
        two.with_({"needs.peple": 1, "budget.central": 5, "rule.x.min": 1})
    assert [f.column for f in caught.value.findings] == ["needs.peple", "rule.x.min"]
    with pytest.raises(InstanceError, match=r"^--set, needs\.peple"):
        apply_changes(two, [("needs.peple", 1)], "--set")


def test_changes_act_in_order_each_on_the_result_so_far(two: Instance) -> None:
    changed = two.with_({"needs.people[need=work]": 100}).with_({"needs.people": "x2", "budget.central": 10})
    assert changed.tables["needs"]["people"].tolist() == [2000, 1200, 200, 200]
    assert [key for key, _ in changed.changes] == ["needs.people[need=work]", "needs.people", "budget.central"]


def test_groups_of_changes(two: Instance) -> None:
    one = two.with_(budget={"central": "+10%"}, rule={"industry": {"min": 0.3}}, settings={"gap": "1%"})
    other = two.with_({"budget.central": "+10%", "rule.industry.min": 0.3, "settings.gap": "1%"})
    assert one.equals(other) and one.changes == other.changes
    assert two.with_(budget={"central": {2026: 1}}).changes == (("budget.central.2026", 1),)


def test_numbers_of_numpy_are_recorded_plainly(two: Instance) -> None:
    changed = two.with_({"budget.central": np.float64(5), "needs.people": np.int64(3)})
    assert [type(value) for _, value in changed.changes] == [float, int]


def test_a_column_split_by_period_changes_with_the_plain_one(folder: Path) -> None:
    (folder / "needs.csv").write_text("county,need,people,people@2027\nA,water,10,20\nB,water,30,\n")
    instance = read(folder)
    changed = instance.with_({"needs.people": "x2"}).tables["needs"]
    assert changed["people"].tolist() == [20, 60] and changed["people@2027"].tolist()[0] == 40
    assert np.isnan(changed["people@2027"][1])
    assert instance.with_({"needs.people@2027": "x2"}).tables["needs"]["people@2027"].tolist() == [40, 60]
    assert instance.with_({"needs.people": 5}).tables["needs"]["people@2027"].tolist() == [5, 5]


@pytest.fixture
def scoped(folder: Path) -> Instance:
    rows = ["stream,scope,period,amount"]
    amounts = [("West", 2026, 100), ("West", 2027, 50), ("East", 2026, 10), ("East", 2027, 5)]
    rows += [f"central,province={scope},{period},{amount}" for scope, period, amount in amounts]
    (folder / "budgets.csv").write_text("\n".join(rows) + "\n")
    return read(folder)


def test_budgets_of_the_table(scoped: Instance) -> None:
    def amounts(key: str, value: Any) -> list[float]:
        changed = scoped.with_({key: value})
        assert changed.settings == scoped.settings
        return [float(v) for v in changed.tables["budgets"]["amount"]]

    assert amounts("budget.central", "+10%") == [110, 55, 11, 5.5]
    assert amounts("budget.central.2026", 7) == [7, 50, 7, 5]
    assert amounts("budget.central[province=West]", "x2") == [200, 100, 10, 5]
    assert amounts("budget.central.2027[scope=province=East]", 6) == [100, 50, 10, 6]
    assert amounts("budgets.amount[period=2027]", 1) == [100, 1, 10, 1]
    assert "2030" in finding(scoped, "budget.central.2030").problem
    assert finding(scoped, "budget.central[province=North]").problem == "matches no budget"


def test_scenarios_build_on_each_other(two: Instance) -> None:
    less = two.scenario("less")
    assert budget(less) == {2026: 360.0, 2027: 270.0} and less.scenario_name == "less"
    sure = two.scenario("less_and_sure")
    assert sure.settings.rules[0].min == 0.44 and sure.tables["needs"]["people"].tolist()[0] == 900
    assert [key for key, _ in sure.changes] == ["budget.central", "rule.industry.min", "needs.people[need=water,county=A]"]


def test_scenarios_that_do_not_work(two: Instance) -> None:
    with pytest.raises(InstanceError, match=r"'les' is not a scenario\. Perhaps 'less' is meant"):
        two.scenario("les")
    raw = {**two.raw_settings, "scenarios": {"a": {"from": "b"}, "b": {"from": "a"}, "c": {"set": {"x.y": 1}}}}
    instance = Instance.from_frames(settings=raw, counties=two.tables["counties"])
    with pytest.raises(InstanceError, match="builds on itself: a → b → a"):
        instance.scenario("a")
    with pytest.raises(InstanceError, match=r"^scenario c, x\.y"):
        instance.scenario("c")


def test_written_changes_read_back(two: Instance, tmp_path: Path) -> None:
    changed = two.scenario("less_and_sure").with_({"counties.partners_max": 2, "method.levels": [{"criterion": "gap"}]})
    changed.to_folder(tmp_path / "out")
    assert read(tmp_path / "out").equals(changed)


VARIES = [
    ("budget.central", "100:200:3", ["100", "150", "200"]),
    ("budget.central", "x0.5:x2:4", ["x0.5", "x1", "x1.5", "x2"]),
    ("budget.central", "-10%:+10%:3", ["-10%", "+0%", "+10%"]),
    ("budget.central", "-10%:0%:3", ["-10%", "-5%", "+0%"]),
    ("rule.industry.min", "40%:60%:3", ["40%", "50%", "60%"]),
    ("needs.people[need=water,county=A]", "-1:1:3", ["-1", "0", "1"]),
    ("needs.relapse", "0.1:0.3:3", ["0.1", "0.2", "0.3"]),
    ("budget.central", "1,x2,+3%", ["1", "x2", "+3%"]),
    ("pairs.candidates", "none,all", ["none", "all"]),
    (
        "method.levels",
        "[{criterion: a}],[{criterion: b}, {criterion: c}]",
        ["[{criterion: a}]", "[{criterion: b}, {criterion: c}]"],
    ),
]


@pytest.mark.parametrize(("key", "values", "expected"), VARIES)
def test_vary(key: str, values: str, expected: list[str]) -> None:
    assert parse_vary(f"{key}={values}") == (key, tuple(expected))


NO_VARY = ["a", "budget.central", "=1", "nothing.x=1,2"] + [
    f"budget.central={values}" for values in ("", "1:2", "1:2:1", "1:2:x", "x1:2:3", "10%:+20%:3", "1,,2")
]


@pytest.mark.parametrize("text", NO_VARY)
def test_vary_that_cannot_be_read(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        parse_vary(text)


def test_parts_of_the_language() -> None:
    assert parse_change("needs.people[need=water]=x1.1") == ("needs.people[need=water]", "x1.1")
    assert parse_change("rule.a.sentence=a=b") == ("rule.a.sentence", "a=b")
    key = parse_key("needs.people[need=water,province=甘肃省]")
    assert (key.section, key.name, key.field, dict(key.filter)) == (
        "table",
        "needs",
        "people",
        {"need": "water", "province": "甘肃省"},
    )
    assert parse_key("budget.central.2026").period == 2026
    assert parse_value("+10%").factor == parse_value("x1.1").factor
    assert parse_value("-5").factor is None and parse_value("55%").factor is None and parse_value("xylem").factor is None
    assert times(np.linspace(0.5, 2, 4)) == ["x0.5", "x1", "x1.5", "x2"]
