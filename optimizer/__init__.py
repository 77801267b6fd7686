"""Multi-criteria allocation of transfers, partnerships and projects: fair, audited, with the price of every rule."""

from optimizer import display, report
from optimizer.alternatives import alternatives
from optimizer.engine.outcome import SolveError
from optimizer.fairness import price_of_fairness
from optimizer.instance.changes import times
from optimizer.instance.check import check
from optimizer.instance.findings import Finding, InstanceError
from optimizer.instance.instance import Instance, read
from optimizer.pareto import pareto
from optimizer.plan.compare import compare
from optimizer.plan.plan import Plan
from optimizer.review.recommend import recommend
from optimizer.review.recommendations import Recommendations
from optimizer.sensitivity.curves.curve import BudgetCurve, budget_curve
from optimizer.sensitivity.explain import explain
from optimizer.sensitivity.prices.report import Sensitivity, sensitivity
from optimizer.sensitivity.uncertainty import (
    Influence,
    Overlap,
    Protected,
    RobustPlan,
    Targeting,
    Uncertainty,
    influence,
    overlap,
    protect,
    robust,
    targeting,
    uncertainty,
)
from optimizer.sensitivity.weights.weights_range import WeightRanges, weight_ranges
from optimizer.sensitivity.whatif.runs import Runs
from optimizer.sensitivity.whatif.sweep import sweep
from optimizer.sensitivity.whatif.tornado import Tornado, tornado
from optimizer.solve import Session, export, model, solve
from optimizer.weights import weights

__all__ = [
    "BudgetCurve", "Finding", "Influence", "Instance", "InstanceError", "Overlap", "Plan", "Protected", "Recommendations",
    "RobustPlan", "Runs", "Sensitivity", "Session", "SolveError", "Targeting", "Tornado", "Uncertainty", "WeightRanges",
    "alternatives", "budget_curve", "check", "compare", "display", "explain", "export", "influence", "model", "overlap",
    "pareto", "price_of_fairness", "protect", "read", "recommend", "report", "robust", "sensitivity", "solve", "sweep",
    "targeting", "times", "tornado", "uncertainty", "weight_ranges", "weights",
]
