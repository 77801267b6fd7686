"""Whose plan a sense begins with, and that answers keep their places whatever ends first."""

from __future__ import annotations

import importlib
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pandas as pd
import pytest

import optimizer as opt
from optimizer.fairness.asking import Answer, Known, Question, answers_of
from optimizer.fairness.clock import Part
from optimizer.fairness.question import Sense

asking = importlib.import_module("optimizer.fairness.asking")
SENSES = [Sense(name, {"equity": name, "outcome": "covered_share", "over": "counties"}) for name in ("maximin", "gini", "mad")]


def plan_of(*money: int) -> opt.Plan:
    """Two counties of 100 people in need, a person for 1: covered as many as there is money, and no choice."""
    return opt.solve(opt.Instance.from_frames(
        counties=pd.DataFrame({"county": ["A", "B"]}),
        needs=pd.DataFrame({"county": ["A", "B"], "need": ["water", "water"], "people": [100, 100], "unit_cost": [1.0, 1.0]}),
        settings={"format": 1, "periods": [2026], "money": {"unit": "million_yuan", "step": 1},
                  "needs": {"water": {"kind": "yearly", "category": "infra"}}, "categories": {"infra": {}},
                  "streams": {"a": {"budget": money[0], "counties": "county=A"},
                              "b": {"budget": money[1], "counties": "county=B"}}}))


@pytest.fixture(scope="module")
def plans() -> dict[str, opt.Plan]:
    return {"uneven": plan_of(90, 10), "even": plan_of(30, 30), "between": plan_of(50, 40)}


def test_the_fairest_plan_is_the_one_that_is_best_in_the_sense(plans: dict[str, opt.Plan]) -> None:
    known = Known()
    for plan in plans.values():
        known.add(plan, plan.choices)
    begun = {id(start): name for (_, start), name in zip(known.plans, plans, strict=True)}
    best = {sense.name: begun[id(known.fairest(sense))] for sense in SENSES}
    assert best == {"maximin": "between", "gini": "even", "mad": "even"}
    nothing = Sense("odd", {"equity": "maximin", "outcome": "covered_share", "over": "moon"})
    assert begun[id(known.fairest(nothing))] == "uneven"  # the first, where a sense has no value


@pytest.mark.parametrize("workers", [None, 1, 2])
def test_a_sense_begins_with_the_fairest_plan_known_by_then(
    plans: dict[str, opt.Plan], workers: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: dict[str, Any] = {}
    before = {name: plan.choices for name, plan in plans.items()}
    made = dict(zip(("maximin", "gini", "mad"), (plans["between"], plans["even"], "no plan"), strict=True))

    def answer(question: Question, start: Any, *_: Any) -> Any:
        begun[question.sense.name] = start
        plan = made[question.sense.name]
        return Answer(plan, None if isinstance(plan, str) else next(before[n] for n in plans if plans[n] is plan))

    monkeypatch.setattr(asking, "answer_of", answer)
    questions = [Question(sense, plans["uneven"].instance, Part(0.0, 1.0, 0.0)) for sense in SENSES]
    executor = None if workers is None else ThreadPoolExecutor(workers)
    answers = answers_of(questions, plans["uneven"], executor, workers or 1)
    assert answers == [plans["between"], plans["even"], "no plan"]
    assert begun["maximin"].transfers.equals(before["uneven"].transfers)
    if workers != 2:
        assert begun["mad"] is before["even"]
