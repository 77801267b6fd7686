"""Pareto fronts: every nondominated point, the exact front, or the points asked for with what is proved of them."""
