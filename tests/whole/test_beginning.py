"""A plan as a point of another question's program: its money, pairs and projects, feasible and worth what the plan is."""

from __future__ import annotations

import copy

import pandas as pd
import pytest
from tiny_worlds import world

import optimizer as opt
from optimizer.beginning import point_of
from optimizer.engine.outcome import SolveError
from optimizer.instance.findings import InstanceError
from optimizer.model.answer import decisions_of
from optimizer.model.build import build
from optimizer.model.compile import compile_numbers
from optimizer.plan.choices import COLUMNS
from optimizer.solve import limits_of
from tests.extent import few

WITH_A_PLAN = (0, 1, 2, 3, 5, 6, 7, 8, 10, 14, 17, 18, 19, 20, 21, 23)  # seeds of worlds whose rules can all be kept
EVEN = {"equity": "gini", "outcome": "covered_share"}


def in_order(seed: int, form: str) -> opt.Instance:
    """Evenness before people, on a tiny world."""
    made = copy.deepcopy(world(seed, few=True))
    made.settings["criteria"] = {**made.settings.get("criteria", {}), "even": {**EVEN, "equity": form}}
    made.settings["method"] = {"type": "lexicographic", "levels": [{"criterion": "even"}, {"criterion": "coverage"}]}
    return made.instance()


@pytest.mark.parametrize("seed", few(4, WITH_A_PLAN))
def test_the_point_of_a_plan_is_feasible_and_decides_what_the_plan_decides(seed: int) -> None:
    plan = opt.solve(world(seed, few=True).instance())
    for form in ("gini", "mcloone", "theil"):
        try:
            question = in_order(seed, form)
            built = compile_numbers(build(question.data, pyomo=False))
        except InstanceError:
            continue
        x = point_of(plan.choices, question, built, limits_of(question))
        if x is None:  # a rule that no whole step can meet was widened for the plan: it is none of the program's points
            assert (plan.rules["status"] != "kept").any() or form != "gini"
            continue
        assert built.program.violation(x) <= 1e-6
        again, decided = decisions_of(built.program, x, question.data.step), plan.choices
        for table in COLUMNS:
            if table != "direct":  # a person short of a step may be reached in the model and not in the plan
                assert names_of(again[table], table) == names_of(getattr(decided, table), table), (form, table)


def names_of(choices: pd.DataFrame, table: str) -> set[tuple[str, ...]]:
    keys = [name for name in COLUMNS[table] if name not in ("money", "amount")]
    return {tuple(row) for row in choices[keys].astype(str).to_numpy()}


def test_a_plan_that_breaks_a_rule_of_the_question_is_no_point_of_it() -> None:
    for seed in range(40):
        try:
            plan = opt.solve(world(seed, few=True).instance())
        except (SolveError, InstanceError):
            continue
        starts = plan.choices.starts
        if not len(starts):
            continue
        decided = starts[["project"]].assign(kind="project", decision="forbid")
        try:
            question = plan.instance.with_decisions(decided)
            built = compile_numbers(build(question.data, pyomo=False))
        except InstanceError:
            continue
        assert point_of(plan.choices, question, built, limits_of(question)) is None
        return
    pytest.fail("no world was drawn whose plan has a project")


def test_a_search_that_begins_with_the_best_plan_ends_with_one_as_good() -> None:
    for seed in range(40):
        if len(world(seed, few=True).periods) > 1:
            continue
        try:
            question = in_order(seed, "gini")
            best = opt.solve(question)
        except (SolveError, InstanceError):
            continue
        session = opt.Session(question)
        session.solve()
        assert session.modelled is not None
        value = best.claims.levels[0].modelled_value
        built = compile_numbers(build(question.data, pyomo=False))
        x = point_of(session.modelled, question, built, limits_of(question))
        assert x is not None  # what keeps every row before whole steps is a point again, and worth as much
        assert built.program.objective("even", x) == pytest.approx(value, abs=1e-6)
        other = in_order(seed, "mcloone")  # of whose outcomes and sides the point has nothing
        median = compile_numbers(build(other.data, pyomo=False))
        assert (x := point_of(session.modelled, other, median, limits_of(other))) is not None
        assert median.program.violation(x) <= 1e-6
        again = opt.solve(question, start=session.modelled)
        assert again.claims.levels[0].modelled_value == pytest.approx(value, abs=1e-6)
        assert again.audit is not None
        assert again.audit.passed
        return
    pytest.fail("no world was drawn that has a plan")
