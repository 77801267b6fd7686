"""Scenarios side by side: what each plan comes to, one panel a measure."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes

from optimizer.plan.plan import Plan
from optimizer.report.figures.canvas import (
    BLUE,
    GREEN,
    HALF,
    PURPLE,
    RED,
    SKY,
    EmptyFigureError,
    Picture,
    beside,
    grid,
    headed,
    paper,
    percents,
    short,
    styled,
    thousands,
    wrapped,
)
from optimizer.report.figures.names import Names
from optimizer.report.figures.words import phrase, say
from optimizer.report.once import indicators

COLOURS = {"value": BLUE, "money": SKY, "covered": GREEN, "poorest": PURPLE, "gini": RED}


@styled
def scenarios(plans: Mapping[str, Plan], *, lang: str = "en") -> Picture:
    """Plans beside each other: the first criterion where all share it, money, coverage, the poorest tenth, the Gini.

    Parameters
    ----------
    plans : name → plan; at least two

    Returns
    -------
    Picture : data: scenario, and the measures drawn: value, money, covered, poorest, gini

    Raises
    ------
    EmptyFigureError : there are fewer than two plans
    """
    if len(plans) < 2:
        raise EmptyFigureError(say(lang, "nothing.scenarios"))
    first = next(iter(plans.values()))
    names, data = Names(first, lang), measured(plans)
    measures = [name for name in COLOURS if name in data and data[name].notna().any()]
    high = 0.6 + 0.26 * len(plans)
    rows = (len(measures) + 1) // 2
    picture = paper("scenarios", names.say("figure.scenarios"), data, 0.4 + rows * (high + 0.45))
    headed(picture)
    panels = list(picture.subplots(rows, 2, sharey=True, squeeze=False).flat)
    labels = {"money": names.say("figure.scenarios.money", money=names.money),
              "value": phrase(lang, first.outcome.criterion, names.unit(first.outcome.unit))}
    for axes, measure in zip(panels, measures, strict=False):
        _panel(axes, data, measure, labels.get(measure) or names.say(f"figure.scenarios.{measure}"))
    for axes in panels[len(measures):]:
        axes.remove()
    return picture


def measured(plans: Mapping[str, Plan]) -> pd.DataFrame:
    """One row a plan: value of the first criterion (blank where they differ), money, covered share, poorest tenth, Gini."""
    same = len({(plan.outcome.criterion, plan.outcome.unit) for plan in plans.values()}) == 1
    rows = []
    for name, plan in plans.items():
        table = indicators(plan)
        found = table[(table["by"] == "county") & (table["outcome"] == "covered_share")].set_index("indicator")["after"]
        value, money = plan.outcome.objective if same else None, float(plan.funds["money"].sum())
        rows.append({"scenario": name, "value": value, "money": money, "covered": found["mean"],
                     "poorest": found["poorest_tenth"], "gini": found["gini"]})
    return pd.DataFrame(rows).astype({"value": float})


def _panel(axes: Axes, data: pd.DataFrame, measure: str, label: str) -> None:
    share = measure in ("covered", "poorest")
    axes.barh(range(len(data)), data[measure], color=COLOURS[measure], height=0.66, gid=measure)
    for place, value in enumerate(data[measure]):
        text = f"{100 * value:.1f} %" if share else f"{value:.3f}" if measure == "gini" else short(value)
        beside(axes, text if value == value else "–", value if value == value else 0.0, place)
    axes.set_yticks(range(len(data)), [wrapped(str(name), 24) for name in data["scenario"]])
    axes.set_ylim(len(data) - 0.4, -0.6)
    axes.margins(x=0.24)
    (percents if share else thousands)(axes)
    axes.locator_params(axis="x", nbins=4)
    axes.set_xlabel(wrapped(label, HALF))
    grid(axes)
