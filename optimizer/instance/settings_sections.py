"""Sections of ``instance.yaml``: money, needs, categories, streams, pairs, factors, method, limits of a run, scenarios."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, Tag, model_validator

from optimizer.instance.settings_values import (
    Amount,
    Count,
    Flag,
    Group,
    Ident,
    Number,
    Part,
    Positive,
    Share,
    Strings,
    Text,
    list_or,
    to_number,
    to_whole,
)

YUAN = {"yuan": 1.0, "1k_yuan": 1e3, "10k_yuan": 1e4, "million_yuan": 1e6, "100m_yuan": 1e8}
LABELS = {"yuan": "元", "1k_yuan": "千元", "10k_yuan": "万元", "million_yuan": "百万元", "100m_yuan": "亿元"}


class Money(Part):
    """Unit of money; ``yuan`` = yuan in one unit; every amount of a plan is a multiple of ``step``.

    Another ``currency`` (as one says it: ``dollars``) stands for yuan everywhere, in the name ``yuan`` of this figure too.
    """

    unit: Text = "10k_yuan"
    yuan: Positive = 1e4
    label: Text = "万元"
    currency: Text = "yuan"
    step: Positive = 1.0

    @model_validator(mode="before")
    @classmethod
    def _from_unit(cls, data: Any) -> Any:
        if not isinstance(data, Mapping):
            return data
        unit = data.get("unit", "10k_yuan")
        out = dict(data)
        if out.get("yuan") is None:
            if unit not in YUAN:
                raise ValueError(f"yuan (how many {data.get('currency', 'yuan')} are one {unit}) is missing")
            out["yuan"] = YUAN[unit]
        elif unit in YUAN and to_number(out["yuan"]) != YUAN[unit]:
            raise ValueError(f"unit {unit} has {YUAN[unit]:.0f} yuan, not {out['yuan']}")
        out.setdefault("label", LABELS.get(unit, str(unit)))
        return out


class Tier(Part):
    """A share of the people of a need and the factor on its unit cost."""

    width: Share = 1.0
    factor: Amount = 1.0


class Need(Part):
    """One dimension of deprivation, counted in people."""

    label: Text = ""
    weight: Annotated[float | Literal["cost"], BeforeValidator(lambda v: v if v == "cost" else to_number(v))] = 1.0
    kind: Literal["lasting", "yearly"] = "lasting"
    category: Ident
    tiers: Annotated[tuple[Tier, ...], Field(min_length=1)] = (Tier(),)

    @model_validator(mode="after")
    def _tiers_rise(self) -> Need:
        if self.weight != "cost" and float(self.weight) < 0:
            raise ValueError("weight is negative")
        if sum(Fraction(repr(tier.width)) for tier in self.tiers) > 1:
            raise ValueError("the widths of the tiers add up to more than 1")
        if any(a.factor > b.factor for a, b in zip(self.tiers, self.tiers[1:], strict=False)):
            raise ValueError("the factors of the tiers must not fall")
        return self


class Category(Part):
    """What money is spent on; ``subsidy`` = paid to households."""

    label: Text = ""
    subsidy: Flag = False


def _budget(value: object) -> Any:
    if value is None:
        return None
    if isinstance(value, Mapping):
        return {to_whole(period): to_number(amount) for period, amount in value.items()}
    return to_number(value)


class Stream(Part):
    """A pot of money; ``budget`` by period once read; ``categories`` and ``counties`` None = all."""

    label: Text = ""
    kind: Literal["transfer", "pairing"] = "transfer"
    budget: Annotated[float | dict[int, Amount] | None, BeforeValidator(_budget)] = None
    categories: Annotated[
        tuple[str, ...] | None, BeforeValidator(lambda v: None if v is None or v == "all" else [v] if isinstance(v, str) else v)
    ] = None
    counties: Group = None
    carry: Share = 0.0
    least_spend: Share = 0.0

    @model_validator(mode="after")
    def _budget_by_kind(self) -> Stream:
        if isinstance(self.budget, float) and self.budget < 0:
            raise ValueError("budget is negative")
        if self.kind == "pairing" and (self.budget is not None or self.carry or self.least_spend):
            raise ValueError("a pairing stream has no budget, carry or least_spend: its money is what donors give")
        return self

    def budget_in(self, period: int) -> float | None:
        """Budget of ``period``; None = the stream has none here (it stands in the table budgets, or nowhere)."""
        return self.budget.get(period) if isinstance(self.budget, dict) else self.budget


class Bloc(Part):
    """Every donor of one group with every county of another; None = all."""

    donors: Group = None
    counties: Group = None


class PairSettings(Part):
    """Which pairs are candidates besides the rows of ``pairs``, and how fit is made."""

    candidates: Annotated[
        Annotated[Literal["none", "all"], Tag("word")] | Annotated[tuple[Bloc, ...], Tag("list")], list_or("word")
    ] = "none"
    fit: dict[Text, Number] | None = None


class FactorPart(Part):
    """One factor: a column, its weight, whether high or low values earn money, and what it is scaled by."""

    column: Text
    weight: Amount
    direction: Literal["high", "low"] = "high"
    scale: Text | None = None


class Factor(Part):
    """The factor method; ``streams`` empty = every transfer stream."""

    streams: Strings = ()
    factors: Annotated[tuple[FactorPart, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _weights_add_up(self) -> Factor:
        total = float(sum(Decimal(repr(part.weight)) for part in self.factors))
        if abs(total - 1) > 1e-9:
            raise ValueError(f"the weights add up to {total:g} instead of 1")
        return self


class Tolerance(Part):
    """How much of a level's value later levels may give up: a share of it, or an amount in its unit."""

    amount: Amount
    relative: bool = False

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, data: Any) -> Any:
        if isinstance(data, Mapping):
            return data
        return {"amount": to_number(data), "relative": isinstance(data, str) and data.strip().endswith("%")}


class Level(Part):
    """One level of a method.

    ``target``: the goal, or what a reference point aspires to; ``range``: what a criterion is divided by; ``worst``: how
    many of the worst units leximin settles (below 1: a share of them; missing: all).
    """

    criterion: Text
    weight: Amount = 1.0
    tolerance: Tolerance | None = None
    target: Number | None = None
    range: Positive | None = None
    worst: Positive | None = None


class Method(Part):
    """How criteria make one plan; missing = the most ``coverage``."""

    type: Literal["single", "weighted", "lexicographic", "goal", "reference"] = "single"
    levels: Annotated[tuple[Level, ...], Field(min_length=1)] = (Level(criterion="coverage"),)

    @model_validator(mode="after")
    def _single_is_one(self) -> Method:
        if self.type == "single" and len(self.levels) != 1:
            raise ValueError(f"a single method has one level, not {len(self.levels)}; write weighted or lexicographic")
        return self


def _none(value: object) -> object:
    return None if value == "none" else value


class SolverSettings(Part):
    """Limits of a run; ``gap`` is a share (0.001 = 0.1 %)."""

    time_limit: Annotated[Positive | None, BeforeValidator(_none)] = 180.0
    gap: Share = 0.0
    seed: Count = 0
    threads: Annotated[int, Field(ge=1), BeforeValidator(to_whole)] = 1
    node_limit: Annotated[Count | None, BeforeValidator(_none)] = None
    unspent: Literal["forbid", "allow"] = "forbid"


class Scenario(Part):
    """Named changes; those of the scenario ``from_`` come first."""

    label: Text = ""
    from_: Text | None = Field(None, alias="from")
    set: dict[str, Any] = Field(default_factory=dict)
