"""Prices in words, as the script of the page says them."""

from __future__ import annotations

import math

from optimizer.review.page.data import PEOPLE
from optimizer.review.page.messages import message

SAME = 1e-9  # share within which two ends of a bracket are one


def price_in_words(low: float, high: float, unit: str, lang: str, word: str | None = None) -> str:
    """How much worse (or better) the plan becomes, from a bracket in the unit of the criterion; NaN = unknown.

    Ends that are less than half a person from nothing count as nothing.

    Parameters
    ----------
    word : the unit as a reader knows it; as it stands where none is given
    """
    people = unit in PEOPLE
    nothing = 0.5 if people else SAME

    def loss(key: str, **values: float) -> str:
        told = {name: amount(value, people) for name, value in values.items()}
        many = 1 if values.get("n") == 1 else 2
        return message(("people_" if people else "other_") + key, lang, unit=unit if word is None else word, many=many, **told)

    if math.isnan(low) and math.isnan(high):
        return message("price_unknown", lang)
    if low == math.inf:
        return message("price_impossible", lang)
    if math.isnan(high) or high == math.inf:
        return message("price_unknown", lang) if math.isnan(low) or low <= nothing else loss("at_least", n=low)
    if math.isnan(low) or low == -math.inf:
        return loss("at_most", n=high) if high > nothing else loss("none") if high >= -nothing else loss("at_least_more", n=-high)
    if abs(high - low) <= SAME * max(1.0, abs(high)) or amount(low, people) == amount(high, people):
        return loss("more", n=-high) if high < -nothing else loss("none") if high <= nothing else loss("exact", n=high)
    if high > nothing:
        return (loss("between", low=low, high=high) if low > nothing else loss("at_most", n=high) if low >= -nothing
                else loss("mixed", more=-low, fewer=high))
    if high >= -nothing:
        return loss("none") if low >= -nothing else loss("at_most_more", n=-low)
    return loss("between_more", low=-high, high=-low)


def amount(value: float, people: bool) -> str:
    """A number in as few digits as one says it: no fractions of a person where there are ten or more."""
    size = abs(value)
    most = 0 if size >= (9.95 if people else 100) or value == round(value) else 1 if size >= 1 else 2
    scaled = math.floor(size * 10**most + 0.5) / 10**most  # halves go up, as in the page
    text = f"{scaled:,.{most}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return f"−{text}" if value < 0 and scaled else text
