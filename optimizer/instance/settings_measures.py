"""Measures, outcomes, criteria and rules of ``instance.yaml``, each with its fields and their defaults."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, Tag, model_validator

from optimizer.instance.findings import listed, near, shown
from optimizer.instance.settings_values import (
    Amount,
    Count,
    Filter,
    Flag,
    Ident,
    MeasureFilter,
    Number,
    Part,
    Periods,
    Positive,
    Share,
    Strings,
    Text,
    Whole,
    list_or,
    to_whole,
)

FILTERS: Mapping[str, tuple[str, ...]] = {
    "money": ("stream", "category", "county", "period"),
    "support": ("donor", "county", "period"),
    "pairs": ("donor", "county", "existing"),
    "projects": ("project", "category", "sector", "county", "period"),
    "covered": ("need", "county", "period"),
    "gap": ("need", "county", "period"),
    "exited": ("county", "period"),
}
FORMS = (
    "maximin",
    "leximin",
    "cvar",
    "owa",
    "gini",
    "gini_absolute",
    "hoover",
    "mad",
    "range",
    "mcloone",
    "atkinson",
    "alpha",
    "nash",
    "theil",
    "kalai",
    "hooker_williams",
    "chen_hooker",
)
Form = Literal[
    "maximin",
    "leximin",
    "cvar",
    "owa",
    "gini",
    "gini_absolute",
    "hoover",
    "mad",
    "range",
    "mcloone",
    "atkinson",
    "alpha",
    "nash",
    "theil",
    "kalai",
    "hooker_williams",
    "chen_hooker",
]
What = Literal["money", "support", "pairs", "projects", "covered", "gap", "exited"]
Each = Annotated[str, BeforeValidator(lambda value: "all" if value is None else str(value))]
Baseline = Literal["last", "factor", "proportional", "cea", "cel", "talmud"]


class Measure(Part):
    """What is summed: money, support, pairs, projects, covered, gap or exited, by filters.

    ``filters`` holds every key other than sum, column, weighted and periods; each must be one that the sum knows.
    """

    sum: What
    column: Text | None = None
    weighted: Flag = False
    periods: Periods | None = None
    filters: dict[str, MeasureFilter] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _gather_filters(cls, data: Any) -> Any:
        if not isinstance(data, Mapping) or isinstance(data.get("filters"), _Gathered):
            return data
        known = FILTERS.get(str(data.get("sum")), ())
        own = {"sum", "column", "weighted", "periods"}
        unknown = [key for key in data if key not in own and key not in known]
        if unknown and known:
            words = [*own, *known]
            raise ValueError(
                f"{shown(unknown[0])} is not a filter of {data['sum']}; "
                f"{near(str(unknown[0]), words, 'known are ' + listed(sorted(words), 12))}"
            )
        if data.get("column") is not None and known and data["sum"] not in ("pairs", "projects"):
            raise ValueError(f"column is for pairs and projects, not for {data['sum']}")
        if data.get("weighted") is not None and known and data["sum"] not in ("covered", "gap"):
            raise ValueError(f"weighted is for covered and gap, not for {data['sum']}")
        plain = {key: value for key, value in data.items() if key in own}
        return {**plain, "filters": _Gathered({key: value for key, value in data.items() if key in known})}


class _Gathered(dict[str, Any]):
    """Filters already gathered, so that a measure can be validated again."""


class OutcomeDef(Part):
    """One number for each county or donor, and whether high is good."""

    of: Measure
    per: Strings = ()
    better: Literal["high", "low"] = "high"


class EquityFields(Part):
    """The fields that an equity criterion and an equity rule share."""

    equity: Form | None = None
    outcome: Text | None = None
    over: Text = "counties"
    weight: Text | None = None
    alpha: Amount | None = None
    m: Positive | None = None
    weights: Annotated[tuple[Amount, ...], Field(min_length=1)] | None = None
    threshold: Number | None = None
    tolerance: Positive = 0.001

    @model_validator(mode="after")
    def _consistent(self) -> EquityFields:
        if self.weight is not None and self.equity in ("maximin", "leximin", "range", "kalai"):
            raise ValueError(f"weight is refused by {self.equity}")
        if self.weights is not None and any(a < b for a, b in zip(self.weights, self.weights[1:], strict=False)):
            raise ValueError("weights must not increase (the worst comes first)")
        return self


class Criterion(EquityFields):
    """A number to make large or small: a measure (``of``, ``per``) or an equity form over an outcome."""

    label: Text = ""
    sense: Literal["max", "min"] | None = None
    of: Measure | None = None
    per: Strings = ()

    @model_validator(mode="after")
    def _one_kind(self) -> Criterion:
        if (self.of is None) == (self.equity is None):
            raise ValueError("a criterion has either of (a measure) or equity (a form)")
        if self.of is not None and self.sense is None:
            raise ValueError("sense (max or min) is missing")
        if self.equity is not None and self.outcome is None:
            raise ValueError("outcome is missing")
        return self


def _priority(value: object) -> int | str:
    return "keep" if value == "keep" else to_whole(value)


class RuleBase(Part):
    """The fields that every rule has."""

    id: Ident
    sentence: Text
    source: Text = ""
    active: Flag = True
    priority: Annotated[int | Literal["keep"], BeforeValidator(_priority)] = 0
    hard: Flag = True
    price: Positive | None = None
    periods: Periods = "each"

    @model_validator(mode="after")
    def _priced(self) -> RuleBase:
        if not self.hard and self.price is None:
            raise ValueError("a soft rule (hard: 0) needs a price, in points per unit broken")
        return self

    @model_validator(mode="before")
    @classmethod
    def _price_makes_soft(cls, data: Any) -> Any:
        if isinstance(data, Mapping) and data.get("price") is not None and data.get("hard") is None:
            return {**data, "hard": False}
        return data


def _ends(low: float | None, high: float | None, names: str = "min and max") -> None:
    if low is None and high is None:
        raise ValueError(f"{names} are both missing")
    if low is not None and high is not None and low > high:
        first, last = names.split(" and ")
        raise ValueError(f"{first} {low:g} is above {last} {high:g}")


class BoundRule(RuleBase):
    """min ≤ of / per ≤ max."""

    type: Literal["bound"]
    of: Measure
    each: Each = "all"
    per: Strings = ()
    min: Number | None = None
    max: Number | None = None
    or_zero: Flag = False

    @model_validator(mode="after")
    def _has_ends(self) -> BoundRule:
        _ends(self.min, self.max)
        return self


class ShareRule(RuleBase):
    """min·whole ≤ part ≤ max·whole."""

    type: Literal["share"]
    part: Measure
    whole: Measure
    each: Each = "all"
    part_each: Text | None = None
    min: Share | None = None
    max: Share | None = None
    from_: Count = Field(0, alias="from")
    increase_over: Literal["last", "factor"] | None = None

    @model_validator(mode="after")
    def _has_ends(self) -> ShareRule:
        _ends(self.min, self.max)
        return self


class BandRule(RuleBase):
    """low·b ≤ of ≤ high·b around a baseline b."""

    type: Literal["band"]
    of: Measure
    to: Baseline = "last"
    each: Each = "all"
    low: Amount | None = None
    high: Amount | None = None
    scaled: Flag = False

    @model_validator(mode="after")
    def _has_ends(self) -> BandRule:
        _ends(self.low, self.high, "low and high")
        return self


class PairsRule(RuleBase):
    """How many existing pairs may end, and what a new one must gain."""

    type: Literal["pairs"]
    max_changed: Count | None = None
    keep: Literal["all"] | None = None
    min_gain: Amount | None = None
    column: Text = "fit"

    @model_validator(mode="after")
    def _asks_something(self) -> PairsRule:
        if self.max_changed is None and self.keep is None and self.min_gain is None:
            raise ValueError("max_changed, keep and min_gain are all missing")
        return self


class Threshold(Part):
    """The threshold of the counties that ``where`` holds."""

    where: Filter
    value: Share


def _at_least(value: object) -> int | str:
    return "all" if value == "all" else to_whole(value)


class ExitRule(RuleBase):
    """A county has exited only if its gap over ``per`` is at most the threshold."""

    type: Literal["exit"]
    needs: Strings = ()
    combine: Literal["max", "sum"] = "max"
    per: Text = "rural_population"
    threshold: Annotated[
        Annotated[Share, Tag("number")] | Annotated[tuple[Threshold, ...], Tag("list")], list_or("number")
    ]
    at_least: Annotated[Count | Literal["all"], BeforeValidator(_at_least)] = "all"
    by: Whole | None = None
    stay: Flag = True


class EquityRule(RuleBase, EquityFields):
    """An equity form held to a bound on its true value."""

    type: Literal["equity"]
    min: Number | None = None
    max: Number | None = None

    @model_validator(mode="after")
    def _has_ends(self) -> EquityRule:
        if self.equity is None or self.outcome is None:
            raise ValueError("equity (a form) and outcome are needed")
        _ends(self.min, self.max)
        return self


Rule = Annotated[BoundRule | ShareRule | BandRule | PairsRule | ExitRule | EquityRule, Field(discriminator="type")]
RULE_TYPES: Mapping[str, type[RuleBase]] = {
    "bound": BoundRule,
    "share": ShareRule,
    "band": BandRule,
    "pairs": PairsRule,
    "exit": ExitRule,
    "equity": EquityRule,
}
__all__ = [
    "FILTERS",
    "FORMS",
    "RULE_TYPES",
    "BandRule",
    "BoundRule",
    "Criterion",
    "EquityFields",
    "EquityRule",
    "ExitRule",
    "Measure",
    "OutcomeDef",
    "PairsRule",
    "Rule",
    "RuleBase",
    "ShareRule",
    "Threshold",
]
