"""What the build scripts of the shipped instances share; the optimizer itself never imports it."""
