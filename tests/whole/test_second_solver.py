"""Exported models read by solvers that are not HiGHS give the same optimum."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from numbers_alone import program_of
from tiny_worlds import World, world

import optimizer as opt
from optimizer.engine.session import Session

SEEDS = range(3000, 3024)


def glpk(file: Path, answer: Path) -> float | None:
    """The optimum that glpsol finds; None if it proves that there is none."""
    kind = "--freemps" if file.suffix == ".mps" else "--lp"
    subprocess.run(["glpsol", kind, str(file), "-o", str(answer)], capture_output=True, text=True, timeout=60, check=True)
    text = answer.read_text()
    status = re.search(r"^Status: +(.+)$", text, re.MULTILINE)
    if status is None or status[1] not in ("OPTIMAL", "INTEGER OPTIMAL"):
        return None
    found = re.search(r"^Objective: .*= *([-+0-9.eE]+) \(", text, re.MULTILINE)
    assert found is not None, text[:400]
    return float(found[1])


def cbc(file: Path, answer: Path) -> float | None:
    """The optimum that cbc finds; None if it proves that there is none."""
    subprocess.run(["cbc", str(file), "-ratioGap", "0", "-solve", "-solu", str(answer)], capture_output=True, text=True,
                   timeout=60, check=True)
    head = answer.read_text().splitlines()[0]
    if "nfeasible" in head:
        return None
    found = re.match(r"Optimal - objective value ([-+0-9.eE]+)", head)
    assert found is not None, head
    return float(found[1])


SOLVERS = {"glpsol": glpk, "cbc": cbc}


def exported(given: World, suffix: str, folder: Path) -> tuple[Path, float | None]:
    """The file of the first level, and what HiGHS makes of it in the file's sense."""
    instance = given.instance()
    path = folder / f"model{suffix}"
    opt.export(instance, path)
    result = Session(program_of(instance), "coverage").solve("mip")
    return path, None if result.x is None else result.objective


@pytest.mark.parametrize("suffix", [".mps", ".lp"])
@pytest.mark.parametrize("solver", sorted(SOLVERS))
def test_the_same_optimum_from_another_solver(solver, suffix, tmp_path):
    if shutil.which(solver) is None:
        pytest.skip(f"{solver} is not installed")
    wrong, feasible = [], 0
    for seed in list(SEEDS)[: 12 if suffix == ".mps" else 6]:
        path, ours = exported(world(seed), suffix, tmp_path)
        theirs = SOLVERS[solver](path, tmp_path / "answer.txt")
        feasible += ours is not None
        # a maximum is written as the minimum of its negative where a format knows no sense
        if (ours is None) != (theirs is None) or (ours is not None and abs(abs(ours) - abs(theirs)) > 1e-5 * max(1.0, abs(ours))):
            wrong.append((seed, ours, theirs))
    assert wrong == []
    assert feasible >= 3


@pytest.mark.thorough
def test_the_linear_program_of_a_shipped_instance_from_another_solver(tmp_path):
    """66 counties, 89 donors, 1,027 projects: the relaxation, column generation and all, against GLPK on the exported whole."""
    if shutil.which("glpsol") is None:
        pytest.skip("glpsol is not installed")
    instance = opt.read(Path(__file__).parents[2] / "instances" / "zhejiang-sichuan")
    path, answer = tmp_path / "model.mps", tmp_path / "answer.txt"
    opt.export(instance, path)
    subprocess.run(["glpsol", "--freemps", str(path), "--nomip", "-o", str(answer)], capture_output=True, text=True,
                   timeout=300, check=True)
    text = answer.read_text()
    assert re.search(r"^Status: +OPTIMAL$", text, re.MULTILINE)
    found = re.search(r"^Objective: .*= *([-+0-9.eE]+) \(", text, re.MULTILINE)
    assert found is not None
    assert abs(float(found[1])) == pytest.approx(opt.Session(instance).relax().value, rel=1e-8)
