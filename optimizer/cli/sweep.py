"""``sweep``: many runs of one instance, each with some keys changed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from optimizer.cli import options as opt
from optimizer.cli.faults import STOPPED, STOPPED_WITHOUT_PLAN, explained, guarded, refused
from optimizer.cli.solving import GapOption, SeedOption, ThreadsOption, TimeOption, percent
from optimizer.cli.voice import Voice, table
from optimizer.report.text import count

if TYPE_CHECKING:
    from optimizer.instance.instance import Instance
    from optimizer.sensitivity.whatif.runs import Runs

MOST_ROWS = 25
VaryOption = Annotated[list[str] | None, typer.Option("--vary", metavar="KEY=FROM:TO:POINTS", show_default=False,
                                                      help="Values of one key, such as budget.central=x0.5:x2:61 or "
                                                           "rule.industry.active=1,0. May be repeated: all combinations.")]
WorkersOption = Annotated[int, typer.Option("--workers", metavar="N", min=1, help="Runs solved side by side.")]
ClusterOption = Annotated[str | None, typer.Option("--cluster", metavar="ADDRESS", show_default=False,
                                                   help="Solve on a Dask cluster instead: tcp://HOST:8786.")]
LinearOption = Annotated[bool, typer.Option("--linear", help="The linear relaxation of the first level only: its value is a "
                                                             "bound on every plan, in a fraction of the time.")]


@guarded
def sweep(
    instance: opt.InstanceArg,
    vary: VaryOption = None,
    runs: Annotated[Path | None, typer.Option("--runs", metavar="FILE", show_default=False,
                                              help="A CSV file with one row for each run and one column for each key, "
                                                   "instead of --vary.")] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", show_default=False,
                                             help="Folder of runs.csv; a sweep that was interrupted goes on there "
                                                  "[sweeps/NAME or sweeps/NAME-SCENARIO].")] = None,
    linear: LinearOption = False,
    plans: Annotated[bool, typer.Option("--plans", help="Write the plan of every run too.")] = False,
    workers: WorkersOption = 1, cluster: ClusterOption = None, time_limit: TimeOption = None, gap: GapOption = None,
    threads: ThreadsOption = None, seed: SeedOption = None, scenario: opt.ScenarioOption = None,
    changes: opt.SetOption = None, decisions: opt.DecisionsOption = None, machine: opt.JsonOption = False,
    verbose: opt.VerboseOption = False, quiet: opt.QuietOption = False,
) -> None:
    """Solve an instance again and again with other budgets, rule levels, weights, needs or costs, as a table of runs.

    Runs without a plan are recorded with the reason and stop nothing. Exit status: 0 every run has ended; 2 the input is
    at fault; 4 stopped by Ctrl-C with the runs so far (the same command goes on); 5 the same without any; 1 our fault.
    """
    from optimizer.cli.stop import Stop
    from optimizer.sensitivity.whatif.sweep import sweep as all_runs
    from optimizer.sensitivity.whatif.vary import parsed_varies

    voice = Voice(machine, verbose, quiet)
    if (runs is None) == (not vary):
        raise refused("command line", None, "either --vary or --runs is needed", "Write --vary budget.central=x0.5:x2:61")
    if cluster is not None and workers > 1:
        raise refused("command line", cluster, "is named beside --workers", "Leave one of them out")
    if plans and linear:
        raise refused("command line", None, "a linear relaxation has no plans", "Leave --plans or --linear out")
    folder = out if out is not None else Path("sweeps") / opt.instance_name(instance, scenario)
    asked = opt.effective(instance, scenario, decisions, changes)
    asked = opt.with_settings(asked, {"time_limit": time_limit, "gap": percent(gap), "threads": threads, "seed": seed})
    voice.findings(asked.warnings)
    with Stop(STOPPING) as stop, explained(asked, stop):
        found = all_runs(asked, runs if runs is not None else parsed_varies(vary or ()), relax=linear, workers=workers,
                         cluster=cluster, out=folder, plans=plans, progress=False if quiet else None, should_stop=stop)
    status = 0 if found.complete else STOPPED if len(found.table) else STOPPED_WITHOUT_PLAN
    voice.say(*sentences(found, unit_of_criterion(asked, found.criterion)), f"The runs lie in {folder / 'runs.csv'}.")
    voice.result({"runs": found.table.to_dict("records"), "base": found.base.to_dict(), "complete": found.complete,
                  "folder": str(folder), "exit": status}, brief=str(folder / "runs.csv"))
    if status:
        raise typer.Exit(status)


STOPPING = "\nStopping: the runs that have ended are kept, and the same command goes on. Ctrl-C again ends at once.\n"


UNITS = {"coverage": "weighted person-periods", "coverage_share": "as a share", "gap": "person-periods",
         "exited": "county-periods", "disruption": "pairs ended", "fit_pairs": "points"}


def unit_of_criterion(instance: Instance, name: str) -> str:
    """What a criterion is counted in, in words; nothing where it has no unit of its own."""
    from optimizer.plan.criteria import unit_of

    money, declared = instance.settings.money, instance.settings.criteria.get(name)
    if name in ("spend", "fit"):
        return money.label
    if declared is None:
        return UNITS.get(name, "")
    unit = "" if declared.of is None or declared.per else unit_of(instance.data, declared.of).replace(money.unit, money.label)
    return "" if unit == name else unit


def sentences(found: Runs, unit: str = "") -> list[str]:
    """The runs for people: the value of the first level's criterion, and what came of the others."""
    shown = found.table.head(MOST_ROWS)
    rows = [[str(row["run"]), *(_figure(row[key]) for key in found.grid.keys), str(row["status"]), _figure(row[found.value]),
             _gap(row["gap"])] for row in shown.to_dict("records")]
    lines = table(["run", *found.grid.keys, "status", found.criterion, "gap"], rows)
    if len(found.table) > len(shown):
        lines.append(f"  … and {len(found.table) - len(shown):,} more in runs.csv")
    counted = f" {unit}" if unit else ""
    lines.append(f"Unchanged: {found.criterion} {_figure(found.base[found.value])}{counted} ({found.base['status']}).")
    without = len(found.failures)
    lines.append(f"{count(len(found.table), 'run', 'runs')} of {len(found.grid):,} ended, {without} of them without a plan.")
    if not found.complete:
        lines.append("The sweep was stopped; the same command goes on from here.")
    return lines


def _figure(value: object) -> str:
    return f"{value:,.10g}" if isinstance(value, float) and value == value else "" if value != value else str(value)


def _gap(value: float) -> str:
    return "" if value != value else f"{100 * value:.3g} %"
