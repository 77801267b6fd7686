"""Prices of every county's alternatives, one county after another, in this process or in several."""

from __future__ import annotations

import math
import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from optimizer.engine.program import Floats, Linear
from optimizer.review.moves import Moves
from optimizer.review.pricing import Priced, Pricer
from optimizer.review.standing import Standing

Answer = TypeVar("Answer")
BATCHES = 6  # for each worker
PROCESSES = 4  # at most, where nobody says how many: each needs some memory of its own
MANY, FEW = 40, 3  # counties from which on several processes pay, and up to which they do not: each takes a second to start
SPARE = 1  # pairs looked at beyond those asked for: one may turn out not to be possible


@dataclass(frozen=True, eq=False)
class Task:
    """What a worker needs to price pairs of a plan: its optimum, its pairs, and what people count for.

    ``always``: pairs that are priced however little they promise, such as those of today.
    """

    at: Standing
    donor: Sequence[str]
    county: Sequence[str]
    fit: Floats
    people: Linear | None
    always: frozenset[int] = frozenset()

    def pricer(self) -> Pricer:
        """Where prices are asked."""
        return Pricer(self.at, Moves(self.at, self.donor, self.county), self.fit, self.people)


@dataclass(frozen=True)
class CountyPrices:
    """Prices of one county.

    Attributes
    ----------
    chosen : for each partner what binds, and the price of forbidding it (None: the county must keep it)
    alternatives : donors with the price of each in place of a partner, cheapest first
    worth : what the criterion counts in the county
    """

    county: str
    chosen: dict[str, tuple[str, Priced | None]]
    alternatives: list[tuple[str, Priced]]
    worth: float


def processes(counties: int) -> int:
    """How many processes to take where nobody says: one for each processor, but one alone for few counties."""
    there = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(PROCESSES, there) if counties >= MANY else 1


def county_prices(pricer: Pricer, county: str, count: int, always: frozenset[int] = frozenset()) -> CountyPrices:
    """The ``count`` most promising alternatives of a county, and those to be priced ``always``."""
    found: list[tuple[str, Priced]] = []
    for k in pricer.screened(county, count + SPARE, always):
        if len(found) >= count and k not in always:
            continue
        price = pricer.instead(pricer.moves.donor[k], county)
        if price is not None:
            found.append((pricer.moves.donor[k], price))
    found.sort(key=lambda each: (each[1].high, each[0]))
    chosen = {donor: (pricer.stands(donor, county), pricer.without(donor, county, _in_place_of(pricer, county, donor, found)))
              for donor in (pricer.moves.donor[k] for k in pricer.moves.of_county.get(county, []))}
    return CountyPrices(county, chosen, found, pricer.worth(county))


def _in_place_of(pricer: Pricer, county: str, donor: str, found: Sequence[tuple[str, Priced]]) -> list[Priced]:
    """Prices of the alternatives that replace this partner; of the cheapest one where all replace another."""
    own = [price for _, price in found if price.replaces == donor]
    if own or not found:
        return own
    price = pricer.instead(found[0][0], county, donor)
    return [] if price is None else [price]


def all_prices(
    task: Task, counties: Sequence[str], count: int, *, workers: int = 1, deadline: float = math.inf,
    stop: Callable[[], bool] = lambda: False, tell: Callable[[int], None] = lambda done: None,
) -> dict[str, CountyPrices]:
    """Prices of these counties, with ``count`` alternatives each; otherwise as `each_county`."""
    return each_county(task, counties, partial(county_prices, count=count, always=task.always), workers=workers,
                       deadline=deadline, stop=stop, tell=tell)


def each_county(
    task: Task, counties: Sequence[str], ask: Callable[[Pricer, str], Answer], *, workers: int = 1, deadline: float = math.inf,
    stop: Callable[[], bool] = lambda: False, tell: Callable[[int], None] = lambda done: None,
) -> dict[str, Answer]:
    """A question answered for each of these counties; those for which the time was over are missing.

    Parameters
    ----------
    ask : a function of a module, or a partial one, so that other processes can be told of it
    workers : processes; what is found depends on neither their number nor their order
    deadline : on the monotonic clock
    tell : called with the number of counties that are done
    """
    out: dict[str, Answer] = {}
    for found in _found(task, counties, ask, workers, deadline, stop):
        out.update(found)
        tell(len(out))
    return {county: out[county] for county in counties if county in out}


def _found(task: Task, counties: Sequence[str], ask: Callable[[Pricer, str], Answer], workers: int, deadline: float,
           stop: Callable[[], bool]) -> Iterator[dict[str, Answer]]:
    if workers == 1 or len(counties) <= FEW:
        pricer = task.pricer()
        for county in counties:
            if stop() or time.monotonic() > deadline:
                return
            yield {county: ask(pricer, county)}
        return
    size = max(1, -(-len(counties) // (BATCHES * workers)))
    batches = [counties[n : n + size] for n in range(0, len(counties), size)]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context, initializer=_begin, initargs=(task,)) as pool:
        left = max(0.0, deadline - time.monotonic()) if math.isfinite(deadline) else math.inf
        asked = [pool.submit(_batch, list(batch), ask, time.time() + left) for batch in batches]
        for future in as_completed(asked):
            yield future.result()
            if stop():
                pool.shutdown(cancel_futures=True)
                return


_WORKER: dict[str, Pricer] = {}


def _begin(task: Task) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that asked
    _WORKER["pricer"] = task.pricer()


def _batch(counties: list[str], ask: Callable[[Pricer, str], Answer], until: float) -> dict[str, Answer]:
    parent = multiprocessing.parent_process()
    return {county: ask(_WORKER["pricer"], county) for county in counties
            if time.time() < until and (parent is None or parent.is_alive())}  # nobody waits for the answer of an orphan
