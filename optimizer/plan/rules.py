"""How every rule of an instance stands on a plan: one function a rule type, exact numbers.

Each function gives `Judged` rows in one unit: value, min and max, and from them slack, what the row is broken by and
its status. A row that a rule does not speak to (no baseline, too few candidates, no increase) is ``off``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

from optimizer.instance.settings import BandRule, BoundRule, EquityRule, ExitRule, PairsRule, ShareRule
from optimizer.plan.baselines import baseline_values, budget_scale, grows
from optimizer.plan.criteria import equity, per_unit, unit_of
from optimizer.plan.exact import Exact, fraction, locate
from optimizer.plan.exits import thresholds
from optimizer.plan.grouping import Rows, as_list, group_units, group_values, members, per_values, rows_for
from optimizer.plan.judged import COLUMNS, Judged, inactive, judged_frame
from optimizer.plan.measure import Measures


def bound(measures: Measures, rule: BoundRule) -> Judged:
    """min ≤ of / per ≤ max; rows without a denominator are left out; ``or_zero``: nothing at all is allowed too."""
    rows = rows_for(measures.data, rule.of, _dimensions(rule.each), rule.periods)
    scale = None
    if rule.per:
        scale = per_values(measures.data, rule.per, rule.of, rows)
        good = scale.positive()
        rows, scale = Rows(rows.keys[good].reset_index(drop=True), rows.span), scale[good]
    value = measures.values(rule.of, rows)
    limits = [None if end is None else (scale or Exact.constant(1, len(rows))).times(end) for end in (rule.min, rule.max)]
    unit = per_unit(measures.data, rule.of, rule.per) if rule.per else unit_of(measures.data, rule.of)
    free = ~value.nonzero() if rule.or_zero else None
    return Judged(rows.labels(), unit, value, limits[0], limits[1], scale, free)


def share(measures: Measures, rule: ShareRule) -> Judged:
    """min·whole ≤ part ≤ max·whole, in the unit of the part; of increases over a baseline with ``increase_over``."""
    data = measures.data
    rows = rows_for(data, rule.whole, _dimensions(rule.each), rule.periods)
    wide = rows
    if rule.part_each is not None:
        values = pd.DataFrame({rule.part_each: _part_values(measures, rule)})
        names = [*_dimensions(rule.each), rule.part_each, *(["period"] if "period" in rows.keys else [])]
        wide = Rows(rows.keys.merge(values, how="cross")[names] if len(rows.keys.columns) else values, rows.span)
    part, whole = measures.values(rule.part, wide), measures.values(rule.whole, rows)
    off = np.zeros(len(rows), dtype=bool)
    if rule.from_:
        off |= _candidates(measures, rule, rows) < rule.from_
    if rule.increase_over is not None:
        part = part - baseline_values(data, rule.part, wide, rule.increase_over)[0]
        whole = whole - baseline_values(data, rule.whole, rows, rule.increase_over)[0]
        if not grows(data, rule.whole, rule.increase_over):
            off |= True
    at = _positions(wide, rows)
    limits = [None if end is None else whole[at].times(end) for end in (rule.min, rule.max)]
    return Judged(wide.labels(), unit_of(data, rule.part), part, limits[0], limits[1], off=off[at])


def _part_values(measures: Measures, rule: ShareRule) -> list[Any]:
    assert rule.part_each is not None
    return group_units(measures.data, rule.part_each, rule.part)


def _positions(wide: Rows, rows: Rows) -> np.ndarray:
    names = list(rows.keys.columns)
    if not names:
        return np.zeros(len(wide), dtype=np.int64)
    return locate(wide.keys, rows.keys, names)


def _candidates(measures: Measures, rule: ShareRule, rows: Rows) -> np.ndarray:
    """Projects that may be started in each row of the whole, whatever it counts."""
    data = measures.data
    frame = data.projects[data.projects["status"] != "forbid"].rename_axis("project").reset_index()
    for name in ("project", "county", "category", "sector"):
        wanted = rule.whole.filters.get(name)
        if wanted is not None:
            inside = members(data, name, wanted) if name in ("project", "county") else as_list(wanted)
            frame = frame[frame[name].isin(inside)]
    if rule.each == "all":
        return np.full(len(rows), len(frame))
    counts = pd.Series(group_values(data, rule.each, frame)).value_counts()
    return rows.keys[rule.each].map(counts).fillna(0).to_numpy(float)


def band(measures: Measures, rule: BandRule) -> Judged:
    """low·b ≤ of ≤ high·b around last year or the factor method, scaled to the budget if asked; no baseline: off."""
    data = measures.data
    rows = rows_for(data, rule.of, _dimensions(rule.each), rule.periods)
    base, known = baseline_values(data, rule.of, rows, rule.to)
    value, scale = measures.values(rule.of, rows), None
    if rule.scaled:
        budget, scale = budget_scale(data, rule.of, rows, rule.to)
        value, base = value * scale, base * budget
    limits = [None if end is None else base.times(end) for end in (rule.low, rule.high)]
    return Judged(rows.labels(), unit_of(data, rule.of), value, limits[0], limits[1], scale, off=~known)


def pairs(measures: Measures, rule: PairsRule) -> Judged:
    """Existing pairs that end, at most ``max_changed`` (0 for ``keep: all``); new pairs only for a gain of ``min_gain``."""
    table = measures.tables["pairings"]
    labels, values, limits = [], [], []
    if rule.keep == "all" or rule.max_changed is not None:
        labels.append("")
        values.append(int((table["status"] == "ended").sum()))
        limits.append(0 if rule.keep == "all" else int(rule.max_changed or 0))
    if rule.min_gain is not None:
        barred = _barred(measures, rule)
        chosen = table[table["status"] == "new"].merge(barred, on=["donor", "county"])["county"].value_counts()
        for county in sorted(barred["county"].unique()):
            labels.append(f"county={county}")
            values.append(int(chosen.get(county, 0)))
            limits.append(0)
    return Judged(labels, "pairs", Exact.whole(values), high=Exact.whole(limits))


def _barred(measures: Measures, rule: PairsRule) -> pd.DataFrame:
    """Candidates that do not exceed the best existing pair of their county by ``min_gain``."""
    frame = measures.data.pairs
    existing = (frame["existing"] == 1).to_numpy()
    value = frame[rule.column].astype(float)
    best = frame["county"].map(value[existing].groupby(frame.loc[existing, "county"]).max()).to_numpy(float)
    gain = Exact.of(value) - Exact.of(best)
    short = gain.below(Exact.constant(rule.min_gain or 0.0, len(frame)))
    barred: pd.DataFrame = frame.loc[~existing & ~np.isnan(best) & short, ["donor", "county"]]
    return barred


def exit_(measures: Measures, rule: ExitRule) -> Judged:
    """By a period (the last), all counties the rule speaks of, or at least n, are exited."""
    data, by = measures.data, rule.by if rule.by is not None else measures.data.periods[-1]
    applies, _ = thresholds(data, rule)
    table = measures.exited[measures.exited["period"] == by].set_index("county")["exited"].reindex(data.counties.index)
    passed = table.to_numpy(dtype=object)[applies]
    if rule.at_least == "all":
        labels = [f"county={county};period={by}" for county in data.counties.index[applies]]
        return Judged(labels, "counties", Exact.whole([int(n) for n in passed]), low=Exact.whole([1] * len(labels)))
    count = Exact.whole([int(sum(passed.tolist()))])
    return Judged([f"period={by}"], "counties", count, low=Exact.whole([int(rule.at_least)]))


def equity_rule(measures: Measures, rule: EquityRule) -> Judged:
    """The true value of an equity form, held between min and max; off where it is not defined.

    Where it is worse than any number (log welfare where a unit has nothing) it stands one below ``min``, or at ``max``.
    """
    found = equity(measures, rule)
    off = np.array([found.value is None and not found.boundless])
    limits = [None if end is None else Exact.whole([fraction(end)]) for end in (rule.min, rule.max)]
    value = found.value or Fraction(0)
    if found.boundless:
        value = fraction(rule.min) - 1 if rule.min is not None else fraction(rule.max or 0)
    return Judged([""], found.unit, Exact.whole([value]), limits[0], limits[1], off=off)


TYPES: dict[str, Callable[[Measures, Any], Judged]] = {
    "bound": bound, "share": share, "band": band, "pairs": pairs, "exit": exit_, "equity": equity_rule,
}


def rules_table(measures: Measures, proven: Mapping[tuple[str, str], str]) -> tuple[pd.DataFrame, Fraction]:
    """``rules.csv`` and the points of the soft rules (Σ price × broken_by).

    Parameters
    ----------
    measures : the plan's tables
    proven : (rule, index) of hard rules that, by the solver's proof, no whole-unit plan meets: status ``rounding``
    """
    frames, points = [], Fraction(0)
    for rule in measures.data.settings.rules:
        if not rule.active:
            frames.append(inactive(rule))
            continue
        frame, broken = judged_frame(rule, TYPES[rule.type](measures, rule), proven)
        frames.append(frame)
        if not rule.hard:
            points += broken * fraction(rule.price or 0.0)
    out = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=COLUMNS)
    return out[COLUMNS].sort_values(["rule", "index"], ignore_index=True), points


def _dimensions(each: str) -> list[str]:
    return [] if each == "all" else [each]
