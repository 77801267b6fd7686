"""``uncertainty``: what a plan comes to when its figures are known badly."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import pandas as pd
import typer

from optimizer.cli import options as opt
from optimizer.cli.faults import STOPPED, STOPPED_WITHOUT_PLAN, explained, guarded, refused
from optimizer.cli.solving import GapOption, ThreadsOption, TimeOption, percent
from optimizer.cli.sweep import STOPPING, ClusterOption, WorkersOption
from optimizer.cli.voice import Voice
from optimizer.instance.settings_values import to_number
from optimizer.sensitivity.figures import figure

if TYPE_CHECKING:
    from optimizer.instance.data import Data


class SamplingChoice(StrEnum):
    LHS = "lhs"
    RANDOM = "random"


class AgainChoice(StrEnum):
    MODEL = "model"
    PLAN = "plan"
    LP = "lp"
    NO = "no"


class IndexChoice(StrEnum):
    SOBOL = "sobol"
    MORRIS = "morris"


@guarded
def uncertainty(
    instance: opt.InstanceArg,
    spec: Annotated[Path | None, typer.Option("--spec", metavar="FILE", show_default=False,
                                              help="YAML: 'uncertain:' with KEY: DISTRIBUTION, and 'seed:'.")] = None,
    uncertain: Annotated[list[str] | None, typer.Option(
        "--uncertain", metavar="KEY=DISTRIBUTION", show_default=False,
        help="Such as 'needs.people=uniform(-20%, +20%) by row'; also triangular, normal, lognormal. May be repeated.")] = None,
    runs: Annotated[int, typer.Option("--runs", min=1, help="How many draws.")] = 100,
    sampling: Annotated[SamplingChoice, typer.Option("--sampling", help="Latin hypercube or plain random draws.")]
    = SamplingChoice.LHS,
    again: Annotated[AgainChoice, typer.Option("--again", help="Under each draw: decide anew before whole steps of money "
                                               "(model), make the whole plan (slow), solve its linear program, or "
                                               "nothing.")] = AgainChoice.MODEL,
    inclusion: Annotated[str | None, typer.Option("--inclusion-error", metavar="SHARE", show_default=False,
                                                  help="Share of those registered who are not in need.")] = None,
    exclusion: Annotated[str | None, typer.Option("--exclusion-error", metavar="SHARE", show_default=False,
                                                  help="Share of those in need whom no register holds.")] = None,
    indices: Annotated[IndexChoice | None, typer.Option("--indices", show_default=False, help="Which figure matters most for the "
                                                        "plan as it is: Sobol' or Morris indices (needs SALib).")] = None,
    points: Annotated[int, typer.Option("--points", min=2, help="Base points of the indices (Sobol': a power of two); each takes "
                                        "one run a figure and one or two more.")] = 16,
    seed: Annotated[int | None, typer.Option("--seed", min=0, show_default=False,
                                             help="Of the draws [the file's, else 0].")] = None,
    workers: WorkersOption = 1, cluster: ClusterOption = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", show_default=False,
                                             help="Folder of the tables and the picture; a study that was interrupted goes on "
                                                  "there [uncertainty/NAME].")] = None,
    force: Annotated[bool, typer.Option("--force", help="Begin anew where a study lies already.")] = False,
    time_limit: TimeOption = None, gap: GapOption = None, threads: ThreadsOption = None,
    scenario: opt.ScenarioOption = None, changes: opt.SetOption = None, decisions: opt.DecisionsOption = None,
    machine: opt.JsonOption = False, verbose: opt.VerboseOption = False, quiet: opt.QuietOption = False,
) -> None:
    """Draw badly known figures many times: how the plan fares, which pairs and projects stay, overlap and register errors.

    Exit status: 0 every run has ended; 2 the input is at fault; 4 stopped by Ctrl-C with the runs so far (the same command
    goes on); 5 the same without any; 1 our fault.
    """
    from optimizer.cli.stop import Stop
    from optimizer.engine.progress import progress_for
    from optimizer.sensitivity.uncertainty import from_texts, influence, read_specification, targeting
    from optimizer.sensitivity.uncertainty import uncertainty as studied
    from optimizer.sensitivity.uncertainty.indices import FILES
    from optimizer.sensitivity.uncertainty.journal import Files

    voice = Voice(machine, verbose, quiet)
    if cluster is not None and workers > 1:
        raise refused("command line", cluster, "is named beside --workers", "Leave one of them out")
    given, file_seed = ({}, None) if spec is None else read_specification(spec)
    given |= from_texts(uncertain or ())
    errors = {"--inclusion-error": _share(inclusion), "--exclusion-error": _share(exclusion)}
    folder = out if out is not None else Path("uncertainty") / opt.instance_name(instance, scenario)
    opt.writable(folder, True, [instance])
    asked = opt.effective(instance, scenario, decisions, changes)
    asked = opt.with_settings(asked, {"time_limit": time_limit, "gap": percent(gap), "threads": threads})
    voice.findings(asked.warnings)
    if force:
        for files in (Files(folder), replace(FILES, folder=folder)):
            files.cleared()
    with ExitStack() as stack:
        stop = stack.enter_context(Stop(STOPPING))
        progress = stack.enter_context(progress_for(verbose=verbose, quiet=quiet))
        stack.enter_context(explained(asked, stop))
        found = studied(asked, given, runs, sampling.value, again=again.value, workers=workers, cluster=cluster, out=folder,
                        seed=seed if seed is not None else file_seed or 0, progress=progress, should_stop=stop)
        moved = None if indices is None or not found.complete else influence(
            asked, given, indices.value, points, plan=found.plan, seed=found.seed, workers=workers, cluster=cluster, out=folder,
            progress=progress, should_stop=stop)
    found.write(folder)
    if not found.complete:
        voice.say(f"Stopped with {len(found.runs)} of {runs} runs; the same command goes on from here.")
    if moved is not None:
        moved.write(folder)
        voice.say(*(_influence(row) for row in moved.table.to_dict("records")))
    voice.say(*_sentences(found.distribution, found.selection, len(found.runs), found.plan.data))
    lower = found.overlap.criteria.set_index("criterion").loc[found.plan.outcome.criterion].to_dict()
    voice.say(f"If effects of projects on one need overlap wholly: {figure(lower['overlapping'])} instead of "
              f"{figure(lower['as_planned'])} {lower['unit']}.")
    if any(value > 0 for value in errors.values()):
        wrong = targeting(found.plan, errors["--inclusion-error"], errors["--exclusion-error"])
        wrong.write(folder)
        needs = found.plan.data.settings.needs
        voice.say(*(f"{needs[row['need']].label or row['need']}, {row['period']}: {row['reached']:,.0f} of {row['poor']:,.0f} "
                    f"in need are reached ({row['coverage_true']:.1%}; on paper {row['coverage_planned']:.1%}); "
                    f"{row['leaked']:,.0f} covered are not in need." for row in wrong.totals.to_dict("records")))
    voice.say(f"The tables and the picture lie in {folder}.")
    status = 0 if found.complete else STOPPED if len(found.runs) else STOPPED_WITHOUT_PLAN
    voice.result({"distribution": found.distribution.to_dict("records"), "selection": found.selection.to_dict("records"),
                  "runs": len(found.runs), "complete": found.complete, "folder": str(folder), "exit": status},
                 brief=str(folder))
    if status:
        raise typer.Exit(status)


def _share(text: str | None) -> float:
    if text is None:
        return 0.0
    try:
        number = to_number(text)
    except ValueError:
        number = -1.0
    if not 0 <= number < 1:
        raise refused("command line", text, "is no share of at least 0 and below 1", "Write, for example, 30%")
    return float(number)


def _influence(row: dict[Any, Any]) -> str:
    """What one figure moves, in words."""
    if "total" in row:
        return f"{row['key']}: {row['total']:.0%} of the variance of the plan as it is ({row['first']:.0%} alone)"
    return f"{row['key']}: moves the plan as it is by {figure(row['mu_star'])} over its range"


def _named(data: Data, table: str, identifier: str) -> str:
    """A county, donor or project by its name, the identifier behind it."""
    name = str(getattr(data, table)["name"].get(identifier, identifier))
    return identifier if name == identifier else f"{name} ({identifier})"


def _sentences(distribution: pd.DataFrame, selection: pd.DataFrame, runs: int, data: Data) -> list[str]:
    """The first criterion, kept and made anew, and how sure the choices are."""
    lines = []
    for what in distribution["what"].unique():
        row = distribution[distribution["what"] == what].iloc[0]
        lines.append(f"{row['figure']}, {what}: {figure(row['mean'])} on average, 90 % of {row['runs']} runs between "
                     f"{figure(row['p5'])} and {figure(row['p95'])} ({figure(row['as_given'])} on the figures as given; "
                     f"{row['unit']})")
    kept = selection[(selection["in_plan"] == 1) & selection["share"].notna()]
    if len(kept):
        sure = int((kept["share"] > 1 - 1e-9).sum())
        doubtful = kept.sort_values("share", kind="stable").iloc[0]
        name = _named(data, "projects", doubtful["project"]) if doubtful["project"] else (
            f"{_named(data, 'donors', doubtful['donor'])} with {_named(data, 'counties', doubtful['county'])}")
        lines.append(f"{sure} of the plan's {len(kept)} pairs and projects are chosen in every run; least sure: {name}, "
                     f"in {doubtful['share']:.0%} of the runs.")
    missing = runs - int(distribution["runs"].iloc[-1]) if len(distribution) else runs
    if missing:
        lines.append(f"{missing} of {runs} runs have no answer; runs.csv says why.")
    return lines
