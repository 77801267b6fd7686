"""When a search stops, and with how much of the machine it runs."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Limits:
    """When to stop: ``gap`` (share), ``deadline`` (``time.monotonic``), ``node_limit``; how: ``threads``, ``seed``."""

    gap: float = 0.0
    deadline: float = math.inf
    threads: int = 1
    seed: int = 0
    node_limit: int | None = None
    stop: Callable[[], bool] = field(default=lambda: False)

    @property
    def left(self) -> float:
        return max(0.0, self.deadline - time.monotonic())

    def over(self) -> bool:
        return self.stop() or self.left <= 0.0
