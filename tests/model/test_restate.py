"""Other budgets by arrays alone give, number for number, what stating the clauses again gives."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import optimizer as opt
from optimizer.instance.data import rebudgeted
from optimizer.model.patch import with_budgets
from optimizer.model.restate import restating

CENTRAL = {"sum": "money", "stream": "central"}
BANDS = {
    "county": {"id": "near", "type": "band", "sentence": "Near last year.", "of": CENTRAL, "to": "last", "each": "county",
               "low": 0.5, "high": 2, "scaled": 1},
    "unscaled": {"id": "near", "type": "band", "sentence": "Near last year.", "of": CENTRAL, "to": "last", "low": 0.2},
    "factor": {"id": "near", "type": "band", "sentence": "Near the factor method.", "of": CENTRAL, "to": "factor",
               "each": "province", "low": 0.5, "high": 2},
    "each factor": {"id": "near", "type": "band", "sentence": "Near the factor method.", "of": {"sum": "money"}, "to": "factor",
                    "each": "county", "low": 0.1, "periods": "total"},
    "increase": {"id": "near", "type": "share", "sentence": "Of more, a third to A.", "part": {**CENTRAL, "county": "A"},
                 "whole": CENTRAL, "min": 0.3, "increase_over": "last"},
}


def instance(band: str, seed: int) -> opt.Instance:
    """Seven counties in two provinces, two periods, a stream that carries and one with scopes and a least spend."""
    rng = np.random.default_rng(seed)
    counties = list("ABCDEFG")
    needs = pd.DataFrame({"county": counties, "need": "water", "people": rng.integers(50, 200, 7),
                          "unit_cost": rng.integers(1, 4, 7)})
    return opt.Instance.from_frames(
        counties=pd.DataFrame({"county": counties, "province": list("PPPQQQQ"), "population": rng.integers(500, 900, 7),
                               "income": rng.integers(4000, 9000, 7)}),
        needs=needs,
        budgets=pd.DataFrame({"stream": "local", "scope": ["province=P", "province=P", "province=Q"],
                              "period": [2026, 2027, 2026], "amount": [70, 40, 90], "least": [10, 0, 5]}),
        baseline=pd.DataFrame({"county": counties, "stream": "central", "money": rng.integers(5, 30, 7)}),
        settings={
            "format": 1, "periods": [2026, 2027], "money": {"unit": "million_yuan", "step": 1},
            "needs": {"water": {"kind": "yearly", "category": "infra"}}, "categories": {"infra": {}},
            "streams": {"central": {"budget": {2026: 300, 2027: 280}, "carry": 0.2, "least_spend": 0.3}, "local": {}},
            "factor": {"streams": ["central"], "factors": [
                {"column": "income", "weight": 0.6, "direction": "low", "scale": "population"},
                {"column": "population", "weight": 0.4, "direction": "high"}]},
            "rules": [BANDS[band]],
        },
    )


@pytest.mark.parametrize("band", list(BANDS))
@pytest.mark.parametrize("seed", [1, 2])
def test_arrays_and_clauses_agree(band, seed):
    given = instance(band, seed)
    session = opt.Session(given)
    quick = restating(session._algebra, session.compiled, given.data)
    assert quick is not None
    moved = 0
    for changes in ({"budget.central": "+10%"}, {"budget.central.2027": 311.7}, {"budget.local": "x1.5"},
                    {"budget.central": "x1.37", "budget.local[scope=province=P]": 33}):
        data = rebudgeted(given.data, given.with_(changes))
        now, again = quick.of(data), with_budgets(session._algebra, session.compiled, data)
        assert now is not None and again is not None
        for name in ("row_lower", "row_upper", "col_lower", "col_upper"):
            np.testing.assert_allclose(getattr(now.program, name), getattr(again.program, name), rtol=1e-12, atol=1e-12)
            moved += int((getattr(now.program, name) != getattr(session.compiled.program, name)).sum())
        assert now.program.matrix is session.compiled.program.matrix
        assert abs(now.program.by_column - now.program.matrix).sum() == 0
    assert moved > 4


def test_an_increase_that_vanishes_is_more_than_numbers():
    given = instance("increase", 1)
    session = opt.Session(given)
    quick = restating(session._algebra, session.compiled, given.data)
    assert quick is not None
    assert quick.of(rebudgeted(given.data, given.with_({"budget.central": 1}))) is None
    fresh = opt.Session(given.with_({"budget.central": 1})).relax()
    assert session.relax({"budget.central": 1}).value == pytest.approx(fresh.value)


@pytest.mark.parametrize("rule", [
    {"id": "near", "type": "band", "sentence": "s", "of": CENTRAL, "to": "last", "low": 0.5, "hard": 0, "price": 1},
    {"id": "least", "type": "bound", "sentence": "s", "of": CENTRAL, "each": "county", "min": 20, "or_zero": 1},
    {"id": "grow", "type": "share", "sentence": "s", "part": {**CENTRAL, "county": "A"}, "whole": CENTRAL, "min": 0.1,
     "increase_over": "factor"},
])
def test_what_is_more_than_limits_is_stated_again(rule):
    given = instance("county", 1)
    given = opt.Instance.from_frames(**{name: table for name, table in given.tables.items() if len(table)},
                                     settings={**given.raw_settings, "rules": [rule]})
    session = opt.Session(given)
    assert restating(session._algebra, session.compiled, given.data) is None
    changed = {"budget.central": "+5%"}
    assert session.relax(changed).value == pytest.approx(opt.Session(given.with_(changed)).relax().value, rel=1e-7)
