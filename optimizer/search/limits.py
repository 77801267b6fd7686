"""When a search stops, and with how much of the machine it runs."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(eq=False)
class Turn:
    """Until when (``time.monotonic``) it is the turn of one of several questions that share the time."""

    until: float = math.inf


@dataclass(frozen=True)
class Limits:
    """When to stop: ``gap`` (share), ``deadline`` (``time.monotonic``), ``node_limit``; how: ``threads``, ``seed``.

    ``turn`` is shared by all limits made from these: what is asked now ends with its turn.
    """

    gap: float = 0.0
    deadline: float = math.inf
    threads: int = 1
    seed: int = 0
    node_limit: int | None = None
    stop: Callable[[], bool] = field(default=lambda: False)
    turn: Turn = field(default_factory=Turn)

    @property
    def left(self) -> float:
        return max(0.0, min(self.deadline, self.turn.until) - time.monotonic())

    def give(self, share: float) -> None:
        """Begin a turn that may take this share of the time left before the deadline (1: all of it)."""
        now = time.monotonic()
        self.turn.until = now + share * max(0.0, self.deadline - now) if share < 1.0 else math.inf

    def turn_over(self) -> bool:
        """Whether only the turn has ended, not the time."""
        return self.turn.until <= time.monotonic() < self.deadline and not self.stop()

    def over(self) -> bool:
        return self.stop() or self.left <= 0.0
