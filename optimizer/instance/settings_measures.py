"""Measures, outcomes and criteria of ``instance.yaml``, each with its fields and their defaults."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, get_args

from pydantic import Field, model_validator

from optimizer.instance.findings import listed, near, shown
from optimizer.instance.settings_values import (
    Amount,
    Flag,
    MeasureFilter,
    Number,
    Part,
    Periods,
    Positive,
    Strings,
    Text,
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
FORMS: tuple[str, ...] = get_args(Form)
#: The field that a form cannot do without, and the forms that read it.
NEEDED: Mapping[str, tuple[str, ...]] = {
    "alpha": ("atkinson", "alpha"),
    "m": ("cvar", "chen_hooker"),
    "weights": ("owa",),
    "threshold": ("hooker_williams", "chen_hooker"),
}
#: Forms of the worst or the extreme units, or of a rank among them: weights of units have no meaning there.
UNWEIGHTED = ("maximin", "leximin", "range", "kalai", "chen_hooker")
What = Literal["money", "support", "pairs", "projects", "covered", "gap", "exited"]


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
        if self.weight is not None and self.equity in UNWEIGHTED:
            raise ValueError(f"weight is refused by {self.equity}")
        for name, forms in NEEDED.items():
            given = getattr(self, name) is not None
            if self.equity in forms and not given:
                raise ValueError(f"{name} is missing: {self.equity} needs it")
            if given and self.equity is not None and self.equity not in forms:
                raise ValueError(f"{name} is for {listed(forms)}, not for {self.equity}")
        if self.weights is not None and any(a < b for a, b in zip(self.weights, self.weights[1:], strict=False)):
            raise ValueError("weights must not increase (the worst comes first)")
        if self.weights is not None and not any(self.weights):
            raise ValueError("weights are all 0")
        if self.threshold is not None and self.threshold < 0:
            raise ValueError(f"threshold {self.threshold:g} is below 0")
        if self.equity == "chen_hooker" and self.m is not None and self.m != int(self.m):
            raise ValueError(f"m {self.m:g} is not a whole number (which function of the sequence)")
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
