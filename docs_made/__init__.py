"""Pages of the documentation that are made from the program itself, so that they cannot say anything else."""
