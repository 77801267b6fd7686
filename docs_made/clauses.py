"""The model page: every function of `optimizer.model` that adds columns or rows, with its own docstring."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path

from docs_made.text import clause, plain, prose

MODEL = Path(__file__).resolve().parents[1] / "optimizer" / "model"
STATES = {"state", "declare", "state_rule", "state_rows"}
"""Calls by which a function adds something to the program."""
NOTES = re.compile(r" \((MODEL|FORMAT)[^)]*\)")
"""Pointers to the developers' own notes, which readers of the page do not have."""
INNER = {"common.py", "algebra.py"}
"""Modules that offer these calls and state nothing of their own."""
ROOMS = (
    ("Decisions", ("decisions",)),
    ("Budgets and accounts", ("accounts",)),
    ("Coverage", ("coverage", "counted")),
    ("Pairing", ("pairing",)),
    ("Projects", ("projects",)),
    ("Rules", ("rules/",)),
    ("Outcomes", ("outcomes",)),
    ("Equity", ("equity/",)),
)
SYMBOLS = """
Counties i, needs k, categories c, streams s (pairing streams g), projects p, donors d, candidate pairs (d,i), resources r,
periods t, tiers j; ρ is the share that relapses. Money is in the instance's unit, people are persons.
"""


@dataclass(frozen=True)
class Clause:
    """A function that adds columns or rows.

    Attributes
    ----------
    module : its file below `optimizer/model`, without the ending
    name : of the function
    doc : its docstring; empty if it has none
    """

    module: str
    name: str
    doc: str


def clauses() -> list[Clause]:
    """Every such function, module by module in the order of the source."""
    found = []
    for file in sorted(MODEL.rglob("*.py")):
        if file.name in INNER:
            continue
        module = file.relative_to(MODEL).with_suffix("").as_posix()
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and _states(node):
                found.append(Clause(module, node.name, ast.get_docstring(node) or ""))
    return found


def _states(node: ast.FunctionDef) -> bool:
    calls = (call.func for call in ast.walk(node) if isinstance(call, ast.Call))
    return any(isinstance(func, (ast.Attribute, ast.Name)) and _name(func) in STATES for func in calls)


def _name(func: ast.Attribute | ast.Name) -> str:
    return func.attr if isinstance(func, ast.Attribute) else func.id


def module_doc(module: str) -> str:
    """The docstring of a module of the model."""
    doc = ast.get_docstring(ast.parse((MODEL / f"{module}.py").read_text(encoding="utf-8"))) or ""
    return NOTES.sub("", doc)


def page() -> str:
    """The page in Markdown: rooms, their modules, and in each its clauses."""
    out = ["# The model", SYMBOLS.strip(),
           "This page is made from the docstrings of the functions that state the model: what stands here is what is solved."]
    known = clauses()
    for title, starts in ROOMS:
        out.append(f"## {title}")
        modules = dict.fromkeys(one.module for start in starts for one in known if one.module.startswith(start))
        for module in modules:
            out.append(prose(module_doc(module)))
            out += [f"### {_title(one)}\n\n{clause(one.doc)}\n\n<small>`optimizer/model/{one.module}.py`, `{one.name}`</small>"
                    for one in known if one.module == module and one.doc]
    out.append(criteria())
    return "\n\n".join(part for part in out if part) + "\n"


def criteria() -> str:
    """The criteria that every instance has, and the forms of equity."""
    from optimizer.model.criteria import BUILT_IN
    from optimizer.model.equity import FORMS

    rows = [f"| `{name}` | {_row(made.__doc__)} |" for name, made in BUILT_IN.items()]
    forms = [f"| `{name}` | {_row(form.__doc__)} |" for name, form in sorted(FORMS.items())]
    head = "| name | meaning |\n|---|---|"
    return "\n\n".join(("## Criteria", "Numbers to make large or small that every instance has:", "\n".join((head, *rows)),
                        "Forms of equity, over any outcome:", "\n".join((head, *forms))))


def _row(doc: str | None) -> str:
    return plain(" ".join((doc or "").split("\n\n")[0].split()))


def _title(one: Clause) -> str:
    words = one.name.strip("_").removeprefix("state_").removeprefix("declare_").replace("_", " ")
    return words[:1].upper() + words[1:]
