"""What each decision of a review costs: how much better the best plan would be if that one were lifted, and if all were."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np
import pandas as pd

from optimizer.engine.outcome import SolveError
from optimizer.engine.program import Floats, Linear
from optimizer.engine.progress import Progress
from optimizer.instance.decisions import decided
from optimizer.instance.instance import Instance
from optimizer.plan.plan import Plan
from optimizer.review.carried import carried, start_of
from optimizer.review.changes import COMPARABLE
from optimizer.review.improve import settled
from optimizer.review.lifted import held_gains
from optimizer.review.promised import Names, names_of, promises
from optimizer.solve import Session

EXACT = 1e-7  # share of the plan's value within which the ends of a bracket are one price
TOGETHER = 0.5  # share of the time for all decisions lifted together
CARRYING = 0.3  # share of the time that exchanges may take after decisions were carried out on the plan reviewed
HELD = 0.5  # share of the time left that prices with the other pairs held may take
LEAST_SECONDS = 30.0  # for prices where nobody says how long


@dataclass(frozen=True, eq=False)
class DecisionPrices:
    """Prices of the decisions in force at a plan.

    Attributes
    ----------
    table : the decisions that stand (columns of decisions.csv), each with price_low, price_high, price_kind: between these the
        best value of the plan's first criterion would rise if this one decision were lifted and all else were free to follow.
        ``exact``: the two are one; ``bound``: the time was up between them; blank where no bound is known. price_held: what
        this plan would gain with the other pairs, but for those displaced, and other counties' projects held, before whole
        steps; pairs only. promised_low, promised_high: what the recommendations told of those that overrule them
    low, high : the same for all decisions lifted together
    criterion, unit : what is counted
    undecided : the plan found without decisions, or the one that was reviewed; None where none was found in the time
    lost, others : what the criterion loses against the plan that was reviewed, and how many of its pairs are others now; None
        where no such plan was given
    names : of the places and projects that decisions are about
    """

    table: pd.DataFrame
    low: float
    high: float
    criterion: str
    unit: str
    undecided: Plan | None
    lost: float | None = None
    others: int | None = None
    names: Names = field(default_factory=dict)


def with_prices(
    asked: Instance, before: Instance, *, reviewed: Plan | None = None, recommended: pd.DataFrame | None = None,
    seconds: float | None = None, progress: Progress | None = None, should_stop: Callable[[], bool] | None = None,
) -> tuple[Plan, DecisionPrices]:
    """The plan of an instance with decisions, and what each of them costs.

    Parameters
    ----------
    asked, before : the instance with its decisions, and without them
    reviewed : the plan on which was decided; decisions are carried out on it too, and the better of both plans is taken
    recommended : the table of recommendations on which was decided, for the prices that it promised
    seconds : for all prices together; as long as the plan took, but at least ``LEAST_SECONDS``, by default

    Raises
    ------
    InstanceError, SolveError : as `optimizer.solve.solve`
    """
    session = Session(asked, progress=progress)
    begun = time.monotonic()
    plan = session.solve(progress=progress, should_stop=should_stop)
    left = max(LEAST_SECONDS, time.monotonic() - begun) if seconds is None else seconds
    point, until = session.last_point, time.monotonic() + left
    if reviewed is not None and asked.decisions is not None:
        values = carried(reviewed, before, decided(asked.decisions), session.compiled.program,
                         deadline=time.monotonic() + CARRYING * left, stop=should_stop or (lambda: False))
        better = None if values is None else settled(plan, session, values, should_stop=should_stop)
        plan, point = (plan, point) if better is None else (better, session.last_point)
    prices = decision_prices(session, plan, before, reviewed=reviewed, point=point, seconds=until - time.monotonic(),
                             progress=progress, should_stop=should_stop)
    return plan, prices if recommended is None else replace(prices, table=promises(prices.table, recommended))


def decision_prices(
    session: Session, plan: Plan, before: Instance, *, reviewed: Plan | None = None, point: Floats | None = None,
    seconds: float = math.inf, progress: Progress | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> DecisionPrices:
    """Price of each decision at the plan that ``session`` found last.

    Each question starts from the plan, which is one of its answers, so no price is below 0; lifting one decision gains no
    more than lifting all. A plan with a gap leaves brackets at least as wide as that: its own search is no price.

    Parameters
    ----------
    before : the instance without decisions
    reviewed : the plan on which was decided, one of the answers without decisions
    point : the plan as a point of the session's program; by default what the session found last
    seconds : for all questions together
    """
    given, stop = plan.instance.decisions, should_stop or (lambda: False)
    table = pd.DataFrame() if given is None else decided(given)
    if not len(table):
        return DecisionPrices(table, 0.0, 0.0, plan.outcome.criterion, plan.outcome.unit, None)
    until = time.monotonic() + seconds
    point = session.last_point if point is None else point
    begin = point if reviewed is None else start_of(reviewed, session.compiled.program)
    first = session.instance.settings.method.levels[0].criterion
    plain = isinstance(session.compiled.program.criteria.get(first), Linear)  # no quotient, no leximin

    def lifted(rest: Instance, share: float, start: Floats | None) -> tuple[Plan | None, tuple[float, float]]:
        """The plan of a question, and the bracket that it leaves."""
        left = until - time.monotonic()
        if stop() or left <= 0:
            return None, (0.0, math.nan)
        if plain:
            session.rewind(start)
        found = _found(session, rest, share * left, progress, should_stop)
        return found, _gain(plan, found, _relaxed(session, rest) if found is None and plain and not stop() else math.nan)

    alone = len(table) == 1
    undecided, (low, high) = lifted(before, 1.0 - HELD if alone else TOGETHER, begin)
    if reviewed is not None:
        least, most = _gain(plan, reviewed, math.nan)
        proved = most if reviewed.instance.decisions is None else math.nan  # under decisions of before its bound is no bound here
        undecided, low, high = reviewed, max(low, least), _least(high, proved)
    order = _overruling_first(table, undecided)
    pause = time.monotonic() + HELD * max(0.0, until - time.monotonic())
    gains = held_gains(plan, before, table.loc[order], until=pause, stop=stop)
    ends = {order[0]: (low, high)} if alone else {
        row: lifted(before.with_decisions(table.drop(index=row)), 1 / (len(order) - n), point)[1] for n, row in enumerate(order)}
    low = max([low, *(one for one, _ in ends.values())])
    closed = {row: _closed(one, _least(other, high), plan) for row, (one, other) in ends.items()}
    low, high = _closed(low, high, plan)
    told = table.assign(
        price_low=pd.Series({row: one for row, (one, _) in closed.items()}, dtype=float),
        price_high=pd.Series({row: other for row, (_, other) in closed.items()}, dtype=float),
        price_kind=pd.Series({row: _kind(*both) for row, both in closed.items()}, dtype="object"),
        price_held=pd.Series(dict(zip(order, gains, strict=True)), dtype=float), promised_low=math.nan, promised_high=math.nan,
    )
    lost, others = (None, None) if reviewed is None else _against(plan, reviewed)
    return DecisionPrices(told, low, high, plan.outcome.criterion, plan.outcome.unit, undecided, lost, others,
                          names_of(plan.data, table))


def _against(plan: Plan, reviewed: Plan) -> tuple[float | None, int]:
    """What a plan's criterion loses against the one that was reviewed, and how many pairs of that are others now."""
    now, then = plan.outcome, reviewed.outcome
    sign = 1.0 if now.sense == "max" else -1.0
    lost = None if now.objective is None or then.objective is None else sign * (then.objective - now.objective)
    return lost, len(_pairs(reviewed) - _pairs(plan))


def _pairs(plan: Plan) -> set[tuple[str, str]]:
    chosen = plan.pairings[plan.pairings["status"] != "ended"]
    return set(zip(chosen["donor"], chosen["county"], strict=True))


def _overruling_first(table: pd.DataFrame, undecided: Plan | None) -> list[int]:
    """Decisions in the order in which they are priced: what the plan without decisions has otherwise comes first."""
    chosen = set() if undecided is None else _pairs(undecided)
    rows = table[["kind", "donor", "county", "decision"]].itertuples(index=False)
    agrees = [kind == "pair" and ((donor, county) in chosen) == (word != "forbid") for kind, donor, county, word in rows]
    return [int(row) for row in np.argsort(agrees, kind="stable")]


def _found(
    session: Session, lifted: Instance, seconds: float, progress: Progress | None, should_stop: Callable[[], bool] | None
) -> Plan | None:
    try:
        return session.solve(lifted, progress=progress, should_stop=should_stop, time_limit=seconds)
    except SolveError:  # no plan in the time: nothing is known but that it is no worse
        return None


def _relaxed(session: Session, lifted: Instance) -> float:
    """A bound on every plan of the lifted instance, where no plan of it was found."""
    try:
        return session.relax(lifted).bound
    except SolveError:
        return math.nan


def _gain(plan: Plan, found: Plan | None, relaxed: float) -> tuple[float, float]:
    """The least and the most by which the best value can rise (NaN = unknown).

    best lifted − best decided ≥ value found − bound of the decided;  ≤ bound of the lifted − value of the decided
    """
    now, then = plan.outcome, None if found is None else found.outcome
    if now.objective is None or plan.instance.settings.method.type not in COMPARABLE:
        return 0.0, math.nan
    sign = 1.0 if now.sense == "max" else -1.0
    low = 0.0
    if then is not None and then.objective is not None and now.bound is not None:
        low = max(0.0, sign * (then.objective - now.bound))
    bound = relaxed if then is None else math.nan if then.bound is None else then.bound
    return low, max(low, sign * (bound - now.objective)) if not math.isnan(bound) else math.nan


def _least(one: float, other: float) -> float:
    return other if math.isnan(one) else one if math.isnan(other) else min(one, other)


def _closed(low: float, high: float, plan: Plan) -> tuple[float, float]:
    """The bracket, one number where its ends are as good as one; its upper end never below the lower."""
    size = EXACT * abs(plan.outcome.objective or 0.0)
    return (low, low) if not math.isnan(high) and high - low <= size else (low, high)


def _kind(low: float, high: float) -> str:
    return "" if math.isnan(high) else "exact" if low == high else "bound"


def named(row: pd.Series, names: Names = MappingProxyType({})) -> str:
    """``lock 上城区–叙永县 (330102–510524)``, ``forbid project P1``, ``set central/510524 to 300``: a decision in a few words."""
    if row["kind"] == "pair":
        place = [names.get((kind, str(row[kind])), str(row[kind])) for kind in ("donor", "county")]
        codes = f"{row['donor']}–{row['county']}"
        return f"{row['decision']} {'–'.join(place)}" + ("" if "–".join(place) == codes else f" ({codes})")
    if row["kind"] == "project":
        name = names.get(("project", str(row["project"])))
        return f"{row['decision']} project " + (str(row["project"]) if name is None else f"{name} ({row['project']})")
    words = [f"{row[name]:.0f}" if name == "period" else names.get((name, str(row[name])), str(row[name]))
             for name in ("stream", "county", "category", "period") if not pd.isna(row[name])]
    return f"{row['decision']} {'/'.join(words)} {'to' if row['decision'] == 'set' else 'at'} {row['amount']:,.10g}"


def figure(value: float) -> str:
    """A number in as few digits as one says it: ``12,345``, ``123.5``, ``0.02``."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.4g}"


def bracket(low: float, high: float) -> str:
    """``120``, ``between 5 and 12``, ``at least 5``."""
    if math.isnan(high):
        return f"at least {figure(low)}"
    return figure(low) if low == high else f"between {figure(low)} and {figure(high)}"


def promise(low: float, high: float) -> str:
    """A price that was promised: ``12``, ``between 5 and 12``, ``a gain of 4``."""
    return f"a gain of {bracket(-high, -low)}" if high < 0 else bracket(low, high)


def price_sentences(prices: DecisionPrices, most: int = 40) -> list[str]:
    """The decisions with their prices, dearest first."""
    table = prices.table.sort_values(["price_high", "price_low"], ascending=False, kind="stable")
    unit = f" ({prices.unit})" if prices.unit else ""
    lines = []
    if prices.lost is not None:
        than = "worse" if prices.lost > 0 else "better" if prices.lost < 0 else "different"
        lines.append(f"Against the plan that was reviewed, this one is {figure(abs(prices.lost))}{unit} {than} in "
                     f"{prices.criterion}; {prices.others:,} of its pairs are others now.")
    lines += _promised(table)
    lines += [f"What the decisions cost: {prices.criterion}{unit} by which the best plan would be better without one of them."]
    for _, row in table.head(most).iterrows():
        by = f" ({row['reviewer']})" if not pd.isna(row["reviewer"]) else ""
        lines.append(f"  {named(row, prices.names)}{by}: {_cost(row)}")
    if len(table) > most:
        lines.append(f"  … and {len(table) - most:,} more")
    return lines if len(table) == 1 else [*lines, f"  all {len(table):,} together: {bracket(prices.low, prices.high)}"]


def _promised(table: pd.DataFrame) -> list[str]:
    """How many decisions overrule the recommendation at a price that was told, and what these prices add up to."""
    told = table[table["promised_high"].notna()]
    if not len(told):
        return []
    price = promise(float(told["promised_low"].sum()), float(told["promised_high"].sum()))
    return [f"1 decision overrules the recommendation; the price promised for it is {price}." if len(told) == 1 else
            f"{len(told):,} decisions overrule the recommendation; the prices promised for them, one by one, add up to {price}."]


def _cost(row: pd.Series) -> str:
    """What a decision came to, after what was promised where that is known."""
    free, held = bracket(row["price_low"], row["price_high"]), row["price_held"]
    if math.isnan(row["promised_high"]):
        return free if math.isnan(held) else f"{free}; {figure(held)} with the other pairs held"
    told = f"promised {promise(row['promised_low'], row['promised_high'])}, came to "
    return told + (free if math.isnan(held) else f"{figure(held)} with the other pairs held ({free} with everything free)")


__all__ = ["DecisionPrices", "bracket", "decision_prices", "named", "price_sentences", "promise", "with_prices"]
