"""``instance.yaml`` as typed settings: defaults filled, shares as numbers, budgets by period.

Settings are read-only. What refers to identifiers of tables or to other sections is checked where both are known.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationError, model_validator

from optimizer.instance.findings import Finding, raise_if_errors
from optimizer.instance.settings_faults import findings_of
from optimizer.instance.settings_measures import Criterion, EquityFields, Measure, OutcomeDef
from optimizer.instance.settings_rules import (
    BandRule,
    BoundRule,
    EquityRule,
    ExitRule,
    PairsRule,
    Rule,
    RuleBase,
    ShareRule,
    Threshold,
)
from optimizer.instance.settings_sections import (
    Bloc,
    Category,
    Factor,
    FactorPart,
    Level,
    Method,
    Money,
    Need,
    PairSettings,
    Scenario,
    SolverSettings,
    Stream,
    Tier,
    Tolerance,
)
from optimizer.instance.settings_values import Amount, Filter, Ident, Part, Text, to_number, to_whole
from optimizer.instance.yamltext import Path


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
    labels: dict[Ident, Text] = Field(default_factory=dict)
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
    "parse_settings",
    "read_settings",
]
