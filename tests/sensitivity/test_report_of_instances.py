"""The report against the same instances stated anew with one number changed, with the plan's selection held.

Worlds are tiny and random; what they are compared with is a program built from the changed instance from scratch.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tiny_worlds import world

import optimizer as opt
from optimizer.engine.outcome import SolveError
from optimizer.engine.program import Program
from optimizer.engine.session import Session
from optimizer.instance.data import Data
from optimizer.model.build import build
from optimizer.model.compile import compile_numbers
from optimizer.sensitivity.prices.question import Question, question

SEEDS = range(8)
STEP = 1e-3


@cache
def priced(seed: int) -> tuple[opt.Plan, Question, opt.Sensitivity] | None:
    """A plan without soft rules, its question and its report; None where there is no plan or no linear criterion."""
    instance = world(seed, few=True, soft=0.0).instance()
    try:
        plan = opt.solve(instance)
        built = compile_numbers(build(plan.data, pyomo=False))
        if built.cutting:
            return None
        return plan, question(plan, built), opt.sensitivity(plan, again=[])
    except (SolveError, opt.InstanceError):
        return None


def known() -> list[int]:
    return [seed for seed in SEEDS if priced(seed) is not None]


def optimum(program: Program, asked: Question) -> float | None:
    """The value of a program with whole decisions held as in the question; None where there is no plan."""
    whole = program.integer
    low, high = program.col_lower.copy(), program.col_upper.copy()
    low[whole], high[whole] = asked.program.col_lower[whole], asked.program.col_upper[whole]
    held = program.with_bounds(col_lower=low, col_upper=high, integer=np.zeros(program.n_columns, bool))
    result = Session(held, asked.criterion).solve("lp")
    return result.objective if result.x is not None else None


def program_of(data: Data) -> Program:
    return compile_numbers(build(data, pyomo=False)).program


def agrees(row: Any, base: float, at: Any) -> None:
    """A row of the report with the value at other settings of its number: ``at(by)``."""
    for way, price, length in ((1.0, row.price_up, row.high - row.value), (-1.0, row.price_down, row.value - row.low)):
        by = way * min(STEP, length) if length > 0 else way * STEP
        found = at(by)
        if np.isinf(price):
            assert found is None
            continue
        assert found is not None
        assert (found - base) / by == pytest.approx(price, abs=2e-3, rel=1e-3)


def test_enough_of_the_worlds_have_a_plan():
    assert len(known()) >= 4
    assert "selection" in {priced(seed)[2].tier for seed in known()}


@pytest.mark.thorough
def test_budgets_with_all_that_follows_them():
    """Carried money, scaled bands and increases move with a budget; a program from scratch says by how much."""
    seen = 0
    for seed in known():
        plan, asked, found = priced(seed)
        if build(plan.data, pyomo=False).reads_budgets:
            continue
        base = optimum(program_of(plan.data), asked)
        assert base == pytest.approx(found.value, abs=1e-5)
        for row in found.of("budget").head(4).itertuples():
            keys = dict(part.split("=", 1) for part in row[3].split(";"))

            def at(by: float, keys=keys, plan=plan, asked=asked, row=row) -> float | None:
                budgets = plan.data.budgets.copy()
                here = np.logical_and.reduce([budgets[name].astype(str) == value for name, value in keys.items()])
                least = bool((budgets.loc[here, "least"] == row.value).all()) and row.price_up <= 0
                budgets.loc[here, "least" if least else "amount"] += by
                return optimum(program_of(replace(plan.data, budgets=budgets)), asked)

            agrees(row, base, at)
            seen += 1
    assert seen >= 8


def test_rules_as_a_whole():
    seen = 0
    for seed in known():
        plan, asked, found = priced(seed)
        base = optimum(program_of(plan.data), asked)
        rules = found.of("rule")
        for row in rules[rules["unit"].str.contains(r" per \w+\.\w+$")].itertuples():
            key = f"rule.{row[3]}"

            def at(by: float, key=key, plan=plan, asked=asked, row=row) -> float | None:
                return optimum(program_of(plan.instance.with_({key: row.value + by}).data), asked)

            agrees(row, base, at)
            seen += 1
    assert seen >= 1


def test_reduced_costs_bound_what_one_other_choice_can_do():
    """Adding a pair or project brings at most its reduced cost; leaving one out costs at least that."""
    seen = 0
    for seed in known():
        _, asked, found = priced(seed)
        best = {row[3]: row for row in found.table.itertuples() if row.kind in ("pair", "project")}
        for family in asked.program.columns:
            if family.name not in ("pair", "start"):
                continue
            for j in range(family.start, family.stop):
                keys = family.keys.iloc[j - family.start]
                names = {"pair": ["donor", "county"], "start": ["project"]}[family.name]
                texts = [";".join(f"{name}={keys[name]}" for name in names)]
                texts.append(f"{texts[0]};start={keys.get('start')}")
                row = next(best[text] for text in texts if text in best)
                other = 1.0 - asked.program.col_lower[j]
                low, high = asked.program.col_lower.copy(), asked.program.col_upper.copy()
                low[j] = high[j] = other
                changed = Session(asked.program.with_bounds(col_lower=low, col_upper=high).with_criteria(
                    {"asked": asked.linear}), "asked").solve("lp")
                if changed.x is not None:
                    gain = row.reduced * (other - asked.program.col_lower[j])
                    assert changed.objective <= found.value + gain + 1e-5
                    seen += 1
    assert seen >= 5


def test_solved_again_is_the_difference_of_two_plans():
    instance = world(3, few=True, soft=0.0).instance()
    found = opt.sensitivity(instance, again=["budget.central=5"])
    row = found.solved.iloc[0]
    values = [opt.solve(instance.with_({"budget.central": f"x{1 + by / float(row['value'])!r}"})).outcome.objective
              for by in (-5, 0, 5)]
    assert (row["criterion_down"], row["criterion"], row["criterion_up"]) == pytest.approx(values)
    assert row["price_up"] == pytest.approx((values[2] - values[1]) / 5)
    assert row["price_down"] == pytest.approx((values[1] - values[0]) / 5)
    assert row["price_up_low"] <= row["price_up"] <= row["price_up_high"]
    line = found.table[found.table["tier"] == "solved"].iloc[0]
    assert (line["kind"], line["index"]) == ("budget", "budget.central")


def test_keys_for_which_the_time_was_over_are_said_to_be_unsolved():
    found = opt.sensitivity(opt.solve(world(3, few=True, soft=0.0).instance()), again=["budget.central"], time_limit=1e9,
                            should_stop=lambda: True)
    assert found.solved["status"].tolist() == ["not solved; not solved"]
    assert "not solved" in found.table[found.table["tier"] == "solved"]["sentence"].iloc[0]


@pytest.mark.parametrize("key", ["budget.nobody", "rule.nobody.min", "donors.colour", "counties.population[county=nobody]"])
def test_keys_that_move_nothing_are_refused(key):
    with pytest.raises(opt.InstanceError):
        opt.sensitivity(opt.solve(world(3, few=True, soft=0.0).instance()), again=[key])


def test_tables_written(tmp_path):
    plan, _, found = priced(known()[0])
    found.write(tmp_path)
    back = pd.read_csv(tmp_path / "sensitivity.csv")
    assert list(back) == ["tier", "kind", "index", "value", "slack", "price_up", "price_down", "low", "high", "reduced", "unit",
                          "sentence"]
    assert len(back) == len(found.table)
    assert back["sentence"].notna().all()
    sheets = pd.read_excel(tmp_path / "sensitivity.xlsx", sheet_name=None, engine="calamine")
    assert {"about", "answer", "variables", "constraints", "limits", *found.table["kind"]} <= set(sheets)
    assert len(sheets["constraints"]) == len(found.reports.constraints)
    for kind in found.table["kind"].unique():
        sheet = sheets[kind]
        assert not any("_" in heading.split("\n")[0] for heading in sheet), "a heading is plain words"
        assert list(sheet)[1] == "in words"
        assert not (sheet.select_dtypes("number").abs() >= 1e30).any(axis=None), "a range without end is empty"
    assert plan.outcome.criterion == found.criterion
