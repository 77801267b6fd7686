"""Batches of runs asked in the place where they are answered: here or in workers, stopped by a wish, whatever a worker does."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from types import FrameType, TracebackType
from typing import Any, Self, TypeVar

from optimizer.sensitivity.whatif.executors import Place
from optimizer.sensitivity.whatif.worker import Stop

POLL = 0.2  # seconds between two questions whether to stop
FAREWELL = 10.0  # seconds that runs get to end once they are told to
DIED = "the worker process ended, perhaps for want of memory"

A = TypeVar("A")  # what is answered to a run
B = TypeVar("B")  # a batch of runs


def asked_of(
    place: Place, ask: Callable[..., Sequence[A]], job: Any, batches: Sequence[B], stop: Stop,
    died: Callable[[B], Sequence[A]],
) -> Iterator[Sequence[A]]:
    """The answers to each batch as it ends.

    Parameters
    ----------
    ask : ``ask(job, batch)``, and here ``ask(job, batch, stop)``; a function of a module, since workers import it
    died : the answers to a batch whose worker died over it
    """
    if place.executor is None:
        for batch in batches:
            if stop():
                return
            yield ask(job, batch, stop)
        return
    sent, left = place.send(job), list(batches)
    while left and not stop():
        left = yield from _side_by_side(place, ask, sent, left, stop)
        if left and not stop():  # a worker has died over one of those that it had begun
            for batch in left[: place.workers]:
                yield _alone(place, ask, sent, batch, died)
            left = left[place.workers :]


def _side_by_side(
    place: Place, ask: Callable[..., Sequence[A]], job: Any, batches: list[B], stop: Stop
) -> Generator[Sequence[A], None, list[B]]:
    """Batches in the workers of the place; returns those that are left when a worker dies, in order.

    Raises
    ------
    BrokenExecutor : a worker has died, and the executor is not ours to make anew
    """
    assert place.executor is not None
    left = dict(enumerate(batches))
    asked = {place.executor.submit(ask, job, batch): number for number, batch in left.items()}
    while asked:
        done, _ = wait(asked, timeout=POLL, return_when=FIRST_COMPLETED)
        for future in done:
            try:
                answers = future.result()
            except BrokenExecutor:
                if place.renew is None:
                    raise
                place.renew()
                return list(left.values())
            del left[asked.pop(future)]
            yield answers
        if stop():
            yield from _last_words(place, asked)
            return []
    return []


def _alone(
    place: Place, ask: Callable[..., Sequence[A]], job: Any, batch: B, died: Callable[[B], Sequence[A]]
) -> Sequence[A]:
    """The answers to a batch with nothing beside it: if its worker dies again, it is to blame."""
    assert place.executor is not None and place.renew is not None
    try:
        return place.executor.submit(ask, job, batch).result()
    except BrokenExecutor:
        place.renew()
        return died(batch)


def _last_words(place: Place, asked: Mapping[Future[Sequence[A]], int]) -> Iterator[Sequence[A]]:
    """Tell the workers to end, and take what they have answered."""
    place.halt()
    running = [future for future in asked if not future.cancel()]
    for future in wait(running, timeout=FAREWELL if place.renew is not None else 0.0).done:
        if future.exception() is None:
            yield future.result()


class CtrlC:
    """Whether to stop: what the caller says, or, where the caller has no say, Ctrl-C. A second Ctrl-C ends at once."""

    def __init__(self, should_stop: Stop | None) -> None:
        self._given, self._asked = should_stop, threading.Event()
        self._before: Any = None

    def __call__(self) -> bool:
        return self._asked.is_set() if self._given is None else self._given()

    def __enter__(self) -> Self:
        if self._given is None and threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGINT, self._hear)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)

    def _hear(self, number: int, frame: FrameType | None) -> None:
        self._asked.set()
        signal.signal(number, self._before)
