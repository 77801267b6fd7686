"""Other budgets for a loaded program, by arrays alone: what a budget reaches is found once, then only sums are made.

`Restating.of` answers for the usual clauses: stream budgets and least spends, what is carried, bands around last year or the
factor method, shares of increases over last year. Everything else is left to `optimizer.model.patch`, which states the
clauses again. It is used only where, on the budgets of the program itself, it gives that program's own numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

from optimizer.engine.program import Floats, Ints, Program
from optimizer.instance.baselines import baseline_rows, budget_of, factor_money, factor_shares
from optimizer.instance.data import Data
from optimizer.instance.settings import BandRule, Measure, ShareRule
from optimizer.model.algebra import Algebra, lookup
from optimizer.model.compile import Compiled
from optimizer.model.measures import admitted
from optimizer.model.rules.band import baseline_of, budget_scale
from optimizer.model.rules.common import rule_index
from optimizer.model.rules.share import grows

KEYS = ["stream", "scope", "period"]
SAME = 1e-12
Limits = Callable[[Data], tuple[Floats | None, Floats | None]]


@dataclass(frozen=True, eq=False)
class Restating:
    """What of a program depends on budgets.

    Attributes
    ----------
    budgets : the keys of the budgets table it was made for
    least : which of them demand a least spend
    rows : row family → its limits under other budgets
    carried : rows of the budgets table with a column for what is carried, and the share of the budget that may be
    growing : rules with rows only while a budget exceeds its baseline, and whether it did
    """

    compiled: Compiled
    budgets: pd.DataFrame
    least: np.ndarray
    rows: tuple[tuple[slice, Limits], ...]
    carried: tuple[slice, Ints, Floats]
    growing: tuple[tuple[ShareRule, float, bool], ...]

    def of(self, data: Data) -> Compiled | None:
        """The program under the budgets of ``data``; None where more than limits would change."""
        now = data.budgets
        if len(now) != len(self.budgets) or not now[KEYS].equals(self.budgets) or ((now["least"] > 0) != self.least).any():
            return None
        if any((_budget(data, rule.whole) > before) != grew for rule, before, grew in self.growing):
            return None
        program = self.compiled.program
        low, high, top = program.row_lower.copy(), program.row_upper.copy(), program.col_upper.copy()
        for place, limits in self.rows:
            lower, upper = limits(data)
            if lower is not None:
                low[place] = lower
            if upper is not None:
                high[place] = upper
        place, at, share = self.carried
        top[place] = share * now["amount"].to_numpy(float)[at]
        changed = replace(program, row_lower=low, row_upper=high, col_upper=top)
        changed.__dict__["by_column"] = program.by_column  # the same matrix: its columns are known
        return replace(self.compiled, program=changed)


def restating(base: Algebra, compiled: Compiled, data: Data) -> Restating | None:
    """What of ``compiled`` depends on the budgets of ``data``; None where that is more than limits of the usual clauses."""
    if base.reads_budgets:
        return None
    program, budgets, rows, growing = compiled.program, data.budgets, [], []
    for name, column, lower in (("stream_budget", "amount", False), ("stream_least", "least", True)):
        place = _place(program, name)
        if place is not None:
            at = lookup(budgets[KEYS], program.rows_of(name)[KEYS])
            rows.append((place, _column(column, at, lower)))
    for rule in data.settings.rules:
        if not rule.active:
            continue
        if isinstance(rule, ShareRule) and rule.increase_over is not None:
            if rule.increase_over != "last":
                return None
            before = float(np.nan_to_num(baseline_of(data, rule.whole, "last", pd.DataFrame(index=range(1)))[0]))
            growing.append((rule, before, grows(data, rule.whole, "last")))
        elif isinstance(rule, BandRule):
            limits, place = _band(data, rule), _place(program, f"rule_{rule.id}")
            if limits is None or place is None or not rule.hard:
                return None
            rows.append((place, limits))
        elif getattr(rule, "or_zero", False):
            return None
    least = (budgets["least"] > 0).to_numpy()
    made = Restating(compiled, budgets[KEYS], least, tuple(rows), _carried(base, data), tuple(growing))
    again = made.of(data)
    return made if again is not None and _same(again.program, program) else None


def _same(one: Program, other: Program) -> bool:
    return all(np.allclose(getattr(one, name), getattr(other, name), rtol=SAME, atol=SAME)
               for name in ("row_lower", "row_upper", "col_upper"))


def _place(program: Program, name: str) -> slice | None:
    family = next((family for family in program.rows if family.name == name), None)
    return None if family is None else slice(family.start, family.stop)


def _column(name: str, at: Ints, lower: bool) -> Limits:
    """Limits that are a column of the budgets table; a scope and period without a budget has none to spend."""
    def limits(data: Data) -> tuple[Floats | None, Floats | None]:
        values = np.where(at >= 0, data.budgets[name].to_numpy(float)[at], 0.0)
        return (values, None) if lower else (None, values)
    return limits


def _carried(base: Algebra, data: Data) -> tuple[slice, Ints, Floats]:
    family = base.columns["carried_out"]
    share = {name: stream.carry for name, stream in data.streams.items()}
    return (slice(family.first, family.first + len(family)), lookup(data.budgets[KEYS], family.keys[KEYS]),
            np.asarray(family.keys["stream"].map(share), float))


def _band(data: Data, rule: BandRule) -> Limits | None:
    """low·b and high·b, with b last year's money or the factor method's, scaled or not."""
    index = rule_index(data, rule.of, rule.each, rule.periods)
    baseline = baseline_of(data, rule.of, rule.to, index)
    known = ~np.isnan(baseline)
    if rule.scaled:
        known &= ~np.isnan(budget_scale(data, rule.of, rule.to, index))
    amounts: Callable[[Data], Floats] | None = None
    if rule.to == "last":
        amounts = _scaled(baseline, _scale(data, rule, index))
    elif rule.to == "factor" and not rule.scaled:
        amounts = _factor(data, rule, index)
    if amounts is None:
        return None

    def limits(now: Data) -> tuple[Floats | None, Floats | None]:
        money = amounts(now)[known]
        return None if rule.low is None else rule.low * money, None if rule.high is None else rule.high * money

    return limits


def _scaled(baseline: Floats, scale: Callable[[Data], Any]) -> Callable[[Data], Floats]:
    return lambda now: np.asarray(baseline * scale(now))


def _scale(data: Data, rule: BandRule, index: pd.DataFrame) -> Callable[[Data], Any]:
    """Budget over last year's total, for each row of its period, or over all periods; 1 where a band is not scaled."""
    if not rule.scaled:
        return lambda now: 1.0
    streams, periods = _streams(data, rule.of), list(data.periods)
    sums = baseline_rows(data, "last", streams, None).groupby("period")["money"].sum()
    total = sums.reindex(periods).fillna(0.0).to_numpy(float)
    period = pd.Index(periods).get_indexer(pd.Index(index["period"])) if "period" in index else None

    def scale(now: Data) -> Any:
        budget = np.array([budget_of(now, streams, each) for each in periods])
        if period is None:
            return budget.sum() / total.sum() if total.sum() > 0 else np.nan
        return np.divide(budget, total, out=np.full(len(budget), np.nan), where=total > 0)[period]

    return scale


def _factor(data: Data, rule: BandRule, index: pd.DataFrame) -> Callable[[Data], Floats] | None:
    """The factor method's money for each row: shares in whole numbers, shared out again by largest remainder."""
    if not len(index.columns):
        return None
    money = factor_money(data)
    inside = np.ones(len(money), bool)
    for name in ("stream", "county", "period"):
        if name in rule.of.filters:
            inside &= money[name].isin(admitted(data, name, rule.of.filters[name])).to_numpy()
    names = list(index.columns)
    keys = money.assign(**{name: money["county"].map(data.counties[name]) for name in names if name not in money})
    row = np.where(inside, lookup(index, keys[names]), -1)
    kept, step = row >= 0, Fraction(str(data.step))
    parts = _shared(data)
    if parts is None:
        return None

    def amounts(now: Data) -> Floats:
        amount = now.budgets["amount"].tolist()
        paid = [_remainders(shares, int(Fraction(repr(float(amount[at]))) // step)) for at, shares in parts]
        out = np.bincount(row[kept], weights=np.concatenate(paid)[kept] * float(step), minlength=len(index))
        return np.asarray(np.round(out, 9))

    return amounts


def _shared(data: Data) -> list[tuple[int, list[int]]] | None:
    """Row of the budgets table, and the shares of its counties as whole numbers, in the order of `factor_money`."""
    factor, budgets, parts = data.settings.factor, data.budgets.reset_index(drop=True), []
    for stream in (factor.streams or sorted(budgets["stream"].unique())) if factor is not None else ():
        own = budgets[budgets["stream"] == stream]
        for scope in own["scope"].unique():
            mask = (data.reach["stream"] == stream) & (data.reach["scope"] == scope)
            shares = factor_shares(data, pd.Index(sorted(data.reach.loc[mask, "county"])))
            common = math.lcm(*(share.denominator for share in shares))
            whole = [share.numerator * (common // share.denominator) for share in shares]
            if any(share < 0 for share in whole):
                return None
            parts += [(int(at), whole) for at in own.index[own["scope"] == scope]]
    return parts


def _remainders(shares: list[int], steps: int) -> Floats:
    """Steps for each share: floors, then one more by largest remainder."""
    total = sum(shares)
    if total <= 0:
        return np.zeros(len(shares))
    floors, rests = zip(*(divmod(share * steps, total) for share in shares), strict=True)
    out = np.array(floors, dtype=float)
    order = sorted(range(len(shares)), key=lambda i: (-rests[i], i))
    out[order[: steps - sum(floors)]] += 1
    return out


def _streams(data: Data, measure: Measure) -> list[Any] | None:
    return admitted(data, "stream", measure.filters["stream"]) if "stream" in measure.filters else None


def _budget(data: Data, measure: Measure) -> float:
    """Budget of a measure's streams over the horizon."""
    return sum(budget_of(data, _streams(data, measure), period) for period in data.periods)
