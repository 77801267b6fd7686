"""Conflicts found part by part: each is one of the whole program, in its place, and none of a part is missed."""

from __future__ import annotations

import math
import time

import numpy as np
import pandas as pd
import pytest
from scipy import optimize, sparse

from optimizer.engine.apart import part
from optimizer.engine.conflicts import Clause, Together
from optimizer.engine.program import Program
from optimizer.engine.session import Basis
from optimizer.sensitivity.explain import parted as parted_module
from optimizer.sensitivity.explain.clauses import Named
from optimizer.sensitivity.explain.parted import conflicts_by_part, cut_sizes, widened, within
from optimizer.sensitivity.explain.ways import Loosened, Loosening

PROVINCES, COUNTIES, EACH = 6, 3, 2
SIZE = PROVINCES * COUNTIES


class Nation:
    """Counties with a floor and a cap each, a pot for the three of each province, and one budget over all."""

    def __init__(self, seed: int) -> None:
        draw = np.random.default_rng(seed)
        self.floor = draw.integers(1, 6, SIZE).astype(float)
        self.cap = self.floor + draw.integers(-1, 6, SIZE)
        self.pot = draw.integers(8, 16, PROVINCES).astype(float)
        county = np.kron(np.eye(SIZE), np.ones(EACH))
        province = np.kron(np.eye(PROVINCES), np.ones(COUNTIES * EACH))
        matrix = np.vstack([county, county, province, np.ones((1, SIZE * EACH))])
        rows, all_ = 2 * SIZE, len(matrix) - 1
        self.program = Program.build(
            [("x", pd.DataFrame({"i": range(SIZE * EACH)}))], [("r", pd.DataFrame({"i": range(len(matrix))}))],
            sparse.csr_matrix(matrix),
            row_lower=np.concatenate([self.floor, np.full(SIZE + PROVINCES + 1, -np.inf)]),
            row_upper=np.concatenate([np.full(SIZE, np.inf), self.cap, self.pot, [1000.0]]),
            col_lower=np.zeros(SIZE * EACH), col_upper=np.full(SIZE * EACH, np.inf),
            row_block=np.concatenate([np.tile(np.arange(SIZE), 2), np.full(PROVINCES + 1, -1)]),
            col_block=np.repeat(np.arange(SIZE), EACH))
        where = pd.DataFrame({"county": [f"c{n}" for n in range(SIZE)]})
        self.named = [
            named(Clause("rule.floor.min", row_lower=np.arange(SIZE)), where),
            named(Clause("rule.cap.max", row_upper=np.arange(SIZE, rows)), where),
            named(Clause("budget.provincial", row_upper=np.arange(rows, all_)),
                  pd.DataFrame({"scope": [f"p{n}" for n in range(PROVINCES)]})),
            named(Clause("budget.central", row_upper=np.array([all_])), pd.DataFrame({"scope": ["all"]})),
        ]

    def short(self) -> set[int]:
        """Provinces that have no point: a floor above its cap, or floors above the pot."""
        floors = self.floor.reshape(PROVINCES, COUNTIES)
        capped = (floors > self.cap.reshape(PROVINCES, COUNTIES)).any(axis=1)
        return set(np.flatnonzero(capped | (floors.sum(axis=1) > self.pot)).tolist())

    def province(self, name: str, at: int) -> int:
        """The province that a bound of a clause stands in."""
        return int(at) if name == "budget.provincial" else int(at) // COUNTIES

    def parted(self, deadline: float = math.inf):
        return conflicts_by_part(self.program, self.named, deadline=deadline, threads=1)

    def has_point(self, bounds: dict[str, np.ndarray]) -> bool:
        """Whether some bounds of some clauses can hold together, by another interface of the solver."""
        low, high = np.full(self.program.n_rows, -np.inf), np.full(self.program.n_rows, np.inf)
        for one in self.named:
            if one.name in bounds:
                rows = np.concatenate([one.clause.row_lower, one.clause.row_upper])[bounds[one.name]]
                side = low if len(one.clause.row_lower) else high
                side[rows] = (self.program.row_lower if len(one.clause.row_lower) else self.program.row_upper)[rows]
        return feasible(self.program.with_bounds(row_lower=low, row_upper=high))


def named(clause: Clause, index: pd.DataFrame) -> Named:
    rule = clause.name.removeprefix("rule.").rpartition(".")[0] if clause.name.startswith("rule.") else clause.name
    return Named(clause, rule, f"{clause.name} holds", "scale", index)


def feasible(program: Program) -> bool:
    found = optimize.linprog(np.zeros(program.n_columns), bounds=list(zip(program.col_lower, program.col_upper, strict=True)),
                             A_ub=sparse.vstack([program.matrix[np.isfinite(program.row_upper)],
                                                 -program.matrix[np.isfinite(program.row_lower)]]),
                             b_ub=np.concatenate([program.row_upper[np.isfinite(program.row_upper)],
                                                  -program.row_lower[np.isfinite(program.row_lower)]]))
    assert found.status in (0, 2)
    return found.status == 0


@pytest.mark.parametrize("seed", range(8))
def test_every_conflict_of_a_part_is_one_of_the_whole_and_smallest_in_its_place(seed):
    nation = Nation(seed)
    parted = nation.parted()
    assert parted.settled
    whole = Together(nation.program, [one.clause for one in nation.named])
    for found in parted.found:
        assert set(found.at) == set(found.conflict.members)
        assert whole.holds(found.conflict.members) is False
        assert not nation.has_point(found.at)
        for name in found.conflict.members:
            assert nation.has_point({other: at for other, at in found.at.items() if other != name})


@pytest.mark.parametrize("seed", range(8))
def test_the_parts_in_conflict_are_the_provinces_that_are_short_and_no_others(seed):
    nation = Nation(seed)
    parted = nation.parted()
    places = [{nation.province(name, at) for name, ats in found.at.items() for at in ats} for found in parted.found]
    assert all(len(one) == 1 for one in places)
    assert set().union(*places) == nation.short()
    if not nation.short():
        assert parted.left is None
        return
    assert parted.left is not None
    assert {int(column) // (COUNTIES * EACH) for column in parted.left.columns} == nation.short()
    assert not feasible(parted.left.program)


def test_the_seeds_show_both_kinds_of_conflict_and_none():
    kinds = {members for seed in range(8) for members in {found.conflict.members for found in Nation(seed).parted().found}}
    assert {frozenset(one) for one in kinds} == {frozenset({"rule.floor.min", "rule.cap.max"}),
                                                 frozenset({"rule.floor.min", "budget.provincial"})}
    sound = Nation(0)
    sound.program = sound.program.with_bounds(row_lower=np.minimum(sound.program.row_lower, 0.0))
    assert sound.parted().found == () and sound.parted().left is None


@pytest.mark.parametrize("seed", range(4))
def test_what_mends_the_parts_mends_the_whole(seed):
    """The cheapest loosening of the parts, as one of the whole: rules give way everywhere alike, budgets where they are short."""
    nation = Nation(seed)
    parted = nation.parted()
    assert parted.left is not None
    mine = within(parted.left, nation.named)
    assert cut_sizes(parted.left, {"rule.floor.min": nation.floor})["rule.floor.min"].tolist() == [
        nation.floor[n] for n in range(SIZE) if n // COUNTIES in nation.short()]
    found = Loosened(parted.left.program, mine, deadline=time.monotonic() + 60).cheapest(frozenset())
    assert found is not None
    way = widened(parted.left, nation.named, found, nation.program.n_columns, ["rule.floor.min", "rule.cap.max"])
    low, high = nation.program.row_lower.copy(), nation.program.row_upper.copy()
    for one in nation.named:
        by = way.by.get(one.name, np.zeros(len(one.clause)))
        if one.name.startswith("rule."):
            assert np.ptp(by) == 0
        if len(one.clause.row_lower):
            low[one.clause.row_lower] *= 1 - by - 1e-9
        else:
            high[one.clause.row_upper] *= 1 + by + 1e-9
    assert feasible(nation.program.with_bounds(row_lower=low, row_upper=high))
    assert not feasible(nation.program)


@pytest.mark.parametrize("seed", range(4))
def test_a_question_that_begins_where_one_like_it_ended_has_the_same_answer(seed):
    """The pots of the provinces one smaller: from the basis before, from one of another shape, and from none."""
    nation, poorer = Nation(seed), Nation(seed)
    high = poorer.program.row_upper.copy()
    high[2 * SIZE : -1] -= 1.0
    poorer.program = poorer.program.with_bounds(row_upper=high)

    def asked(given: Nation, start: Basis | None = None) -> Loosened:
        loosened = Loosened(given.program, given.named, whole=False, deadline=time.monotonic() + 60, start=start)
        asked_for.append(loosened.cheapest(frozenset()))
        return loosened

    asked_for: list[Loosening | None] = []
    basis = asked(nation).basis
    assert basis is not None
    for start in (None, basis, Basis(basis.columns[:-1], basis.rows)):
        asked(poorer, start)
    before, cold, warm, unfit = asked_for
    assert before is not None and cold is not None and warm is not None and unfit is not None
    assert warm.cost == pytest.approx(cold.cost) and unfit.cost == pytest.approx(cold.cost)
    assert sum(cold.cost) >= sum(before.cost) > 0


def test_a_conflict_that_other_parts_show_again_is_told_once(monkeypatch):
    """Cut the second way, provinces stand in pairs: one that is short lies in a part with one that is not."""
    real = parted_module.parts_apart

    def paired(program, clauses, *, widest):
        if not widest:
            return real(program, clauses, widest=widest)
        pair = np.arange(program.n_columns) // (2 * COUNTIES * EACH)
        of_row = [set(pair[program.matrix[row].indices]) for row in range(program.n_rows)]
        return [part(program, clauses, np.array([one == {n} for one in of_row]), pair == n) for n in range(PROVINCES // 2)]

    nation = Nation(2)
    assert 0 < len(nation.short()) < PROVINCES
    once = nation.parted()
    monkeypatch.setattr(parted_module, "parts_apart", paired)
    again = nation.parted()

    def told(parted):
        return sorted((one.conflict.members, tuple((name, *at) for name, at in sorted(one.at.items()))) for one in parted.found)

    assert told(again) == told(once) and len(set(told(again))) == len(again.found)


def test_a_search_without_time_says_that_it_was_not_settled():
    assert not Nation(0).parted(deadline=time.monotonic() - 1).settled
