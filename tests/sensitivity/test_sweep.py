"""Sweeps: each run against a solve of its own, files that grow and go on, failures, and any number of workers."""

from __future__ import annotations

import json
import math
import os
import signal
import threading
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest

import optimizer as opt
from optimizer.sensitivity.whatif import executors, worker
from optimizer.sensitivity.whatif import sweep as sweep_module
from optimizer.sensitivity.whatif.executors import ClusterError
from optimizer.sensitivity.whatif.growing import OtherSweepError
from optimizer.sensitivity.whatif.worker import answered

BUDGETS = [60, 100, 130, 220, 400]


def two(**changes) -> opt.Instance:
    """A person costs 1 in A and 3 in B, 100 people in need in each; a well in B reaches 40 people for 75."""
    return opt.Instance.from_frames(
        counties=pd.DataFrame({"county": ["A", "B"], "population": [1000, 1000]}),
        needs=pd.DataFrame({"county": ["A", "B"], "need": ["water", "water"], "people": [100, 100], "unit_cost": [1.0, 3.0]}),
        projects=pd.DataFrame({"project": ["well"], "county": ["B"], "category": ["infra"], "cost": [75]}),
        effects=pd.DataFrame({"project": ["well"], "need": ["water"], "people": [40]}),
        settings={
            "format": 1, "periods": [2026], "money": {"unit": "million_yuan", "step": 1},
            "needs": {"water": {"kind": "lasting", "category": "infra"}}, "categories": {"infra": {}},
            "streams": {"central": {"budget": 120}},
            "rules": [{"id": "floor", "type": "bound", "sentence": "B gets some money.", "of": {"sum": "money", "county": "B"},
                       "min": 30}],
            **changes,
        },
    )


def best(budget: float, floor: float) -> float:
    """People covered at most, by trying every whole amount for A, and the well or not."""
    whole = [
        min(100, a) + well * 40 + min(100 - 40 * well, (b - 75 * well) // 3)
        for a in range(int(min(budget, 100)) + 1) for b in [budget - a] for well in (0, 1) if b >= max(floor, 75 * well)
    ]
    return max(whole)


@pytest.fixture(scope="module")
def swept() -> opt.Runs:
    return opt.sweep(two(), {"budget.central": BUDGETS, "rule.floor.min": [0, 50]})


def test_every_run_is_the_best_plan_by_enumeration(swept):
    assert swept.complete
    for row in swept.table.to_dict("records"):
        assert row["coverage"] == best(row["budget.central"], row["rule.floor.min"]), row
        assert row["bound"] == pytest.approx(row["coverage"])
    assert swept.base["coverage"] == best(120, 30)
    assert (swept.table["status"] == "optimal").all() and (swept.table["exit"] == 0).all()


def test_every_run_agrees_with_a_solve_of_its_own(swept):
    for run in (0, 7):
        plan = opt.solve(two().with_(swept.grid.runs[run]))
        row = swept.table.loc[run]
        values = plan.criteria.drop_duplicates("criterion").set_index("criterion")["value"]
        assert row["coverage"] == values["coverage"]
        assert row["criterion.gap"] == values["gap"]  # the built-in criterion beside the gap of the solve
        assert row["gap"] == 0


def test_the_columns_are_those_of_the_format(swept):
    columns = list(swept.table.columns)
    assert columns[:5] == ["run", "budget.central", "rule.floor.min", "status", "exit"]
    assert columns[5] == "coverage"
    assert columns[-4:] == ["bound", "gap", "seconds", "error"]
    assert swept.table["run"].tolist() == list(range(len(BUDGETS) * 2))
    assert swept.table["budget.central"].dtype.kind in "if"


def without_clock(runs: opt.Runs) -> pd.DataFrame:
    return runs.table.drop(columns="seconds")


@pytest.mark.thorough
@pytest.mark.parametrize("relax", [False, True])
def test_answers_do_not_depend_on_workers_or_order(relax):
    asked = {"budget.central": [60, 100, 140] if relax else [160], "rule.floor.active": [1, 0],
             "needs.people[county=B]": ["x1", "x1.5"]}
    alone = opt.sweep(two(), asked, relax=relax)
    beside = opt.sweep(two(), asked, relax=relax, workers=2)
    pd.testing.assert_frame_equal(without_clock(alone), without_clock(beside), check_exact=True)
    with ThreadPoolExecutor(3) as pool:
        pd.testing.assert_frame_equal(without_clock(alone), without_clock(opt.sweep(two(), asked, relax=relax, executor=pool)))
    if not relax:
        table = alone.grid.runs
        turned = opt.sweep(two(), list(reversed(table)))
        values = turned.table["coverage"].to_numpy()[::-1]
        assert values.tolist() == alone.table["coverage"].tolist()


def test_relaxations_are_the_linear_program_s():
    """The well at 75 for 40 people is cheaper a head (1.875) than direct support in B (3)."""
    runs = opt.sweep(two(), {"budget.central": [50, 120, 150, 1000], "rule.floor.min": [0]}, relax=True)
    by_hand = [50, 100 + 20 / 1.875, 100 + 50 / 1.875, 200]
    np.testing.assert_allclose(runs.table["coverage"], by_hand, atol=1e-5)
    assert [name for name in runs.table.columns if name in ("spend", "coverage_share")] == []
    with pytest.raises(ValueError, match="no plans"):
        runs.compare(0, 1)


def test_failures_are_recorded_run_by_run():
    runs = opt.sweep(two(), {"budget.central": [20, 120, "plenty"], "rule.floor.min": [0, 30]})
    assert runs.complete
    assert runs.table["status"].tolist() == ["optimal", "infeasible", "optimal", "optimal", "input", "input"]
    assert runs.table["exit"].tolist() == [0, 3, 0, 0, 2, 2]
    assert runs.failures["run"].tolist() == [1, 4, 5]
    assert all(runs.failures["error"].str.len() > 20) and "plenty" in runs.table.loc[4, "error"]
    assert math.isnan(runs.table.loc[1, "coverage"])
    with pytest.raises(opt.InstanceError):
        runs.plan(1)


def test_a_fault_of_ours_stops_nothing_either(monkeypatch):
    session = worker.Session

    class Broken(session):
        def solve(self, changes=None, **options):
            if changes and changes["budget.central"] == 90:
                raise AssertionError("no\nway")
            return super().solve(changes, **options)

    monkeypatch.setattr(worker, "Session", Broken)
    worker.forget()
    runs = opt.sweep(two(title="broken"), {"budget.central": [60, 90, 100]})
    assert runs.table["status"].tolist() == ["optimal", "failed", "optimal"]
    assert runs.table.loc[1, ["exit", "error"]].tolist() == [1, "AssertionError: no way"]


def test_a_change_may_be_what_mends_an_instance_without_a_plan():
    runs = opt.sweep(two(streams={"central": {"budget": 10}}), {"budget.central": [10, 120]})
    assert runs.base["status"] == "infeasible"
    assert runs.table["status"].tolist() == ["infeasible", "optimal"]
    assert runs.table.loc[1, "coverage"] == best(120, 30)


def test_a_rule_can_be_switched_off():
    runs = opt.sweep(two(), {"rule.floor.active": [True, False], "budget.central": [110]})
    assert runs.table["coverage"].tolist() == [best(110, 30), best(110, 0)]
    assert runs.table["coverage"].is_monotonic_increasing and runs.table["coverage"].nunique() == 2


# -- files ---------------------------------------------------------------------------------------------------------------


def stopping_after(count: int, folder):
    """A wish to stop once so many runs stand in the file."""
    def stop() -> bool:
        file = folder / "runs.csv"
        return file.exists() and len(file.read_text(encoding="utf-8-sig").splitlines()) > count
    return stop


@pytest.mark.parametrize("relax", [False, True])
def test_an_interrupted_sweep_goes_on_where_it_was(tmp_path, relax):
    asked = {"budget.central": list(range(100, 200, 5 if relax else 20))}
    most = 8 if relax else 2  # a chunk of relaxations ends as a whole
    whole = opt.sweep(two(), asked, relax=relax)
    part = opt.sweep(two(), asked, relax=relax, out=tmp_path / "s", should_stop=stopping_after(most, tmp_path / "s"))
    assert not part.complete and len(part.table) == most
    before = (tmp_path / "s" / "runs.csv").read_text(encoding="utf-8-sig")
    again = opt.sweep(two(), asked, relax=relax, out=tmp_path / "s")
    after = (tmp_path / "s" / "runs.csv").read_text(encoding="utf-8-sig")
    assert again.complete and after.startswith(before)  # seconds and all: what had ended was not asked again
    pd.testing.assert_frame_equal(without_clock(again), without_clock(whole), check_exact=True)


def test_a_line_that_was_cut_short_and_a_failed_run_are_asked_again(tmp_path):
    asked = {"budget.central": [60, 90, 120]}
    first = opt.sweep(two(), asked, out=tmp_path)
    file = tmp_path / "runs.csv"
    lines = file.read_text(encoding="utf-8-sig").splitlines(keepends=True)
    lines[2] = lines[2].replace("optimal,0", "failed,1")
    file.write_text("".join(lines[:3]) + lines[3][:9], encoding="utf-8-sig")
    again = opt.sweep(two(), asked, out=tmp_path)
    pd.testing.assert_frame_equal(without_clock(again), without_clock(first), check_exact=True)
    assert again.table.loc[0, "seconds"] == first.table.loc[0, "seconds"]


def test_the_file_is_the_table(tmp_path):
    runs = opt.sweep(two(), {"needs.people[county=A|B]": opt.times([0.5, 1]), "budget.central": [20, 60]}, out=tmp_path)
    text = (tmp_path / "runs.csv").read_bytes()
    assert text.startswith(b"\xef\xbb\xbfrun,") and b"\r" not in text
    read = pd.read_csv(tmp_path / "runs.csv", keep_default_na=False, na_values={name: [""] for name in ("coverage", "gap")})
    assert read["needs.people[county=A|B]"].tolist() == ["x0.5", "x0.5", "x1", "x1"]
    np.testing.assert_array_equal(read["coverage"], runs.table["coverage"])
    assert runs.write(tmp_path / "copy").read_bytes().splitlines() == text.splitlines()


@pytest.mark.parametrize(("instance", "asked", "relax"), [
    (two(streams={"central": {"budget": 121}}), {"budget.central": [60]}, False),
    (two(), {"budget.central": [61]}, False),
    (two(), {"budget.central": [60]}, True),
])
def test_a_folder_of_another_sweep_is_refused(tmp_path, instance, asked, relax):
    opt.sweep(two(), {"budget.central": [60]}, out=tmp_path)
    before = (tmp_path / "runs.csv").read_bytes()
    with pytest.raises(OtherSweepError, match="another folder"):
        opt.sweep(instance, asked, relax=relax, out=tmp_path)
    assert (tmp_path / "runs.csv").read_bytes() == before


def test_a_file_of_somebody_else_is_left_alone(tmp_path):
    (tmp_path / "runs.csv").write_text("mine\n", encoding="utf-8")
    with pytest.raises(OtherSweepError):
        opt.sweep(two(), {"budget.central": [60]}, out=tmp_path)
    assert (tmp_path / "runs.csv").read_text(encoding="utf-8") == "mine\n"


@pytest.mark.skipif(os.name == "nt", reason="signals are sent otherwise there")
def test_ctrl_c_ends_a_sweep_with_the_runs_so_far(tmp_path, monkeypatch):
    asked = {"budget.central": list(range(100, 106))}
    count = []

    def interrupting(*given):
        count.append(given)
        if len(count) == 4:
            signal.raise_signal(signal.SIGINT)
        return answered(*given)

    monkeypatch.setattr(sweep_module, "answered", interrupting)
    before = signal.getsignal(signal.SIGINT)
    runs = opt.sweep(two(), asked, out=tmp_path)
    assert not runs.complete and len(runs.table) == 2  # the first of four was the unchanged instance, the last was cut short
    assert signal.getsignal(signal.SIGINT) is before
    monkeypatch.undo()
    assert opt.sweep(two(), asked, out=tmp_path).complete


def test_plans_are_written_and_compared(tmp_path):
    runs = opt.sweep(two(), {"budget.central": [120, 220]}, out=tmp_path, plans=True)
    assert sorted(path.name for path in (tmp_path / "plans").iterdir()) == ["0000", "0001", "base"]
    found = runs.compare(0, 1)
    assert found.counties["money_change"].sum() == 100
    assert (found.projects["project"] == "well").all() and len(found.projects) == 1
    assert set(found.differences["kind"]) >= {"county", "project", "criterion", "rule"}
    assert runs.compare(None, 0).counties["money_change"].abs().sum() == 0
    again = opt.sweep(two(), {"budget.central": [120, 220]})  # nothing written: solved again, to the same plan
    pd.testing.assert_frame_equal(again.compare(0, 1).differences, found.differences)
    with pytest.raises(ValueError, match="no run 2"):
        runs.plan(2)


# -- places --------------------------------------------------------------------------------------------------------------


class Dying(Executor):
    """Breaks whenever it is given the run with a budget of 90, as a process would that the system has killed."""

    def submit(self, call, *given):
        future = Future()
        if any(changes.get("budget.central") == 90 for _, changes in given[1]):
            future.set_exception(BrokenExecutor("gone"))
        else:
            future.set_result(call(*given))
        return future


def test_a_run_that_kills_its_worker_is_recorded_and_the_others_go_on(monkeypatch):
    from contextlib import contextmanager

    renewed = []

    @contextmanager
    def processes(workers):
        yield executors.Place(Dying(), workers, renew=lambda: renewed.append(1))

    monkeypatch.setattr(executors, "_processes", processes)
    runs = opt.sweep(two(), {"budget.central": [60, 90, 100, 130]}, workers=2)
    assert runs.table["status"].tolist() == ["optimal", "failed", "optimal", "optimal"]
    assert "worker" in runs.table.loc[1, "error"]
    assert renewed == [1, 1]


def test_an_executor_of_the_caller_that_breaks_is_said(tmp_path):
    with pytest.raises(BrokenExecutor):
        opt.sweep(two(), {"budget.central": [60, 90]}, executor=Dying(), out=tmp_path)
    assert json.loads((tmp_path / "sweep.json").read_text(encoding="utf-8"))["runs"] == 2


@pytest.mark.thorough
@pytest.mark.filterwarnings("ignore")
def test_a_dask_cluster_answers_by_its_address():
    distributed = pytest.importorskip("distributed", reason="Dask is not installed")
    asked = {"budget.central": BUDGETS}
    with distributed.LocalCluster(n_workers=1, threads_per_worker=2, processes=True, dashboard_address=None) as cluster:
        runs = opt.sweep(two(), asked, cluster=cluster.scheduler_address)
    pd.testing.assert_frame_equal(without_clock(runs), without_clock(opt.sweep(two(), asked)), check_exact=True)


@pytest.mark.filterwarnings("ignore")
def test_an_address_without_a_cluster_is_a_fault_of_the_input():
    pytest.importorskip("distributed", reason="Dask is not installed")
    with pytest.raises(ClusterError, match="No Dask scheduler"):
        opt.sweep(two(), {"budget.central": [60]}, cluster="nonsense://nowhere")


@pytest.mark.parametrize("options", [{"workers": 0}, {"workers": 2, "executor": Dying()}, {"plans": True},
                                     {"plans": True, "relax": True, "out": "x"}])
def test_contradictions_are_refused(options):
    with pytest.raises(ValueError):
        opt.sweep(two(), {"budget.central": [60]}, **options)


def test_threads_do_not_share_a_program():
    found: dict[int, object] = {}
    job = worker.Job(two(), "threads")

    def ask(number: int) -> None:
        answered(job, [(number, {"budget.central": 100 + number})])
        found[number] = worker._kept.session

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found[0] is not found[1]
