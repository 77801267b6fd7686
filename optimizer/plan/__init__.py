"""The answer: tables, files, indicators, baselines and comparisons; its audit stands beside it in `plan.audit`.

Knows the instance and never the engine or the model: everything here is derived from whole-unit decisions.
"""

from optimizer.plan.assemble import assemble
from optimizer.plan.choices import Choices, Claims, Level
from optimizer.plan.compare import Comparison, compare
from optimizer.plan.files import AuditError
from optimizer.plan.outcome import PlanOutcome
from optimizer.plan.plan import Plan

__all__ = ["AuditError", "Choices", "Claims", "Comparison", "Level", "Plan", "PlanOutcome", "assemble", "compare"]
