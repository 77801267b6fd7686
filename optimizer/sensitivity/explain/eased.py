"""A rule eased in some counties alone: it stands for the others as it was, and for those at a level of their own."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from optimizer.engine.arrays import Floats
from optimizer.instance.findings import raise_if_errors
from optimizer.instance.instance import Instance
from optimizer.instance.normal import normal_settings
from optimizer.instance.settings import BandRule, BoundRule, parse_settings
from optimizer.sensitivity.explain.clauses import Named
from optimizer.sensitivity.explain.words import rounded

MOST_LEVELS = 12
FEW = 0.5  # share of a rule's counties up to which easing it there alone is worth its words


def can_be_eased(instance: Instance, one: Named) -> bool:
    """Whether a clause is the end of a rule with a row for each county."""
    rule = next((rule for rule in instance.settings.rules if rule.id == one.rule), None)
    return one.kind == "scale" and isinstance(rule, BoundRule | BandRule) and rule.each == "county"


def few(one: Named, by: Floats) -> bool:
    """Whether a rule gives way in few of its counties, and in others not at all."""
    counties = one.index["county"]
    return 0 < counties[by > 0].nunique() <= FEW * counties.nunique()


def levels_by_county(one: Named, by: Floats, before: float) -> pd.Series:
    """The new level of each county where a rule gives way, rounded outward; few different ones."""
    low = one.field in ("min", "low")
    worst = pd.Series(by, index=one.index["county"].to_numpy()).groupby(level=0, sort=False).max()
    worst = worst[worst > 0]
    levels = worst.map(lambda share: rounded(before * (1 - share if low else 1 + share), down=low))
    if levels.nunique() > MOST_LEVELS:
        levels[:] = levels.min() if low else levels.max()
    return levels


def in_all(one: Named, bound: Floats, levels: pd.Series, before: float) -> float:
    """What the rows of these counties are loosened by in all, in their own unit."""
    share = one.index["county"].map(levels / before).to_numpy(float)
    return float(np.nansum(np.abs(bound) * np.abs(1 - share)))


def rewritten(instance: Instance, one: Named, levels: pd.Series) -> tuple[dict[str, Any], ...]:
    """The rules that stand in the place of a rule: for the other counties as it was, for each level one more."""
    raw = next(rule for rule in instance.raw_settings["rules"] if rule["id"] == one.rule)
    rest = [county for county in dict.fromkeys(one.index["county"]) if county not in levels.index]
    out = [_limited(raw, rest)]
    for number, (level, counties) in enumerate(levels.groupby(levels), 1):
        sentence = f"{str(raw['sentence']).rstrip('.')} (eased)"
        out.append(_limited(raw, list(counties.index)) | {"id": f"{one.rule}-eased-{one.field}-{number}", "sentence": sentence,
                                                          one.field: float(str(level))})
    return tuple(out)


def _limited(raw: dict[str, Any], counties: list[str]) -> dict[str, Any]:
    rule = copy.deepcopy(dict(raw))
    rule["of"] = dict(rule["of"]) | {"county": [str(county) for county in counties]}
    return rule


def with_rules(instance: Instance, rules: Sequence[tuple[str, tuple[dict[str, Any], ...]]]) -> Instance:
    """The instance with other rules in the place of some, by identifier.

    Raises
    ------
    InstanceError : the rules cannot be read
    """
    if not rules:
        return instance
    raw = copy.deepcopy(dict(instance.raw_settings))
    by_rule = dict(rules)
    raw["rules"] = [new for rule in raw["rules"] for new in by_rule.get(rule["id"], (rule,))]
    return restated(instance, raw)


def restated(instance: Instance, raw: dict[str, Any]) -> Instance:
    """The instance with other settings, as in ``instance.yaml``.

    Raises
    ------
    InstanceError : the settings cannot be read
    """
    raw = normal_settings(raw)
    settings, found = parse_settings(raw, "way out")
    raise_if_errors(found)
    assert settings is not None
    return instance.replaced(settings=settings, raw_settings=MappingProxyType(raw))
