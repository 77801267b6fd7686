"""Rules of ``instance.yaml``: one type, one class, with the fields that all of them share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, Tag, model_validator

from optimizer.instance.settings_measures import EquityFields, Measure
from optimizer.instance.settings_values import (
    Amount,
    Count,
    Filter,
    Flag,
    Ident,
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

Each = Annotated[str, BeforeValidator(lambda value: "all" if value is None else str(value))]
Baseline = Literal["last", "factor", "proportional", "cea", "cel", "talmud"]


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
    threshold: Annotated[Annotated[Share, Tag("number")] | Annotated[tuple[Threshold, ...], Tag("list")], list_or("number")]
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
