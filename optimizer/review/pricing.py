"""The price of a pair: what the plan would be worth with another donor for a county, other pairs and projects held."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from optimizer.engine.program import Floats, Ints, Linear
from optimizer.review.around import EXACTLY, Around, Local, Move
from optimizer.review.binding import Binding
from optimizer.review.bounding import Bounds, foremost
from optimizer.review.moves import Moves
from optimizer.review.standing import Standing

WIDE = 0.05  # share of a price by which its bracket may be wide
SMALL = 5e-7  # share of the plan's value by which a bracket may be wide whatever the price
NEARLY = 1e-5  # gap of a small integer program that only has to say that a way is not the cheapest
ROUNDING = 1e-7  # share of the plan's value within which the ends of a bracket are one price
ROOM = (2, 8, 40)  # neighbours for each shared row that may give way, round after round
TIGHT = 0.2  # share of that width at which nothing more is asked
PROMISING = 4  # ways that are looked at where only the best gain counts
TRIES = 3  # ways to bring about one exchange that are followed to the end


@dataclass(frozen=True)
class Priced:
    """The price of one deviation from the plan.

    Attributes
    ----------
    low, high : what the criterion loses (a gain is negative); equal where the price is exact
    people_change, fit_change, money_change : weighted people covered, fit of all pairs and support to the county, of the plan
        found less the recommended one
    money : support that flows along the pair in the plan found
    displaces, moves : pairs ``donor>county`` of other counties that end, and that begin in their place
    binding : what keeps the pair's money from being more
    replaces : the donor that the county gives up; empty if none
    """

    low: float
    high: float
    people_change: float
    fit_change: float
    money_change: float
    money: float
    displaces: tuple[str, ...] = ()
    moves: tuple[str, ...] = ()
    binding: str = ""
    replaces: str = ""

    @property
    def exact(self) -> bool:
        """Whether the two ends are one."""
        return self.low == self.high


@dataclass(eq=False)
class Pricer:
    """Prices at one plan's optimum.

    Parameters
    ----------
    at : the plan's optimum
    moves : its pairs
    fit : of each pair
    people : the criterion that counts people, in units of ``people_change``
    """

    at: Standing
    moves: Moves
    fit: Floats
    people: Linear | None

    def __post_init__(self) -> None:
        self.around = Around(self.at)
        self._estimates: dict[Move, float] = {}
        self._bounds, self._binding = Bounds(self.at, self.moves), Binding(self.at, self.moves)

    # -- screening --------------------------------------------------------------------------------------------------

    def screened(self, county: str, count: int, also: frozenset[int] = frozenset()) -> list[int]:
        """The ``count`` open pairs of the county that bring most in place of the pair they replace, the best first.

        Every pair is looked at as far as its bound says that it can be among them, with whole decisions other than pairs held.
        Pairs ``also`` asked for come behind, then those that neither a plain exchange nor a swap can bring about.
        """
        ways = {on: [move for off in self._replaced(county) for move in self._ways(off, on, deep=False)]
                for on in self.moves.open_to.get(county, [])}
        bounded = {on: [(self._bounds.of(move), move) for move in moves] for on, moves in ways.items() if moves}

        def most(on: int) -> float:
            best = foremost(bounded[on], self._estimate, 1)
            return best[0][0] if best else -np.inf

        found = [on for _, on in foremost(((max(bound for bound, _ in moves), on) for on, moves in bounded.items()), most, count)]
        asked = [on for on in ways if on in also and on not in found]
        without = self.moves.roomiest([on for on in ways if not ways[on] and on not in asked])
        return [*found, *asked, *without]

    def _estimate(self, move: Move) -> float:
        if move not in self._estimates:
            self._estimates[move] = self.around.estimate(move)
        return self._estimates[move]

    def _replaced(self, county: str) -> Sequence[int | None]:
        """The pairs of a county that another may replace; None: it has none."""
        own = self.moves.of_county.get(county, [])
        return [k for k in own if not self.moves.must[k]] if own else [None]

    # -- prices -----------------------------------------------------------------------------------------------------

    def instead(self, donor: str, county: str, of: str | None = None) -> Priced | None:
        """The price of giving a county this donor instead of another that it has; None where that cannot be.

        Parameters
        ----------
        of : the donor that is replaced; None: the one that it costs least to replace
        """
        on = self.moves.number.get((donor, county))
        if on is None or self.moves.chosen[on]:
            return None
        replaced = self._replaced(county) if of is None else [self.moves.number[of, county]]
        options = [move for off in replaced for move in self._ways(off, on)]
        return self._cheapest(options, county, on)

    def _ways(self, off: int | None, on: int, *, deep: bool = True) -> list[Move]:
        """Every way considered to bring about an exchange; ``deep``: those too in which a third donor steps in."""
        direct = list(self.moves.direct(off, on))
        if not deep or self.moves.allowed(Move(() if off is None else (off,), (on,))):
            return direct
        return direct + list(self.moves.displacing(off, on))

    def without(self, donor: str, county: str, prices: Sequence[Priced] = ()) -> Priced | None:
        """The price of forbidding a chosen pair; None where the county could have no other and must have one.

        Parameters
        ----------
        prices : of alternatives that replace it, known already
        """
        off = self.moves.number[donor, county]
        if self.moves.must[off]:
            return None
        gone = self.moves.dropped(off)
        left = [] if gone is None else [self._cheapest([gone], county, None)]
        known = [*prices, *(price for price in left if price is not None)]
        if not known:
            return None
        best = min(known, key=lambda price: price.high)
        return replace(best, low=min(price.low for price in known))

    def _cheapest(self, options: Sequence[Move], county: str, on: int | None) -> Priced | None:
        """The bracket of the cheapest of several ways; None where none can be."""
        best, bound = self._best(options)
        return None if best is None else self._told(best[0], max(bound, best[0].gain), best[1], county, on)

    def _best(self, options: Sequence[Move]) -> tuple[tuple[Local, Move] | None, float]:
        """The plan found of the way that gains most, and a bound on all ways, each followed as far as it could be the best.

        A way whose bound, with projects in parts at first, is no better than a plan found of another needs no following.
        """
        best: tuple[Local, Move] | None = None
        bound, followed = -np.inf, 0
        for move in sorted(options, key=lambda move: -self._estimate(move)):
            gain = -np.inf if best is None else best[0].gain
            top = self.around.priced(move, relaxed=True).bound if best is not None else np.inf
            if top <= gain:
                continue
            found = self.around.priced(move, gap=EXACTLY if best is None else NEARLY)
            if found.bound <= gain + NEARLY * abs(gain):
                found = found if found.bound <= gain else self.around.priced(move)
                bound = max(bound, found.bound)
                continue
            if followed < TRIES and np.isfinite(found.bound):
                followed += 1
                found = self._followed(move, found)
                if found.gain > gain:
                    best = found, move
            bound = max(bound, found.bound)
        return best, bound

    def gaining(self, county: str, least: float) -> tuple[Local, Move] | None:
        """The way to give a county another donor, or other projects, that gains most; None where none can be.

        Parameters
        ----------
        least : gain, in units of ``cost``, that another donor must promise to be looked at
        """
        own = self.moves.of_county.get(county, [])
        ways = [move for off in self._replaced(county) for on in self.moves.open_to.get(county, [])
                for move in self._ways(off, on, deep=False)]
        bounded = ((self._bounds.of(move), move) for move in ways)
        promising = [move for _, move in foremost(bounded, self._estimate, PROMISING, least)]
        same = [Move((own[0],), (own[0],))] if own else []  # the pair stays, the county's projects are chosen anew
        return self._best([*promising, *same])[0]

    def bringing(self, on: int, instead_of: Sequence[int] = ()) -> tuple[Local, Move] | None:
        """The way to bring about a pair that costs least; None where there is none.

        Parameters
        ----------
        instead_of : pairs of the county, one of which it is to replace; none: whichever costs least
        """
        replaced = list(instead_of) or self._replaced(self.moves.county[on])
        alone = Move((), (on,))
        ways = [move for off in replaced for move in self._ways(off, on)]
        return self._best([*ways, *([alone] if not ways and self.moves.allowed(alone) else [])])[0]

    def ending(self, off: int) -> tuple[Local, Move] | None:
        """The way to end a pair that costs least, with another in its place or with none; None where there is none."""
        ways = [move for on in self.moves.open_to.get(self.moves.county[off], []) for move in self._ways(off, on, deep=False)]
        bounded = ((self._bounds.of(move), move) for move in ways)
        gone = self.moves.dropped(off)
        promising = [move for _, move in foremost(bounded, self._estimate, PROMISING)]
        return self._best([*promising, *([gone] if gone is not None else [])])[0]

    def _narrow(self, gain: float) -> float:
        """How wide a bracket around a gain may be."""
        if not np.isfinite(gain):
            return 0.0
        return max(WIDE * abs(gain), SMALL * abs(self.at.value))

    def _followed(self, move: Move, top: Local) -> Local:
        """Bound and best plan of one move, tightened until they are near each other or nothing tightens them."""
        touched = self.around.touched(move)
        bound, best = top.bound, Local(-np.inf, top.bound, np.empty(0, np.int64), np.empty(0))
        size = 0
        for count in ROOM:
            blocks = self.around.neighbours(touched, count)
            if len(blocks) == size:
                break
            size = len(blocks)
            found = self.around.kept(move, top if np.isfinite(top.gain) else None, blocks)
            if not np.isfinite(found.gain):
                found = self.around.kept(move, None, blocks)
            best = found if found.gain > best.gain else best
            if bound - best.gain > TIGHT * self._narrow(best.gain) and len(found.repriced):
                top = self.around.priced(move, rows=found.repriced)
                bound = min(bound, top.bound)
                wide = self.around.with_all(blocks, found.repriced)
                again = self.around.kept(move, top if np.isfinite(top.gain) else None, wide)
                best = again if again.gain > best.gain else best
            if bound - best.gain <= TIGHT * self._narrow(best.gain):
                break
        return replace(best, bound=max(bound, best.gain))

    def _told(self, found: Local, bound: float, move: Move, county: str, on: int | None) -> Priced:
        problem, at = self.at.problem, self.at
        change = found.values - at.x[found.columns]
        high, low = -found.gain / problem.scale, -bound / problem.scale
        if high - low <= ROUNDING * abs(at.value) / problem.scale:
            low = high
        people = float("nan") if self.people is None else float(self.people.vector[found.columns] @ change)
        own = self._support_of(county)
        now, flows = self._at(found, own), 0.0
        if on is not None:
            flows = float(self._at(found, self._switched(on)).sum())
        names, binding = self._names, "" if on is None else self._binding.of(
            on, self._switched(on), dict(zip(found.columns.tolist(), change.tolist(), strict=True)))
        fit = float(self.fit[list(move.on)].sum() - self.fit[list(move.off)].sum())
        return Priced(low, high, people, fit, float(now.sum() - at.x[own].sum()), flows,
                      tuple(names(k) for k in move.off if self.moves.county[k] != county),
                      tuple(names(k) for k in move.on if self.moves.county[k] != county), binding,
                      next((self.moves.donor[k] for k in move.off if self.moves.county[k] == county), ""))

    def stands(self, donor: str, county: str) -> str:
        """What binds a chosen pair, as `Binding` names it."""
        pair = self.moves.number[donor, county]
        return self._binding.of(pair, self._switched(pair))

    def worth(self, county: str) -> float:
        """What the criterion counts in a county, in its own unit."""
        at = self.at
        some = self.moves.of_county.get(county) or self.moves.open_to.get(county, [])
        block = at.columns[at.problem.program.col_block[at.pairs[some[0]]]] if some else np.empty(0, np.int64)
        return float(at.problem.cost[block] @ at.x[block]) / at.problem.scale

    def _names(self, pair: int) -> str:
        return f"{self.moves.donor[pair]}>{self.moves.county[pair]}"

    def _switched(self, pair: int) -> Ints:
        """Columns that a pair switches: its support."""
        at, column = self.at, self.at.pairs[pair]
        block = at.columns[at.problem.program.col_block[column]]
        return np.asarray(block[at.problem.program.switch[block] == column])

    def _support_of(self, county: str) -> Ints:
        """The columns of the support to a county."""
        at = self.at
        some = self.moves.of_county.get(county) or self.moves.open_to.get(county, [])
        block = at.columns[at.problem.program.col_block[at.pairs[some[0]]]]
        return np.asarray(block[np.isin(at.problem.program.switch[block], at.pairs)])

    def _at(self, found: Local, columns: Ints) -> Floats:
        """Values of columns in a plan found."""
        known: Mapping[int, float] = dict(zip(found.columns.tolist(), found.values.tolist(), strict=True))
        return np.array([known.get(column, self.at.x[column]) for column in columns.tolist()])
