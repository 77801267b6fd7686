"""What if: prices of rules, sweeps, uncertain figures, and ways out of conflicts."""
