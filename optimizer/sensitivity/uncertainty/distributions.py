"""What a badly known figure may be: a distribution written as text, and its quantiles.

::

    TEXT = NAME "(" VALUE {"," VALUE} ")" [" by row"]
    uniform(LOW, HIGH)   triangular(LOW, MODE, HIGH)   lognormal(MEDIAN, SIGMA)   normal(MEAN, SD[, LOW, HIGH])

Values are those of a change: ``x1.1`` and ``+10%`` are factors on what the instance says, plain numbers replace it. SIGMA
is the standard deviation of the logarithm; SD is in the unit of the mean (of the factor, where that is one), and a normal
distribution without LOW and HIGH is cut off at three standard deviations.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from scipy import stats

from optimizer.instance.changes import parse_value
from optimizer.instance.settings_values import to_number

Floats = np.ndarray
#: How many values each distribution takes; the last of them that are spreads, not places.
PLACES: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "uniform": ("LOW", "HIGH"), "triangular": ("LOW", "MODE", "HIGH"), "lognormal": ("MEDIAN", "SIGMA"),
    "normal": ("MEAN", "SD", "LOW", "HIGH"),
})
SPREADS = frozenset({"SIGMA", "SD"})
WRITTEN = re.compile(r"\s*(?P<name>[a-z]+)\s*\((?P<values>[^()]*)\)\s*(?P<row>by\s+row)?\s*")
CUT = 3.0  # standard deviations at which a normal distribution without bounds is cut off
EDGE = 1e-6  # quantiles nearer to 0 or 1 than this are taken there, where a distribution has no end


@dataclass(frozen=True)
class Distribution:
    """A distribution of a figure.

    Parameters
    ----------
    name : ``uniform``, ``triangular``, ``lognormal`` or ``normal``
    values : its values in the order of ``PLACES``
    relative : whether they are factors on what the instance says
    by_row : whether every row draws for itself; else one draw holds for all rows that the key names
    """

    name: str
    values: tuple[float, ...]
    relative: bool
    by_row: bool = False

    def quantiles(self, shares: Floats) -> Floats:
        """The values below which these shares of all draws lie."""
        at = np.asarray(shares, dtype=float)
        v = self.values
        if self.name == "uniform":
            return v[0] + at * (v[1] - v[0])
        if self.name == "triangular":
            return np.asarray(stats.triang.ppf(at, (v[1] - v[0]) / (v[2] - v[0]), loc=v[0], scale=v[2] - v[0]))
        if self.name == "lognormal":
            return np.asarray(stats.lognorm.ppf(np.clip(at, EDGE, 1 - EDGE), v[1], scale=v[0]))
        mean, deviation, low, high = v
        ends = (low - mean) / deviation, (high - mean) / deviation
        return np.asarray(stats.truncnorm.ppf(at, *ends, loc=mean, scale=deviation))

    @property
    def least(self) -> float:
        """The smallest value it can take."""
        return float(self.quantiles(np.array([0.0]))[0])


def parse_distribution(given: str | Distribution | tuple[object, object] | list[object]) -> Distribution:
    """Read a distribution; a pair is the two ends of a uniform one.

    Raises
    ------
    ValueError : with a sentence on what is wrong
    """
    if isinstance(given, Distribution):
        return given
    text = given if isinstance(given, str) else f"uniform({', '.join(str(value) for value in given)})"
    match = WRITTEN.fullmatch(text)
    if match is None:
        raise ValueError("is not written as NAME(VALUES) or NAME(VALUES) by row, for example uniform(-20%, +20%) by row")
    name, words = match["name"], [word.strip() for word in match["values"].split(",")]
    if name not in PLACES:
        raise ValueError(f"is no distribution known here; there are {', '.join(PLACES)}")
    places = PLACES[name]
    if len(words) != len(places) and not (name == "normal" and len(words) == 2):
        raise ValueError(f"takes {len(places)} values: {name}({', '.join(places)})")
    read = [_number(word, place) for word, place in zip(words, places, strict=False)]
    kinds = {relative for (_, relative), place in zip(read, places, strict=False) if place not in SPREADS}
    if len(kinds) > 1:
        raise ValueError("mixes factors (x1.1, +10%) with plain numbers; write all places in one kind")
    values = [number for number, _ in read]
    if name == "normal" and len(values) == 2:
        values += [values[0] - CUT * values[1], values[0] + CUT * values[1]]
    return _sound(Distribution(name, tuple(values), kinds.pop(), match["row"] is not None))


def _number(word: str, place: str) -> tuple[float, bool]:
    """A value as a number, and whether it is a factor."""
    value = parse_value(word)
    if value.factor is not None:
        if place in SPREADS:
            raise ValueError(f"has a factor as its {place}; write a plain number or a share such as 10%")
        return float(value.factor), True
    number = to_number(value.given)
    if not np.isfinite(number):
        raise ValueError(f"has {word} as its {place}, which is no number")
    return float(number), False


def _sound(made: Distribution) -> Distribution:
    """Refuse values that are out of order."""
    v = made.values
    if made.name in ("uniform", "triangular") and (list(v) != sorted(v) or v[0] >= v[-1]):
        raise ValueError(f"needs its values in rising order: {', '.join(PLACES[made.name])}")
    if made.name in ("lognormal", "normal") and v[1] <= 0:
        raise ValueError(f"needs a {PLACES[made.name][1]} above 0")
    if made.name == "lognormal" and v[0] <= 0:
        raise ValueError("needs a MEDIAN above 0")
    if made.name == "normal" and not v[2] < v[3]:
        raise ValueError("needs LOW below HIGH")
    if made.relative and made.least < 0:
        raise ValueError("has factors below 0; cut it off at x0 or above")
    return made
