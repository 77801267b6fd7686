"""Tables that several figures and sections read from one plan, each made once: of a national plan one takes half a second."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from weakref import WeakKeyDictionary

import pandas as pd

from optimizer.plan import distribution as _distribution
from optimizer.plan import indicators as _indicators
from optimizer.plan.plan import Plan


def _once(make: Callable[[Plan], pd.DataFrame]) -> Callable[[Plan], pd.DataFrame]:
    """Keep what is made of a plan for as long as the plan is in use; who reads it must not change it."""
    made: WeakKeyDictionary[Plan, pd.DataFrame] = WeakKeyDictionary()

    @wraps(make)
    def kept(plan: Plan) -> pd.DataFrame:
        if plan not in made:
            made[plan] = make(plan)
        return made[plan]

    return kept


@_once
def distribution(plan: Plan) -> pd.DataFrame:
    """Money by place, see `optimizer.plan.distribution`; for reading only."""
    return _distribution.distribution(plan)


@_once
def indicators(plan: Plan) -> pd.DataFrame:
    """Indicators before and after, see `optimizer.plan.indicators`; for reading only."""
    return _indicators.indicators(plan)
