"""Where runs are answered: here, in processes of this machine, on a Dask cluster, or in any executor that is given."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from optimizer.instance.findings import OptimizerError
from optimizer.sensitivity.whatif.worker import hear


class ClusterError(OptimizerError):
    """A cluster is wanted, and there is none to be had."""

    exit_status = 2


@dataclass
class Place:
    """An executor with what belongs to it.

    Attributes
    ----------
    executor : None = the calling thread itself
    workers : how many calls are under way at once, where that is known
    send : what is the same for many calls, put where the workers are once; the calls get what it returns
    halt : tell calls that run already to end as soon as they can
    renew : make the executor anew after a worker has died; None = it is not ours to make
    """

    executor: Executor | None = None
    workers: int = 1
    send: Callable[[Any], Any] = lambda thing: thing
    halt: Callable[[], None] = lambda: None
    renew: Callable[[], None] | None = None


@contextmanager
def place_of(workers: int, cluster: str | None, executor: Executor | None) -> Iterator[Place]:
    """The place that is asked for; processes and connections made here end with the context.

    Raises
    ------
    ValueError : more than one of them is asked for, or no worker
    ClusterError : Dask is not installed, or nobody answers at the address
    """
    if workers < 1 or sum((workers > 1, cluster is not None, executor is not None)) > 1:
        raise ValueError("give a number of workers (1 or more), or the address of a cluster, or an executor")
    if cluster is not None:
        with _dask(cluster) as place:
            yield place
    elif workers > 1:
        with _processes(workers) as place:
            yield place
    else:
        yield Place(executor)


@contextmanager
def _processes(workers: int) -> Iterator[Place]:
    context = multiprocessing.get_context("spawn")
    event = context.Event()

    def pool() -> Executor:
        return ProcessPoolExecutor(workers, context, initializer=hear, initargs=(event,))

    def renew() -> None:
        assert place.executor is not None
        place.executor.shutdown(wait=False, cancel_futures=True)
        place.executor = pool()

    place = Place(pool(), workers, halt=event.set, renew=renew)
    try:
        yield place
    finally:
        event.set()
        assert place.executor is not None
        place.executor.shutdown(cancel_futures=True)


@contextmanager
def _dask(address: str) -> Iterator[Place]:
    """A cluster by the address of its scheduler (``tcp://host:8786``); the package must be installed where its workers are."""
    try:
        from distributed import Client
    except ImportError as error:
        raise ClusterError("Dask is not installed: install the extra 'cluster' (dask and distributed).") from error
    connected: Any = Client
    try:
        client = connected(address, timeout="20s")
    except (OSError, ValueError, TypeError) as error:
        raise ClusterError(f"No Dask scheduler answers at {address}: {error}.") from error
    with client:
        yield Place(client.get_executor(pure=False), send=lambda thing: client.scatter(thing, broadcast=True, hash=False))
