"""The Python reference, from the docstrings of the public names."""

from __future__ import annotations

import inspect
from typing import Any

from docs_made.text import numpydoc


def page() -> str:
    """The page in Markdown: functions, then classes with their public methods."""
    import optimizer

    public = {name: getattr(optimizer, name) for name in optimizer.__all__}
    functions = {name: thing for name, thing in public.items() if inspect.isfunction(thing)}
    classes = {name: thing for name, thing in public.items() if inspect.isclass(thing)}
    out = ["# Python", "```python\nimport optimizer as opt\n```", "## Functions"]
    out += [_function(f"opt.{name}", thing, "###") for name, thing in sorted(functions.items())]
    out.append("## Classes")
    for name, thing in sorted(classes.items()):
        out += [f"### opt.{name}", numpydoc(inspect.getdoc(thing) or "")]
        out += [_function(f"{name}.{method}", made, "####") for method, made in _methods(thing)]
    return "\n\n".join(out) + "\n"


def _methods(thing: type) -> list[tuple[str, Any]]:
    own = {name: made for name, made in vars(thing).items() if not name.startswith("_")}
    called = {name: getattr(made, "__func__", made) for name, made in own.items()}
    return [(name, made) for name, made in called.items() if inspect.isfunction(made) and inspect.getdoc(made)]


def _function(name: str, thing: Any, level: str) -> str:
    names = [_parameter(each) for each in inspect.signature(thing).parameters.values() if each.name not in ("self", "cls")]
    return f"{level} {name}\n\n```python\n{name}({', '.join(names)})\n```\n\n{numpydoc(inspect.getdoc(thing) or '')}"


def _parameter(each: inspect.Parameter) -> str:
    stars = {each.VAR_POSITIONAL: "*", each.VAR_KEYWORD: "**"}.get(each.kind, "")
    default = "" if each.default is each.empty else f"={each.default!r}"
    return stars + each.name + default
