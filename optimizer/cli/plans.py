"""``audit``, ``compare`` and ``report``: the commands around a plan."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from optimizer.cli import options as opt
from optimizer.cli.faults import OURS, guarded, refused
from optimizer.cli.voice import Voice
from optimizer.plan.audit import AuditReport

PAGES = (".html", ".htm")
BASELINES = {"last": "last year's money", "factor": "the factor method"}


@guarded
def audit(
    plan: opt.PlanArg,
    against: Annotated[Path | None, typer.Option("--against", metavar="INSTANCE", show_default=False,
                                                 help="Hold the plan to this instance, changed as the plan records, instead "
                                                      "of to the inputs that lie in it.")] = None,
    machine: opt.JsonOption = False, verbose: opt.VerboseOption = False, quiet: opt.QuietOption = False,
) -> None:
    """Recompute everything from the inputs and the tables in exact arithmetic; no solver takes part.

    Exit status: 0 everything holds; 1 something does not; 2 this is no plan, or not a plan of that instance.
    """
    from optimizer.cli.against import same_instance
    from optimizer.plan.audit import audit_folder

    voice = Voice(machine, verbose, quiet)
    must_be_plan(plan)
    report = audit_folder(plan, None if against is None else same_instance(plan, against))
    if verbose:
        voice.fault(*(check.sentence() for check in report.checks))
    voice.say(*verdict(plan, report))
    voice.result(report.to_dict() | {"plan": plan}, brief="passed" if report.passed else "failed")
    if not report.passed:
        raise typer.Exit(OURS)


@guarded
def compare(
    before: Annotated[str, typer.Argument(metavar="PLAN", show_default=False,
                                          help="The plan to compare with, or 'last' for last year's money, or 'factor' for the "
                                               "factor method.")],
    after: opt.PlanArg,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", show_default=False,
                                             help="Write everything that differs as differences.csv into this folder.")] = None,
    why: Annotated[list[str] | None, typer.Option("--why", metavar="COUNTY", show_default=False,
                                                  help="Say in one sentence why this county gets more or less. May be "
                                                       "repeated.")] = None,
    top: Annotated[int, typer.Option("--top", min=0, help="How many winners and losers to list.")] = 10,
    machine: opt.JsonOption = False, verbose: opt.VerboseOption = False, quiet: opt.QuietOption = False,
) -> None:
    """Two plans side by side, or a plan beside last year's money or the factor method: winners, losers, what changed."""
    from optimizer.cli.compared import counties_known, facts, lines
    from optimizer.instance.folder import write_csv
    from optimizer.plan import Plan
    from optimizer.plan import compare as compare_plans

    voice = Voice(machine, verbose, quiet)
    if str(after) in BASELINES and not after.exists():
        mend = f"Write: optimizer compare {after} {before}"
        raise refused(str(after), None, "is what a plan is compared with and goes first", mend)
    must_be_plan(after)
    second = Plan.read(after)
    if before in BASELINES:
        name = BASELINES[before]
        try:
            found = second.against_last_year() if before == "last" else second.against_factor()
        except ValueError as error:
            raise refused(str(after), None, str(error), "Compare with a plan, or solve again with that in the instance") from None
    else:
        must_be_plan(Path(before))
        name, found = before, compare_plans(Plan.read(before), second)
    counties_known(found, why or [])
    files = []
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        files = [out / "differences.csv"]
        write_csv(files[0], found.differences)
    voice.say(*lines(found, name, str(after), top), *(found.why(county) for county in why or []))
    voice.say(*(f"All differences lie in {file}." for file in files))
    voice.result(facts(found, name, str(after), why or []) | {"written": files}, brief=str(files[0]) if files else "")


@guarded
def report(
    plan: opt.PlanArg,
    lang: Annotated[str, typer.Option("--lang", metavar="en|zh", help="English or Simplified Chinese.")] = "en",
    beside: Annotated[list[Path] | None, typer.Option(
        "--with", metavar="FOLDER", show_default=False,
        help="What to show beside the plan: another plan, or results of sensitivity, curve, tornado, sweep, pareto, fairness or "
             "recommend. May be repeated.")] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="PLACE", show_default=False,
                                             help="A file for the page alone (NAME.html), or a folder for page and workbook "
                                                  "[the plan's own folder].")] = None,
    machine: opt.JsonOption = False, verbose: opt.VerboseOption = False, quiet: opt.QuietOption = False,
) -> None:
    """Write the page (report.html) and the workbook (plan.xlsx) of a plan again from its tables.

    The plan is audited first, and both say what the audit found; exit status 1 if it does not hold.
    """
    from optimizer.plan import Plan
    from optimizer.plan.audit import audit_folder
    from optimizer.report import write_report
    from optimizer.report.given import read_given
    from optimizer.report.messages import Messages
    from optimizer.report.workbook import write_workbook

    voice = Voice(machine, verbose, quiet)
    must_be_plan(plan)
    Messages(lang)
    given = read_given(beside or [])
    found = audit_folder(plan)
    audited = replace(Plan.read(plan), audit=found)
    alone = out is not None and out.suffix.lower() in PAGES
    folder = plan if out is None else out.parent if alone else out
    folder.mkdir(parents=True, exist_ok=True)
    files = {out if alone and out is not None else folder / "report.html": partial(write_report, lang=lang, given=given)}
    if not alone:
        files[folder / "plan.xlsx"] = partial(write_workbook, lang=lang)
    for file, write in files.items():
        half = file.with_name(f".{file.name}")
        write(audited, half)
        half.replace(file)
    voice.say(*(f"{file} is written." for file in files), *([] if found.passed else verdict(plan, found)))
    voice.result({"written": list(files), "passed": found.passed}, brief="\n".join(map(str, files)))
    if not found.passed:
        raise typer.Exit(OURS)


def must_be_plan(folder: Path) -> None:
    """Refuse what is not a plan folder, in the words that fit what it is."""
    from optimizer.plan.reading import is_plan

    if not is_plan(folder):
        problem = "is not a plan folder" if folder.exists() else "does not exist"
        raise refused(str(folder), None, problem, "Name a folder that 'optimizer solve' wrote")


def verdict(plan: Path, report: AuditReport) -> list[str]:
    """What the audit found, in a sentence, and each clause that fails."""
    rows = sum(check.count for check in report.checks)
    if report.passed:
        return [f"{plan}: everything holds. {rows:,} facts in {len(report.checks)} clauses were recomputed in exact arithmetic."]
    return [f"{plan}: the audit FAILS in {len(report.failures)} of {len(report.checks)} clauses:",
            *(f"  {check.sentence()}" for check in report.failures)]
