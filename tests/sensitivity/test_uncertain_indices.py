"""Sobol' and Morris indices where the response is linear, so that they are known."""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import pytest

import optimizer as opt
from optimizer.sensitivity.uncertainty.indices import MissingSalibError, influence, problem_of, salib_functions
from optimizer.sensitivity.uncertainty.specification import specified

pytest.importorskip("SALib", reason="SALib is not installed")


def world() -> opt.Instance:
    """Two projects that money pays both of; what they cover adds up to far less than the need."""
    return opt.Instance.from_frames(
        counties=pd.DataFrame({"county": ["A"], "population": [5_000_000]}),
        needs=pd.DataFrame({"county": ["A"], "need": ["water"], "people": [1e6], "unit_cost": [np.nan]}),
        projects=pd.DataFrame({"project": ["P", "Q"], "county": "A", "category": "infra", "cost": 10.0}),
        effects=pd.DataFrame({"project": ["P", "Q"], "need": "water", "people": 10_000.0}),
        settings={"format": 1, "periods": [2026], "money": {"unit": "million_yuan", "step": 1},
                  "needs": {"water": {"kind": "lasting", "category": "infra"}}, "categories": {"infra": {}},
                  "streams": {"central": {"budget": 20.0}}},
    )


SPEC = {"effects.people[project=P]": "uniform(10000, 20000)", "effects.people[project=Q]": "uniform(10000, 30000)",
        "needs.people": "uniform(x0.9, x1.1)"}


def linear(kind: str, points: int, spec: dict[str, str]) -> pd.DataFrame:
    """The indices of the sum of all draws but those of the need, by formula in place of a plan."""
    specification = specified(world(), spec)
    sample, analyse = salib_functions(kind)
    cube = sample(problem_of(specification), points, 1)
    draws = [specification.drawn(point) for point in cube]
    values = np.array([sum(value.sum() for key, value in one.items() if key != "needs.people") for one in draws])
    return analyse(problem_of(specification), cube, values, 1).set_index("key")


def test_sobol_indices_of_a_sum_are_the_shares_of_the_variances():
    """Widths 1 and 2: variances 1 : 4, so that the indices are 0.2, 0.8 and 0, first and total alike."""
    table = linear("sobol", 512, SPEC)
    want = {"effects.people[project=P]": 0.2, "effects.people[project=Q]": 0.8, "needs.people": 0.0}
    assert table["total"].to_dict() == pytest.approx(want, abs=0.02)
    assert table["first"].to_dict() == pytest.approx(want, abs=0.02)
    assert table.index[0] == "effects.people[project=Q]"


def test_elementary_effects_of_a_sum_are_the_ranges():
    """A line has the same slope everywhere."""
    table = linear("morris", 6, SPEC)
    want = {"effects.people[project=P]": 10_000, "effects.people[project=Q]": 20_000, "needs.people": 0}
    assert table["mu_star"].to_dict() == pytest.approx(want)
    assert table["sigma"].max() < 1e-6


def test_rows_that_draw_for_themselves_count_as_one_figure():
    spec = {"effects.people": "uniform(10000, 20000) by row", "needs.people": "uniform(x0.9, x1.1)"}
    assert linear("sobol", 256, spec)["total"].to_dict() == pytest.approx({"effects.people": 1.0, "needs.people": 0.0}, abs=0.02)
    table = linear("morris", 4, spec)
    assert table.loc["effects.people", "mu_star"] > table.loc["needs.people", "mu_star"] == 0


def test_a_kept_plan_answers_as_the_formula_does():
    """0.98 of each range, since the grid lies between the 1st and the 99th percentile."""
    found = influence(world(), SPEC, "morris", points=2, seed=1)
    assert found.table.set_index("key")["mu_star"].to_dict() == pytest.approx(
        {"effects.people[project=P]": 9800, "effects.people[project=Q]": 19600, "needs.people": 0}, abs=2)
    assert found.runs == 2 * 4


def test_without_salib_one_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "SALib.analyze.morris", None)
    with pytest.raises(MissingSalibError, match="uncertainty"):
        influence(world(), SPEC)


def test_a_draw_without_a_value_is_no_index():
    with pytest.raises(opt.InstanceError, match="draws have no value"):
        influence(world(), SPEC, "morris", points=2, criterion="nothing")
