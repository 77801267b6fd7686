"""The best value as a function of money."""
