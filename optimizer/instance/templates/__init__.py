"""The files that ``optimizer new`` writes: a small sound instance to overwrite."""
