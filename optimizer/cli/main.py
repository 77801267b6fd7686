"""The command ``optimizer``: every command by name, and the way in."""

from __future__ import annotations

from importlib.metadata import version as installed
from typing import Annotated

import typer

from optimizer.cli import (
    alternatives,
    curve,
    decided,
    explain,
    fairness,
    instances,
    pareto,
    plans,
    recommend,
    robust,
    sensitivity,
    solving,
    sweep,
    tornado,
    uncertainty,
    weight_ranges,
    weights,
)
from optimizer.cli.voice import tolerant_streams

app = typer.Typer(
    name="optimizer", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

for command in (
    instances.new, instances.check, solving.solve, alternatives.alternatives, weights.weights, weight_ranges.weight_ranges,
    pareto.pareto, curve.curve, sensitivity.sensitivity, sweep.sweep, tornado.tornado, uncertainty.uncertainty,
    robust.robust, fairness.fairness, recommend.recommend, decided.decisions, explain.explain, plans.audit, plans.compare,
    plans.report, instances.convert, solving.export,
):
    app.command()(command)


def _version(asked: bool) -> None:
    if asked:
        print(f"optimizer {installed('optimizer')}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version.")] = False,
) -> None:
    """Allocate money, partners and projects to counties: the best plan that holds every rule, audited.

    Begin with 'optimizer new DIR', then 'optimizer check DIR' and 'optimizer solve DIR'.
    """


def run() -> None:
    """Entry point; ends with the exit status of the command."""
    tolerant_streams()
    app(prog_name="optimizer")
