"""The same instance solved again under other figures: grids of runs, tornados."""
