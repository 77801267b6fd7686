"""Numbers, units and names as planners write them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from optimizer.instance.data import Data
from optimizer.instance.instance import Instance
from optimizer.sensitivity.explain.clauses import Named

DIGITS = 4
MOST_NAMED = 6


def rounded(value: float, *, down: bool) -> float:
    """A level to four digits, outward."""
    if value <= 0 or not math.isfinite(value):
        return max(value, 0.0)
    power = 10.0 ** (DIGITS - 1 - math.floor(math.log10(value)))
    scaled = value * power
    near = round(scaled)
    whole = near if abs(scaled - near) < 1e-6 else math.floor(scaled) if down else math.ceil(scaled)
    return float(f"{whole / power:.{DIGITS}g}")


def raised_factor(value: float) -> float:
    """A factor to six decimals, rounded up."""
    return math.ceil(value * 1e6 - 1e-3) / 1e6


def value_text(value: float) -> str:
    """A value as ``--set`` takes it."""
    return f"{value:.12g}"


def number_text(value: float) -> str:
    """A number with separators and no digits that say nothing."""
    return f"{value:,.0f}" if abs(value) >= 1000 or value == round(value) else f"{value:,.4g}"


def percent_text(share: float, sign: bool = True) -> str:
    """A relative change in percent."""
    if not math.isfinite(share):
        return "from nothing"
    text = f"{100 * abs(share):.3g} %"
    return text if not sign else f"{'−' if share < 0 else '+'}{text}"


def share_text(share: float) -> str:
    """A share in percent, to four digits."""
    return f"{100 * share:.4g} %"


def money_unit(instance: Instance) -> str:
    """What money is counted in."""
    money = instance.settings.money
    return money.label or money.unit


def level_unit(instance: Instance, rule: Any) -> tuple[str, Callable[[float], str]]:
    """Unit of a bound's level and how it is written."""
    of = getattr(rule, "of", None)
    per = tuple(getattr(rule, "per", ()))
    if per == ("people",):
        return "% of the people in need", lambda x: f"{100 * x:.4g} % of the people in need"
    if getattr(rule, "type", "") == "band":
        return "× baseline", lambda x: f"{x:.4g} × the baseline"
    base = "units" if of is None else {
        "money": money_unit(instance), "support": money_unit(instance), "pairs": "pairs", "projects": of.column or "projects",
        "covered": "people", "gap": "people", "exited": "counties",
    }[of.sum]
    unit = f"{base} per {' × '.join(per)}" if per else base
    return unit, lambda x: f"{number_text(x)} {unit}"


def for_each(rule: Any) -> str:
    """What a rule has a row for."""
    each = getattr(rule, "each", "all")
    return "" if each == "all" else f" for each {each}"


def quoted(one: Named) -> str:
    """A clause with its sentence."""
    return quoted_rule(one.rule, one.sentence)


def quoted_rule(rule: str, sentence: str) -> str:
    """A rule with its sentence."""
    return f"rule {rule} (“{sentence.rstrip('.')}”)"


def names_of(data: Data) -> dict[str, dict[str, str]]:
    """By ``county``, ``donor`` and ``project``, the name behind each identifier, where there is another one than itself."""
    tables = {"county": data.counties, "donor": data.donors, "project": data.projects}
    return {key: {str(identifier): f"{name} ({identifier})" for identifier, name in table["name"].items()
                  if name and str(name) != str(identifier)} for key, table in tables.items()}


def places(data: Data, entity: str, identifiers: list[str]) -> str:
    """How many counties or donors, and which."""
    words = {"county": ("county", "counties"), "donor": ("donor", "donors")}[entity]
    known = names_of(data)[entity]
    names = [known.get(identifier, identifier) for identifier in identifiers]
    if len(names) == 1:
        return f"{words[0]} {names[0]}"
    return f"{len(names)} {words[1]} ({some(names)})"


def some(names: list[str]) -> str:
    """The first few names."""
    rest = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {rest} more" if rest > 0 else "")
