"""Cards of results: fronts, prices of fairness, curves, sensitivity, ranges of weights, tornados, runs, draws, pairs."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from optimizer.display.html import Cell, Figure, Rows, card, given
from optimizer.fairness.price import PriceOfFairness
from optimizer.methods.pareto.front import Front
from optimizer.plan.plan import Plan
from optimizer.report.figures.names import Names
from optimizer.report.figures.words import phrase, term, unit_word
from optimizer.report.text import count, number, percent, signed
from optimizer.review.recommendations import Recommendations
from optimizer.sensitivity.curves.curve import BudgetCurve
from optimizer.sensitivity.prices.report import Sensitivity
from optimizer.sensitivity.uncertainty.study import Uncertainty
from optimizer.sensitivity.weights.weights_range import WeightRanges
from optimizer.sensitivity.whatif.runs import Runs
from optimizer.sensitivity.whatif.tornado import Tornado

VERDICTS = {"settled": "settled", "clear": "clear", "toss_up": "toss-up", "unpriced": "not priced"}
TIERS = {"exact": "exactly, since nothing has to be whole", "selection": "for this selection of pairs and projects"}


def front_card(front: Front) -> str:
    """The points of a front, whether it is complete, and its knee."""
    knee, names = front.knee, front.names
    sentences = [
        f"{count(len(front), 'point', 'points')}; "
        + ("the front is complete." if front.complete else f"not the complete front: {front.why_not.rstrip('.')}."),
        f"Stopped early: {front.stopped.rstrip('.')}." if front.stopped else "",
        f"Point {knee} bulges furthest towards the best of everything." if knee is not None else "",
    ]
    heads = ["point", *(_axis(name, about) for name, about in front.criteria.items()), "proved within"]
    rows: list[list[Cell]] = [[int(row["point"]), *(float(row[name]) for name in names), Figure(percent(row["gap"], 2))]
            for row in front.points.to_dict("records")]
    return card(f"Front: {', '.join(term('en', 'criterion', name) for name in names)}", sentences,
                [Rows("Points", heads, rows, "front.points")])


def _axis(name: str, about: object) -> str:
    fields = dict(about) if isinstance(about, dict) else {}
    better = {"max": "more is better", "min": "less is better"}.get(str(fields.get("sense")), "")
    return f"{phrase('en', name, unit_word('en', str(fields.get('unit', ''))))}" + (f", {better}" if better else "")


def fairness_card(found: PriceOfFairness) -> str:
    """What each sense of fair costs in people, and how many counties gain and lose by it."""
    heads = ["plan", "covered (weighted person-periods)", "given up", "counties gain", "counties lose",
             "money to the poorest tenth"]
    rows = [
        [term("en", "criterion", str(row["plan"])), row["coverage"],
         Figure(number(row["price_percent"], 2) + (" %" if pd.notna(row["price_percent"]) else "")), row["gain"], row["lose"],
         Figure(percent(row["poorest_tenth"]))]
        if pd.notna(row["coverage"]) else [term("en", "criterion", str(row["plan"])) + f" ({row['status']})", *[None] * 5]
        for row in found.table.to_dict("records")
    ]
    held = "Pairs and projects are held as in the first plan: true prices are no higher." if found.held else ""
    return card("Price of fairness", [held], [Rows("Plans, each the one that reaches most people among the fairest", heads, rows,
                                                   ".table")])


def curve_card(curve: BudgetCurve) -> str:
    """A budget curve: what it says in words, and its rows."""
    heads = [f"budget ({unit_word('en', curve.money)})", phrase("en", curve.criterion, unit_word("en", curve.unit)), "at least",
             "at most", "one more million yuan brings", "tier"]
    rows = [[row["budget"], row["value"], row["low"], row["high"], Figure(number(row["next_per_million"], 2)), str(row["tier"])]
            for row in curve.table.to_dict("records")]
    return card("Budget curve", curve.sentences[:4], [Rows("Budgets looked at", heads, rows, "curve.table")])


def sensitivity_card(found: Sensitivity) -> str:
    """What is worth most: budgets, rules, donors and resources that bind, dearest first."""
    kinds = found.table[found.table["kind"].isin(["budget", "rule", "resource", "donor"])]
    binds = kinds[kinds[["price_up", "price_down"]].abs().max(axis=1) > 0]
    sentences = [f"{count(len(found.table), 'figure', 'figures')} priced, {TIERS[found.tier]}; "
                 f"{count(len(binds), 'limit binds', 'limits bind')}.", *found.notes[:2]]
    rows = [[str(row["kind"]), given(row["sentence"])] for row in binds.to_dict("records")]
    return card("What each limit is worth", sentences,
                [Rows("Limits that bind", ["kind", "what a change would do"], rows, ".table")])


def ranges_card(found: WeightRanges) -> str:
    """How far each weight can move until another plan is better."""
    rows = [[given(row["name"]), Figure(f"{row['weight']:.4g}"), Figure(f"{row['low']:.4g}"), Figure(_high(row["high"])),
             str(row["tier"])] for row in found.table.to_dict("records")]
    heads = ["weight of", "now", "plan stays best from", "to", "tier"]
    return card("How far weights can move", [str(s) for s in found.headlines["sentence"][:3]],
                [Rows("Ranges of weights", heads, rows, ".table")])


def _high(value: float) -> str:
    return "any higher" if value == float("inf") else f"{value:.4g}"


def tornado_card(found: Tornado) -> str:
    """Which figures the answer hangs on, ranked."""
    rows = [[str(row["key"]), f"{row['low']} … {row['high']}", Figure(signed(row["change_low"])),
             Figure(signed(row["change_high"])), row["swing"]] for row in found.table.to_dict("records")]
    name = term("en", "criterion", found.criterion)
    return card("Which figures the answer hangs on", [f"{name} on the figures as given: {number(found.base)}."],
                [Rows("Each figure alone, ranked by swing", ["figure", "from … to", "at low", "at high", "swing"], rows,
                      ".table")])


def runs_card(runs: Runs) -> str:
    """The runs of a sweep."""
    keys = list(runs.grid.keys)
    failed = len(runs.failures)
    said = [f"{len(runs.table)} of {len(runs.grid)} runs have ended, {failed} without a plan."]
    rows = [[int(row["run"]), *(given(row[key]) for key in keys), str(row["status"]), row[runs.value],
             Figure(percent(row["gap"], 2))] for row in runs.table.to_dict("records")]
    heads = ["run", *keys, "status", term("en", "criterion", runs.criterion), "gap"]
    return card("Sweep", said, [Rows("Runs", heads, rows, "runs.table")])


def uncertainty_card(found: Uncertainty) -> str:
    """How a plan fares over many draws, and what was chosen least surely."""
    rows = [[f"{term('en', 'criterion', row['figure'])}, {row['what']}", row["as_given"], row["mean"], row["p5"], row["p95"],
             unit_word("en", given(row["unit"]))] for row in found.distribution.to_dict("records")]
    chosen = found.selection[found.selection["in_plan"] == 1].sort_values("share", kind="stable")
    sure = [[_choice(found.plan, row), Figure(percent(row["share"], 0))] for row in chosen.to_dict("records")]
    return card("Badly known figures", [f"{count(len(found.runs), 'draw', 'draws')} of the uncertain figures."], [
        Rows("How the plan fares", ["figure", "as given", "mean", "5 %", "95 %", "unit"], rows, ".distribution"),
        Rows("Choices of the plan, least sure first", ["choice", "chosen in (share of draws)"], sure, ".selection"),
    ])


def _choice(plan: Plan, row: Mapping[Hashable, Any]) -> str:
    """The names of a pair, or of a project and its county."""
    names, projects = Names(plan, "en"), plan.data.projects
    parts = names.donors([row["donor"]]) if given(row["donor"]) else []
    parts += names.counties([row["county"]]) if given(row["county"]) else []
    if given(row["project"]):
        name = given(projects.at[row["project"], "name"]) if "name" in projects else ""
        parts.append(name or str(row["project"]))
    return " – ".join(parts)


def recommendations_card(found: Recommendations) -> str:
    """Who should be paired with whom, what the best alternative costs, and how sure that is."""
    names = Names(found.plan, "en")
    verdicts = found.counties["verdict"].map(VERDICTS).value_counts()
    unit = unit_word("en", str(found.settings.get("unit", "")))
    rows = []
    for county in found.counties.to_dict("records"):
        of = found.table[found.table["county"] == county["county"]]
        chosen, others = of[of["chosen"]], of[~of["chosen"]]
        best = others.iloc[0] if len(others) else None
        rows.append([
            *names.counties([county["county"]]), ", ".join(names.donors(chosen["donor"])) or "none",
            "" if best is None else names.donors([best["donor"]])[0], _price(best), VERDICTS.get(county["verdict"], ""),
        ])
    sentences = [f"{count(len(found.counties), 'county', 'counties')}: "
                 + ", ".join(f"{many} {name}" for name, many in verdicts.items()) + "."]
    heads = ["county", "partner", "best alternative", f"which costs ({unit})", "verdict"]
    return card("Pairing recommendations", sentences, [Rows("By county", heads, rows, ".table and .of(county)")])


def _price(row: pd.Series | None) -> Figure:
    if row is None:
        return Figure("–")
    low, high = float(row["price_low"]), float(row["price_high"])
    return Figure(number(high) if high - low <= 1e-9 * max(1.0, abs(high)) or low != low else f"{number(low)} to {number(high)}")
