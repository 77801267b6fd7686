"""Parts of a program without a common column: where a part has no point, the whole has none."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import sparse

from optimizer.engine.apart import parts_apart
from optimizer.engine.conflicts import Clause, Together
from optimizer.engine.program import Program

COUNTIES, EACH = 12, 4


def nation(seed):
    """Counties with a ceiling and a floor each, pots that four counties share, and one row over all."""
    rng = np.random.default_rng(seed)
    size = COUNTIES * EACH
    own = np.kron(np.eye(COUNTIES), np.ones(EACH))
    pots = np.kron(np.eye(COUNTIES // 4), np.ones(4 * EACH))
    matrix = np.vstack([own, pots, np.ones((1, size))])
    low = np.concatenate([rng.integers(1, 5, COUNTIES), np.full(len(pots) + 1, -np.inf)]).astype(float)
    high = np.concatenate([np.full(COUNTIES, np.inf), rng.integers(6, 14, len(pots)), [1000.0]])
    made = Program.build(
        [("x", pd.DataFrame({"i": range(size)}))], [("r", pd.DataFrame({"i": range(len(matrix))}))], sparse.csr_matrix(matrix),
        row_lower=low, row_upper=high, col_lower=np.zeros(size), col_upper=np.full(size, np.inf),
        integer=np.zeros(size, dtype=bool), row_block=np.array([*range(COUNTIES), *[-1] * (len(pots) + 1)]),
        col_block=np.repeat(np.arange(COUNTIES), EACH))
    floors = Clause("floors", row_lower=np.arange(COUNTIES))
    ceilings = Clause("pots", row_upper=np.arange(COUNTIES, COUNTIES + len(pots)))
    return made, [floors, ceilings, Clause("all", row_upper=np.array([len(matrix) - 1]))]


def test_parts_hold_every_row_once_but_those_left_out():
    made, clauses = nation(1)
    parts = parts_apart(made, clauses, widest=False, share=0.4)
    assert len(parts) == 3
    columns = np.concatenate([part.columns for part in parts])
    assert sorted(columns) == list(range(made.n_columns))
    rows = np.concatenate([part.rows for part in parts])
    assert sorted(rows) == list(range(made.n_rows - 1))  # the row over all is left out
    for part in parts:
        for clause in part.clauses:
            whole = next(other for other in clauses if other.name == clause.name)
            at = np.concatenate([whole.row_lower, whole.row_upper])[part.at[clause.name]]
            assert list(at) == list(part.rows[np.concatenate([clause.row_lower, clause.row_upper])])


def test_a_part_conflicts_where_its_floors_are_above_its_pot_and_nowhere_else():
    seen = set()
    for seed in range(12):
        made, clauses = nation(seed)
        for part in parts_apart(made, clauses, widest=False, share=0.4):
            floors, pot = part.program.row_lower, part.program.row_upper
            short = floors[np.isfinite(floors)].sum() > pot[np.isfinite(pot)].min()
            together = Together(part.program, part.clauses)
            priced = together.priced([clause.name for clause in part.clauses])
            assert (priced is not None) == short
            if short:
                assert set(together.smallest(priced).members) == {"floors", "pots"}
            seen.add(bool(short))
    assert seen == {True, False}


def test_a_program_that_no_row_may_be_left_out_of_has_no_parts():
    made, clauses = nation(1)
    assert parts_apart(made, clauses, widest=True, share=0.01) == []
