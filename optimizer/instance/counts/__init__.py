"""Sums that show that an instance has no plan: one module for each thing that is summed.

Every claim is a proof: floors that hard rules and locks put on some amounts, against ceilings that budgets, donors,
capacities and hard rules put on a set of amounts which contains them. What is only unlikely is a warning.
"""
