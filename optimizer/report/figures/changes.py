"""Winners and losers: each county's money beside last year's or the factor method's."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from optimizer.plan.compare import Comparison, against_baseline
from optimizer.plan.plan import Plan
from optimizer.report.figures.canvas import (
    BLUE,
    HALF,
    ORANGE,
    EmptyFigureError,
    Picture,
    beside,
    grid,
    headed,
    paper,
    short,
    styled,
    thousands,
    wrapped,
)
from optimizer.report.figures.names import Names

ENDS = 8


@styled
def winners_losers(plan: Plan, *, lang: str = "en", against: str | None = None) -> Picture:
    """Change of money per head of every county, sorted, and the largest changes by name; over the same streams.

    Parameters
    ----------
    against : ``last`` (last year) or ``factor`` (the factor method); by default the first that the instance has

    Returns
    -------
    Picture : data: county, name, money_before, money_after, money_change (the instance's unit), per_head_change (yuan)

    Raises
    ------
    EmptyFigureError : the instance has no such baseline
    """
    names = Names(plan, lang)
    which, found = _compared(plan, names, against)
    known = found.counties[found.counties["money_change"].notna()]
    if not len(known):
        raise EmptyFigureError(names.say("nothing.baseline"))
    known = known.sort_values("money_change", ascending=False, kind="stable")
    data = known[["money_before", "money_after", "money_change", "per_head_change"]].rename_axis("county").reset_index()
    data.insert(1, "name", names.counties(data["county"]))
    largest = pd.concat([data[data["money_change"] > 0].head(ENDS), data[data["money_change"] < 0].tail(ENDS)])
    picture = paper("winners_losers", names.say(f"figure.change.{which}"), data, max(2.6, 1.3 + 0.23 * len(largest)))
    headed(picture)
    left, right = picture.subplots(1, 2, width_ratios=[1, 1.25])
    _sorted(left, names, data)
    _named(right, names, largest)
    return picture


def _compared(plan: Plan, names: Names, against: str | None) -> tuple[str, Comparison]:
    for which in ("last", "factor") if against is None else (against,):
        try:
            return which, against_baseline(plan, which, estimate=False)
        except ValueError:
            continue
    raise EmptyFigureError(names.say("nothing.baseline"))


def _sorted(axes: Axes, names: Names, data: pd.DataFrame) -> None:
    """Every county's change per head, from the largest gain to the largest loss; money where inhabitants are unknown."""
    heads = data["per_head_change"].notna().all()
    values = np.sort(data["per_head_change" if heads else "money_change"].to_numpy(float))[::-1]
    for chosen, colour, key in ((values > 0, BLUE, "more"), (values < 0, ORANGE, "less"), (values == 0, "black", "same")):
        if chosen.any():
            axes.stairs(np.where(chosen, values, 0.0), np.arange(len(values) + 1) + 0.5, fill=True, color=colour, gid=key,
                        label=names.say(f"figure.change.{key}", count=int(chosen.sum())))
    axes.axhline(0, color="black", linewidth=0.7)
    axes.set_xlabel(wrapped(names.say("figure.change.rank"), HALF))
    axes.set_ylabel(names.say("figure.change.head", unit=names.currency) if heads
                    else names.say("figure.change.money", money=names.money))
    axes.locator_params(axis="x", integer=True)
    thousands(axes, "y")
    grid(axes, "y")
    axes.legend(loc="upper right")


def _named(axes: Axes, names: Names, rows: pd.DataFrame) -> None:
    change = rows["money_change"].to_numpy(float)
    axes.barh(range(len(rows)), change, color=np.where(change > 0, BLUE, ORANGE), height=0.72, gid="named")
    for row, value in enumerate(change):
        text = f"+{short(value)}" if value > 0 else short(value)
        beside(axes, text, value, row, right=value > 0)
    axes.axvline(0, color="black", linewidth=0.7)
    axes.set_yticks(range(len(rows)), [wrapped(name, 18) for name in rows["name"]])
    axes.invert_yaxis()
    axes.margins(x=0.25)
    axes.set_xlabel(wrapped(names.say("figure.change.money", money=names.money), HALF))
    thousands(axes)
    axes.locator_params(axis="x", nbins=4)
    grid(axes)
