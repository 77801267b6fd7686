"""What each project, pair, transfer and coefficient would need to change for the plan to change: reduced costs and their words.

A reduced cost prices one more unit at the prices of the optimum. The value of a program is concave in what is held (convex
where it is made small), so with a selection held the price of adding a project is the most that adding it can bring, and the
price of a chosen one the least that its loss would cost.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from optimizer.engine.family import Family
from optimizer.engine.program import Floats
from optimizer.sensitivity.prices.prices import Optimum
from optimizer.sensitivity.prices.question import EXACT, Question
from optimizer.sensitivity.prices.ranges import Priced
from optimizer.sensitivity.prices.sentences import Words, number

DECISIONS = ("transfer", "pair", "support", "placed", "start", "amount", "direct")
NOTHING = 1e-7  # a reduced cost below this share of the criterion's coefficients is 0


@dataclass(frozen=True, eq=False)
class Choices:
    """Rows of ``sensitivity.csv`` for what is chosen rather than limited.

    Parameters
    ----------
    asked, optimum, words : what is priced, where, and how it is said
    """

    asked: Question
    optimum: Optimum
    words: Words

    def rows(self, priced: Priced | None) -> Iterator[dict[str, Any]]:
        """Projects, pairs, transfers, then coefficients of the criterion.

        Parameters
        ----------
        priced : solves for the exact range of coefficients; None: what the basis says
        """
        for family in self.asked.program.columns:
            if family.name in ("start", "amount") and len(family):
                yield from self._projects(family)
            elif family.name == "pair" and len(family):
                yield from self._pairs(family)
            elif family.name == "transfer" and len(family):
                yield from self._transfers(family)
        yield from self._coefficients(priced)

    @property
    def _gain(self) -> Floats:
        """What one more unit of each column does to the criterion, for the better."""
        reduced = self.optimum.reduced[: self.asked.program.n_columns]
        return -self.optimum.sign * np.where(np.abs(reduced) * self.optimum.scale < NOTHING, 0.0, reduced)

    def _paid(self, family: Family) -> tuple[Floats, Floats]:
        """Money that a unit of each column takes from the accounts, and what that money is worth there."""
        program = self.asked.program
        money, worth = np.zeros(len(family)), np.zeros(len(family))
        for rows in program.rows:
            if rows.name == "account":
                part = program.by_column[rows.start : rows.stop, family.start : family.stop]
                money -= np.asarray(part.sum(axis=0)).ravel()
                worth -= part.T @ (self.optimum.sign * self.optimum.dual[rows.start : rows.stop])
        return money, worth

    def _projects(self, family: Family) -> Iterator[dict[str, Any]]:
        gain, x, words = self._gain[family.start : family.stop], self.optimum.x, self.words
        money, worth = self._paid(family)
        unit = self.words.data.settings.money.unit
        several = family.keys["project"].duplicated(keep=False).to_numpy()
        for n, (project, start) in enumerate(zip(family.keys["project"], family.keys["start"], strict=True)):
            amount = float(x[family.start + n])
            own = gain[n] + worth[n]  # what a unit brings, its money aside
            threshold = money[n] * own / worth[n] if worth[n] > NOTHING and money[n] > 0 else np.nan
            index = f"project={project};start={start}" if several[n] else f"project={project}"
            low, high = (-np.inf, threshold) if amount > 1e-9 else (threshold, np.inf)
            if np.isnan(threshold):
                low = high = np.nan
            name = words.name("project", project) + (f", begun in {start}," if several[n] else "")
            sentence = self._project(name, amount, float(gain[n]), float(money[n]), threshold, own)
            yield self._row("project", index, money[n], reduced=self._reduced(family.start + n), low=low, high=high, unit=unit,
                            sentence=sentence)

    def _project(self, name: str, amount: float, gain: float, cost: float, threshold: float, own: float) -> str:
        words = self.words
        unit = words.data.settings.money.unit
        said = words.change(-self.optimum.sign * gain)
        exact = self.asked.tier == EXACT
        at = f"it costs {words.amount(cost, unit)}" if cost > 0 else "it costs no money here"
        if amount > 1e-9:
            if exact and gain == 0:
                text = f"is chosen ({number(amount)}), as much of it as what it needs allows; {at}"
            elif np.isnan(threshold):
                kept = f"its loss would cost at least {number(gain)}" if gain > 0 else "no loss without it is proved"
                text = f"is chosen ({number(amount)}); one unit more would {said}" if exact else f"is chosen; {kept}"
            elif gain < 0 and not exact:
                text = (f"is chosen, though at these prices its money would do more elsewhere; it pays for itself below "
                        f"{words.amount(max(threshold, 0.0), unit)}, and {at}")
            elif exact:
                text = f"is chosen and would stay so up to {words.amount(threshold, unit)}; {at}"
            else:
                text = f"is chosen and at these prices pays for itself up to {words.amount(threshold, unit)}; {at}"
        elif own <= NOTHING and cost > 0:
            text = "would not be chosen at any cost: it brings nothing here"
        elif np.isnan(threshold):
            text = f"is not chosen; one unit of it would {said}"
        elif gain > 0:
            text = (f"is not chosen; added alone it could {said} at most; {at}, and its money would bring as much elsewhere at "
                    f"{words.amount(threshold, unit)}")
        else:
            text = f"would be chosen {'' if exact else 'only '}below {words.amount(threshold, unit)}; {at}"
        return f"Project {name} {text}{words.tier}"

    def _pairs(self, family: Family) -> Iterator[dict[str, Any]]:
        gain, words = self._gain, self.words
        possible = self.asked.compiled.program.col_upper > 0
        for n, (donor, county) in enumerate(zip(family.keys["donor"], family.keys["county"], strict=True)):
            j = family.start + n
            name = f"{words.name('donor', donor)} for {words.name('county', county)}"
            change = words.change(-self.optimum.sign * abs(float(gain[j])))
            if self.optimum.x[j] > 0.5:
                loss = words.change(self.optimum.sign * float(gain[j]))
                text = f"its loss would {loss} or worse" if gain[j] > 0 else "no loss without it is proved"
                sentence = f"The pair {name} is chosen; {text}{words.tier}"
            elif not possible[j]:
                sentence = f"The pair {name} is ruled out by a decision"
            elif gain[j] > 0:
                sentence = f"One more pair, {name}, could {change} at most, where the limits on partners leave room{words.tier}"
            else:
                sentence = f"One more pair, {name}, would bring nothing{words.tier}"
            yield self._row("pair", f"donor={donor};county={county}", round(float(self.optimum.x[j])), reduced=self._reduced(j),
                            unit="pairs", sentence=sentence)

    def another_county(self) -> dict[object, tuple[object, float]]:
        """For each donor the county that one more pair could bring most for, and what it could bring at most."""
        gain, out = self._gain, dict[object, tuple[object, float]]()
        possible = self.asked.compiled.program.col_upper > 0
        for family in self.asked.program.columns:
            if family.name == "pair" and len(family):
                for n, (donor, county) in enumerate(zip(family.keys["donor"], family.keys["county"], strict=True)):
                    j = family.start + n
                    if possible[j] and self.optimum.x[j] < 0.5 and gain[j] > out.get(donor, ("", 0.0))[1]:
                        out[donor] = (county, float(gain[j]))
        return out

    def _transfers(self, family: Family) -> Iterator[dict[str, Any]]:
        gain, words = self._gain, self.words
        unit = words.data.settings.money.unit
        names = [str(name) for name in family.keys.columns]
        for n, cells in enumerate(family.keys.itertuples(index=False, name=None)):
            j = family.start + n
            keys = dict(zip(names, cells, strict=True))
            county = words.name("county", keys["county"])
            when = f" ({keys['period']})" if len(words.data.periods) > 1 else ""
            what = f"money of {keys['stream']} for {keys['category']} in {county}{when}"
            if gain[j] < 0:
                loss = words.change(self.optimum.sign * abs(float(gain[j])) * words.per_million)
                sentence = f"A million {words.currency} of {what}, forced, would {loss}{words.tier}"
            else:
                sentence = f"{what[:1].upper()}{what[1:]} is worth as much as anywhere else it may go{words.tier}"
            yield self._row("transfer", ";".join(f"{name}={value}" for name, value in keys.items()), float(self.optimum.x[j]),
                            reduced=self._reduced(j), unit=unit, sentence=sentence)

    def _coefficients(self, priced: Priced | None) -> Iterator[dict[str, Any]]:
        """Coefficients of the criterion on decisions that can move: the range over which the plan holds."""
        program, vector = self.asked.program, self.asked.linear.vector
        low, high = cost_ranges(self.optimum)
        free = program.col_lower < program.col_upper
        for family in program.columns:
            if family.name not in DECISIONS:
                continue
            for j in range(family.start, family.stop):
                if not vector[j] or not free[j]:
                    continue
                least, most = float(low[j]), float(high[j])
                room = None if priced is None else priced.cost_room(j)
                if room is not None:
                    least, most = vector[j] - room[0], vector[j] + room[1]
                name = family.index_of(j)
                per = f"{self.asked.linear.unit or self.asked.criterion} per unit"
                sentence = (f"The plan stays the best as long as one unit of {name} counts between {number(least)} and "
                            f"{number(most)} in {self.asked.criterion}; it counts {number(float(vector[j]))}{self.words.tier}")
                yield self._row("criterion", program.column_name(j), float(vector[j]), reduced=self._reduced(j), low=least,
                                high=most, unit=per, sentence=sentence)

    def _reduced(self, j: int) -> float:
        """The reduced cost as solvers state it: change of the criterion for one more unit."""
        reduced = float(self.optimum.reduced[j])
        return 0.0 if abs(reduced) * self.optimum.scale < NOTHING else reduced

    def _row(self, kind: str, index: str, value: float, *, reduced: float, unit: str, sentence: str, low: float = np.nan,
             high: float = np.nan) -> dict[str, Any]:
        return {"tier": self.asked.tier, "kind": kind, "index": index, "value": float(value), "slack": np.nan, "price_up": np.nan,
                "price_down": np.nan, "low": low, "high": high, "reduced": reduced + 0.0, "unit": unit, "sentence": sentence}


def cost_ranges(optimum: Optimum) -> tuple[Floats, Floats]:
    """Least and largest coefficient of each column in the criterion's own sense for which the basis stays optimal."""
    found = optimum.session.basis_ranges()
    ends = found.cost_low * optimum.sign / optimum.scale, found.cost_high * optimum.sign / optimum.scale
    low, high = ends if optimum.sign > 0 else ends[::-1]
    return low, high
