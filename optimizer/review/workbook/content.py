"""What the workbook says, before it is laid out on sheets."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from optimizer.instance.cells import CONTROL
from optimizer.instance.decisions import COLUMNS
from optimizer.review.page.data import PEOPLE, decision_rows, in_order, told_unit, unit_of
from optimizer.review.page.messages import message
from optimizer.review.page.words import price_in_words
from optimizer.review.recommendations import Recommendations

LONGEST = 32_000
WANTED = ("accept", "lock")


def text_of(value: Any) -> str:
    """A text that a cell can hold: without control characters and halves of characters, not too long."""
    return CONTROL.sub("", "" if value is None or value != value else str(value))[:LONGEST]


def whole(value: float) -> float:
    """A number without its fraction; what is unknown stays so."""
    return float(round(value)) if math.isfinite(value) else value


@dataclass(frozen=True, eq=False)
class Row:
    """A row of the sheet of decisions.

    Attributes
    ----------
    cells : the columns of the decisions file, as texts
    pair : the row of the recommendations; None for a decision on anything else
    """

    cells: dict[str, str]
    pair: dict[str, Any] | None

    @property
    def wanted(self) -> bool:
        """Whether a pair is accepted or locked."""
        return self.cells["kind"] == "pair" and self.cells["decision"] in WANTED


@dataclass(frozen=True, eq=False)
class Content:
    """Recommendations with the decisions made so far, told in one language."""

    made: Recommendations
    lang: str

    def say(self, key: str, **values: Any) -> str:
        """A message of the workbook."""
        return message(f"workbook_{key}", self.lang, **values)

    def head(self, key: str) -> str:
        """The header of a column, with its unit."""
        return text_of(self.say(key, unit=self.unit_word, money=self.made.plan.instance.settings.money.label))

    @cached_property
    def unit(self) -> str:
        """The unit of prices."""
        return unit_of(self.made)

    @cached_property
    def unit_word(self) -> str:
        """The unit of prices as a reader knows it."""
        return message("unit_people", self.lang) if self.unit in PEOPLE else told_unit(self.made, self.unit, self.lang)

    @cached_property
    def counties(self) -> dict[str, dict[Any, Any]]:
        """Counties by identifier."""
        return {row["county"]: row for row in self.made.counties.to_dict("records")}

    @cached_property
    def donors(self) -> dict[str, dict[Any, Any]]:
        """Donors by identifier."""
        return {row["donor"]: row for row in self.made.donors.to_dict("records")}

    def county(self, name: str) -> str:
        """The name of a county."""
        return str(self.counties[name]["name"] or name)

    def donor(self, name: str) -> str:
        """The name of a donor."""
        return str(self.donors[name]["name"] or name)

    @cached_property
    def rows(self) -> list[Row]:
        """Pairs by province and county with what is decided on them, then decisions on anything else.

        Of several rounds the latest decision on a pair is shown; earlier ones stand in the log and in the instance.
        """
        given = self.made.plan.instance.decisions
        before = [] if given is None else decision_rows(given)
        latest = {(row["donor"], row["county"]): row for row in sorted(before, key=lambda row: float(row["round"] or 0))
                  if row["kind"] == "pair"}
        blank = dict.fromkeys(COLUMNS, "") | {"kind": "pair", "decision": "undecided"}
        out = []
        for pair in in_order(self.made).to_dict("records"):
            named = {"donor": str(pair["donor"]), "county": str(pair["county"])}
            cells = blank | latest.pop((named["donor"], named["county"]), {}) | named
            out.append(Row(cells, {str(name): value for name, value in pair.items()}))
        return [*out, *(Row(row, None) for row in latest.values()), *(Row(row, None) for row in before if row["kind"] != "pair")]

    @cached_property
    def locked(self) -> dict[str, Counter[str]]:
        """How many pairs of each donor and of each county are accepted or locked."""
        return {name: Counter(row.cells[name] for row in self.rows if row.wanted) for name in ("donor", "county")}

    @cached_property
    def _instead(self) -> set[str]:
        return {row.cells["county"] for row in self.rows if row.wanted and row.pair is not None and not row.pair["chosen"]}

    def overruled(self, row: Row) -> bool:
        """Whether a row goes against the recommendation: chosen instead, or forbidden with nothing chosen instead."""
        if row.pair is None or not row.pair["chosen"]:
            return row.pair is not None and row.wanted
        return row.cells["decision"] == "forbid" and row.cells["county"] not in self._instead

    def price(self, pair: dict[str, Any]) -> tuple[float, float]:
        """The bracket of a pair's price; of a recommended pair that of forbidding it."""
        if not pair["chosen"]:
            return float(pair["price_low"]), float(pair["price_high"])
        low, high = float(pair["adds_low"]), float(pair["adds"])
        return (high if math.isnan(low) else low), high

    def told(self, pair: dict[str, Any]) -> dict[str, str | float]:
        """What a row says of its pair."""
        low, high = self.price(pair)
        yes, no = self.say("yes"), self.say("no")
        return {
            "county_name": self.county(pair["county"]), "province": str(self.counties[pair["county"]]["province"]),
            "donor_name": self.donor(pair["donor"]), "recommended": yes if pair["chosen"] else no,
            "price": self.words(low, high), "price_low": low, "price_high": high, "money": float(pair["money"]),
            "fit": float(pair["fit"]), "distance": whole(float(pair["distance"])), "existing": yes if pair["existing"] else no,
            "displaces": self.pairs(pair["displaces"]),
            "replaces": self.listed([self.donor(name) if name in self.donors else name
                                     for name in pair["replaces"].split(";") if name]),
        }

    def words(self, low: float, high: float) -> str:
        """A price in words."""
        return price_in_words(low, high, self.unit, self.lang, self.unit_word)

    def listed(self, names: list[str]) -> str:
        """Names one after another."""
        return message("list_mark", self.lang).join(names)

    def pairs(self, text: str) -> str:
        """Pairs written as ``donor>county;…``, as names."""
        out = []
        for word in filter(None, text.split(";")):
            donor, _, county = word.partition(">")
            known = donor in self.donors and county in self.counties
            out.append(f"{self.donor(donor)} → {self.county(county)}" if known else word)
        return self.listed(out)
