"""Speed as ratios: every stage of the main job beside the floor of the same run. ``python -m benchmarks``."""
