"""The price of fairness: what each meaning of fair costs, and who gains and who loses by it."""

from optimizer.fairness.price import PriceOfFairness, Sense, price_of_fairness, senses_of

__all__ = ["PriceOfFairness", "Sense", "price_of_fairness", "senses_of"]
