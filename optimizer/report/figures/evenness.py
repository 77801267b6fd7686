"""Lorenz curves: how evenly coverage and money are spread over people."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.ticker import MultipleLocator

from optimizer.plan.indicators import covered_by_county, money_by_county
from optimizer.plan.plan import Plan
from optimizer.report.figures.canvas import BLUE, GREY, ORANGE, EmptyFigureError, Picture, grid, paper, styled
from optimizer.report.figures.names import Names
from optimizer.report.once import indicators

COLOURS = {"covered_share": (BLUE, "-"), "money_per_head": (ORANGE, "--")}


@styled
def lorenz(plan: Plan, *, lang: str = "en") -> Picture:
    """Cumulated share of people, the least served first, and of what they receive, by county.

    M. O. Lorenz, "Methods of measuring the concentration of wealth", Publications of the American Statistical Association 9
    (1905). Coverage is weighted by people in need, money by inhabitants; both over all periods.

    Returns
    -------
    Picture : data: outcome (``covered_share``, ``money_per_head``), people, received (percent, cumulated)

    Raises
    ------
    EmptyFigureError : nobody is covered and no money is given
    """
    names = Names(plan, lang)
    curves = _curves(plan)
    if not len(curves):
        raise EmptyFigureError(names.say("nothing.money"))
    found = indicators(plan)
    gini = found[(found["by"] == "county") & (found["indicator"] == "gini")].set_index("outcome")["after"]
    picture = paper("lorenz", names.say("figure.lorenz"), curves, 4.6, 5.2)
    axes = picture.subplots()
    axes.plot([0, 100], [0, 100], color=GREY, linewidth=1, label=names.say("figure.lorenz.equal"))
    for outcome, rows in curves.groupby("outcome", sort=False):
        colour, line = COLOURS[str(outcome)]
        axes.plot(rows["people"], rows["received"], color=colour, linestyle=line, gid=str(outcome),
                  label=names.say(f"figure.lorenz.{outcome}", gini=float(gini[str(outcome)])))
    axes.set(xlim=(0, 100), ylim=(0, 100), aspect="equal", title=picture.title,
             xlabel=names.say("figure.lorenz.x"), ylabel=names.say("figure.lorenz.y"))
    for ruler in (axes.xaxis, axes.yaxis):
        ruler.set_major_locator(MultipleLocator(20))
    grid(axes, "both")
    axes.legend(loc="upper left")
    return picture


def _curves(plan: Plan) -> pd.DataFrame:
    data = plan.data
    covered = covered_by_county(data, plan.coverage)
    money = money_by_county(data, plan.funds)
    population = data.counties["population"].fillna(0.0)
    pieces = [_curve("covered_share", covered["people"].to_numpy(float), covered["covered"].to_numpy(float)),
              _curve("money_per_head", population.to_numpy(float), money.to_numpy(float))]
    return pd.concat(pieces, ignore_index=True)


def _curve(outcome: str, people: np.ndarray, received: np.ndarray) -> pd.DataFrame:
    """Shares in percent, from the origin; no rows where nobody counts or nothing is received."""
    inside = people > 0
    people, received = people[inside], received[inside]
    if not received.sum() > 0:
        return pd.DataFrame({"outcome": [], "people": [], "received": []})
    order = np.argsort(received / people, kind="stable")
    shares = [np.concatenate([[0.0], 100 * np.cumsum(part[order]) / part.sum()]) for part in (people, received)]
    return pd.DataFrame({"outcome": outcome, "people": shares[0], "received": shares[1]})
