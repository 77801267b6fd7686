"""What solving again can tell and what it cannot, in sentences; and that nothing is begun without the time for it."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest
from stated import stated
from tiny_worlds import world

import optimizer as opt
from optimizer.cli.sensitivity import printed
from optimizer.model.build import build
from optimizer.model.compile import compile_numbers
from optimizer.sensitivity.figures import figure
from optimizer.sensitivity.prices.again import Clock, Key, solved_again
from optimizer.sensitivity.prices.directions import Direction
from optimizer.sensitivity.prices.limits import Limit
from optimizer.sensitivity.prices.question import question
from optimizer.sensitivity.prices.sentences import Words
from optimizer.sensitivity.prices.told import dearest_first, notes_of, rows_of, shows


@cache
def words() -> Words:
    plan = opt.solve(stated({"door": 3, "window": 5}, {"one": ({"door": 1}, 4), "two": ({"window": 2}, 12)}))
    return Words(plan.data, question(plan, compile_numbers(build(plan.data, pyomo=False))))


def solved(down: tuple[float, float], up: tuple[float, float], *, middle: tuple[float, float] = (1000.0, 1010.0),
           step: float = 2.0, status: str = "within_gap; within_gap", key: str = "rule.industry.min") -> pd.DataFrame:
    """A row as solving again gives it, from value and bound of three runs of something made large."""
    values = [(middle[0] - down[0], middle[0] - down[1], middle[1] - down[0]), (up[0] - middle[0], up[0] - middle[1],
                                                                              up[1] - middle[0])]
    row = {"key": key, "kind": "rule", "value": 60.0, "step": step, "criterion": middle[0], "unit": "rule.industry.min",
           "gap": (middle[1] - middle[0]) / middle[0], "status": status}
    for name, (price, low, high), run in (("down", values[0], down), ("up", values[1], up)):
        row |= {f"price_{name}": price / step, f"price_{name}_low": low / step, f"price_{name}_high": high / step,
                f"criterion_{name}": run[0], f"gap_{name}": (run[1] - run[0]) / run[0]}
    return pd.DataFrame([row])


def sentence(table: pd.DataFrame) -> str:
    return rows_of(table, words(), "profit")[0]["sentence"]


def test_a_difference_within_the_gaps_is_told_as_no_more_than_that():
    row = solved((998.0, 1009.0), (1003.0, 1012.0))
    # the true change lies between 998 - 1010 = -12 (or 1003 - 1010) and 1012 - 1000 = 12 each way
    assert sentence(row) == ("rule.industry.min, solved again: no effect larger than 12 in profit could be told, raising or "
                             "lowering it by 2 (gaps up to 1.1 %)")
    assert not shows(row.iloc[0].to_dict())
    assert notes_of(row, words()) == ("Solved again with these a step up and down, no effect larger than the gaps of the solves "
                                      "(12 in profit at most) could be told: rule.industry.min",)


def test_one_way_may_show_and_the_other_not():
    row = solved((998.0, 1009.0), (1100.0, 1105.0))
    text = sentence(row)
    assert "raising it by 2 would raise profit by 100 (between 90 and 105 by the gaps)" in text
    assert "lowering it by 2: no effect larger than 12 in profit could be told" in text
    assert shows(row.iloc[0].to_dict())
    assert notes_of(row, words()) == ()


def test_what_a_fall_lies_between_is_told_as_amounts():
    """The plan falls by 100, and by 95 at least and 110 at most: no minus signs behind the word that says it falls."""
    assert "lowering it by 2 would lower profit by 100 (between 95 and 110 by the gaps)" in sentence(
        solved((900.0, 905.0), (1003.0, 1012.0)))


@pytest.mark.parametrize(("clause", "side", "said"), [
    ("rule_out_counts", "least", "what rule out asks for (A, income)"),
    ("rule_out_most_counts", "least", "what rule out_most asks for (A, income)"),
    ("rule_out_most", "most", "what rule out_most allows (A, income)"),
])
def test_rules_go_by_the_names_that_planners_gave_them(clause, side, said):
    """The program's families of rows have names of their own, which mean nothing to a planner."""
    cap = {"type": "bound", "of": {"sum": "money"}, "max": 10, "sentence": "a cap"}
    settings = {"format": 1, "money": {"unit": "10k_yuan", "yuan": 10000, "step": 1}, "periods": [2026],
                "needs": {"income": {"kind": "yearly", "category": "industry"}}, "categories": {"industry": {}},
                "streams": {"central": {"budget": 5}}, "rules": [cap | {"id": "out"}, cap | {"id": "out_most"}]}
    needs = pd.DataFrame([{"county": "A", "need": "income", "people": 10, "unit_cost": 1.0}])
    given = opt.Instance.from_frames(settings=settings, counties=pd.DataFrame({"county": ["A"], "population": 100}), needs=needs)
    keys = {"county": "A", "need": "income", "period": 2026}
    limit = Limit("rule", "", clause, side, keys, 1.0, 0.0, Direction({}, {}), "people")
    assert Words(given.data, words().asked).where(limit) == said


@pytest.mark.parametrize(("value", "digits", "told"), [
    (1397173.6, 6, "1,397,174"), (999999.7, 6, "1,000,000"), (22405.1, 6, "22,405.1"), (0.0, 6, "0"),
    (-1.5e9, 5, "-1,500,000,000"), (94.6391, 5, "94.639"),
])
def test_large_figures_are_written_in_full(value, digits, told):
    assert figure(value, digits) == told


def test_solves_without_gaps_tell_that_nothing_changes():
    row = solved((1000.0, 1000.0), (1000.0, 1000.0), middle=(1000.0, 1000.0))
    assert sentence(row).count("would change nothing in profit") == 2
    assert shows(row.iloc[0].to_dict())


def test_what_was_not_solved_is_no_difference():
    nothing = (np.nan, np.nan)
    row = solved(nothing, nothing, status="not solved; limit_without_plan", key="budget.central")
    assert "raising it by 2: limit without plan; lowering it by 2: not solved (the time was over)" in sentence(row)
    assert notes_of(row, words()) == ("Not solved again, the time being over or no plan found: budget.central",)


@pytest.mark.parametrize("end", ["low", "high"])
def test_a_plan_without_a_bound_tells_nothing(end):
    row = solved((998.0, 1009.0), (1003.0, 1012.0))
    row[f"price_up_{end}"] = np.nan
    assert "nan" not in sentence(row) and "some of the plans have no bound" in sentence(row)
    (note,) = notes_of(row, words())
    assert "nan" not in note and "for want of a bound" in note and "rule.industry.min" in note


def test_the_worst_of_all_quiet_rows_is_told_once():
    both = pd.concat([solved((998.0, 1009.0), (1003.0, 1012.0)), solved((980.0, 1001.0), (1003.0, 1012.0), key="rule.b.max")])
    (note,) = notes_of(both, words())
    assert "(30 in profit at most)" in note
    assert note.endswith("rule.industry.min, rule.b.max")


def test_budgets_come_first_then_what_a_step_is_worth_most_of():
    keys = [Key("rule.a.min", 10.0, 1.0, "", "rule"), Key("rule.b.min", 10.0, 2.0, "", "rule"),
            Key("rule.c.max", 1.0, 5.0, "", "rule"), Key("budget.x", 5.0, 0.05, "", "budget"),
            Key("budget.y", 50.0, 0.5, "", "budget")]
    rows = [{"kind": "rule", "index": "a.min", "price_up": -3.0, "price_down": -3.0},
            {"kind": "rule", "index": "b.min", "price_up": -1.0, "price_down": -2.0},
            {"kind": "rule", "index": "c.max", "price_up": np.nan, "price_down": np.nan},
            {"kind": "budget", "index": "a.min", "price_up": 900.0, "price_down": 900.0}]
    assert [key.key for key in dearest_first(keys, rows)] == ["budget.y", "budget.x", "rule.b.min", "rule.a.min", "rule.c.max"]


@pytest.mark.parametrize(("longest", "begun"), [(0.0, True), (1e6, False)])
def test_nothing_is_begun_for_which_the_longest_solve_so_far_leaves_no_time(monkeypatch, longest, begun):
    instance = world(3, few=True, soft=0.0).instance()
    plan = opt.solve(instance)
    asked: list[float] = []
    original = opt.Session.solve

    def watched(self, *args, **options):
        asked.append(options["time_limit"])
        return original(self, *args, **options)

    monkeypatch.setattr(opt.Session, "solve", watched)
    clock = Clock(deadline=Clock().deadline if begun else 0.0, longest=longest)
    found = solved_again(plan, [Key("budget.central", 10.0, 1.0, "10k_yuan", "budget")], criterion=plan.outcome.criterion,
                         clock=clock)
    assert bool(asked) == begun
    assert (found["status"].iloc[0] == "not solved; not solved") != begun
    assert not begun or clock.longest > 0


def test_a_solve_has_no_more_time_than_is_left():
    instance = world(3, few=True, soft=0.0).instance()
    with pytest.raises(opt.SolveError) as error:
        opt.Session(instance).solve(time_limit=0.0)
    assert error.value.outcome.status == "limit_without_plan"


def test_the_printed_report_ends_with_what_could_not_be_told():
    found = opt.sensitivity(opt.solve(world(3, few=True, soft=0.0).instance()), again=["budget.central"], time_limit=1e9,
                            should_stop=lambda: True)
    lines = printed(found)
    assert lines[-1] == "Not solved again, the time being over or no plan found: budget.central"
    assert sum("budget.central" in line for line in lines) == 1
