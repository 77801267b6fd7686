"""One plan seen by the sections of a report: words, names and the tables that several of them read, each made once."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from optimizer.instance.settings_sections import YUAN
from optimizer.plan.compare import Comparison, against_baseline
from optimizer.plan.indicators import covered_by_county
from optimizer.plan.plan import Plan
from optimizer.report.blocks import Column
from optimizer.report.given import Given, Result
from optimizer.report.grounds import Grounds
from optimizer.report.messages import Messages
from optimizer.report.naming import Naming
from optimizer.report.once import distribution, indicators
from optimizer.report.text import number, signed

BASELINES = ("last", "factor")


class View:
    """A plan, the language it is told in and what was given beside it.

    Parameters
    ----------
    hashes : file of the inputs → SHA-256, where they are known
    """

    def __init__(self, plan: Plan, lang: str = "en", given: Given | None = None, hashes: Mapping[str, str] | None = None) -> None:
        self.plan, self.t, self.given = plan, Messages(lang), given or Given()
        self.names = Naming(plan, self.t)
        self.grounds = Grounds(plan, self.names)
        self.hashes = dict(hashes or plan.info.get("inputs") or {})

    @property
    def money(self) -> str:
        """The unit of money."""
        return self.names.money

    def amount(self, value: float, *, sign: bool = False) -> str:
        """An amount of money within a sentence: in English yuan are told in millions, since their units are numbers there."""
        write, settings = signed if sign else number, self.plan.instance.settings.money
        if self.t.lang == "en" and settings.unit in YUAN and settings.unit != "yuan":
            return self.t("amount.million", number=write(value * settings.yuan / 1e6, 2).removesuffix(".00"))
        if self.t.lang == "en" and settings.currency != "yuan":
            return f"{write(value * settings.yuan / 1e6, 2).removesuffix('.00')} million {settings.currency}"
        return self.t("amount", number=write(value), unit=self.money)

    @cached_property
    def distribution(self) -> pd.DataFrame:
        """The distribution table of the plan."""
        return distribution(self.plan)

    @cached_property
    def baselines(self) -> list[str]:
        """Which of last year and the factor method the plan can be put beside."""
        return [which for which in BASELINES if f"{which}_change" in self.distribution]

    @cached_property
    def against(self) -> Comparison | None:
        """The plan beside last year's money, else the factor method's; None where neither is known."""
        return against_baseline(self.plan, self.baselines[0], estimate=False) if self.baselines else None

    @cached_property
    def indicators(self) -> pd.DataFrame:
        """Indicators before and after, over all counties and within groups."""
        return indicators(self.plan)

    def indicator(self, outcome: str, name: str) -> tuple[float, float]:
        """An indicator over all counties, before and after."""
        found = self.indicators
        row = found[(found["outcome"] == outcome) & (found["by"] == "county") & (found["indicator"] == name)].iloc[0]
        return float(row["before"]), float(row["after"])

    @cached_property
    def counties(self) -> pd.DataFrame:
        """Index county: name, province, prefecture, population, money, per_head, the changes that are known, ``people`` and
        ``covered`` (weighted person-periods), ``share``, ``gap`` (people left in the last period, summed over needs),
        ``partners``, ``projects``."""
        plan, table = self.plan, self.distribution
        rows = table[table["level"] == "county"].set_index("county")
        kept = ["population", "money", "per_head"]
        for which in self.baselines:
            kept += [which, f"{which}_change", f"{which}_change_percent"]
        out = rows[kept].reindex(plan.data.counties.index)
        out.insert(0, "name", self.names.counties(out.index))
        for column in ("province", "prefecture"):
            known = plan.data.counties[column]
            out[column] = (
                [None if pd.isna(value) else self.names.places(column, [value])[0] for value in known]
                if self.t.lang == "zh"
                else self._translated(column, known)
            )
        covered = covered_by_county(plan.data, plan.coverage)
        out["people"], out["covered"] = covered["people"], covered["covered"]
        out["share"] = (covered["covered"] / covered["people"].where(covered["people"] > 0)).astype(float)
        last = plan.coverage[plan.coverage["period"] == plan.data.periods[-1]]
        out["gap"] = last.groupby("county")["gap"].sum().reindex(out.index).fillna(0.0)
        out["partners"] = self._partners(out.index)
        out["projects"] = plan.projects.groupby("county")["project"].nunique().reindex(out.index).fillna(0).astype(int)
        return out

    def _translated(self, column: str, values: pd.Series) -> list[str | None]:
        known = list(values.dropna().unique())
        words = dict(zip(known, self.names.places(column, known), strict=True))
        return [words.get(value) for value in values]

    def _partners(self, index: pd.Index[Any]) -> list[str]:
        rows = self.plan.pairings[self.plan.pairings["status"] != "ended"]
        names: dict[str, list[str]] = {}
        for county, donor in zip(rows["county"], self.names.donors(rows["donor"]), strict=True):
            names.setdefault(county, []).append(donor)
        return [self.t.listed(names.get(str(county), [])) for county in index]

    @cached_property
    def places(self) -> str:
        """The widest kind of place that parts the counties: province or prefecture; county where neither does."""
        known = self.plan.data.counties
        return next((name for name in ("province", "prefecture") if known[name].nunique() > 1), "county")

    @cached_property
    def placed(self) -> dict[str, str]:
        """County → where it lies: the places that part the counties, the widest first; all known where none does."""
        counties, names = self.counties, ("province", "prefecture")
        parting = [name for name in names if self.plan.data.counties[name].nunique() > 1] or list(names)
        rows = counties[parting].astype(object).where(counties[parting].notna(), None)
        return {str(county): " ".join(filter(None, places)) for county, *places in rows.itertuples()}

    @cached_property
    def people_per_money(self) -> pd.Series:
        """Project → weighted people it can reach in all, over its cost for the accounts; both of one whole project."""
        data = self.plan.data
        weight = data.needs.drop_duplicates("need").set_index("need")["weight"]
        reached = (data.effects["people"] * data.effects["need"].map(weight)).groupby(data.effects["project"]).sum()
        cost = data.projects["whole_cost"] * (1 - data.projects["own_share"].fillna(0.0))
        return (reached.reindex(cost.index) / cost.where(cost > 0)).replace([np.inf], np.nan)

    def titled(self, key: str, result: Result) -> str:
        """A title from the messages, with the name of the folder where several of its kind are given."""
        title = self.t(key)
        several = len(self.given.of(result.kind)) > 1
        return f"{title}{self.t('list.open')}{result.name}{self.t('list.close')}" if several else title

    def column(self, key: str, kind: str = "text", unit: str = "", **values: object) -> Column:
        """A column with its head from the messages; ``unit``: ``money``, ``base`` (per head), ``income``, or a key of units."""
        named = {
            "": "",
            "money": self.money,
            "base": self.names.base,
            "income": self.t("unit.base_per_year", base=self.names.base),
        }
        return Column(self.t(f"head.{key}", **values), kind, named[unit] if unit in named else self.t(f"unit.{unit}"))
