"""The rooms: which may use which, and how large a module may be."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

import optimizer

ROOT = Path(optimizer.__file__).parent
LONGEST = 450
#: What each room may use, besides itself. A name with a dot is that module and no other.
ROOMS: dict[str, set[str]] = {
    "instance": set(),
    "engine": set(),
    "model": {"instance", "engine"},
    "plan": {"instance"},
    "search": {"engine"},
    "methods": {"engine", "search", "instance.settings"},
    "report": {"plan", "instance", "methods.pareto.front"},
    "whole_steps": {"instance", "engine", "model", "search", "methods"},
    "tightening": {"instance", "plan"},
    "statements": {"instance", "engine", "model", "plan", "search", "methods", "whole_steps"},
    "beginning": {"instance", "engine", "model", "plan", "search", "methods"},
    "solve": {"instance", "engine", "model", "plan", "search", "methods", "beginning", "whole_steps", "tightening", "statements"},
    "pareto": {"instance", "engine", "model", "plan", "search", "methods", "solve"},
    "remembered": {"instance", "engine", "model", "plan", "search", "methods", "solve"},
    "alternatives": {"instance", "engine", "model", "plan", "search", "methods", "solve", "remembered"},
    "weights": {"instance", "engine", "plan", "solve"},
    "fairness": {"instance", "engine", "plan", "beginning", "solve"},
    "sensitivity": {"instance", "engine", "model", "plan", "search", "methods", "solve", "remembered"},
    "review": {"instance", "engine", "model", "plan", "report", "search", "methods", "solve", "alternatives", "sensitivity"},
    "display": {"instance", "plan", "report", "methods.pareto.front", "fairness", "review", "sensitivity"},
    "cli": {"instance", "engine", "plan", "report", "alternatives", "weights", "pareto", "fairness", "solve", "sensitivity",
            "review"},
    "__init__": {"instance", "engine", "plan", "report", "alternatives", "weights", "pareto", "fairness", "solve", "sensitivity",
                 "review", "display"},
    "__main__": {"cli"},
}
#: Inside a room: the audit reads the plan's tables and the instance, and nothing that made the plan.
AUDIT = {"instance"}
MODULES = sorted(path for path in ROOT.rglob("*.py"))


@cache
def told(path: Path) -> tuple[list[ast.Import | ast.ImportFrom], set[str]]:
    """What a module imports, and the plain names that it calls."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    calls = {node.func.id for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    return [node for node in nodes if isinstance(node, ast.Import | ast.ImportFrom)], calls


@cache
def used(path: Path) -> set[str]:
    """The modules of the package that a module imports, without the package's name."""
    out: set[str] = set()
    for node in told(path)[0]:
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} imports relatively"
            module = node.module or ""
            out |= {f"{module}.{name.name}" for name in node.names} if module == "optimizer" else {module}
        else:
            out |= {name.name for name in node.names}
    return {name.removeprefix("optimizer.") for name in out if name.startswith("optimizer.")}


def room_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


@pytest.mark.parametrize("room", sorted({room_of(path) for path in MODULES}))
def test_a_room_uses_only_rooms_below_it(room):
    allowed = ROOMS[room] | {room}
    wrong = {
        (str(path.relative_to(ROOT)), module) for path in MODULES if room_of(path) == room for module in used(path)
        if not any(module == name or module.startswith(f"{name}.") for name in allowed)
    }
    assert wrong == set()


def test_the_rooms_stand_on_one_another_and_never_in_a_circle():
    floor: dict[str, int] = {}
    while len(floor) < len(ROOMS):
        ready = {room for room in ROOMS if room not in floor and {name.split(".")[0] for name in ROOMS[room]} <= set(floor)}
        assert ready, set(ROOMS) - set(floor)
        floor |= dict.fromkeys(ready, max(floor.values(), default=-1) + 1)
    assert floor["instance"] == floor["engine"] == 0


def test_the_audit_knows_neither_solver_nor_what_made_the_plan():
    inside = [path for path in MODULES if path.is_relative_to(ROOT / "plan" / "audit")]
    assert inside
    wrong = {
        (path.name, module) for path in inside for module in used(path)
        if not module.startswith(("plan.audit", *AUDIT)) and module not in ("plan.plan", "plan.files")
    }
    assert wrong == set()
    assert not {(path.name, module) for path in inside for module in used(path) if module == "instance.baselines"}


def test_only_the_engine_knows_the_solver():
    wrong = []
    for path in MODULES:
        names = {node.names[0].name if isinstance(node, ast.Import) else node.module or "" for node in told(path)[0]}
        if any(name.split(".")[0] == "highspy" for name in names) and room_of(path) != "engine":
            wrong.append(str(path.relative_to(ROOT)))
    assert wrong == []


@pytest.mark.parametrize("library", ["pickle", "marshal", "shelve", "subprocess"])
def test_nothing_from_a_file_is_executed(library):
    for path in MODULES:
        imports, calls = told(path)
        for node in imports:
            names = [name.name for name in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            assert library not in names, path
        assert not calls & {"eval", "exec"}, path


def test_no_module_is_long():
    sizes = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    assert {name: size for name, size in sizes.items() if size > LONGEST} == {}
