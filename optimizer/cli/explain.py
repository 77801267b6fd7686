"""``explain``: why there is no plan and what can be done; what binds where there is one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from optimizer.cli import options as opt
from optimizer.cli.faults import INFEASIBLE, STOPPED_WITHOUT_PLAN, guarded
from optimizer.cli.voice import Voice, finding_lines
from optimizer.sensitivity.figures import figure

if TYPE_CHECKING:
    from optimizer.instance.instance import Instance
    from optimizer.sensitivity.explain import Explanation

PROOFS = {"plan": "proved by its plan", "whole": "proved by a point in whole decisions",
          "relaxation": "proved for the linear relaxation only: solve it to be sure"}


@guarded
def explain(
    instance: opt.InstanceArg,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", show_default=False,
                                             help="Folder of the tables and of the plans that result [explain/NAME].")] = None,
    keep: Annotated[list[str] | None, typer.Option("--keep", metavar="RULE", show_default=False,
                                                   help="A rule or limit that must not give way (industry, budget.central, "
                                                        "counties.partners_max), beside rules of priority keep. May be repeated.",
                                                   )] = None,
    ways: Annotated[int | None, typer.Option("--ways", min=1, show_default=False,
                                             help="How many ways out to look for [5; 2 of a large instance].")] = None,
    plans: Annotated[int | None, typer.Option("--plans", min=0, show_default=False,
                                              help="For how many of them to make the plan [all of a small instance, none of a "
                                                   "large one].")] = None,
    time_limit: Annotated[float, typer.Option("--time-limit", metavar="SECONDS", help="For conflicts and ways out.")] = 600.0,
    force: opt.ForceOption = False, scenario: opt.ScenarioOption = None, changes: opt.SetOption = None,
    decisions: opt.DecisionsOption = None, machine: opt.JsonOption = False, verbose: opt.VerboseOption = False,
    quiet: opt.QuietOption = False,
) -> None:
    """Say why an instance has no plan, and the cheapest ways out; where it has one, what binds.

    Exit status: 0 there is a plan; 3 there is none, explained; 5 not settled in time; 2 the input is at fault.
    """
    from optimizer.cli.stop import Stop
    from optimizer.engine.progress import progress_for
    from optimizer.sensitivity.explain import explain as explained

    voice = Voice(machine, verbose, quiet)
    folder = out if out is not None else Path("explain") / opt.instance_name(instance, scenario)
    opt.writable(folder, force, [instance])
    asked = opt.effective(instance, scenario, decisions, changes)
    voice.findings(asked.warnings)
    with Stop() as stop, progress_for(verbose=verbose, quiet=quiet) as progress:
        found = explained(asked, keep=keep or (), ways=ways, plans=plans, time_limit=time_limit, progress=progress,
                          should_stop=stop)
    found.write(folder)
    status = 0 if found.feasible else STOPPED_WITHOUT_PLAN if found.feasible is None else INFEASIBLE
    voice.say(*_lines(found, folder, asked), f"The tables lie in {folder}.")
    voice.result(_facts(found) | {"folder": str(folder), "exit": status}, brief=str(folder))
    if status:
        raise typer.Exit(status)


def _lines(found: Explanation, folder: Path, asked: Instance) -> list[str]:
    """The explanation as a planner reads it."""
    from optimizer.sensitivity.explain.telling import sentences
    from optimizer.sensitivity.explain.words import names_of

    if found.feasible:
        lines = [f"  {n}. {sentence}." for n, sentence in enumerate(found.binding["sentence"], 1)]
        head = "This instance has a plan. What binds, by the linear relaxation, the largest stake first:"
        return [head, *lines] if lines else ["This instance has a plan, and no rule or limit has a price in it."]
    if found.feasible is None:
        return [f"Whether this instance has a plan was not settled: {found.why_not}."]
    lines = ["No plan can hold all hard rules of this instance."]
    if found.reasons:
        lines += ["", "Counting proves it:", *(f"  {line}" for line in finding_lines(found.reasons))]
    lines += ["", *sentences(found.conflicts, found.unsettled, names_of(asked.data))]
    if not found.complete:
        lines.append(f"There may be more conflicts: {found.why_not}.")
    if not found.ways:
        return [*lines, "", "No way out was found that leaves alone what must be kept."]
    lines += ["", "Ways out, cheapest first:"]
    for rank, way in enumerate(found.ways, 1):
        first, *rest = [one.sentence for one in way.changes]
        lines += [f"  {rank}. {first}" + ("," if rest else ".")]
        lines += [f"     and {text[0].lower()}{text[1:]}{',' if n < len(rest) else '.'}" for n, text in enumerate(rest, 1)]
        if way.rules:
            lines.append(f"     No --set says this; the instance lies in {folder / f'instance-{rank}'}.")
        else:
            lines.append(f"     {' '.join(f'--set {key}={value}' for key, value in way.sets)}")
        lines.append(f"     ({PROOFS[way.proof]}{_result(way.plan)})")
    return lines


def _result(plan: object) -> str:
    """What the plan of a way out reaches."""
    outcome = getattr(plan, "outcome", None)
    if outcome is None or outcome.objective is None:
        return ""
    name = plan.instance.settings.method.levels[0].criterion  # type: ignore[attr-defined]
    return f": {name} {figure(outcome.objective)}"


def _facts(found: Explanation) -> dict[str, object]:
    """The same for machines."""
    return {
        "feasible": found.feasible, "complete": found.complete, "why_not": found.why_not, "unsettled": list(found.unsettled),
        "reasons": [finding.record() for finding in found.reasons], "conflicts": found.conflicts.to_dict("records"),
        "ways_out": [
            {"rank": rank, "cost": way.cost, "proof": way.proof, "set": [list(pair) for pair in way.sets],
             "rules": list(way.rules),
             "changes": [{"rule": one.rule, "index": one.index, "from": one.before, "to": one.after, "change": one.change,
                          "unit": one.unit, "sentence": one.sentence} for one in way.changes],
             "objective": None if way.plan is None else way.plan.outcome.objective}
            for rank, way in enumerate(found.ways, 1)],
        "binding": found.binding.to_dict("records"),
    }
