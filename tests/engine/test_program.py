"""Programs keep names, shapes and values when they are cut down or extended."""

from __future__ import annotations

import pickle
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from optimizer.engine.family import Family
from optimizer.engine.program import ExtraColumns, ExtraRows, Linear, Program


@pytest.fixture
def program() -> Program:
    """Two transfers, a scalar and a binary switch; two named rows."""
    return Program.build(
        [
            ("transfer", pd.DataFrame({"stream": ["central", "central"], "county": ["A", "贡山"], "period": [2026, 2026]})),
            ("level", pd.DataFrame(index=range(1))),
            ("pair", pd.DataFrame({"donor": ["D"], "county": ["A"]})),
        ],
        [("budget", pd.DataFrame({"stream": ["central"], "period": [2026]})), ("link", pd.DataFrame({"county": ["A"]}))],
        sparse.csr_matrix([[1.0, 1.0, 0.0, 0.0], [1.0, 0.0, 2.0, -5.0]]),
        row_lower=np.array([-np.inf, 0.0]),
        row_upper=np.array([10.0, 3.0]),
        col_lower=np.zeros(4),
        col_upper=np.array([9.0, 9.0, 9.0, 1.0]),
        integer=np.array([False, False, False, True]),
        criteria={"value": Linear("max", np.array([1.0, 2.0, 3.0, 4.0]), 7.0, "people")},
        col_block=np.array([0, 1, -1, 0]),
        row_block=np.array([-1, 0]),
        col_stage=np.array([0, 0, 0, 1]),
        switch=np.array([3, -1, -1, -1]),
    )


def test_names_are_made_from_keys_and_found_again(program: Program) -> None:
    expected = ["transfer[central,A,2026]", "transfer[central,贡山,2026]", "level", "pair[D,A]"]
    assert program.column_names() == expected
    assert [program.column(name) for name in expected] == [0, 1, 2, 3]
    assert [program.column_name(j) for j in range(4)] == expected
    assert program.row_names() == ["budget[central,2026]", "link[A]"]
    assert program.row("link[A]") == 1
    assert program.rows[0].index_of(0) == "central,2026"


@pytest.mark.parametrize("name", ["transfer[central,B,2026]", "nothing", "level[1]", "pair"])
def test_an_unknown_name_is_a_key_error(program: Program, name: str) -> None:
    with pytest.raises(KeyError):
        program.column(name)


def test_a_position_outside_is_an_index_error(program: Program) -> None:
    with pytest.raises(IndexError):
        program.row_name(2)


def test_keys_come_back_with_their_positions(program: Program) -> None:
    frame = program.columns_of("transfer")
    assert frame.index.tolist() == [0, 1]
    assert frame["county"].tolist() == ["A", "贡山"]
    assert program.columns_of("nothing").empty


def test_values_are_those_of_the_arrays(program: Program) -> None:
    x = np.array([1.0, 2.0, 3.0, 1.0])
    assert program.activity(x).tolist() == [3.0, 2.0]
    assert program.objective("value", x) == 1 + 4 + 9 + 4 + 7
    assert program.violation(x) == 0.0
    assert program.violation(np.array([9.0, 4.0, 0.0, 0.0])) == 6.0  # link[A]: 9 above 3
    assert program.violation(np.array([0.0, 0.0, 0.0, 2.5])) == 12.5  # link[A]: -12.5 below 0
    assert program.violation(np.array([np.nan, 0.0, 0.0, 0.0])) == np.inf


def test_a_restriction_moves_what_is_fixed_into_bounds_and_constants(program: Program) -> None:
    at = np.array([99.0, 4.0, 0.0, 1.0])  # 99 belongs to a column that stays and must not count
    sub, columns, rows = program.restricted(np.array([True, False, True, False]), None, at)
    assert columns.tolist() == [0, 2]
    assert rows.tolist() == [0, 1]
    assert sub.row_upper.tolist() == [6.0, 8.0]
    assert sub.row_lower.tolist() == [-np.inf, 5.0]
    assert sub.column_names() == ["transfer[central,A,2026]", "level"]
    assert sub.switch.tolist() == [-1, -1]  # the switch went
    assert sub.col_block.tolist() == [0, -1]
    x = np.array([2.0, 1.0])
    full = at.copy()
    full[columns] = x
    assert sub.objective("value", x) == program.objective("value", full)
    assert sub.violation(x) == program.violation(full)


def test_a_restriction_keeps_switches_and_rows_that_stay(program: Program) -> None:
    sub, columns, rows = program.restricted(np.array([True, False, False, True]), np.array([False, True]))
    assert sub.switch.tolist() == [1, -1]
    assert sub.row_names() == ["link[A]"]
    assert sub.row("link[A]") == 0
    assert sub.matrix.toarray().tolist() == [[1.0, -5.0]]
    assert (columns.tolist(), rows.tolist()) == ([0, 3], [1])
    assert sub.columns_of("pair").to_dict("list") == {"donor": ["D"], "county": ["A"]}


def test_a_restriction_to_everything_is_the_same_program(program: Program) -> None:
    sub, columns, rows = program.restricted()
    assert sub.column_names() == program.column_names()
    assert (sub.matrix != program.matrix).nnz == 0
    assert (columns.tolist(), rows.tolist()) == ([0, 1, 2, 3], [0, 1])


def test_a_restriction_to_nothing_keeps_only_constants(program: Program) -> None:
    sub, _, _ = program.restricted(np.zeros(4, dtype=bool), None, np.array([1.0, 1.0, 1.0, 0.0]))
    assert sub.n_columns == 0
    assert sub.objective("value", np.zeros(0)) == 13.0
    assert sub.row_upper.tolist() == [8.0, 0.0]


def test_programs_and_sub_programs_pickle(program: Program) -> None:
    sub, _, _ = program.restricted(np.array([True, True, False, True]))
    assert sub.column("pair[D,A]") == 2
    assert sub.by_column.shape == (2, 3)
    copy = pickle.loads(pickle.dumps(sub))
    assert copy.column_names() == sub.column_names()
    assert copy.matrix.toarray().tolist() == sub.matrix.toarray().tolist()
    assert copy.by_column.toarray().tolist() == sub.matrix.toarray().tolist()


def test_an_extension_keeps_old_positions(program: Program) -> None:
    bigger = program.extended(
        columns=[
            ExtraColumns(
                "transfer",
                pd.DataFrame({"stream": ["central"], "county": ["B"], "period": [2026]}),
                sparse.csr_matrix([[1.0], [0.0]]),
                upper=5.0,
                block=2,
                criteria={"value": np.array([6.0])},
            )
        ],
        rows=[ExtraRows("cut", pd.DataFrame({"round": [1]}), sparse.csr_matrix([[1.0, 0.0, 0.0, 0.0, 1.0]]), upper=8.0)],
    )
    assert bigger.column_names()[:4] == program.column_names()
    assert bigger.column("transfer[central,B,2026]") == 4
    assert bigger.columns_of("transfer").index.tolist() == [0, 1, 4]
    assert bigger.matrix.toarray().tolist() == [[1, 1, 0, 0, 1], [1, 0, 2, -5, 0], [1, 0, 0, 0, 1]]
    assert bigger.col_upper[4] == 5.0
    assert bigger.row_lower[2] == -np.inf
    assert bigger.criteria["value"].vector.tolist() == [1, 2, 3, 4, 6]
    assert bigger.col_block.tolist() == [0, 1, -1, 0, 2]
    assert program.n_columns == 4


def test_rows_over_the_old_columns_only_are_padded(program: Program) -> None:
    bigger = program.extended(
        columns=[ExtraColumns("slack", pd.DataFrame({"i": [0, 1]}))],
        rows=[ExtraRows("cut", pd.DataFrame(index=range(1)), sparse.csr_matrix([[1.0, 1.0, 1.0, 1.0]]))],
    )
    assert bigger.matrix[2].toarray().tolist() == [[1, 1, 1, 1, 0, 0]]


def test_an_extension_of_an_unknown_criterion_is_refused(program: Program) -> None:
    extra = ExtraColumns("slack", pd.DataFrame({"i": [0]}), criteria={"nothing": np.array([1.0])})
    with pytest.raises(KeyError, match="nothing"):
        program.extended(columns=[extra])


def test_a_wrong_number_of_keys_is_refused(program: Program) -> None:
    with pytest.raises(ValueError, match="2 rows in the matrix, 1 keys"):
        program.extended(rows=[ExtraRows("cut", pd.DataFrame({"i": [0]}), sparse.csr_matrix((2, 4)))])
    with pytest.raises(ValueError, match="3 members"):
        Family("x", pd.DataFrame({"i": [0]}), 0, 3)


def test_other_bounds_leave_the_first_program_alone(program: Program) -> None:
    other = program.with_bounds(row_upper=np.array([1.0, 1.0]))
    assert other.row_upper.tolist() == [1.0, 1.0]
    assert program.row_upper.tolist() == [10.0, 3.0]
    assert other.with_criteria({"zero": Linear("min", np.zeros(4))}).objective("zero", np.ones(4)) == 0.0


def test_arrays_that_do_not_fit_are_refused(program: Program, small: Callable[..., Program]) -> None:
    with pytest.raises(ValueError, match="do not fit"):
        program.with_bounds(col_upper=np.ones(3))
    with pytest.raises(ValueError, match="do not fit"):
        small([[1.0, 1.0]], cost=[1.0, 1.0], row_upper=[1.0, 2.0])
