"""``instance.yaml`` as typed settings: defaults filled, shares as numbers, budgets by period.

Settings are read-only. What refers to identifiers of tables or to other sections is checked where both are known.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, Tag, ValidationError, model_validator

from optimizer.instance.findings import Finding, raise_if_errors
from optimizer.instance.settings_faults import findings_of
from optimizer.instance.settings_measures import (
    BandRule,
    BoundRule,
    Criterion,
    EquityFields,
    EquityRule,
    ExitRule,
    Measure,
    OutcomeDef,
    PairsRule,
    Rule,
    RuleBase,
    ShareRule,
    Threshold,
)
from optimizer.instance.settings_values import (
    Amount,
    Count,
    Filter,
    Flag,
    Group,
    Ident,
    Number,
    Part,
    Positive,
    Share,
    Strings,
    Text,
    Whole,
    list_or,
    to_number,
    to_whole,
)
from optimizer.instance.yamltext import Path

YUAN = {"yuan": 1.0, "1k_yuan": 1e3, "10k_yuan": 1e4, "million_yuan": 1e6, "100m_yuan": 1e8}
LABELS = {"yuan": "元", "1k_yuan": "千元", "10k_yuan": "万元", "million_yuan": "百万元", "100m_yuan": "亿元"}


class Money(Part):
    """Unit of money; ``yuan`` = yuan in one unit; every amount of a plan is a multiple of ``step``."""

    unit: Text = "10k_yuan"
    yuan: Positive = 1e4
    label: Text = "万元"
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
                raise ValueError(f"yuan (how many yuan are one {unit}) is missing")
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
    """One level of a method."""

    criterion: Text
    weight: Amount = 1.0
    tolerance: Tolerance | None = None
    target: Number | None = None
    range: Positive | None = None


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


def _periods(value: object) -> dict[int, float]:
    if isinstance(value, Mapping):
        return {to_whole(period): to_number(weight) for period, weight in value.items()}
    items = value if isinstance(value, (list, tuple)) else [value]
    wholes = [to_whole(item) for item in items]
    if len(set(wholes)) < len(wholes):
        raise ValueError("a period stands twice")
    return dict.fromkeys(wholes, 1.0)


class Settings(Part):
    """Everything ``instance.yaml`` says."""

    format: Literal[1] = 1
    title: Text = ""
    source: Text = ""
    money: Money = Money()
    periods: Annotated[dict[int, Amount], BeforeValidator(_periods)] = Field(default_factory=lambda: {2026: 1.0})
    needs: dict[Ident, Need] = Field(default_factory=dict)
    categories: dict[Ident, Category] = Field(default_factory=dict)
    streams: dict[Ident, Stream] = Field(default_factory=dict)
    pairs: PairSettings = PairSettings()
    groups: dict[Ident, Filter] = Field(default_factory=dict)
    outcomes: dict[Ident, OutcomeDef] = Field(default_factory=dict)
    criteria: dict[Ident, Criterion] = Field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    factor: Factor | None = None
    method: Method = Method()
    settings: SolverSettings = SolverSettings()
    scenarios: dict[Ident, Scenario] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _periods_follow(self) -> Settings:
        labels = list(self.periods)
        if not labels or labels != list(range(labels[0], labels[0] + len(labels))):
            raise ValueError("periods must be whole numbers that follow one another, such as [2026, 2027]")
        return self


def parse_settings(
    raw: Mapping[str, Any], file: str = "instance.yaml", lines: Mapping[Path, int | str] | None = None
) -> tuple[Settings | None, list[Finding]]:
    """Settings from plain mappings, or None and everything that is wrong with them.

    Parameters
    ----------
    raw : the YAML as read
    file : name to show in findings
    lines : line or row of each path in ``file``, where known
    """
    try:
        settings = Settings.model_validate(dict(raw))
    except ValidationError as error:
        return None, findings_of(error, Settings, raw, file, lines or {})
    findings = _rule_twice(settings, file, lines or {}) + _budget_periods(settings, file, lines or {})
    if findings:
        return None, findings
    periods = tuple(settings.periods)
    streams = {
        name: stream.model_copy(update={"budget": dict.fromkeys(periods, stream.budget)})
        if isinstance(stream.budget, float)
        else stream
        for name, stream in settings.streams.items()
    }
    return settings.model_copy(update={"streams": streams}), []


def read_settings(raw: Mapping[str, Any], file: str = "instance.yaml") -> Settings:
    """Settings from plain mappings; raises :class:`InstanceError` with every problem."""
    settings, findings = parse_settings(raw, file)
    raise_if_errors(findings)
    assert settings is not None
    return settings


def _rule_twice(settings: Settings, file: str, lines: Mapping[Path, int | str]) -> list[Finding]:
    seen: set[str] = set()
    out = []
    for n, rule in enumerate(settings.rules):
        if rule.id in seen:
            out.append(
                Finding(
                    file, lines.get(("rules", n)), "rules", rule.id, "names two rules", "Give each rule an identifier of its own"
                )
            )
        seen.add(rule.id)
    return out


def _budget_periods(settings: Settings, file: str, lines: Mapping[Path, int | str]) -> list[Finding]:
    out = []
    for name, stream in settings.streams.items():
        if not isinstance(stream.budget, dict):
            continue
        line = lines.get(("streams", name, "budget"), lines.get(("streams", name)))
        for period in settings.periods:
            if period not in stream.budget:
                out.append(
                    Finding(
                        file,
                        line,
                        f"streams.{name}.budget",
                        None,
                        f"says nothing about {period}",
                        f"Write the budget of {period} (0 if there is none)",
                    )
                )
        out.extend(
            Finding(
                file,
                line,
                f"streams.{name}.budget",
                str(period),
                "is not one of the periods",
                f"Name periods between {min(settings.periods)} and {max(settings.periods)}",
            )
            for period in stream.budget
            if period not in settings.periods
        )
    return out


__all__ = [
    "BandRule",
    "Bloc",
    "BoundRule",
    "Category",
    "Criterion",
    "EquityFields",
    "EquityRule",
    "ExitRule",
    "Factor",
    "FactorPart",
    "Level",
    "Measure",
    "Method",
    "Money",
    "Need",
    "OutcomeDef",
    "PairSettings",
    "PairsRule",
    "Rule",
    "RuleBase",
    "Scenario",
    "Settings",
    "ShareRule",
    "SolverSettings",
    "Stream",
    "Threshold",
    "Tier",
    "Tolerance",
    "Whole",
    "parse_settings",
    "read_settings",
]
