"""Ctrl-C: the first one asks for the best plan so far, the second ends the command."""

from __future__ import annotations

import os
import signal
import threading
from types import FrameType, TracebackType
from typing import Any, Self

WORDS = "\nStopping: the best plan so far will be written. Ctrl-C again ends at once, without a plan.\n"


class Stop:
    """A context in which Ctrl-C and SIGTERM are a wish that the solver asks about: ``should_stop=stop``."""

    def __init__(self, words: str = WORDS) -> None:
        self._asked, self._words = threading.Event(), words
        self._before: dict[int, Any] = {}

    def __call__(self) -> bool:
        """Whether somebody asked to stop."""
        return self._asked.is_set()

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():  # the only thread that may set handlers
            for number in (signal.SIGINT, signal.SIGTERM):
                self._before[number] = signal.signal(number, self._hear)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._restore()

    def _hear(self, number: int, frame: FrameType | None) -> None:
        self._asked.set()
        self._restore()
        os.write(2, self._words.encode("ascii"))  # not print: the handler may have broken into one

    def _restore(self) -> None:
        while self._before:
            number, handler = self._before.popitem()
            signal.signal(number, handler)
