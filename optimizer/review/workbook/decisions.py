"""The sheet ``decisions``: a row for each recommended pair and each alternative, under the names of the decisions file."""

from __future__ import annotations

import re
from collections.abc import Sequence

from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from optimizer.instance.decisions import COLUMNS
from optimizer.review.page.messages import messages
from optimizer.review.workbook.content import Content, Row, text_of
from optimizer.review.workbook.looks import Looks

SHEET = "decisions"
CHOICES = ("accept", "lock", "forbid", "undecided")
EMPTY_ROWS = 30  # for pairs that are not listed
ABOUT = ("county_name", "province", "donor_name", "recommended", "price", "price_low", "price_high", "money", "fit", "distance",
         "existing", "replaces", "displaces")
READ = ("decision", "reason", "reviewer", "date", "round", "kind", "donor", "county")
NUMBERS = ("round", "amount", "period")
WIDTHS = {"county_name": 18, "province": 14, "donor_name": 18, "price_low": 12, "price_high": 12, "recommended": 13,
          "price": 46, "existing": 9, "overruled": 11, "displaces": 24, "replaces": 14, "decision": 12,
          "reason": 36, "reviewer": 14, "date": 12, "kind": 8}
#: Signs that the header of a table cannot hold.
SIGNS = re.compile(r"[.\[\]=|,@]")


class DecisionsSheet:
    """The sheet while it is written; other sheets ask it where its columns are.

    Attributes
    ----------
    last : its last row, from 0, with the empty ones
    """

    def __init__(self, content: Content, looks: Looks) -> None:
        self.content, self.looks = content, looks
        more = [name for name in COLUMNS if name not in READ and any(row.cells[name] for row in content.rows)]
        self.read = (*READ, *more)
        self.at = {name: number for number, name in enumerate([*ABOUT, *self.read, "overruled"])}
        self.last = len(content.rows) + EMPTY_ROWS

    def column(self, name: str) -> str:
        """A column as formulas of any sheet name it."""
        letter = xl_col_to_name(self.at[name])
        return f"{SHEET}!${letter}$2:${letter}${self.last + 1}"

    def wanted(self) -> str:
        """A part of a formula: 1 for each row that is accepted or locked."""
        return f'(({self.column("decision")}="accept")+({self.column("decision")}="lock"))'

    def write(self, sheet: Worksheet) -> None:
        """Write all of it."""
        heads = [SIGNS.sub(" ", self.content.head(name)) for name in ABOUT]
        self.looks.headed(sheet, [*heads, *self.read, self.content.head("overruled")])
        for name in self.read:
            if f"workbook_note_{name}" in messages():
                sheet.write_comment(0, self.at[name], self.content.say(f"note_{name}"), {"x_scale": 2})
        for number, row in enumerate(self.content.rows, start=1):
            self._row(sheet, number, row)
        for number in range(len(self.content.rows) + 1, self.last + 1):
            for name in self.read:
                sheet.write_blank(number, self.at[name], None, self._look(name))
        self._choices(sheet)
        for name, width in WIDTHS.items():
            sheet.set_column(self.at[name], self.at[name], width)
        self.looks.placed(sheet, self.last, len(self.at), frozen=3)

    def _look(self, name: str) -> object:
        return self.looks.open_number if name in NUMBERS else self.looks.open

    def _row(self, sheet: Worksheet, number: int, row: Row) -> None:
        if row.pair is not None:
            told = self.content.told(row.pair)
            self.looks.cells(sheet, number, [told[name] for name in ABOUT])
            sheet.write_formula(number, self.at["overruled"], self._overruled(number, bool(row.pair["chosen"])),
                                self.looks.shut_number, int(self.content.overruled(row)))
        for name in self.read:
            value, at = text_of(row.cells[name]), self.at[name]
            look = self.looks.shut if row.pair is not None and name in ("kind", "donor", "county") else self._look(name)
            if value and name in NUMBERS:
                sheet.write_number(number, at, float(value), look)
            elif value:
                sheet.write_string(number, at, value, look)
            else:
                sheet.write_blank(number, at, None, look)

    def _overruled(self, number: int, chosen: bool) -> str:
        """1 where the row goes against the recommendation; the price of such rows is added up on another sheet."""
        decision, county = (f"{xl_col_to_name(self.at[name])}{number + 1}" for name in ("decision", "county"))
        if not chosen:
            return f'=IF(OR({decision}="accept",{decision}="lock"),1,0)'
        other = f'({self.column("county")}={county})*({self.column("recommended")}="{self.content.say("no")}")'
        return f'=IF({decision}="forbid",IF(SUMPRODUCT({other}*{self.wanted()})=0,1,0),0)'

    def _choices(self, sheet: Worksheet) -> None:
        money = any(row.cells["kind"] == "money" for row in self.content.rows)
        self._choice(sheet, "decision", [*CHOICES, *(("set", "least", "most") if money else ())])
        self._choice(sheet, "kind", ["pair", "project", "money"])
        at = self.at["round"]
        sheet.data_validation(1, at, self.last, at, {"validate": "integer", "criteria": ">=", "value": 0,
                                                     "error_message": self.content.say("note_round")[:250]})
        at = self.at["decision"]
        for word, look in self.looks.colours.items():
            sheet.conditional_format(1, at, self.last, at, {"type": "cell", "criteria": "==", "value": f'"{word}"',
                                                            "format": look})

    def _choice(self, sheet: Worksheet, name: str, words: Sequence[str]) -> None:
        """A drop-down."""
        sheet.data_validation(1, self.at[name], self.last, self.at[name], {
            "validate": "list", "source": list(words), "error_message": self.content.say(f"note_{name}")[:250]})
