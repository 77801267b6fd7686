"""How far weights can move until the plan changes, and headlines under other weights."""
