"""What a notebook shows of instances, plans and results: a short card in place of a line of code.

Importing this package puts `_repr_html_` on their classes, which know nothing of it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from optimizer.display import plans, results
from optimizer.fairness.price import PriceOfFairness
from optimizer.instance.instance import Instance
from optimizer.methods.pareto.front import Front
from optimizer.plan.compare import Comparison
from optimizer.plan.plan import Plan
from optimizer.review.recommendations import Recommendations
from optimizer.sensitivity.curves.curve import BudgetCurve
from optimizer.sensitivity.prices.report import Sensitivity
from optimizer.sensitivity.uncertainty.study import Uncertainty
from optimizer.sensitivity.weights.weights_range import WeightRanges
from optimizer.sensitivity.whatif.runs import Runs
from optimizer.sensitivity.whatif.tornado import Tornado

HOOK = "_repr_html_"
CARDS: dict[type, Callable[[Any], str]] = {
    Instance: plans.instance_card, Plan: plans.plan_card, Comparison: plans.comparison_card, Front: results.front_card,
    PriceOfFairness: results.fairness_card, BudgetCurve: results.curve_card, Sensitivity: results.sensitivity_card,
    WeightRanges: results.ranges_card, Tornado: results.tornado_card, Runs: results.runs_card,
    Uncertainty: results.uncertainty_card, Recommendations: results.recommendations_card,
}

for _kind, _card in CARDS.items():
    setattr(_kind, HOOK, _card)

__all__ = ["CARDS"]
