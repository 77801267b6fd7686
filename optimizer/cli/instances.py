"""``new``, ``check`` and ``convert``: the commands around an instance."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from optimizer.cli import options as opt
from optimizer.cli.faults import INPUT, guarded
from optimizer.cli.voice import Voice, finding_lines
from optimizer.instance.findings import Finding, InstanceError
from optimizer.instance.instance import Instance

WORKBOOKS = (".xlsx", ".xlsm")
COUNTED = {"counties": ("county", "counties"), "needs": ("row of needs", "rows of needs"), "donors": ("donor", "donors"),
           "projects": ("project", "projects")}


@guarded
def new(
    place: Annotated[Path, typer.Argument(metavar="DIR", help="The folder to make, or the workbook with --xlsx.",
                                          show_default=False)],
    xlsx: Annotated[bool, typer.Option("--xlsx", help="A workbook with drop-downs, notes and units.")] = False,
    machine: opt.JsonOption = False, verbose: opt.VerboseOption = False, quiet: opt.QuietOption = False,
) -> None:
    """Write a commented template to fill in: a small instance that can be solved as it is."""
    from optimizer.instance.template import write_template

    voice = Voice(machine, verbose, quiet)
    target = write_template(place, xlsx=xlsx or place.suffix.lower() == ".xlsx")
    voice.say(f"A template lies in {target}. Fill it in, then run: optimizer check {target}")
    voice.result({"written": [target]}, brief=str(target))


@guarded
def check(
    instance: opt.InstanceArg,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", show_default=False,
                                             help="Write the findings as findings.csv into this folder too.")] = None,
    scenario: opt.ScenarioOption = None, changes: opt.SetOption = None, decisions: opt.DecisionsOption = None,
    machine: opt.JsonOption = False, verbose: opt.VerboseOption = False, quiet: opt.QuietOption = False,
) -> None:
    """Tell every problem at once: where it is, what is wrong, what to do. Exit status 0 = sound, 2 = not."""
    from optimizer.instance.check import check as check_all
    from optimizer.instance.check import check_path

    voice = Voice(machine, verbose, quiet)
    try:
        asked = opt.effective(instance, scenario, decisions, changes)
        found: Sequence[Finding] = list(dict.fromkeys([*check_all(asked), *asked.warnings]))
        size = described(asked)
    except InstanceError as error:
        found, size = list(dict.fromkeys([*error.findings, *check_path(instance)])), ""
    if out is not None:
        write_findings(out, found)
    faults = [finding for finding in found if finding.severity == "error"]
    voice.result([finding.record() for finding in found])
    if not machine:
        print_findings(voice, found)
    voice.say(f"{instance}: " + (tally(found) if faults else f"sound. {size} {tally(found)}".rstrip()))
    if faults:
        raise typer.Exit(INPUT)


@guarded
def convert(
    instance: opt.InstanceArg,
    dest: Annotated[Path | None, typer.Argument(metavar="DEST", show_default=False,
                                                help="A workbook (.xlsx) or, with any other name, a folder.")] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="DEST", help="The same as DEST.", show_default=False)] = None,
    force: opt.ForceOption = False, scenario: opt.ScenarioOption = None, changes: opt.SetOption = None,
    decisions: opt.DecisionsOption = None, machine: opt.JsonOption = False, verbose: opt.VerboseOption = False,
    quiet: opt.QuietOption = False,
) -> None:
    """Write a folder as a workbook or a workbook as a folder, without loss; changes asked for are applied."""
    voice = Voice(machine, verbose, quiet)
    target = opt.destination(dest, out, "destination")
    opt.writable(target, force, [instance])
    asked = opt.effective(instance, scenario, decisions, changes)
    voice.findings(asked.warnings)
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.suffix.lower() in WORKBOOKS:
        asked.to_workbook(target)
    else:
        asked.to_folder(target)
    voice.say(f"{instance} lies in {target}, too.")
    voice.result({"written": [target]}, brief=str(target))


def described(instance: Instance) -> str:
    """``66 counties, 396 rows of needs, 89 donors, 1,027 projects, 1 period.``"""
    parts = []
    for name, (one, many) in COUNTED.items():
        rows = len(instance.tables[name])
        if rows:
            parts.append(f"{rows:,} {one if rows == 1 else many}")
    periods = len(instance.settings.periods)
    return ", ".join([*parts, f"{periods} period" + ("" if periods == 1 else "s")]) + "."


def tally(found: Sequence[Finding]) -> str:
    """``2 errors, 1 warning.``; nothing if nothing was found."""
    parts = []
    for severity in ("error", "warning"):
        many = sum(finding.severity == severity for finding in found)
        if many:
            parts.append(f"{many:,} {severity}" + ("" if many == 1 else "s"))
    return ", ".join(parts) + "." if parts else ""


def print_findings(voice: Voice, found: Sequence[Finding]) -> None:
    """Findings are the result of a check, so they go to standard output; quiet leaves the warnings out."""
    shown = [finding for finding in found if finding.severity == "error" or not voice.quiet]
    for line in finding_lines(shown):
        print(line)


def write_findings(folder: Path, found: Sequence[Finding]) -> None:
    """``findings.csv``: file, row, column, value, problem, mend, severity."""
    import pandas as pd

    from optimizer.instance.folder import write_csv

    columns = list(Finding.__dataclass_fields__)
    cells = [["" if value is None else str(value) for value in finding.record().values()] for finding in found]
    folder.mkdir(parents=True, exist_ok=True)
    write_csv(folder / "findings.csv", pd.DataFrame(cells, columns=columns, dtype="str"))
