"""Sessions: statuses told apart, warm changes equal to cold loads, starts, duals, limits and Ctrl-C."""

from __future__ import annotations

import gc
import itertools
import math
import signal
import threading
import time
import weakref
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from optimizer.engine import watch
from optimizer.engine.certificate import dual_bound, implied_bounds
from optimizer.engine.outcome import Outcome, SolveError, Status, exit_status, relative_gap
from optimizer.engine.program import Program
from optimizer.engine.session import Kind, Session

INF = np.inf
Make = Callable[..., Program]
Parts = tuple[list[list[int]], list[int], list[int], list[bool]]


@pytest.fixture
def knapsack(small: Make) -> Program:
    """max 5a + 4b + 3c over 2a + 3b + c <= 5, 4a + b + 2c <= 11, 3a + 4b + 2c <= 8 (Chvátal): 13 at (2, 0, 1)."""
    return small(
        [[2, 3, 1], [4, 1, 2], [3, 4, 2]], cost=[5, 4, 3], row_upper=[5, 11, 8], col_upper=[9, 9, 9], integer=[True] * 3
    )


def worker_threads() -> int:
    return sum(thread.name == "highs" for thread in threading.enumerate())


# -- statuses ----------------------------------------------------------------------------------------------------------


def test_a_textbook_lp_has_its_textbook_answer(knapsack: Program) -> None:
    result = Session(knapsack, "value").solve("lp")
    assert result.objective == pytest.approx(13.0)
    assert result.x == pytest.approx([2.0, 0.0, 1.0])
    assert result.row_dual == pytest.approx([1.0, 0.0, 1.0])


def test_an_lp_and_its_integer_program_are_both_solved_on_one_model(knapsack: Program) -> None:
    session = Session(knapsack, "value")
    session.set_row_bounds([0], -INF, 4.0)
    relaxed = session.solve("lp")
    whole = session.solve("mip")
    assert (relaxed.status, whole.status) == (Status.OPTIMAL, Status.OPTIMAL)
    best = max(
        5 * a + 4 * b + 3 * c
        for a, b, c in itertools.product(range(10), repeat=3)
        if 2 * a + 3 * b + c <= 4 and 4 * a + b + 2 * c <= 11 and 3 * a + 4 * b + 2 * c <= 8
    )
    assert whole.objective == best
    assert whole.bound == pytest.approx(best)
    assert whole.x is not None
    assert whole.x.tolist() == np.rint(whole.x).tolist()
    assert relaxed.objective >= whole.objective
    assert whole.row_dual is None
    assert session.solve("lp").objective == pytest.approx(relaxed.objective)


def test_infeasible_is_told_for_lp_and_mip(small: Make) -> None:
    program = small([[1, 1]], cost=[1, 1], row_lower=[5], col_upper=[2, 2], integer=[True, False])
    for kind in ("lp", "mip"):
        result = Session(program, "value").solve(kind)
        assert result.status is Status.INFEASIBLE
        assert result.x is None
        assert math.isnan(result.objective)


def test_an_integer_gap_in_a_feasible_relaxation_is_infeasible_only_for_the_mip(small: Make) -> None:
    program = small([[2, -2]], cost=[1, 1], row_lower=[1], row_upper=[1], integer=[True, True])
    session = Session(program, "value")
    assert session.solve("lp").status is Status.UNBOUNDED
    assert session.solve("mip").status is Status.INFEASIBLE


@pytest.mark.parametrize("integer", [[False, False], [True, True]])
def test_unbounded_is_told_apart_from_infeasible(small: Make, integer: list[bool]) -> None:
    open_ended = small([[1, -1]], cost=[1, 1], row_upper=[1], integer=integer)
    impossible = small([[1, -1], [1, 1]], cost=[1, 1], row_lower=[2, -INF], row_upper=[INF, 1], integer=integer)
    unbounded = Session(open_ended, "value").solve()
    assert (unbounded.status, unbounded.bound) == (Status.UNBOUNDED, INF)
    assert Session(impossible, "value").solve().status is Status.INFEASIBLE


def test_the_objective_is_back_after_unbounded(small: Make) -> None:
    session = Session(small([[1, -1]], cost=[1, 1], row_upper=[1], constant=3.0), "value")
    assert session.solve().status is Status.UNBOUNDED
    session.set_col_bounds([0, 1], 0.0, 4.0)
    assert session.solve().objective == pytest.approx(11.0)


def test_crossed_bounds_are_infeasible(small: Make) -> None:
    session = Session(small([[1, 1]], cost=[1, 1], row_upper=[3]), "value")
    session.set_col_bounds([0], 2.0, 1.0)
    assert session.solve("lp").status is Status.INFEASIBLE


@pytest.mark.parametrize(("lower", "expected"), [(0.0, Status.OPTIMAL), (1.0, Status.INFEASIBLE)])
def test_a_program_without_columns_is_judged_by_its_rows(small: Make, lower: float, expected: Status) -> None:
    program, _, _ = small([[1]], cost=[1], row_lower=[lower], constant=2.0).restricted(np.array([False]))
    result = Session(program, "value").solve()
    assert result.status is expected
    if expected is Status.OPTIMAL:
        assert (result.objective, result.bound) == (2.0, 2.0)


def test_a_program_without_rows_goes_to_its_bounds(small: Make) -> None:
    result = Session(small([], cost=[1, -1], col_upper=[3, 3], constant=1.0), "value").solve()
    assert result.objective == 4.0


def test_limits_with_and_without_a_plan_are_told_apart(long_running: Program) -> None:
    session = Session(long_running, "value")
    without = session.solve(node_limit=0, options={"mip_heuristic_effort": 0.0, "presolve": "off"})
    assert without.status in (Status.LIMIT, Status.LIMIT_WITHOUT_PLAN)
    assert (without.x is None) is (without.status is Status.LIMIT_WITHOUT_PLAN)
    session.set_solution(np.zeros(400))
    with_plan = session.solve(time_limit=0.3)
    assert with_plan.status is Status.LIMIT
    assert with_plan.x is not None
    assert with_plan.bound >= with_plan.objective
    assert with_plan.gap > 0
    assert long_running.violation(with_plan.x) <= 1e-6


def test_no_time_at_all_is_a_limit_and_never_infeasible(long_running: Program) -> None:
    for kind in ("lp", "mip"):
        result = Session(long_running, "value").solve(kind, time_limit=0.0)
        assert result.status in (Status.LIMIT, Status.LIMIT_WITHOUT_PLAN)


def test_a_start_survives_a_run_without_time(long_running: Program) -> None:
    session = Session(long_running, "value")
    session.set_solution(np.zeros(400))
    result = session.solve(time_limit=0.0)
    assert result.status is Status.LIMIT
    assert result.x is not None


def test_within_gap_says_the_gap(long_running: Program) -> None:
    result = Session(long_running, "value").solve(gap=0.5)
    assert result.status is Status.WITHIN_GAP
    assert 0 < result.gap <= 0.5
    assert result.gap == pytest.approx((result.bound - result.objective) / result.objective)


def test_the_time_limit_of_an_lp_counts_from_its_own_call(small: Make, long_running: Program) -> None:
    session = Session(long_running, "value")
    session.solve("mip", time_limit=1.0)  # HiGHS's clock is now past the next limit
    assert session.solve("lp", time_limit=0.9).status is Status.OPTIMAL


def test_exit_statuses_are_those_of_the_command_line() -> None:
    codes = {status.value: exit_status(status) for status in Status}
    assert codes == {
        "optimal": 0,
        "within_gap": 0,
        "limit": 4,
        "interrupted": 4,
        "infeasible": 3,
        "limit_without_plan": 5,
        "unbounded": 2,
        "failed": 1,
    }
    outcome = Outcome(Status.LIMIT, 1.0, 2.0, 1.0, 0.1, 3, "max")
    assert outcome.exit_status == 4
    assert SolveError("no plan", outcome).exit_status == 4
    assert SolveError("broken").exit_status == 1


@pytest.mark.parametrize(
    ("objective", "bound", "gap"),
    [(100.0, 101.0, 0.01), (-100.0, -99.0, 0.01), (5.0, 5.0 + 1e-9, 0.0), (0.0, 1.0, INF), (1.0, INF, INF), (math.nan, 1.0, INF)],
)
def test_the_gap_is_a_share_of_the_objective(objective: float, bound: float, gap: float) -> None:
    assert relative_gap(objective, bound) == pytest.approx(gap)


# -- duals -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sense", ["max", "min"])
def test_duals_are_what_one_more_unit_changes(small: Make, sense: str) -> None:
    """The documented signs: finite differences of the optimum, for both senses and every binding bound."""
    if sense == "max":
        program = small([[1, 2], [3, 1]], cost=[3, 4], row_upper=[14, 18], col_upper=[9, 5], constant=10.0)
    else:
        program = small([[1, 2], [3, 1]], cost=[3, 4], sense="min", row_lower=[14, 18], col_upper=[4, 9])
    session = Session(program, "value")
    base = session.solve("lp")
    assert base.row_dual is not None
    assert base.col_dual is not None
    assert (base.row_dual >= 0).all()  # more money helps; a higher floor costs
    for row in range(2):
        low, high = program.row_lower[row], program.row_upper[row]
        session.set_row_bounds([row], low + 0.01, high + 0.01)
        assert (session.solve("lp").objective - base.objective) / 0.01 == pytest.approx(base.row_dual[row], abs=1e-6)
        session.set_row_bounds([row], low, high)
    reduced = program.criteria["value"].vector - program.matrix.T @ base.row_dual
    assert reduced == pytest.approx(base.col_dual)


def test_reduced_costs_say_what_a_column_bound_is_worth(small: Make) -> None:
    program = small([[1, 1]], cost=[2, 1], row_upper=[10], col_upper=[4, 20])
    result = Session(program, "value").solve("lp")
    assert result.col_dual is not None
    assert result.col_dual.tolist() == [1.0, 0.0]  # one more of the first replaces one of the second
    kept_out = Session(small([[1, 1]], cost=[2, 1], row_upper=[10]), "value").solve("lp")
    assert kept_out.col_dual is not None
    assert kept_out.col_dual.tolist() == [0.0, -1.0]


# -- changes -----------------------------------------------------------------------------------------------------------


@st.composite
def programs(draw: st.DrawFn) -> Parts:
    n_columns = draw(st.integers(1, 5))
    n_rows = draw(st.integers(1, 4))
    row = st.lists(st.integers(-3, 5), min_size=n_columns, max_size=n_columns)
    matrix = draw(st.lists(row, min_size=n_rows, max_size=n_rows))
    cost = draw(st.lists(st.integers(-5, 9), min_size=n_columns, max_size=n_columns))
    upper = draw(st.lists(st.integers(-2, 12), min_size=n_rows, max_size=n_rows))
    return matrix, cost, upper, draw(st.lists(st.booleans(), min_size=n_columns, max_size=n_columns))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(programs(), programs(), st.sampled_from(["lp", "mip"]))
def test_a_changed_session_answers_like_a_new_one(small: Make, first: Parts, second: Parts, kind: Kind) -> None:
    """Rows and columns cut away and added, bounds, costs, sense and integrality changed: equal to a fresh load."""
    old = small(first[0], cost=first[1], row_upper=first[2], col_upper=[7] * len(first[1]), integer=first[3])
    new = small(
        second[0],
        cost=second[1],
        sense="min",
        row_upper=second[2],
        col_upper=[5] * len(second[1]),
        integer=second[3],
        constant=3.0,
    )
    session = Session(old, "value")
    session.solve(kind)
    session.truncate_rows(0)
    session.truncate_columns(0)
    empty = sparse.csc_matrix((0, new.n_columns))
    columns = session.add_columns(empty, 0.0, new.col_lower, new.col_upper, ~new.integer)
    rows = session.add_rows(new.matrix, -INF, INF)
    assert (len(columns), len(rows)) == (new.n_columns, new.n_rows)
    session.set_objective(new.criteria["value"].vector, "min", 3.0)
    session.set_integer(new.integer)
    session.set_row_bounds(rows, new.row_lower, new.row_upper)
    changed, fresh = session.solve(kind), Session(new, "value").solve(kind)
    assert changed.status == fresh.status
    assert changed.objective == pytest.approx(fresh.objective, nan_ok=True)


@settings(max_examples=80, deadline=None, derandomize=True)
@given(programs())
def test_integer_programs_agree_with_enumeration_and_the_bound_is_proved(small: Make, parts: Parts) -> None:
    matrix, cost, upper, _ = parts
    program = small(matrix, cost=cost, row_upper=upper, col_upper=[3] * len(cost), integer=[True] * len(cost))
    values = [
        float(np.dot(cost, point))
        for point in itertools.product(range(4), repeat=len(cost))
        if (np.asarray(matrix) @ point <= upper).all()
    ]
    session = Session(program, "value")
    result, relaxed = session.solve("mip"), session.solve("lp")
    if not values:
        assert result.status is Status.INFEASIBLE
        return
    assert result.status is Status.OPTIMAL
    assert result.objective == pytest.approx(max(values))
    linear = program.criteria["value"]
    assert relaxed.row_dual is not None
    proved = dual_bound(program, linear.vector, "max", relaxed.row_dual)
    assert proved == pytest.approx(relaxed.objective)
    assert dual_bound(program, linear.vector, "max", np.zeros(len(upper))) >= result.objective - 1e-9


def test_the_dual_bound_minds_the_sense_and_missing_bounds(small: Make) -> None:
    program = small([[1, 2]], cost=[3, 4], sense="min", row_lower=[14], constant=5.0)
    vector = program.criteria["value"].vector
    assert dual_bound(program, vector, "min", np.array([2.0]), 5.0) == 33.0
    assert dual_bound(program, vector, "min", np.array([-1.0]), 5.0) == 5.0  # no upper side: the price is dropped
    assert dual_bound(program, vector, "min", np.array([3.0]), 5.0) == -INF  # reduced cost -2 to no upper bound


def test_the_dual_bound_uses_bounds_that_rows_imply(small: Make) -> None:
    """x0 <= 10 by its row, x1 <= 2 x0 = 20 by the next; prices that are off by a little still prove something."""
    program = small([[1, 0], [-2, 1]], cost=[1, 1], row_upper=[10, 0])
    vector = program.criteria["value"].vector
    low, high = implied_bounds(program)
    assert low.tolist() == [0.0, 0.0]
    assert high == pytest.approx([10.0, 20.0])
    assert (high >= [10.0, 20.0]).all()
    assert dual_bound(program, vector, "max", np.array([3.0, 1.0])) == 30.0
    assert dual_bound(program, vector, "max", np.array([3.0, 0.999])) == pytest.approx(30.02)
    assert dual_bound(program, vector, "max", np.array([3.0, 0.999]), passes=0) == INF


@settings(max_examples=60, deadline=None, derandomize=True)
@given(programs())
def test_implied_bounds_cut_no_feasible_point_off(small: Make, parts: Parts) -> None:
    matrix, cost, upper, _ = parts
    program = small(matrix, cost=cost, row_lower=[-9] * len(upper), row_upper=upper, col_upper=[3] * len(cost))
    low, high = implied_bounds(program)
    for point in itertools.product(range(4), repeat=len(cost)):
        if program.violation(np.asarray(point, dtype=float)) == 0.0:
            assert ((point >= low) & (point <= high)).all()


def test_a_coefficient_changes_in_the_model_and_not_in_the_program(small: Make) -> None:
    program = small([[1, 1], [1, 0]], cost=[1, 1], row_upper=[4, 3])
    session = Session(program, "value")
    assert session.solve("lp").objective == pytest.approx(4.0)
    session.change_coefficient(0, 0, 2.0)
    session.change_coefficient(1, 1, 1.0)  # was not there
    assert session.solve("lp").objective == pytest.approx(3.0)
    assert program.matrix.toarray().tolist() == [[1, 1], [1, 0]]


def test_a_warm_lp_needs_fewer_iterations_than_a_cold_one(long_running: Program) -> None:
    session = Session(long_running, "value")
    cold = session.solve("lp", method="simplex")
    session.set_row_bounds([0], -INF, long_running.row_upper[0] * 0.9)
    warm = session.solve("lp", method="simplex")
    assert 0 < warm.iterations < cold.iterations / 5
    session.solve("mip", time_limit=0.2)  # HiGHS forgets its basis here, the session does not
    session.set_row_bounds([0], -INF, long_running.row_upper[0] * 0.8)
    assert session.solve("lp", method="simplex").iterations < cold.iterations / 5


def test_a_basis_travels_to_another_session(long_running: Program) -> None:
    first = Session(long_running, "value")
    cold = first.solve("lp", method="simplex")
    basis = first.get_basis()
    assert basis is not None
    second = Session(long_running, "value")
    assert second.get_basis() is None
    second.add_rows(sparse.csr_matrix(np.ones((1, 400))), -INF, 1e6)
    second.set_basis(basis)
    warm = second.solve("lp", method="simplex")
    assert warm.objective == pytest.approx(cold.objective)
    assert warm.iterations < cold.iterations / 5


def test_interior_point_and_simplex_agree(long_running: Program) -> None:
    session = Session(long_running, "value")
    simplex, interior = session.solve("lp", method="simplex"), session.solve("lp", method="ipx")
    assert interior.objective == pytest.approx(simplex.objective)
    assert interior.row_dual is not None


def test_starts_are_used_whole_and_in_part(small: Make) -> None:
    program = small([[1] * 8], cost=list(range(1, 9)), row_upper=[3], col_upper=[1] * 8, integer=[True] * 8)
    heard: list[float] = []
    session = Session(program, "value")
    session.set_solution([1, 1, 1, 0, 0, 0, 0, 0])
    whole = session.solve(on_solution=lambda _, value: heard.append(value), options={"presolve": "off"})
    assert heard[0] == 6.0
    assert whole.objective == 21.0
    session.set_solution([1.0], indices=[0])
    session.set_col_bounds(range(8), 0.0, 1.0)
    part = session.solve()
    assert part.objective == 21.0  # the start is a hint, not a bound


def test_an_impossible_start_does_no_harm(small: Make) -> None:
    program = small([[1, 1]], cost=[1, 1], row_upper=[3], col_upper=[2, 2], integer=[True, True])
    session = Session(program, "value")
    session.set_solution([2.0, 2.0])
    assert session.solve().objective == 3.0
    session.set_solution([9.0], indices=[0])
    assert session.solve().objective == 3.0


def test_a_point_that_breaks_a_row_is_not_believed(small: Make) -> None:
    """The solver's "optimal" is checked against the arrays: here the arrays of the session were tampered with."""
    session = Session(small([[1, 1]], cost=[1, 1], row_upper=[3]), "value")
    session._mirror.row_upper[0] = 2.0
    result = session.solve("lp")
    assert result.status is Status.FAILED
    assert result.x is None
    assert result.residual == pytest.approx(1 / 3)  # one above 2, beside a term of 3


def test_fractional_bounds_of_integers_are_rounded_inward_for_the_mip_only(small: Make) -> None:
    """HiGHS 1.15.1 calls this model infeasible when it gets the bounds as they are."""
    program = small(
        [[0, 2.5, 0.25]],
        cost=[0, 1, 0],
        sense="min",
        row_lower=[0],
        row_upper=[2.25],
        col_lower=[0, -0.25, 0],
        col_upper=[1, 1, 1],
        integer=[False, True, False],
    )
    session = Session(program, "value")
    whole = session.solve()
    assert (whole.status, whole.objective) == (Status.OPTIMAL, 0.0)
    assert session.solve("lp").objective == pytest.approx(-0.1)
    session.set_col_bounds([1], 0.25, 0.75)
    assert session.solve().status is Status.INFEASIBLE


def test_infeasible_is_not_believed_against_a_feasible_start(small: Make) -> None:
    session = Session(small([[1, 1]], cost=[1, 1], row_lower=[3], col_upper=[1, 1], integer=[True, True]), "value")
    session._mirror.row_lower[0] = 2.0  # what HiGHS was told differs from the arrays
    session.set_solution([1.0, 1.0])
    assert session.solve().status is Status.FAILED


def test_refusals_are_errors_and_options_come_back(small: Make) -> None:
    session = Session(small([[1, 1]], cost=[1, 1], row_upper=[3], integer=[True, True], col_upper=[2, 2]), "value")
    with pytest.raises(SolveError, match="solver = hipo"):
        session.solve("lp", options={"solver": "hipo"})
    with pytest.raises(SolveError, match="no_such_option"):
        session.solve(options={"no_such_option": 1})
    with pytest.raises(SolveError, match="column bounds"):
        session.set_col_bounds([7], 0.0, 1.0)
    before = session._highs.getOptionValue("mip_rel_gap")
    assert session.solve(gap=0.1, options={"presolve": "off"}).objective == 3.0
    assert session._highs.getOptionValue("mip_rel_gap") == before
    assert session._highs.getOptionValue("presolve")[1] == "choose"


# -- interruption, threads ---------------------------------------------------------------------------------------------


@pytest.fixture
def hearing() -> Iterator[None]:
    """Ctrl-C is heard even where the tests run in the background, whose processes ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("hearing")
def test_ctrl_c_ends_a_long_run_with_the_best_plan(long_running: Program) -> None:
    session = Session(long_running, "value")
    timer = threading.Timer(0.7, signal.raise_signal, [signal.SIGINT])
    timer.start()
    result = session.solve(time_limit=30)
    timer.join()
    assert result.status is Status.INTERRUPTED
    assert result.x is not None
    assert long_running.violation(result.x) <= 1e-6
    assert session.solve("lp").status is Status.OPTIMAL  # the session is usable at once


def test_a_run_that_does_not_stop_is_left_behind_with_its_best_plan(
    long_running: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a sub-MIP or the root LP, where HiGHS hears nothing: here it gets no time to hear."""
    monkeypatch.setattr(watch, "PATIENCE_SECONDS", 0.0)
    session = Session(long_running, "value")
    points: list[float] = []
    result = session.solve(on_solution=lambda _, value: points.append(value), should_stop=lambda: len(points) > 3)
    assert result.status is Status.INTERRUPTED
    assert result.message == "left to end by itself"
    assert result.objective == pytest.approx(points[-1])
    assert result.x is not None
    assert long_running.violation(result.x) <= 1e-6
    assert result.bound >= result.objective
    assert session.solve("lp").status is Status.OPTIMAL  # a new HiGHS with the same arrays


def test_a_caller_can_stop_a_run(long_running: Program) -> None:
    began = time.monotonic()
    result = Session(long_running, "value").solve(should_stop=lambda: time.monotonic() - began > 0.4)
    assert result.status is Status.INTERRUPTED


def test_an_error_in_the_callers_code_ends_the_run_and_comes_through(long_running: Program) -> None:
    session = Session(long_running, "value")

    def broken(bound: float, incumbent: float, seconds: float) -> None:
        raise RuntimeError("broken progress")

    with pytest.raises(RuntimeError, match="broken progress"):
        session.solve(progress=broken)
    assert session.solve("lp").status is Status.OPTIMAL


def test_progress_solutions_and_log_are_heard_in_the_callers_thread(long_running: Program) -> None:
    heard: list[tuple[float, float, float]] = []
    points: list[float] = []
    lines: list[str] = []
    threads: set[str] = set()

    def progress(bound: float, incumbent: float, seconds: float) -> None:
        heard.append((bound, incumbent, seconds))
        threads.add(threading.current_thread().name)

    result = Session(long_running, "value").solve(
        time_limit=1.0, progress=progress, on_solution=lambda x, value: points.append(value), log=lines.append
    )
    assert threads == {threading.current_thread().name}
    assert points == sorted(points)
    assert max(points) <= result.objective + 1e-6
    assert any(np.isfinite(bound) and bound >= result.objective for bound, _, _ in heard)
    assert any("400 integer variables" in line for line in lines)


def test_sessions_side_by_side_do_not_disturb_each_other(long_running: Program, knapsack: Program) -> None:
    """Different numbers of threads at the same time, from threads of the caller."""
    results: dict[int, float] = {}

    def work(threads: int) -> None:
        session = Session(long_running, "value", threads=threads)
        session.solve("mip", time_limit=0.4)
        session.set_row_bounds([threads], -INF, 100.0)
        results[threads] = session.solve("lp").objective

    callers = [threading.Thread(target=work, args=[count]) for count in (1, 2, 3)]
    for caller in callers:
        caller.start()
    assert [Session(knapsack, "value").solve().objective for _ in range(5)] == [13.0] * 5
    for caller in callers:
        caller.join()
    for threads in (1, 2, 3):
        fresh = Session(long_running, "value")
        fresh.set_row_bounds([threads], -INF, 100.0)
        assert results[threads] == pytest.approx(fresh.solve("lp").objective)


def test_the_number_of_threads_may_change_and_none_is_left(knapsack: Program) -> None:
    session = Session(knapsack, "value")
    for threads in (1, 2, 1, 3):
        assert session.solve(threads=threads).objective == 13.0
    assert session._highs.getOptionValue("threads")[1] == 0
    deadline = time.monotonic() + 20
    while worker_threads() and time.monotonic() < deadline:
        time.sleep(0.05)  # runs that earlier tests left to end by themselves
    assert worker_threads() == 0


def test_the_same_seed_and_nodes_give_the_same_answer(long_running: Program) -> None:
    points = [Session(long_running, "value", seed=7).solve(gap=0.5).x for _ in range(2)]
    assert points[0] is not None
    assert points[1] is not None
    assert points[0].tolist() == points[1].tolist()


def test_sessions_give_their_memory_back(small: Make) -> None:
    program = small([[1, 1]], cost=[1, 1], row_upper=[3])
    session = Session(program, "value")
    session.solve()
    model = weakref.ref(session._highs)
    del session
    gc.collect()
    assert model() is None
