"""``robust``: plans made for several scenarios, for effects that fall short or costs that rise, and what that costs."""

from __future__ import annotations

import math
from contextlib import ExitStack
from enum import StrEnum
from pathlib import Path
from typing import Annotated, cast

import typer

from optimizer.cli import options as opt
from optimizer.cli.faults import explained, guarded, refused
from optimizer.cli.solving import GapOption, SeedOption, ThreadsOption, TimeOption, percent
from optimizer.cli.voice import Voice
from optimizer.instance.settings_values import to_number
from optimizer.sensitivity.figures import figure
from optimizer.sensitivity.uncertainty import Measure, Protected, RobustPlan


class MeasureChoice(StrEnum):
    WORST = "worst"
    REGRET = "regret"
    CVAR = "cvar"
    EFFECTS = "effects"
    COSTS = "costs"
    BOTH = "both"


#: What is protected with a budget of uncertainty, and what may happen to it.
BUDGETED = {MeasureChoice.EFFECTS: "effects fall short", MeasureChoice.COSTS: "costs rise",
            MeasureChoice.BOTH: "effects fall short and costs rise"}


class SharedChoice(StrEnum):
    SELECTION = "selection"
    MONEY = "money"


@guarded
def robust(
    instance: opt.InstanceArg,
    measure: Annotated[MeasureChoice, typer.Option("--measure", help="Worst value over scenarios, largest regret, mean of the "
                                                   "worst values; or effects of projects that fall short, costs that rise, "
                                                   "or both.")]
    = MeasureChoice.WORST,
    scenarios: Annotated[list[str] | None, typer.Option("--over", metavar="SCENARIO", show_default=False,
                                                        help="A scenario of the instance; may be repeated [all].")] = None,
    shared: Annotated[SharedChoice, typer.Option("--shared", help="Decided before the scenario is known: pairs and projects "
                                                 "(selection), or all money too.")] = SharedChoice.SELECTION,
    alpha: Annotated[str, typer.Option("--alpha", metavar="SHARE", help="cvar: the share of probability that is not among "
                                       "the worst.")] = "90%",
    loss: Annotated[str, typer.Option("--loss", metavar="SHARE", help="effects: the share of its effect that a project may "
                                      "lack.")] = "30%",
    rise: Annotated[str, typer.Option("--rise", metavar="SHARE", help="costs: the share by which the cost of a project or of "
                                      "direct support may rise.")] = "30%",
    gammas: Annotated[list[float] | None, typer.Option("--gamma", metavar="NUMBER", show_default=False,
                                                       help="effects, costs: how many effects on a need of a county may fall "
                                                            "short, and how many costs in a category of a county may rise; "
                                                            "may be repeated [0 1 2].")] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", show_default=False,
                                             help="Folder of the table and the plans [robust/NAME].")] = None,
    force: opt.ForceOption = False,
    time_limit: TimeOption = None, gap: GapOption = None, threads: ThreadsOption = None, seed: SeedOption = None,
    changes: opt.SetOption = None, decisions: opt.DecisionsOption = None,
    machine: opt.JsonOption = False, verbose: opt.VerboseOption = False, quiet: opt.QuietOption = False,
) -> None:
    """Make a plan for several scenarios at once, or for effects that fall short and costs that rise; say what that costs."""
    from optimizer.cli.stop import Stop
    from optimizer.engine.progress import progress_for
    from optimizer.sensitivity.uncertainty import protect
    from optimizer.sensitivity.uncertainty import robust as made_for

    voice = Voice(machine, verbose, quiet)
    level, lost, risen = _share(alpha, "--alpha"), _share(loss, "--loss"), _share(rise, "--rise")
    folder = out if out is not None else Path("robust") / opt.instance_name(instance)
    opt.writable(folder, force, [instance])
    asked = opt.effective(instance, None, decisions, changes)
    asked = opt.with_settings(asked, {"time_limit": time_limit, "gap": percent(gap), "threads": threads, "seed": seed})
    voice.findings(asked.warnings)
    with ExitStack() as stack:
        stop = stack.enter_context(Stop())
        progress = stack.enter_context(progress_for(verbose=verbose, quiet=quiet))
        stack.enter_context(explained(asked, stop))
        found: Protected | RobustPlan
        if measure in BUDGETED:
            found = protect(asked, 0.0 if measure is MeasureChoice.COSTS else lost, gammas or (0, 1, 2),
                            rise=0.0 if measure is MeasureChoice.EFFECTS else risen, progress=progress, should_stop=stop)
        else:
            found = made_for(asked, cast(Measure, measure.value), scenarios, shared=shared.value, alpha=level, progress=progress,
                             should_stop=stop)
    found.write(folder)
    voice.say(*(_of_figures(found, measure) if isinstance(found, Protected) else _of_scenarios(found)))
    voice.say(f"The table and the plans lie in {folder}.")
    voice.result({"table": found.table.to_dict("records"), "folder": str(folder)}, brief=str(folder))


def _share(text: str, option: str) -> float:
    try:
        number = to_number(text)
    except ValueError:
        number = -1.0
    if not 0 <= number <= 1:
        raise refused("command line", text, f"is no share between 0 and 1 ({option})", "Write, for example, 30%")
    return float(number)


def _figure(value: float) -> str:
    """A value, or that what was decided beforehand cannot be carried out."""
    return figure(value) if math.isfinite(value) else "no way to carry it out"


def _of_figures(found: Protected, measure: MeasureChoice) -> list[str]:
    unit, worse = found.nominal.outcome.unit, BUDGETED[measure]
    lines = []
    for row in found.table.to_dict("records"):
        if row["gamma"] not in found.plans:
            lines.append(f"Γ = {row['gamma']:g}: no plan holds whatever that many {worse}.")
            continue
        as_given, given_up = figure(row["as_given"]), f"{row['price_percent']:z.2f} %"
        if row["gamma"] == 0:
            lines.append(f"Γ = 0: {as_given} {unit}, {given_up} less than the best plan as given.")
            continue
        lines.append(
            f"Γ = {row['gamma']:g}: at least {figure(row['guaranteed'])} {unit}, before whole steps of money, whatever that many "
            f"{worse} (the best plan as given: {_figure(row['guaranteed_nominal'])}); {as_given} if none does, which gives up "
            f"{given_up}")
    return lines


def _of_scenarios(found: RobustPlan) -> list[str]:
    left = max(found.nominal.outcome.gap_percent or 0.0, found.plan.outcome.gap_percent or 0.0)
    unit = found.nominal.outcome.unit
    word = {"worst": "worst value", "regret": "largest regret", "cvar": "mean of the worst values"}
    lines = [
        f"{row['scenario']}: {_figure(row['kept_robust'])} with this plan, {_figure(row['kept_nominal'])} with the best plan on "
        f"the data as given, {figure(row['best'])} with a plan for it alone" for row in found.table.to_dict("records")
    ]
    return [*lines, f"{word[found.measure]}: {figure(found.value)} instead of {_figure(found.value_nominal)} {unit} (bound "
                    f"{figure(found.bound)}); on the data as given it gives up {found.price_percent:z.2f} % (both plans "
                    f"lie within {left:.2g} % of what no plan can exceed there)"]
