"""Exported models are read by GLPK, CBC and HiGHS to the same optimum."""

from __future__ import annotations

import csv
import math
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import highspy
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import sparse

from optimizer.engine.export import write_lp, write_mps
from optimizer.engine.outcome import Status
from optimizer.engine.program import Linear, Program
from optimizer.engine.session import Session

INF = np.inf
Make = Callable[..., Program]
Reader = Callable[[Path], float]


def run_glpk(file: Path) -> float:
    """Optimum by glpsol; nan where it finds the model infeasible."""
    answer = file.with_suffix(".glpk")
    kind = "--lp" if file.suffix == ".lp" else "--freemps"
    done = subprocess.run(["glpsol", kind, str(file), "-o", str(answer)], capture_output=True, text=True, check=True)
    text = answer.read_text(encoding="utf-8")
    if "NO PRIMAL FEASIBLE" in done.stdout or re.search(r"Status: +(INTEGER EMPTY|INFEASIBLE)", text):
        return math.nan
    assert re.search(r"Status: +(INTEGER )?OPTIMAL", text), done.stdout
    found = re.search(r"Objective: .* = (\S+) \(M", text)
    assert found
    return float(found.group(1))


def run_cbc(file: Path) -> float:
    """Optimum by cbc; nan where it finds the model infeasible."""
    answer = file.with_suffix(".cbc")
    subprocess.run(["cbc", str(file), "solve", "solution", str(answer)], capture_output=True, text=True, check=True)
    first = answer.read_text(encoding="utf-8").splitlines()[0]
    if "nfeasible" in first:
        return math.nan
    assert first.startswith("Optimal"), first
    return float(first.rpartition(" ")[2])


def run_highs(file: Path) -> float:
    """Optimum by HiGHS; nan where it finds the model infeasible."""
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    assert highs.readModel(str(file)) == highspy.HighsStatus.kOk
    highs.run()
    if highs.getModelStatus() == highspy.HighsModelStatus.kInfeasible:
        return math.nan
    assert highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return float(highs.getInfo().objective_function_value)


def _needs(program: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"the second solver {program} is not installed")


readers = pytest.mark.parametrize(
    "reader",
    [
        pytest.param(run_glpk, marks=_needs("glpsol"), id="glpk"),
        pytest.param(run_cbc, marks=_needs("cbc"), id="cbc"),
        pytest.param(run_highs, id="highs"),
    ],
)


@pytest.fixture
def awkward() -> Program:
    """Every shape a format can trip over: names, ranges, free rows, empty rows, bounds of all kinds, constants."""
    return Program.build(
        [
            ("transfer", pd.DataFrame({"county": ["A", "贡山 县", "*B"], "period": [2026] * 3})),
            ("free", pd.DataFrame(index=range(1))),
            ("end", pd.DataFrame(index=range(1))),
            ("unused", pd.DataFrame({"k": [1]})),
            ("e12", pd.DataFrame({"k": ["x" * 100 + "贡" * 100]})),
        ],
        [
            ("budget", pd.DataFrame({"period": [2026]})),
            ("link", pd.DataFrame({"county": ["贡山 县", "*B"]})),
            ("empty", pd.DataFrame({"k": [1]})),
            ("value", pd.DataFrame(index=range(1))),
        ],
        sparse.csr_matrix([[2, 3, 1, 1, 0, 0, 1], [0, 1, 0, -1, 1, 0, 0], [1, 1, 1, 1, 1, 0, -1], [0] * 7, [1] + [0] * 6]),
        row_lower=np.array([-INF, -2, 3, -1, -INF]),
        row_upper=np.array([20.5, 6.25, 3, INF, INF]),
        col_lower=np.array([0, 0, -2, -INF, -INF, 0, -5]),
        col_upper=np.array([4, INF, 1.5, 3.25, INF, 7, -2]),
        integer=np.array([True, True, False, False, False, False, True]),
        criteria={
            "value": Linear("max", np.array([3, 2, 1, -1, -0.1, 0, 1]), 100.0, "people"),
            "cost": Linear("min", np.array([3, -2, 1, -1, 0.1, 0, 1 / 3]), -0.5, "10,000 yuan"),
        },
    )


@readers
@pytest.mark.parametrize("criterion", ["value", "cost"])
def test_awkward_models_keep_their_optimum(awkward: Program, criterion: str, reader: Reader, tmp_path: Path) -> None:
    best = Session(awkward, criterion).solve().objective
    sign = -1.0 if criterion == "value" else 1.0  # an MPS file always minimises
    assert reader(write_mps(awkward, criterion, tmp_path / "model.mps")[0]) == pytest.approx(sign * best)
    assert reader(write_lp(awkward, criterion, tmp_path / "model.lp")[0]) == pytest.approx(best)


@st.composite
def arrays(draw: st.DrawFn) -> dict[str, list[float]]:
    n_columns, n_rows = draw(st.integers(1, 4)), draw(st.integers(0, 3))

    def numbers(count: int, low: int, high: int) -> list[float]:
        return draw(st.lists(st.integers(low, high).map(lambda k: k / 4), min_size=count, max_size=count))

    lower = [draw(st.sampled_from([-INF, k])) for k in numbers(n_rows, -20, 8)]
    upper = [draw(st.sampled_from([INF, k, low])) for k, low in zip(numbers(n_rows, 9, 40), lower, strict=True)]
    return {
        "matrix": [numbers(n_columns, -12, 20) for _ in range(n_rows)],
        "cost": numbers(n_columns, -12, 20),
        "row_lower": lower,
        "row_upper": [INF if value == -INF else value for value in upper],
        "col_lower": numbers(n_columns, -12, 4),
        "col_upper": numbers(n_columns, 4, 24),
        "integer": draw(st.lists(st.booleans(), min_size=n_columns, max_size=n_columns)),
        "constant": draw(st.sampled_from([0.0, 2.5, -7.0])),
    }


@readers
@settings(
    max_examples=20, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(arrays(), st.sampled_from(["max", "min"]))
def test_random_models_keep_their_optimum(
    small: Make, tmp_path: Path, reader: Reader, parts: dict[str, list[float]], sense: str
) -> None:
    program = small(**parts, sense=sense)
    result = Session(program, "value").solve()
    assert result.status in (Status.OPTIMAL, Status.INFEASIBLE)
    sign = -1.0 if sense == "max" else 1.0
    read = [
        sign * reader(write_mps(program, "value", tmp_path / "model.mps")[0]),
        reader(write_lp(program, "value", tmp_path / "model.lp")[0]),
    ]
    assert read == pytest.approx([result.objective] * 2, abs=1e-6, nan_ok=True)


def test_mps_keeps_names_and_says_what_it_minimises(awkward: Program, tmp_path: Path) -> None:
    files = write_mps(awkward, "value", tmp_path / "model.mps")
    text = files[0].read_text(encoding="utf-8")
    assert "to be maximised; this file minimises its negative: value = -(minus_value)" in text
    assert " transfer[A,2026] budget[2026] 2\n" in text
    assert " transfer[贡山_县,2026] minus_value -2\n" in text
    with files[1].open(encoding="utf-8-sig", newline="") as table:
        original = {row["name"]: row["original"] for row in csv.DictReader(table)}
    assert original["transfer[贡山_县,2026]"] == "transfer[贡山 县,2026]"
    assert original["free"] == "free"
    assert max(len(name.encode()) for name in original) <= 120


def test_mps_with_plain_names_needs_no_table(small: Make, tmp_path: Path) -> None:
    program = small([[1, 1]], cost=[1, 1], row_upper=[3])
    assert write_mps(program, "value", tmp_path / "model.mps") == (tmp_path / "model.mps",)


def test_names_that_become_alike_stay_apart(tmp_path: Path) -> None:
    program = Program.build(
        [("x", pd.DataFrame({"county": ["a b", "a_b", "a  b"]}))],
        [],
        sparse.csr_matrix((0, 3)),
        row_lower=np.zeros(0),
        row_upper=np.zeros(0),
        col_lower=np.zeros(3),
        col_upper=np.array([1.0, 2.0, 4.0]),
        criteria={"value": Linear("max", np.ones(3))},
    )
    files = write_mps(program, "value", tmp_path / "model.mps")
    with files[1].open(encoding="utf-8-sig", newline="") as table:
        names = [row["name"] for row in csv.DictReader(table)]
    assert names == ["x[a_b]", "x[a_b]~2", "x[a_b]~3"]
    assert run_highs(files[0]) == -7.0


def test_the_lp_table_names_exactly_what_is_in_the_file(awkward: Program, tmp_path: Path) -> None:
    lp, names = write_lp(awkward, "cost", tmp_path / "model.lp")
    with names.open(encoding="utf-8-sig", newline="") as table:
        rows = list(csv.DictReader(table))
    by_name = {row["name"]: row for row in rows}
    assert by_name["c1_transfer_2026"] == {
        "name": "c1_transfer_2026",
        "kind": "column",
        "clause": "transfer",
        "index": "贡山 县,2026",
        "original": "transfer[贡山 县,2026]",
    }
    assert {"r1_link_least", "r1_link_most"} <= set(by_name)
    words = set(re.findall(r"\b[rc]\d+_\w+", lp.read_text(encoding="ascii")))
    assert words == set(by_name)
