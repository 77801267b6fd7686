"""Published sensitivity tables, figure by figure, of problems stated as instances.

Sources: Hillier & Lieberman, Introduction to Operations Research (Wyndor Glass; Mary's radiation therapy); Taha, Operations
Research: An Introduction (Reddy Mikks; Ozark Farms; degenerate example 3.5-1; alternative optima 3.5-2); Winston, Operations
Research (Giapetto; Dakota Furniture with a limit on tables); Frontline Systems' product mix, delivered with Excel's Solver.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pytest
from stated import stated

import optimizer as opt

INF = math.inf
WYNDOR: dict[str, Any] = {
    "instance": stated({"doors": 3, "windows": 5},
                       {"plant1": ({"doors": 1}, 4), "plant2": ({"windows": 2}, 12), "plant3": ({"doors": 3, "windows": 2}, 18)}),
    "value": 36, "amounts": {"doors": 2, "windows": 6},
    "coefficients": {"doors": (0, 4.5, 3), "windows": (0, INF, 3)},  # reduced cost, allowable increase and decrease
    "limits": {"plant1": (0, INF, 2), "plant2": (1.5, 6, 6), "plant3": (1, 6, 6)},  # shadow price, increase, decrease
}
REDDY_MIKKS: dict[str, Any] = {
    "instance": stated({"exterior": 5, "interior": 4},
                       {"m1": ({"exterior": 6, "interior": 4}, 24), "m2": ({"exterior": 1, "interior": 2}, 6),
                        "excess": ({"exterior": -1, "interior": 1}, 1), "demand": ({"interior": 1}, 2)}),
    "value": 21, "amounts": {"exterior": 3, "interior": 1.5},
    "coefficients": {"exterior": (0, 1, 3), "interior": (0, 6, 4 - 10 / 3)},
    "limits": {"m1": (0.75, 12, 4), "m2": (0.5, 2 / 3, 2), "excess": (0, INF, 2.5), "demand": (0, INF, 0.5)},
}
GIAPETTO: dict[str, Any] = {
    "instance": stated({"soldiers": 3, "trains": 2},
                       {"finishing": ({"soldiers": 2, "trains": 1}, 100), "carpentry": ({"soldiers": 1, "trains": 1}, 80),
                        "demand": ({"soldiers": 1}, 40)}),
    "value": 180, "amounts": {"soldiers": 20, "trains": 60},
    "coefficients": {"soldiers": (0, 1, 1), "trains": (0, 1, 0.5)},
    "limits": {"finishing": (1, 20, 20), "carpentry": (1, 20, 20), "demand": (0, INF, 20)},
}
DAKOTA: dict[str, Any] = {
    "instance": stated({"desks": 60, "tables": 30, "chairs": 20},
                       {"lumber": ({"desks": 8, "tables": 6, "chairs": 1}, 48),
                        "finishing": ({"desks": 4, "tables": 2, "chairs": 1.5}, 20),
                        "carpentry": ({"desks": 2, "tables": 1.5, "chairs": 0.5}, 8), "demand": ({"tables": 1}, 5)}),
    "value": 280, "amounts": {"desks": 2, "tables": 0, "chairs": 8},
    "coefficients": {"desks": (0, 20, 4), "tables": (-5, 5, INF), "chairs": (0, 2.5, 5)},
    "limits": {"lumber": (0, INF, 24), "finishing": (10, 4, 4), "carpentry": (10, 2, 4 / 3), "demand": (0, INF, 5)},
}
PRODUCT_MIX: dict[str, Any] = {
    "instance": stated({"tv": 75, "stereo": 50, "speakers": 35},
                       {"chassis": ({"tv": 1, "stereo": 1}, 450), "tube": ({"tv": 1}, 250),
                        "cone": ({"tv": 2, "stereo": 2, "speakers": 1}, 800), "supply": ({"tv": 1, "stereo": 1}, 450),
                        "electronics": ({"tv": 2, "stereo": 1, "speakers": 1}, 600)}),
    "value": 25_000, "amounts": {"tv": 200, "stereo": 200, "speakers": 0},
    "coefficients": {"tv": (0, 25, 5), "stereo": (0, 25, 12.5), "speakers": (-2.5, 2.5, INF)},
    "limits": {"chassis": (0, INF, 50), "tube": (0, INF, 50), "cone": (12.5, 100, 100), "supply": (0, INF, 50),
               "electronics": (25, 50, 200)},
}
PUBLISHED = {"wyndor": WYNDOR, "reddy_mikks": REDDY_MIKKS, "giapetto": GIAPETTO, "dakota": DAKOTA, "product_mix": PRODUCT_MIX}


def limits(found: opt.Sensitivity, kind: str = "resource") -> Mapping[str, Any]:
    """Rows of limits of a kind by the name that stands first in their index."""
    part = found.of(kind)
    names = [index.split(";")[0].removeprefix("resource=") for index in part["index"]]
    return dict(zip(names, part.itertuples(), strict=True))


@pytest.fixture(scope="module", params=list(PUBLISHED))
def case(request):
    published = PUBLISHED[request.param]
    return published, opt.sensitivity(published["instance"])


def test_optimum_and_tier(case):
    published, found = case
    assert found.tier == "exact"
    assert found.value == pytest.approx(published["value"])
    answer = found.reports.answer.set_index("name")["final value"]
    assert {name: answer[f"amount[{name},2026]"] for name in published["amounts"]} == pytest.approx(published["amounts"])


def test_shadow_prices_and_their_ranges(case):
    published, found = case
    rows = limits(found)
    for name, (price, rise, fall) in published["limits"].items():
        row = rows[name]
        assert (row.price_up, row.price_down) == pytest.approx((price, price))
        assert (row.high - row.value, row.value - row.low) == pytest.approx((rise, fall))


def test_reduced_costs_and_ranges_of_coefficients(case):
    published, found = case
    rows = found.of("criterion").set_index("index")
    for name, (reduced, rise, fall) in published["coefficients"].items():
        row = rows.loc[f"amount[{name},2026]"]
        assert row["reduced"] == pytest.approx(reduced)
        assert (row["high"] - row["value"], row["value"] - row["low"]) == pytest.approx((rise, fall))


def test_solvers_sensitivity_report_says_the_same(case):
    published, found = case
    variables = found.reports.variables.set_index("name")
    for name, figures in published["coefficients"].items():
        row = variables.loc[f"amount[{name},2026]"]
        assert tuple(row[["reduced cost", "allowable increase", "allowable decrease"]]) == pytest.approx(figures)
    constraints = found.reports.constraints.set_index("name")
    for name, figures in published["limits"].items():
        row = constraints.loc[f"resource_capacity_all[{name},all,all,horizon]"]
        assert tuple(row[["shadow price", "allowable increase", "allowable decrease"]]) == pytest.approx(figures)


def test_solvers_answer_report_says_what_binds(case):
    published, found = case
    answer = found.reports.answer.set_index("name")
    assert answer.loc["profit (max)", "final value"] == pytest.approx(published["value"])
    for name, (price, _, fall) in published["limits"].items():
        row = answer.loc[f"resource_capacity_all[{name},all,all,horizon]"]
        assert (row["status"], row["slack"]) == (("binding", 0.0) if price else ("not binding", pytest.approx(fall)))


def test_solvers_limits_report_moves_one_decision_alone():
    rows = opt.sensitivity(WYNDOR["instance"]).reports.limits.set_index("name")
    assert tuple(rows.loc["amount[doors,2026]"]) == pytest.approx((2, 0, 30, 2, 36))
    assert tuple(rows.loc["amount[windows,2026]"]) == pytest.approx((6, 0, 6, 6, 36))


def test_most_of_a_project_is_a_limit_like_any_other():
    """Giapetto with the demand for soldiers as the project's own most, binding at 15."""
    found = opt.sensitivity(stated({"soldiers": 3, "trains": 2}, {
        "finishing": ({"soldiers": 2, "trains": 1}, 100), "carpentry": ({"soldiers": 1, "trains": 1}, 80)},
        most={"soldiers": 15}))
    row = limits(found, "project")["project=soldiers most"]
    assert (row.value, row.price_up, row.price_down, row.low, row.high) == pytest.approx((15, 1, 1, 0, 20))


def test_degenerate_limits_have_two_prices():
    """Taha 3.5-1: max 3x + 9y, x + 4y <= 8, x + 2y <= 4; the dual optima form a segment."""
    found = limits(opt.sensitivity(stated({"x": 3, "y": 9}, {"first": ({"x": 1, "y": 4}, 8), "second": ({"x": 1, "y": 2}, 4)})))
    assert (found["first"].price_up, found["first"].price_down) == pytest.approx((0, 1.5))
    assert (found["first"].low, found["first"].high) == pytest.approx((4, INF))
    assert (found["second"].price_up, found["second"].price_down) == pytest.approx((1.5, 4.5))
    assert (found["second"].low, found["second"].high) == pytest.approx((0, 8))


def test_alternative_optima_show_as_a_reduced_cost_of_nothing():
    """Taha 3.5-2: max 2x + 4y, x + 2y <= 5, x + y <= 4: every point between (0, 2.5) and (3, 1) is best."""
    found = opt.sensitivity(stated({"x": 2, "y": 4}, {"first": ({"x": 1, "y": 2}, 5), "second": ({"x": 1, "y": 1}, 4)}))
    assert found.value == pytest.approx(10)
    rows = found.of("criterion").set_index("index")
    assert rows["reduced"].tolist() == pytest.approx([0, 0])
    assert min(rows["high"] - rows["value"]) == pytest.approx(0)
    first = limits(found)["first"]
    assert (first.price_up, first.price_down, first.low, first.high) == pytest.approx((2, 2, 0, 8))


def test_ozark_farms():
    """Taha 2.2-2: least cost of at least 800 lb of feed; one lb more costs 0.547."""
    found = opt.sensitivity(stated({"corn": 0.3, "soybean": 0.9}, {}, sense="min", rules=[
        ("feed", {"corn": 1, "soybean": 1}, 800, None), ("protein", {"corn": 0.21, "soybean": -0.3}, None, 0),
        ("fibre", {"corn": 0.03, "soybean": -0.01}, 0, None)]))
    assert found.value == pytest.approx(437.647, abs=1e-3)
    row = found.of("rule").set_index("index").loc["feed"]
    assert (row["price_up"], row["price_down"]) == pytest.approx((0.54706, 0.54706), abs=1e-5)


def test_radiation_therapy():
    """Hillier & Lieberman 3.4: a maximum, an equality and a minimum; y* = (-0.5, 1.1, 0)."""
    found = opt.sensitivity(stated({"beam1": 0.4, "beam2": 0.5}, {}, sense="min", rules=[
        ("critical", {"beam1": 0.3, "beam2": 0.1}, None, 2.7), ("tumour", {"beam1": 0.5, "beam2": 0.5}, 6, 6),
        ("centre", {"beam1": 0.6, "beam2": 0.4}, 6, None)]))
    assert found.value == pytest.approx(5.25)
    rows = found.of("rule").set_index("index")
    for side in ("price_up", "price_down"):
        assert rows[side].to_dict() == pytest.approx({"critical": -0.5, "tumour": 1.1, "centre": 0})
    assert rows.loc["centre", "slack"] == pytest.approx(0.3)
