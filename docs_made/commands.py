"""The command line reference, from the commands themselves."""

from __future__ import annotations

import inspect
from enum import Enum
from typing import Any

import typer

from docs_made.text import plain, prose

STATUS = """
| exit status | meaning |
|---|---|
| 0 | done: optimal, or within the gap asked for |
| 1 | a fault of the program; also: an audit found that a plan does not hold |
| 2 | the input's fault, every problem named |
| 3 | infeasible: no plan can hold all hard rules |
| 4 | stopped at a limit or by Ctrl-C; the best plan so far is written, with its bound |
| 5 | the same, but no plan had been found |
"""


def page() -> str:
    """The page in Markdown."""
    from optimizer.cli.main import app

    group: Any = typer.main.get_command(app)
    out = ["# Command line", "`python -m optimizer` is the same as `optimizer`. Every command has `--help`.", STATUS.strip()]
    for name, command in group.commands.items():
        out.append(f"## optimizer {name}")
        out.append(prose(inspect.cleandoc(command.help or "")))
        out.append(_usage(name, command.params))
        out.append(_table(command.params))
    return "\n\n".join(out) + "\n"


def _usage(name: str, params: list[Any]) -> str:
    places = [_placed(param) for param in params if param.param_type_name == "argument"]
    return f"```text\noptimizer {' '.join([name, *places, '[OPTIONS]'])}\n```"


def _placed(param: Any) -> str:
    word = str(param.metavar or param.name.upper()) + ("..." if param.nargs == -1 else "")
    return word if param.required else f"[{word}]"


def _table(params: list[Any]) -> str:
    rows = []
    for param in params:
        if param.param_type_name == "argument":
            word = f"`{_placed(param)}`"
        else:
            word = ", ".join(f"`{each}`" for each in (*param.opts, *param.secondary_opts))
            word += "" if param.is_flag else f" {_metavar(param)}"
        default = param.default if isinstance(param.default, (str, int, float)) and not isinstance(param.default, bool) else None
        text = plain(" ".join((param.help or "").split())) + (f" Default: `{default}`." if default not in (None, "") else "")
        rows.append(f"| {word} | {text}{' May be repeated.' if getattr(param, 'multiple', False) else ''} |")
    return "\n".join(("| argument or option | meaning |", "|---|---|", *rows))


def _metavar(param: Any) -> str:
    kind = getattr(param.type_descriptor, "annotation", str)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return "`" + " / ".join(str(each.value) for each in kind) + "`"
    return f"`{param.metavar or getattr(kind, '__name__', 'text').upper()}`"
