"""Every rule of an instance, stated by its type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from optimizer.instance.data import Data
from optimizer.model.algebra import Algebra
from optimizer.model.rules.band import state_band
from optimizer.model.rules.bound import state_bound
from optimizer.model.rules.equity import state_equity
from optimizer.model.rules.exit import declare_exits, state_exit
from optimizer.model.rules.pairs import state_pairs_rule
from optimizer.model.rules.share import state_share

STATED: dict[str, Callable[[Algebra, Data, Any], None]] = {
    "bound": state_bound, "share": state_share, "band": state_band,
    "pairs": state_pairs_rule, "exit": state_exit, "equity": state_equity,
}


def state_rules(model: Algebra, data: Data) -> None:
    """State every active rule."""
    declare_exits(model, data)
    for rule in data.settings.rules:
        if rule.active:
            STATED[rule.type](model, data, rule)
