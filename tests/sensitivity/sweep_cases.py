"""Two counties whose best plan is worked out by hand, for sweeps and tornados."""

from __future__ import annotations

import pandas as pd

from optimizer.instance.instance import Instance


def two_counties(budget: float) -> Instance:
    """A person costs 1 in A and 3 in B, 100 people in need in each; B gets 30 at least."""
    return Instance.from_frames(
        counties=pd.DataFrame({"county": ["A", "B"], "population": [1000, 1000]}),
        needs=pd.DataFrame({"county": ["A", "B"], "need": ["water", "water"], "people": [100, 100], "unit_cost": [1.0, 3.0]}),
        settings={
            "format": 1, "periods": [2026], "money": {"unit": "million_yuan", "step": 1},
            "needs": {"water": {"kind": "lasting", "category": "infra"}}, "categories": {"infra": {}},
            "streams": {"central": {"budget": budget}},
            "rules": [{"id": "floor", "type": "bound", "sentence": "B gets some money.", "of": {"sum": "money", "county": "B"},
                       "min": 30}],
        },
    )
