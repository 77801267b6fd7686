"""Unit costs with a budget of uncertainty, against every selection of projects and every set of costs that rises."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import LinearConstraint, linprog, milp
from typer.testing import CliRunner

import optimizer as opt
from optimizer.cli.main import app
from optimizer.model.build import build
from optimizer.model.compile import compile_numbers
from optimizer.sensitivity.uncertainty.budgeted import protect
from optimizer.sensitivity.uncertainty.counterpart import protected_program
from optimizer.sensitivity.uncertainty.decided import numbers_of

STEP = 0.01
COUNTIES, NEEDS, FACTORS = ("A", "B"), ("water", "road"), (1.0, 1.5)


class World:
    """Two counties with two needs and two projects each, paid by one stream into one account a county."""

    def __init__(self, seed: int) -> None:
        draw = np.random.default_rng(seed)
        self.budget = float(draw.integers(30, 60))
        self.cost = {f"{i}{n}": float(draw.integers(6, 20)) for i in COUNTIES for n in (1, 2)}
        self.effect = {p: float(draw.integers(20, 60)) for p in self.cost}
        self.people = {(i, k): float(draw.integers(40, 120)) for i in COUNTIES for k in NEEDS}
        self.unit = {(i, k): float(draw.integers(2, 9)) / 10 for i in COUNTIES for k in NEEDS}
        self.rise = {**{p: float(draw.integers(0, 8)) / 10 for p in self.cost}, "water": 0.3, "road": 0.6}

    def instance(self) -> opt.Instance:
        needs = pd.DataFrame([{"county": i, "need": k, "people": n, "unit_cost": self.unit[i, k]}
                              for (i, k), n in self.people.items()])
        tiers = [{"width": 0.5, "factor": factor} for factor in FACTORS]
        return opt.Instance.from_frames(
            counties=pd.DataFrame({"county": list(COUNTIES), "population": 5000}), needs=needs,
            projects=pd.DataFrame([{"project": p, "county": p[0], "category": "infra", "cost": c} for p, c in self.cost.items()]),
            effects=pd.DataFrame([{"project": p, "need": "water", "people": e} for p, e in self.effect.items()]),
            settings={"format": 1, "periods": [2026], "money": {"unit": "million_yuan", "step": STEP},
                      "needs": {k: {"kind": "lasting", "category": "infra", "tiers": tiers} for k in NEEDS},
                      "categories": {"infra": {}}, "streams": {"central": {"budget": self.budget}}},
        )

    def best(self, gamma: float) -> float:
        """The most people, over all selections, whom money reaches whatever costs rise: one row for each set of them."""
        return max(self._reached(chosen, gamma) for n in range(5) for chosen in combinations(self.cost, n))

    def _reached(self, chosen: tuple[str, ...], gamma: float) -> float:
        reach = [(i, k, f) for i in COUNTIES for k in NEEDS for f in FACTORS]
        built = [(i, "water") for i in COUNTIES]
        width = len(reach) + len(built) + 2  # and what each county is given
        rows, right = [], []
        for n, i in enumerate(COUNTIES):
            figures = [*(p for p in self.cost if p[0] == i), *NEEDS]
            for worse in cases(figures, gamma):
                row = np.zeros(width)
                row[[at for at, key in enumerate(reach) if key[0] == i]] = [
                    self.unit[i, k] * f * (1 + worse[k] * self.rise[k]) for c, k, f in reach if c == i]
                row[len(reach) + len(built) + n] = -1
                rows.append(row)
                right.append(-sum(self.cost[p] * (1 + worse[p] * self.rise[p]) for p in chosen if p[0] == i))
        rows.append(np.concatenate([np.zeros(width - 2), [1, 1]]))
        right.append(self.budget)
        for (i, k), people in self.people.items():  # no more than are in need
            rows.append(np.array([*(float(key[:2] == (i, k)) for key in reach), *(float(key == (i, k)) for key in built), 0, 0]))
            right.append(people)
        tops = [0.5 * self.people[i, k] for i, k, _ in reach]
        tops += [sum(self.effect[p] for p in chosen if p[0] == i) for i, _ in built] + [np.inf, np.inf]
        gain = np.array([1.0] * (width - 2) + [0, 0])
        done = linprog(-gain, np.array(rows), right, bounds=[(0, top) for top in tops])
        return -done.fun if done.status == 0 else -np.inf


def cases(figures, gamma):
    """Every way in which ⌊Γ⌋ figures turn out worse wholly and one more by what is left of Γ."""
    whole, part = int(gamma), gamma - int(gamma)
    for few in combinations(figures, min(whole, len(figures))):
        rest = [one for one in figures if one not in few] if part else []
        for last in rest or [None]:
            yield {**dict.fromkeys(figures, 0.0), **dict.fromkeys(few, 1.0), **({last: part} if last else {})}


def solved(program) -> float:
    """The most people by a solver that this package does not use."""
    done = bounded(program)
    assert done.status == 0
    return -done.fun + program.criteria["coverage"].constant


def bounded(program):
    return milp(-program.criteria["coverage"].vector, integrality=program.integer.astype(int),
                bounds=(program.col_lower, program.col_upper),
                constraints=LinearConstraint(program.matrix, program.row_lower, program.row_upper))


@pytest.mark.parametrize("seed", range(4))
def test_the_counterpart_is_the_best_of_all_selections_and_sets_of_costs(seed):
    world = World(seed)
    instance = world.instance()
    program = numbers_of(instance).program
    for gamma in (0, 0.5, 1, 2, 4):
        got = solved(protected_program(program, instance.data, 0.0, world.rise, gamma))
        assert got == pytest.approx(world.best(gamma), abs=2 * STEP / 0.2 + 1e-6), gamma


def test_all_costs_may_rise_is_all_costs_risen():
    world = World(1)
    instance = world.instance()
    every = protected_program(numbers_of(instance).program, instance.data, 0.0, 0.4, 9)
    risen = instance.with_({"projects.cost": "x1.4", "needs.unit_cost": "x1.4"})
    assert solved(every) == pytest.approx(solved(numbers_of(risen).program), abs=2 * STEP / 0.2)


@pytest.mark.parametrize(("times", "status"), [(1.2, 0), (1.6, 2)])
def test_no_more_is_kept_back_than_all_costs_may_rise_by(times, status):
    """Money that has to be spent is kept for costs that may rise by 30 %, and for nothing else."""
    world = World(2)
    world.people = dict.fromkeys(world.people, 10.0)
    usable = sum(0.5 * n * world.unit[key] * factor for key, n in world.people.items() for factor in FACTORS)
    instance = world.instance().with_({"stream.central.least_spend": times * usable / world.budget, "projects.status": "forbid"})
    program = compile_numbers(build(instance.data, pyomo=False)).program
    assert bounded(program).status == 2
    assert bounded(protected_program(program, instance.data, 0.0, 0.3, 1)).status == status


def test_a_gamma_beyond_what_money_can_stand_has_no_plan():
    world = World(3)
    instance = world.instance().with_({"projects.status": "lock", "budget.central": sum(world.cost.values()) * 1.3})
    found = protect(instance, 0.0, (0, 1, 4), rise=0.5)
    assert set(found.plans) == {0.0, 1.0}
    assert found.table["guaranteed"].isna().tolist() == [False, False, True]
    assert found.table["guaranteed"][1] < found.table["guaranteed"][0] == pytest.approx(found.nominal.outcome.objective, abs=1)
    assert all(plan.audit.passed for plan in found.plans.values())


def test_costs_are_protected_from_the_command_line(tmp_path):
    folder = tmp_path / "given"
    world = World(0)
    world.instance().to_folder(folder)
    done = CliRunner().invoke(app, ["robust", str(folder), "--measure", "both", "--rise", "40%", "--loss", "20%", "--gamma", "1",
                                    "--out", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    row = pd.read_csv(tmp_path / "out" / "price_of_robustness.csv").iloc[0]
    program = numbers_of(world.instance())
    want = solved(protected_program(program.program, world.instance().data, 0.2, 0.4, 1.0))
    assert row["guaranteed"] == pytest.approx(want, rel=1e-6)
    assert "effects fall short and costs rise" in " ".join(done.output.split())
    assert CliRunner().invoke(app, ["robust", str(folder), "--measure", "costs", "--rise", "x"]).exit_code == 2
