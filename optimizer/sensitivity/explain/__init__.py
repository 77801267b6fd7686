"""Why an instance has no plan, and the cheapest ways out; what binds in one that has."""

from optimizer.sensitivity.explain.explain import explain
from optimizer.sensitivity.explain.explanation import Explanation, WayOut

__all__ = ["Explanation", "WayOut", "explain"]
