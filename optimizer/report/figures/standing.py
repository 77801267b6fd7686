"""How each rule stands: the slack of its rows, in percent of the limit that is nearest."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from optimizer.instance.settings import RuleBase
from optimizer.plan.exits import at_threshold, exit_rules
from optimizer.plan.plan import Plan
from optimizer.report.figures.canvas import BLUE, ORANGE, RED, EmptyFigureError, Picture, grid, headed, paper, styled, wrapped
from optimizer.report.figures.names import Names

NEAR = 0.1  # percent of the limit: no room left
MARKS = {"broken": (RED, "X", 1.0), "near": (ORANGE, "o", 0.9), "free": (BLUE, "o", 0.5)}


@styled
def rules_slack(plan: Plan, *, lang: str = "en") -> Picture:
    """How far the rows of each rule are from their nearest limit: dots, the larger the more rows; broken ones left of zero.

    Returns
    -------
    Picture : data: rule, sentence, index, slack, limit, percent (slack in percent of the limit, negative where broken),
        standing (``free``, ``near`` = within 0.1 % of the limit, ``broken``)

    Raises
    ------
    EmptyFigureError : no rule applies
    """
    names = Names(plan, lang)
    data = standing(plan)
    if not len(data):
        raise EmptyFigureError(names.say("nothing.rules"))
    rules = data.groupby("rule", sort=False)
    picture = paper("rules_slack", names.say("figure.rules"), data, 1.6 + 0.36 * rules.ngroups)
    axes = picture.subplots()
    for mark, (colour, shape, faint) in MARKS.items():
        rows = data[data["standing"] == mark]
        if len(rows):
            _dots(axes, rows, colour, shape, faint, mark)
            axes.scatter([], [], s=20, color=colour, marker=shape, label=names.say(f"figure.rules.{mark}", count=len(rows)))
    near = data["standing"].isin(["near", "broken"])
    for place, rows in data.groupby("place"):
        text = names.say("figure.rules.of", near=int(near[rows.index].sum()), rows=len(rows))
        axes.annotate(text, (1.02, place), xycoords=("axes fraction", "data"), va="center", fontsize=7)
        if rows["percent"].isna().all():
            held = names.say("figure.rules.held", held=int((rows["standing"] != "broken").sum()), rows=len(rows))
            axes.annotate(held, (0.5, place), xycoords=("axes fraction", "data"), ha="center", va="center", fontsize=7)
    axes.annotate(names.say("figure.rules.head"), (1.02, -0.75), xycoords=("axes fraction", "data"), va="bottom", fontsize=7)
    sentences = rules["sentence"].first()
    axes.set_yticks(range(len(sentences)), [wrapped(names.sentence(str(rule)), 58) for rule in sentences.index], fontsize=7)
    axes.set_ylim(len(sentences) - 0.4, -0.6)
    axes.set_xlim(-22 if (data["percent"] < 0).any() else -2, 102)
    axes.set_xticks(range(0, 101, 25), ["0", "25", "50", "75", names.say("figure.rules.over")])
    headed(picture)
    axes.set_xlabel(names.say("figure.rules.x"))
    grid(axes)
    picture.legend(loc="outside lower center", ncols=3)
    return picture


def _dots(axes: Axes, rows: pd.DataFrame, colour: str, shape: str, faint: float, mark: str) -> None:
    """One dot for the rows of a rule that lie within the same percent, the larger the more they are."""
    whole = np.clip(rows["percent"], -20, 100).round()
    dots = rows.assign(whole=whole).groupby(["place", "whole"]).size().reset_index(name="rows")
    size = 9 + 4 * np.sqrt(dots["rows"].to_numpy(float))
    axes.scatter(dots["whole"], dots["place"], s=size, color=colour, marker=shape, alpha=faint, linewidths=0, gid=mark,
                 clip_on=False)


def standing(plan: Plan) -> pd.DataFrame:
    """Rows of rules that apply, rules in the order of the instance, with their slack in percent of the nearest limit.

    A county passes an exit rule or not, so such a row has no percent; it is ``near`` where a few people more would fail it.
    """
    rows = plan.rules[(plan.rules["status"] != "off") & plan.rules["slack"].notna()].reset_index(drop=True)
    value, low, high = (rows[name].to_numpy(float) for name in ("value", "min", "max"))
    nearest = np.where(np.isnan(high) | (np.abs(value - low) <= np.abs(high - value)), low, high)
    scale = np.where(np.abs(nearest) > 0, np.abs(nearest), np.abs(value))
    slack = rows["slack"].to_numpy(float) - rows["broken_by"].fillna(0.0).to_numpy(float)
    percent = 100 * np.divide(slack, scale, out=np.zeros(len(rows)), where=scale > 0)
    order: dict[str, RuleBase] = {rule.id: rule for rule in plan.instance.settings.rules}
    broken, close = (rows["status"] == "broken").to_numpy(), percent <= NEAR
    for rule in exit_rules(plan.data):
        inside = (rows["rule"] == rule.id).to_numpy()
        counties = [f"county={county}" for county in at_threshold(plan.data, rule, plan.coverage)]
        close[inside] = rows.loc[inside, "index"].str.split(";").str[0].isin(counties)
        percent[inside] = np.nan
    out = rows[["rule", "sentence", "index", "slack"]].assign(
        limit=nearest, percent=percent, standing=np.where(broken, "broken", np.where(close, "near", "free")))
    rank = {name: place for place, name in enumerate(order)}
    out = out.sort_values("rule", key=lambda column: column.map(rank), kind="stable").reset_index(drop=True)
    return out.assign(place=pd.factorize(out["rule"])[0])
