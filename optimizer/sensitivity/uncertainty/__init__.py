"""Uncertain figures: draws of them, plans made for them, overlapping effects and wrong registers."""

from optimizer.sensitivity.uncertainty.budgeted import Protected, protect
from optimizer.sensitivity.uncertainty.distributions import Distribution
from optimizer.sensitivity.uncertainty.indices import Influence, influence
from optimizer.sensitivity.uncertainty.measures import Measure
from optimizer.sensitivity.uncertainty.overlap import Overlap, overlap
from optimizer.sensitivity.uncertainty.scenario_plans import RobustPlan, robust
from optimizer.sensitivity.uncertainty.specification import from_texts, read_specification
from optimizer.sensitivity.uncertainty.study import Uncertainty, uncertainty
from optimizer.sensitivity.uncertainty.targeting import Targeting, targeting

__all__ = [
    "Distribution", "Influence", "Measure", "Overlap", "Protected", "RobustPlan", "Targeting", "Uncertainty", "from_texts",
    "influence", "overlap", "protect", "read_specification", "robust", "targeting", "uncertainty",
]
