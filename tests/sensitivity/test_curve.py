"""Budget curves against the fractional knapsack, enumeration, dense sampling and what concave functions must do."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from curve_cases import choosing, greedy, knapsack, most_people
from small_instances import levels, small
from tiny_worlds import world
from typer.testing import CliRunner

import optimizer as opt
from optimizer.cli.main import app
from optimizer.engine.outcome import SolveError
from optimizer.engine.session import Session as Engine
from optimizer.instance.findings import InstanceError
from optimizer.model.build import build
from optimizer.model.compile import compile_numbers
from optimizer.sensitivity.curves.concave import Touch, sandwich
from optimizer.sensitivity.weights.held_choice import chosen
from tests.extent import few

COSTS, PEOPLE = [1.0, 2.0, 0.5, 4.0], [100.0, 60.0, 40.0, 50.0]


def touch_of(lines: list[tuple[float, float]]):
    """The least of some lines (slope, value at 0), as a concave function that can be looked at."""
    def touch(at: float) -> Touch:
        values = [level + slope * at for slope, level in lines]
        n = int(np.argmin(values))
        return Touch(at, values[n], values[n], lines[n][0])
    return touch


def test_every_piece_of_a_known_function_is_found():
    lines = [(5.0, 0.0), (3.0, 2.0), (1.0, 8.0), (0.0, 12.0)]
    found = sandwich(touch_of(lines), (0.0, 10.0), 0.0).knots()
    assert [touch.at for touch in found.touches] == pytest.approx([0, 1, 3, 4, 10])
    assert [found.low(at) for at in (0.5, 2, 3.5)] == pytest.approx([2.5, 8, 11.5])
    assert max(found.apart()) < 1e-9


@pytest.mark.parametrize("tolerance", [1e-1, 1e-2, 1e-3])
def test_the_sandwich_holds_a_smooth_function_within_its_tolerance_with_few_points(tolerance):
    seen = []

    def touch(at: float) -> Touch:
        seen.append(at)
        return Touch(at, np.sqrt(at), np.sqrt(at), 0.5 / np.sqrt(at))

    found = sandwich(touch, (1.0, 100.0), tolerance)
    assert found.complete
    for at in np.linspace(1, 100, 400):
        assert found.low(at) <= np.sqrt(at) + 1e-12 <= found.high(at) + 2e-12
        assert found.high(at) - found.low(at) <= tolerance * 10 + 1e-12
    assert len(seen) <= 3 + 2.5 * tolerance**-0.5  # the error of a sandwich falls with the square of its points


def test_a_run_that_is_stopped_says_so_and_its_bounds_hold_all_the_same():
    found = sandwich(touch_of([(5.0, 0.0), (3.0, 2.0), (1.0, 8.0), (0.0, 12.0)]), (0.0, 10.0), 0.0, should_stop=lambda: True)
    assert not found.complete
    for at in np.linspace(0, 10, 50):
        value = touch_of([(5.0, 0.0), (3.0, 2.0), (1.0, 8.0), (0.0, 12.0)])(at).value
        assert found.low(at) - 1e-12 <= value <= found.high(at) + 1e-12


def test_the_curve_of_the_fractional_knapsack_is_the_one_by_hand():
    """Cheapest first: 40 people at 0.5, 100 at 1, 60 at 2, 50 at 4; so pieces end at 20, 120, 240 and 440."""
    found = opt.budget_curve(knapsack(COSTS, PEOPLE, 200), "budget.central", 10.0, 500.0, exact=True, points=2)
    assert list(found.table["budget"]) == pytest.approx([10, 20, 120, 240, 440, 500])
    assert list(found.table["value"]) == pytest.approx([20, 40, 140, 200, 250, 250])
    assert list(found.table["next_per_million"][:-1]) == pytest.approx([2, 1, 0.5, 0.25, 0], abs=1e-9)
    assert set(found.table["tier"]) == {"exact"}
    assert np.isnan(found.table["next_per_million"].iloc[-1])
    for budget in (15, 70, 180, 300, 460):
        assert found.at(budget) == pytest.approx((greedy(COSTS, PEOPLE, budget),) * 2)


def test_the_next_million_goes_to_the_cheapest_people():
    found = opt.budget_curve(knapsack(COSTS, PEOPLE, 200), "budget.central", 20.0, 240.0, points=3)
    first = found.next[(found.next["from"] == 20) & (found.next["by"] == "county")]
    assert list(first["key"]) == ["C0", "C1"]  # 110: a hundred people at 1, and five at 2
    assert list(first["covered_change"]) == pytest.approx([100, 5])
    assert list(first["money_change"]) == pytest.approx([100, 10])
    assert list(first["covered_per_million"]) == pytest.approx([100 / 110, 5 / 110])
    provinces = found.next[(found.next["from"] == 20) & (found.next["by"] == "province")].set_index("key")["covered_change"]
    assert provinces["P"] == pytest.approx(100)
    assert provinces["Q"] == pytest.approx(5)
    assert found.next[found.next["by"] == "need"]["share_of_gain"].tolist() == pytest.approx([1, 1])


def test_several_budgets_are_scaled_together():
    case = knapsack(COSTS, PEOPLE, 0, streams={"central": {"budget": 100}, "local": {"budget": 50}})
    both = opt.budget_curve(case, ["budget.central", "budget.local"], "50%", "200%", exact=True)
    assert both.total == 150
    assert both.at(150) == pytest.approx((greedy(COSTS, PEOPLE, 150),) * 2)
    assert both.at(300) == pytest.approx((greedy(COSTS, PEOPLE, 300),) * 2)
    one = opt.budget_curve(case, "budget.central", "50%", "200%", exact=True)
    assert one.at(150) == pytest.approx((greedy(COSTS, PEOPLE, 200),) * 2)


def test_criteria_to_be_made_small_have_convex_curves_and_bounds_below():
    case = knapsack(COSTS, PEOPLE, 200, method={"type": "single", "levels": [{"criterion": "gap"}]})
    found = opt.budget_curve(case, "budget.central", 10.0, 300.0, tolerance=0.05)
    assert found.sense == "min"
    for budget in np.linspace(10, 300, 30):
        low, high = found.at(budget)
        truth = sum(PEOPLE) - greedy(COSTS, PEOPLE, budget)
        assert low - 1e-6 <= truth <= high + 1e-6
        assert high - low <= 0.05 * 250 + 1e-6


def test_the_smallest_budget_with_a_plan_is_told():
    """A floor for a county of the dearest people: at least 25 of them at 4 each."""
    floor = {"id": "floor", "type": "bound", "sentence": "Twenty-five people at least in C3", "min": 25,
             "of": {"sum": "covered", "county": "C3"}}
    case = knapsack(COSTS, PEOPLE, 200, rules=[floor])
    found = opt.budget_curve(case, "budget.central", 20.0, 300.0, exact=True)
    assert found.least == pytest.approx(100, rel=1e-6)
    assert "smallest budget with a plan is 100" in found.sentences[0]
    assert found.at(220)[0] == pytest.approx(25 + greedy(COSTS[:3], PEOPLE[:3], 120))
    with pytest.raises(SolveError, match="No budget"):
        opt.budget_curve(case, "budget.central", 20.0, 90.0)


@pytest.mark.parametrize("seed", few(1, range(2)))
def test_the_band_of_whole_plans_holds_the_truth_at_every_budget(seed):
    case, costs, people = choosing(seed)
    found = opt.budget_curve(case, "budget.central", 20.0, 150.0, integers=True, points=5)
    rows = found.table[found.table["tier"] == "solved"]
    for row in rows.itertuples():
        assert row.value == pytest.approx(most_people(costs, people, row.budget))
    for budget in np.linspace(20, 150, 53):
        low, high = found.at(budget)
        assert low - 1e-6 <= most_people(costs, people, budget) <= high + 1e-6
    assert (np.diff(rows["low"]) >= 0).all()
    relaxed = found.table[found.table["tier"] == "relaxation"]
    assert relaxed["low"].isna().all()
    assert all(found.plans[budget].audit.passed for budget in found.plans)


@pytest.mark.parametrize("seed", few(1, [0, 5, 2, 14]))
def test_the_curve_of_a_random_world_is_its_linear_program_at_any_budget(seed):
    case = world(seed, few=True, soft=0.0).instance()
    found = opt.budget_curve(case, "budget.central", "70%", "140%", exact=True, points=3)
    factors = found.table["factor"]
    for factor in np.linspace(factors.min(), factors.max(), 3):
        value = opt.Session(case).relax({"budget.central": f"x{factor:.12g}"}).value
        low, high = found.at(factor * found.total)
        exact = found.table["tier"].iloc[0] == "exact"
        slack = 1e-5 * max(1.0, abs(value))
        assert high == pytest.approx(value, abs=slack)
        assert not exact or low == pytest.approx(value, abs=slack)


@pytest.mark.parametrize("tight", [False, True])
def test_bands_around_whole_steps_of_the_factor_method_bend_the_curve_no_further_than_it_says(tight):
    """The factor method pays whole units, so the bands' bounds jump; between them the curve still holds the linear program."""
    people = np.array([31.0, 47, 59, 83, 97])
    counties = pd.DataFrame({"county": list("ABCDE"), "population": people})
    needs = pd.DataFrame({"county": list("ABCDE"), "need": "water", "people": 1000.0, "unit_cost": [1.0, 1.5, 2.0, 3.0, 5.0]})
    band = {"id": "near", "type": "band", "to": "factor", "each": "county", "low": 0.7, "high": 1.3,
            "sentence": "Near the factors", "of": {"sum": "money", "stream": "central"}}
    settings = {
        "format": 1, "money": {"step": 1}, "periods": [2026], "needs": {"water": {"kind": "lasting", "category": "infra"}},
        "categories": {"infra": {}}, "streams": {"central": {"budget": 1000}}, "rules": [band],
        "factor": {"streams": ["central"], "factors": [{"column": "population", "weight": 1, "direction": "high"}]},
    }
    case = opt.Instance.from_frames(settings=settings, counties=counties, needs=needs)
    found = opt.budget_curve(case, "budget.central", 600.0, 1400.0, exact=tight, points=3)
    assert set(found.table["tier"]) == {"exact"} and (found.table["high"] > found.table["low"]).all()
    for budget in np.linspace(600, 1400, 41):
        value = opt.Session(case).relax({"budget.central": float(budget)}).value
        low, high = found.at(budget)
        assert low - 1e-6 <= value <= high + 1e-6
        assert high - low <= 0.05 * value
    projects = pd.DataFrame({"project": ["P"], "county": ["E"], "category": "infra", "cost": [90.0]})
    effects = pd.DataFrame({"project": ["P"], "need": "water", "people": [60.0]})
    parted = opt.Instance.from_frames(settings=settings, counties=counties, needs=needs, projects=projects, effects=effects)
    relaxed = opt.budget_curve(parted, "budget.central", 600.0, 1400.0, points=9).table
    assert set(relaxed["tier"]) == {"relaxation"}
    for row in relaxed.itertuples():
        assert row.value >= opt.Session(parted).relax({"budget.central": float(row.budget)}).value - 1e-6
    narrow = case.with_({"rule.near.low": 1, "rule.near.high": 1})
    with pytest.raises(InstanceError, match=r"change their form between these budgets \(near\)"):
        opt.budget_curve(narrow, "budget.central", 600.0, 1400.0)


@pytest.mark.parametrize("seed", [4, 9])
def test_a_world_without_a_plan_at_any_budget_has_no_curve(seed):
    case = world(seed, few=True, soft=0.0).instance()
    with pytest.raises(SolveError, match="No budget"):
        opt.budget_curve(case, "budget.central", "70%", "140%")
    for factor in ("x0.7", "x1.4"):
        with pytest.raises((SolveError, InstanceError)):
            opt.Session(case).relax({"budget.central": factor})


def test_nested_budgets_cost_what_the_smaller_plan_has_locked_in():
    """For 100 one project of 100 in A covers 100; for 150 one of 150 in B covers 300, and A would have to give up its own."""
    case = opt.Instance.from_frames(
        counties=pd.DataFrame({"county": ["A", "B"], "population": 1000.0}),
        needs=pd.DataFrame({"county": ["A", "B"], "need": "water", "people": 500.0}),
        projects=pd.DataFrame({"project": ["X", "Y"], "county": ["A", "B"], "category": "infra", "cost": [100.0, 150.0]}),
        effects=pd.DataFrame({"project": ["X", "Y"], "need": "water", "people": [100.0, 300.0]}),
        settings={"format": 1, "periods": [2026], "needs": {"water": {"kind": "lasting", "category": "infra"}},
                  "categories": {"infra": {}}, "streams": {"central": {"budget": 100}}},
    )
    found = opt.budget_curve(case, "budget.central", 100.0, 250.0, integers=True, points=4, nested=True)
    rows = found.table[found.table["tier"] == "solved"]
    assert list(rows["budget"]) == pytest.approx([100, 150, 200, 250])
    assert list(rows["value"]) == [100, 300, 300, 400]
    assert list(rows["nested_value"]) == [100, 100, 100, 400]
    assert list(rows["nested_cost"]) == [0, 200, 200, 0]
    down = opt.budget_curve(case, "budget.central", 100.0, 250.0, integers=True, points=4, nested=150.0)
    assert list(down.table[down.table["tier"] == "solved"]["nested_value"]) == [0, 300, 300, 400]
    assert "costs at most 200" in " ".join(found.sentences)


def test_nobody_loses_money_along_nested_budgets_of_the_program_without_whole_numbers():
    from optimizer.sensitivity.curves.budget_line import Budgets, line_of
    from optimizer.sensitivity.curves.nested import Kept
    from optimizer.sensitivity.curves.smooth import Smooth
    from optimizer.sensitivity.gains import Measured

    share = {"id": "even", "type": "share", "sentence": "C3 has a quarter at least", "min": 0.25,
             "part": {"sum": "money", "county": "C3"}, "whole": {"sum": "money"}}
    case = knapsack(COSTS, PEOPLE, 200, rules=[share])
    states = Budgets.of(case, ("budget.central",))
    line = line_of({f: states.at(f).program for f in (0.5, 1.0, 1.5)})
    assert line is not None
    smooth, measured = Smooth.of(case, states.base, line, (0.5, 1.5), {}), Measured(states.algebra, case.data)
    last, before = Kept.free(measured), None
    for factor in (0.5, 0.75, 1.0, 1.5):
        value, x = smooth.beside(factor, last)
        free, _ = smooth.beside(factor, Kept.free(measured))
        assert value <= free + 1e-6
        money = measured.at(x).money
        assert before is None or (money >= before - 1e-5).all()
        assert money.sum() == pytest.approx(factor * 200)
        last, before = last.beside(money, grows=True), money


def test_rules_that_read_the_budget_take_away_the_right_to_reuse_plans():
    band = {"id": "band", "type": "band", "to": "last", "each": "county", "low": 0.5, "high": 1.5, "scaled": 1,
            "sentence": "Near last year's money", "of": {"sum": "money", "stream": "central"}}
    case = knapsack(COSTS, PEOPLE, 100, rules=[band])
    tables = {name: frame for name, frame in case.tables.items() if len(frame)}
    base = pd.DataFrame({"county": [f"C{n}" for n in range(4)], "stream": "central", "money": 25.0})
    case = opt.Instance.from_frames(settings=dict(case.raw_settings), **{**tables, "baseline": base})
    found = opt.budget_curve(case, "budget.central", "80%", "120%", integers=True, points=2)
    assert found.band is not None
    assert not found.band.growing
    assert np.isnan(found.at(90)[0])
    loose = opt.budget_curve(knapsack(COSTS, PEOPLE, 100), "budget.central", "80%", "120%", integers=True, points=2)
    assert loose.band is not None
    assert loose.band.growing
    assert loose.at(90)[0] == pytest.approx(loose.at(80)[0])


def test_soft_rules_that_must_be_broken_end_the_curve_but_not_the_plans():
    """A soft floor of 100 for the dearest county: below a budget of 100 it must be broken."""
    floor = {"id": "floor", "type": "bound", "sentence": "C3 has 100 at least", "hard": 0, "price": 1, "min": 100,
             "of": {"sum": "money", "county": "C3"}}
    case = knapsack(COSTS, PEOPLE, 200, rules=[floor])
    found = opt.budget_curve(case, "budget.central", 50.0, 250.0, exact=True)
    assert found.least == pytest.approx(100, rel=1e-6)
    assert "Only from 100.0 to 250.0 can all soft rules hold" in found.sentences[0]
    assert found.at(220)[0] == pytest.approx(25 + greedy(COSTS[:3], PEOPLE[:3], 120))
    whole = opt.budget_curve(case, "budget.central", 50.0, 250.0, integers=True, points=2)
    assert whole.band is not None
    assert not whole.band.sound
    assert whole.at(50)[0] == pytest.approx(12.5, abs=1)  # all of it goes to C3, as the points ask
    assert not whole.band.growing
    with pytest.raises(InstanceError, match="must break soft rules at every budget"):
        opt.budget_curve(case, "budget.central", 20.0, 80.0)


def test_a_weighted_method_keeps_its_ranges_along_the_curve():
    method = levels({"criterion": "coverage", "weight": 2}, {"criterion": "coverage_share", "weight": 1}, kind="weighted")
    found = opt.budget_curve(small(method), "budget.central", "50%", "120%", integers=True, points=2)
    rows = found.table[found.table["tier"] == "solved"]
    sizes = {budget: plan.claims.ranges for budget, plan in found.plans.items()}
    assert len({tuple(sorted(size.items())) for size in sizes.values()}) == 1
    assert (np.diff(rows["value"]) >= 0).all()
    for budget, value in zip(rows["budget"], rows["value"], strict=True):
        assert value <= found.smooth.between(budget / found.total)[1] + 1e-6


@pytest.mark.parametrize(("changes", "words"), [
    ({"low": "120%", "high": "80%"}, "cannot be followed"), ({"low": "plenty"}, "no budget"),
    ({"points": 1}, "cannot be followed"),
    ({"budgets": "budget.nothing"}, "nothing"), ({"nested": "10%"}, "outside the range"),
])
def test_what_cannot_be_asked_is_said(changes, words):
    with pytest.raises(InstanceError, match=words):
        opt.budget_curve(**{"instance": knapsack(COSTS, PEOPLE, 100), "budgets": "budget.central"} | changes)


def test_an_index_held_through_cuts_is_refused_but_whole_plans_are_solved():
    case = small(levels({"criterion": "even"}, kind="single"), criteria={"even": {"equity": "gini", "outcome": "covered_share"}})
    with pytest.raises(InstanceError, match="found one by one"):
        opt.budget_curve(case, "budget.central")
    found = opt.budget_curve(case, "budget.central", integers=True, points=2)
    assert set(found.table["tier"]) == {"solved"}
    assert any("Without a bound between the points" in sentence for sentence in found.sentences)


def test_the_command_writes_tables_and_a_picture(tmp_path):
    knapsack(COSTS, PEOPLE, 100).to_folder(tmp_path / "case")
    ran = CliRunner().invoke(app, ["curve", str(tmp_path / "case"), "--budget", "central", "--from", "50%", "--to", "300%",
                                   "--exact", "--integers", "--points", "2", "--nested", "--out", str(tmp_path / "out")])
    assert ran.exit_code == 0, ran.output
    table = pd.read_csv(tmp_path / "out" / "curve.csv")
    assert {"budget", "value", "low", "high", "price_per_million", "tier", "gap", "nested_cost"} <= set(table)
    assert set(table["tier"]) == {"exact", "solved"}
    assert set(table["criterion"]) == {"coverage"}
    assert set(table["unit"]) == {"person-periods"}
    assert set(pd.read_csv(tmp_path / "out" / "next.csv")["by"]) == {"need", "county", "province"}
    assert (tmp_path / "out" / "curve.svg").read_text(encoding="utf-8").startswith("<?xml")
    assert "Returns fall off most around" in ran.output


def least_cost(people: np.ndarray, costs: np.ndarray) -> float:
    """Money of the best choice of projects for a budget of 100."""
    picks = np.array(list(itertools.product([0.0, 1.0], repeat=len(costs))))
    allowed = picks[picks @ costs <= 100 + 1e-9]
    return float(allowed[(allowed @ people).argmax()] @ costs)


@pytest.mark.parametrize("seed", few(1, [1, 2]))
def test_with_projects_held_more_money_brings_nothing_and_less_than_they_cost_leaves_no_plan(seed):
    instance, costs, people = choosing(seed)
    found = opt.budget_curve(instance, "budget.central", 50.0, 150.0, points=3, selection=True)
    held = found.table[found.table["tier"] == "selection"]
    best = most_people(costs, people, 100)
    assert list(held["value"]) == pytest.approx([best] * len(held))
    assert held["budget"].min() == pytest.approx(least_cost(people, costs), rel=1e-6)
    assert held["budget"].max() == pytest.approx(150)
    assert f"need at least {held['budget'].min():,.1f}" in " ".join(found.sentences)
    low, high = found.at(120)
    assert low == pytest.approx(best)
    assert best <= most_people(costs, people, 120) <= high + 1e-9


@pytest.mark.parametrize("seed", few(1, [0, 2, 5]))
def test_the_curve_of_a_selection_is_the_program_with_that_selection_from_scratch(seed):
    """At each budget of the curve: the program stated anew for it, pairs and projects held, by another route."""
    instance = world(seed, few=True, soft=0.0).instance()
    plan = opt.solve(instance)
    found = opt.budget_curve(instance, "budget.central", "95%", "120%", points=3, selection=plan)
    held = found.table[found.table["tier"] == "selection"]
    assert {"relaxation", "selection"} == set(found.table["tier"])
    assert len(held) >= 3
    for row in held.itertuples():
        built = compile_numbers(build(instance.with_({"budget.central": f"x{row.factor!r}"}).data, pyomo=False))
        low, high = chosen(plan, built.program)
        name = instance.settings.method.levels[0].criterion
        session = Engine(built.program.with_bounds(col_lower=low, col_upper=high), name)
        assert session.solve("mip").objective == pytest.approx(row.value, rel=1e-6)
    relaxed = found.table[found.table["tier"] == "relaxation"].set_index("factor")["value"]
    both = held.set_index("factor")["value"].to_frame("held").join(relaxed.rename("free"), how="inner")
    sign = 1 if found.sense == "max" else -1
    assert len(both) >= 2
    assert (sign * (both["free"] - both["held"]) >= -1e-6 * both["free"].abs()).all()


def test_where_nothing_is_whole_there_is_no_selection_to_hold():
    with pytest.raises(InstanceError, match="no pairs and projects"):
        opt.budget_curve(knapsack(COSTS, PEOPLE, 200), "budget.central", selection=True)
