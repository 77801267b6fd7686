"""``weights``: one plan for each row of a table of weights or tolerances."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from optimizer.cli import options as opt
from optimizer.cli.faults import explained, guarded, refused
from optimizer.cli.solving import GapOption, SeedOption, ThreadsOption, TimeOption, percent
from optimizer.cli.voice import Voice, table


@guarded
def weights(
    instance: opt.InstanceArg,
    runs: Annotated[Path, typer.Option("--table", metavar="FILE", show_default=False,
                                       help="A CSV file: a row for each run, a column of weights for each criterion, or columns "
                                            "tolerance.CRITERION for a lexicographic method.")],
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", show_default=False,
                                             help="Folder of the plans and weights.csv [weights/NAME].")] = None,
    force: opt.ForceOption = False, time_limit: TimeOption = None, gap: GapOption = None, threads: ThreadsOption = None,
    seed: SeedOption = None, scenario: opt.ScenarioOption = None, changes: opt.SetOption = None,
    decisions: opt.DecisionsOption = None, machine: opt.JsonOption = False, verbose: opt.VerboseOption = False,
    quiet: opt.QuietOption = False,
) -> None:
    """Solve under each row of a table of weights or tolerances, and keep the plans that differ.

    weights.csv holds the value of every criterion for each plan; each plan has a folder of its own. The time limit holds
    for each row.
    """
    from optimizer.cli.stop import Stop
    from optimizer.engine.progress import progress_for
    from optimizer.weights import weights as solved_by

    voice = Voice(machine, verbose, quiet)
    folder = out if out is not None else Path("weights") / opt.instance_name(instance, scenario)
    opt.writable(folder, force, [instance, runs])
    rows = _rows(runs)
    asked = opt.effective(instance, scenario, decisions, changes)
    asked = opt.with_settings(asked, {"time_limit": time_limit, "gap": percent(gap), "threads": threads, "seed": seed})
    voice.findings(asked.warnings)
    with Stop() as stop, progress_for(verbose=verbose, quiet=quiet) as progress, explained(asked, stop):
        found = solved_by(asked, rows, progress=progress, should_stop=stop)
    folder.mkdir(parents=True, exist_ok=True)
    for number, plan in found.plans.items():
        plan.write(folder / f"run-{number}")
    found.table.to_csv(folder / "weights.csv", index=False, lineterminator="\n")
    names = [str(name) for name in found.table]
    shown = found.table[[name for name in names if not name.startswith("value.") or name.removeprefix("value.") in rows]]
    voice.say(*table([str(name) for name in shown], [tuple(_cell(value) for value in row)
                                                     for row in shown.itertuples(index=False)]))
    if found.ended:
        voice.say(f"The run {found.ended}.")
    voice.say(f"{len(found.plans)} different plans from {len(rows)} rows; they lie in {folder}.")
    voice.result({"table": found.table.to_dict("records"), "ended": found.ended, "folder": folder}, brief=str(folder))


def _rows(file: Path) -> pd.DataFrame:
    """The table of runs; blanks are left as they are, so that they are told of."""
    try:
        return pd.read_csv(file, dtype=str, encoding="utf-8-sig").rename(columns=str.strip)
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise refused(str(file), None, f"cannot be read as a table ({error})", "Write a CSV file with a header") from error


def _cell(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)
