"""Equity bounds hold for the whole-unit plan: where rounding leaves one missed, it is drawn in and the plan made anew.

The rows of a bound are stated on amounts before whole steps, and approximated forms on tangents; what a plan's own tables
say may lie past the limit by what rounding moves. The bound on the criterion stays that of the instance as it was given.
"""

from __future__ import annotations

import numpy as np

from optimizer.instance.instance import Instance
from optimizer.instance.settings import EquityRule
from optimizer.plan.plan import Plan

ROUNDS = 6
FURTHER = 1.25  # times what was missed: several amounts may round the wrong way again


def drawn_in(asked: Instance, stated: Instance, plan: Plan) -> Instance | None:
    """The instance with the limits of missed hard equity rules drawn in by what they were missed by; None if none was.

    Parameters
    ----------
    asked : the instance as it was given
    stated : with the limits that this plan was made under
    plan : judged by ``asked``
    """
    missed = dict(plan.rules.loc[plan.rules["status"] == "broken", ["rule", "broken_by"]].itertuples(index=False, name=None))
    limits = {rule.id: rule for rule in stated.settings.rules if isinstance(rule, EquityRule)}
    changes: dict[str, float] = {}
    for rule in asked.settings.rules:
        if not isinstance(rule, EquityRule) or not rule.hard or not np.isfinite(missed.get(rule.id, np.nan)):
            continue
        value = float(plan.rules.loc[plan.rules["rule"] == rule.id, "value"].iloc[0])
        field, sign = ("min", 1.0) if rule.min is not None and value < rule.min else ("max", -1.0)
        now = float(getattr(limits[rule.id], field))
        changes[f"rule.{rule.id}.{field}"] = now + sign * (FURTHER * missed[rule.id] + 1e-9 * max(1.0, abs(now)))
    return stated.with_(changes) if changes else None
