"""Multi-criteria allocation of transfers, partnerships and projects: fair, audited, with the price of every rule."""

from optimizer import report
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
from optimizer.sensitivity.curve import BudgetCurve, budget_curve
from optimizer.sensitivity.runs import Runs
from optimizer.sensitivity.sweep import sweep
from optimizer.solve import Session, export, model, solve
from optimizer.weights import weights

__all__ = [
    "BudgetCurve", "Finding", "Instance", "InstanceError", "Plan", "Runs", "Session", "SolveError", "alternatives",
    "budget_curve", "check", "compare", "export", "model", "pareto", "price_of_fairness", "read", "report", "solve",
    "sweep", "times", "weights",
]
