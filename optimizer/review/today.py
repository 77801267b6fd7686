"""The plan against the partnerships of today: which are kept, which end, which are new."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from optimizer.plan.plan import Plan

COLUMNS = ["donor", "county", "status", "fit", "money", "price"]
Price = Callable[[str, str, str], float]


def today(plan: Plan, price: Price | None = None) -> pd.DataFrame:
    """Existing and recommended partnerships, those that end first.

    Parameters
    ----------
    price : what it costs to keep a pair that ends, or to do without one that is new, from donor, county and status; NaN
        where nobody knows

    Returns
    -------
    donor, county, status (``ended``, ``new``, ``kept``), fit, money (support over the horizon), price
    """
    listed = plan.pairings[["donor", "county", "status", "fit", "money"]]
    order = listed["status"].map({"ended": 0, "new": 1, "kept": 2})
    out = listed.assign(order=order).sort_values(["order", "county", "donor"], ignore_index=True).drop(columns="order")
    known = [np.nan if price is None or s == "kept" else price(d, c, s) for d, c, s in out[COLUMNS[:3]].itertuples(index=False)]
    return out.assign(price=np.array(known, dtype=float))[COLUMNS]


__all__ = ["today"]
