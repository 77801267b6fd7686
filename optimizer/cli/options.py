"""The arguments and options that commands share, and the instance that they lead to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from optimizer.cli.faults import refused
from optimizer.instance.changes import apply_changes, parse_change
from optimizer.instance.findings import Finding, InstanceError
from optimizer.instance.instance import Instance, read

COMMON = "What to read"
SPEECH = "What to print"

InstanceArg = Annotated[Path, typer.Argument(metavar="INSTANCE", help="An instance: a folder or a workbook (.xlsx).",
                                             show_default=False)]
PlanArg = Annotated[Path, typer.Argument(metavar="PLAN", help="A folder that 'optimizer solve' wrote.", show_default=False)]
ScenarioOption = Annotated[str | None, typer.Option("--scenario", metavar="NAME", rich_help_panel=COMMON, show_default=False,
                                                    help="Apply a scenario of the instance.")]
SetOption = Annotated[list[str] | None, typer.Option("--set", metavar="KEY=VALUE", rich_help_panel=COMMON, show_default=False,
                                                     help="Change something, such as budget.central=+10%. May be repeated; "
                                                          "applied left to right, after scenario and decisions.")]
DecisionsOption = Annotated[Path | None, typer.Option("--decisions", metavar="FILE", rich_help_panel=COMMON,
                                                      show_default=False,
                                                      help="Apply a planner's decisions (decisions.csv or a workbook).")]
JsonOption = Annotated[bool, typer.Option("--json", rich_help_panel=SPEECH, help="Machine-readable result on standard output.")]
VerboseOption = Annotated[bool, typer.Option("--verbose", "-v", rich_help_panel=SPEECH,
                                             help="Details and tracebacks on standard error.")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", rich_help_panel=SPEECH, help="Only results and faults.")]
ForceOption = Annotated[bool, typer.Option("--force", help="Replace what lies there.")]


def effective(place: Path, scenario: str | None = None, decisions: Path | None = None,
              changes: Iterable[str] | None = None) -> Instance:
    """The instance that a command line names: files, then scenario, decisions and ``--set`` from left to right.

    Raises
    ------
    InstanceError : with every problem found at the first step that has any
    """
    instance = read(place)
    if scenario is not None:
        instance = instance.scenario(scenario)
    if decisions is not None:
        instance = instance.with_decisions(decisions)
    parsed = parsed_changes(changes or ())
    return apply_changes(instance, parsed, "--set") if parsed else instance


def parsed_changes(texts: Iterable[str]) -> list[tuple[str, str]]:
    """Every ``KEY=VALUE``, or all that are not written so."""
    found: list[Finding] = []
    out: list[tuple[str, str]] = []
    for text in texts:
        try:
            out.append(parse_change(text))
        except ValueError as error:
            found.append(Finding("--set", None, None, None, str(error), "Write KEY=VALUE, for example budget.central=+10%"))
    if found:
        raise InstanceError(found)
    return out


def with_settings(instance: Instance, options: Mapping[str, Any]) -> Instance:
    """The instance with solver settings from the command line (None = as the instance has it)."""
    given = [(f"settings.{name}", value) for name, value in options.items() if value is not None]
    return apply_changes(instance, given, "command line") if given else instance


def instance_name(place: Path, scenario: str | None = None) -> str:
    """A name for files that belong to an instance: ``national``, ``national-less``."""
    whole = place.resolve()
    name = whole.stem if whole.is_file() else whole.name
    return re.sub(r"[^\w.-]+", "_", f"{name}-{scenario}" if scenario else name) or "instance"


def destination(given: Path | None, out: Path | None, word: str) -> Path:
    """Where to write: the argument or ``--out``, exactly one of them."""
    if (given is None) == (out is None):
        problem = "is named twice" if given is not None else "is missing"
        raise refused("command line", None, f"the {word} {problem}", f"Name one {word}, as the last word or with --out")
    chosen = given if given is not None else out
    assert chosen is not None
    return chosen


def writable(place: Path, force: bool, sources: Iterable[Path] = ()) -> None:
    """Refuse to replace something that nobody asked to replace, and to write over what is being read."""
    if any(place.resolve() == source.resolve() for source in sources):
        raise refused(str(place), None, "is what is being read", "Name another place")
    occupied = place.exists() and not (place.is_dir() and not any(place.iterdir()))
    if occupied and not force:
        raise refused(str(place), None, "exists", "Name another place, or add --force to replace it")
