"""The rules a planner writes: one module a type, each stating rows that carry the rule's identifier."""
