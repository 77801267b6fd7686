"""Decisions of a review on the command line: their prices at ``solve``, the log of rounds, and ``decisions`` to read it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from optimizer.cli import options as opt
from optimizer.cli.faults import INPUT, guarded, refused
from optimizer.cli.voice import Voice, plain
from optimizer.instance.findings import InstanceError
from optimizer.instance.instance import Instance

if TYPE_CHECKING:
    import pandas as pd

    from optimizer.engine.progress import Progress
    from optimizer.plan.plan import Plan
    from optimizer.review.decisions import DecisionPrices

LogOption = Annotated[Path | None, typer.Option("--log", metavar="LOG", show_default=False,
                                                help="Add this round of decisions, with their prices, to a log.")]
WithinOption = Annotated[float | None, typer.Option("--within", metavar="SECONDS", min=0.0, show_default=False,
                                                    help="Time for the prices of decisions, the plan aside; 0 = no prices "
                                                         "[as long as the plan took, at least 30].")]
RecommendedOption = Annotated[Path | None, typer.Option(
    "--recommended", metavar="DIR", show_default=False,
    help="The folder of 'optimizer recommend' on which was decided: its plan is changed as the decisions ask, and what they "
         "cost is told against it.")]


def usable(log: Path | None, decisions: Path | None, recommended: Path | None = None) -> None:
    """Refuse early, not after minutes of solving, a log that a round cannot be added to, and a comparison without decisions."""
    from optimizer.review.log import read_log

    if recommended is not None and decisions is None:
        raise refused("command line", str(recommended), "has no decisions to be compared with (--recommended)",
                      "Name the decisions with --decisions FILE")
    if log is None:
        return
    if decisions is None:
        raise refused("command line", str(log), "has nothing to log (--log)", "Name the decisions with --decisions FILE")
    if not log.resolve().parent.is_dir():
        raise refused(str(log.parent), None, "is no folder", "Make it first, or name another place with --log")
    faults = read_log(log).faults
    if faults:
        raise InstanceError(faults)


def reviewed(recommended: Path | None, instance: Path, asked: Instance) -> tuple[Plan, pd.DataFrame] | None:
    """The plan and the table of the recommendations on which was decided; None where none are named.

    Raises
    ------
    InstanceError : the folder holds none, or those of another instance, scenario or changes
    """
    from optimizer.cli.against import same_instance
    from optimizer.plan.plan import Plan
    from optimizer.plan.reading import is_plan
    from optimizer.review.recommendations import PLAN, read_table

    if recommended is None:
        return None
    folder = recommended / PLAN
    if not is_plan(folder):
        raise refused(str(recommended), None, "holds no recommendations", "Name a folder that 'optimizer recommend' wrote")
    same_instance(folder, instance)
    found = Plan.read(folder)
    theirs, ours = (sorted((str(key), str(value)) for key, value in one.changes) for one in (found.instance, asked))
    if theirs != ours or found.instance.scenario_name != asked.scenario_name:
        raise refused(str(recommended), None, "was recommended under another scenario or other changes (--scenario, --set)",
                      "Solve under the same ones, or recommend again")
    return found, read_table(recommended)


def plan_and_prices(
    asked: Instance, before: Callable[[], Instance], within: float | None, progress: Progress, stop: Callable[[], bool],
    recommended: tuple[Plan, pd.DataFrame] | None = None,
) -> tuple[Plan, DecisionPrices | None]:
    """The plan, and what its decisions cost, where it has any and time is given to their prices."""
    from optimizer.instance.decisions import decided
    from optimizer.review.decisions import with_prices
    from optimizer.solve import solve

    if asked.decisions is None or not len(decided(asked.decisions)) or within == 0:
        return solve(asked, progress=progress, should_stop=stop), None
    plan, table = (None, None) if recommended is None else recommended
    return with_prices(asked, before(), reviewed=plan, recommended=table, seconds=within, progress=progress, should_stop=stop)


def told(prices: DecisionPrices | None) -> list[str]:
    """The decisions with their prices, in sentences."""
    from optimizer.review.decisions import price_sentences

    return [] if prices is None else price_sentences(prices)


def logged(log: Path | None, plan: Plan, prices: DecisionPrices | None, folder: Path) -> list[str]:
    """Add the round to the log; what to say of it."""
    from optimizer.instance.decisions import decided
    from optimizer.review.log import append_round
    from optimizer.review.promised import names_of

    if log is None or plan.instance.decisions is None:
        return []
    recommended = None
    if prices is not None and prices.undecided is not None:
        chosen = prices.undecided.pairings[prices.undecided.pairings["status"] != "ended"]
        recommended = frozenset(zip(chosen["donor"], chosen["county"], strict=True))
    outcome = plan.outcome
    facts = {
        "time": datetime.now(UTC).isoformat(timespec="seconds"), "title": plan.instance.settings.title, "plan": str(folder),
        "scenario": plan.instance.scenario_name, "changes": [list(change) for change in plan.instance.changes],
        "criterion": outcome.criterion, "unit": outcome.unit, "objective": outcome.objective, "bound": outcome.bound,
        "status": outcome.status,
    }
    if prices is not None:
        facts |= {"price_low": prices.low, "price_high": prices.high, "lost": prices.lost, "others": prices.others}
    given = plan.instance.decisions
    made = append_round(log, decided(given) if prices is None else prices.table, plain(facts), recommended, given,
                        names_of(plan.data, given))
    return [f"Round {made.rounds} was added to {log}; its seal is {made.seal[:16]}."]


def for_machines(prices: DecisionPrices | None) -> dict[str, Any]:
    """The prices as ``--json`` prints them."""
    if prices is None:
        return {}
    each = prices.table.astype("object").where(prices.table.notna(), None).to_dict("records")
    return {"decisions": {"criterion": prices.criterion, "unit": prices.unit, "price_low": prices.low, "price_high": prices.high,
                          "lost": prices.lost, "others": prices.others, "each": each}}


@guarded
def decisions(
    log: Annotated[Path, typer.Argument(metavar="LOG", help="A log that 'optimizer solve --log' wrote.", show_default=False)],
    machine: opt.JsonOption = False, verbose: opt.VerboseOption = False, quiet: opt.QuietOption = False,
) -> None:
    """Read a log of review rounds, and verify that no line of it was changed, taken out or put in.

    Exit status: 0 the log is as it was written; 2 it is not.
    """
    from optimizer.review.history import history
    from optimizer.review.log import read_log

    voice = Voice(machine, verbose, quiet)
    if not log.is_file():
        raise refused(str(log), None, "does not exist" if not log.exists() else "is no file", "Name a log of decisions")
    found = read_log(log)
    voice.say(*history(found))
    voice.findings(found.faults)
    voice.result({"rounds": found.rounds, "seal": found.seal, "verified": not found.faults, "entries": list(found.entries),
                  "findings": [fault.record() for fault in found.faults]}, brief=found.seal)
    if found.faults:
        raise typer.Exit(INPUT)
