"""Pairing recommendations as tables: what `optimizer recommend` writes, and what page, workbook and decisions read."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from optimizer.instance.findings import Finding, InstanceError
from optimizer.plan.plan import Plan

PLAN, SETTINGS = "plan", "recommendations.json"
FIT_PART = "fit_"
#: Columns of each table in order, with their kind: text, number, whole (numbers) or flag.
RECOMMENDATIONS = {
    "county": "text", "rank": "whole", "donor": "text", "fit": "number", "people_change": "number", "money_change": "number",
    "price_low": "number", "price_high": "number", "price_kind": "text", "frequency": "number", "displaces": "text",
    "chosen": "flag", "distance": "number", "existing": "flag", "money": "number", "fit_change": "number", "held": "text",
    "runs_frequency": "number", "moves": "text", "adds": "number", "adds_low": "number", "binding": "text", "status": "text",
    "replaces": "text",
}
COUNTIES = {
    "county": "text", "name": "text", "province": "text", "prefecture": "text", "region": "text", "lon": "number",
    "lat": "number", "need": "number", "covered": "number", "money": "number", "verdict": "text", "candidates": "whole",
    "note": "text", "worth": "number",
}
DONORS = {
    "donor": "text", "name": "text", "province": "text", "lon": "number", "lat": "number", "pairs": "whole",
    "pairs_max": "number", "load": "number", "load_max": "number", "money_used": "number", "money_limit": "number",
    "least_used": "number", "wanted": "text", "envy": "number",
}
STABILITY = {"donor": "text", "county": "text", "kind": "text", "donor_gain": "number", "county_gain": "number"}
TODAY = {"donor": "text", "county": "text", "status": "text", "fit": "number", "money": "number", "price": "number"}
CHANGES = {"n": "whole", "value": "number", "bound": "number", "gap_percent": "number", "coverage": "number", "ended": "whole",
           "new": "whole"}
FILES = {"recommendations": RECOMMENDATIONS, "counties": COUNTIES, "donors": DONORS, "stability": STABILITY, "today": TODAY,
         "changes": CHANGES}
LATER = frozenset({"worth", "replaces"})  # columns that folders of earlier versions lack
_EMPTY: dict[str, Any] = {"text": "", "number": np.nan, "whole": 0, "flag": False}


def shaped(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """A table with all columns of its file in order and of their kinds; further columns of ``frame`` come after them.

    Parts of the fit stand right behind the fit. What a frame lacks is blank (0 or no for whole numbers and flags).
    """
    kinds = FILES[name]
    parts = [str(c) for c in frame.columns if name == "recommendations" and str(c).startswith(FIT_PART) and c not in kinds]
    order = [c for column in kinds for c in ([column, *parts] if column == "fit" else [column])]
    order += [str(c) for c in frame.columns if c not in order]
    out = {}
    for column in order:
        kind = kinds.get(column, "number" if column in parts else None)
        if column not in frame:
            cells = pd.Series([_EMPTY[kind or "text"]] * len(frame), dtype=None if kind == "number" else "object")
        else:
            cells = frame[column].reset_index(drop=True)
        out[column] = _typed(cells, kind)
    return pd.DataFrame(out, index=pd.RangeIndex(len(frame)))


def _typed(cells: pd.Series, kind: str | None) -> pd.Series:
    if kind == "number":
        return cells.astype("float64")
    if kind == "whole":
        return cells.astype("int64")
    if kind == "flag":
        return cells.astype("bool")
    if kind == "text":
        return pd.Series(["" if value is None or value != value else str(value) for value in cells.tolist()], dtype="str")
    return cells


@dataclass(frozen=True, eq=False)
class Recommendations:
    """Who should be paired with whom, what each alternative costs, and how sure that is.

    Attributes
    ----------
    plan : the audited plan that is recommended
    table : a row for each county and rank: all chosen partners have rank 1, then alternatives by price. ``money`` flows in
        the plan with that pair; ``people_change``, ``fit_change`` and ``money_change`` are that plan less the recommended
        one; the criterion's loss lies between ``price_low`` and ``price_high`` (equal where ``price_kind`` is ``exact``);
        ``replaces`` are the county's partners that an alternative takes the place of, joined by ``;``
    counties : a row for each county that may have a partner, with a verdict: ``settled``, ``clear``, ``toss_up``, or
        ``unpriced`` where the time for prices was over; ``worth`` is what the criterion counts in it, of which prices are a
        share
    donors : a row for each donor: pairs, load and money against its limits, and what it would be cheapest to give it next
    stability : blocking pairs and envy under fit
    today : existing partnerships against the recommended ones: kept, new, ended, each with its price
    changes : the best plan that changes at most n pairs; empty where that was not asked
    settings : title, money label and unit, criterion with unit and sense, objective, bound, gap and how the figures came about
    """

    plan: Plan
    table: pd.DataFrame
    counties: pd.DataFrame
    donors: pd.DataFrame
    stability: pd.DataFrame = field(default_factory=lambda: shaped(pd.DataFrame(), "stability"))
    today: pd.DataFrame = field(default_factory=lambda: shaped(pd.DataFrame(), "today"))
    changes: pd.DataFrame = field(default_factory=lambda: shaped(pd.DataFrame(), "changes"))
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Every table under the name of its file."""
        return {"recommendations": self.table, "counties": self.counties, "donors": self.donors, "stability": self.stability,
                "today": self.today, "changes": self.changes}

    def of(self, county: str) -> pd.DataFrame:
        """The rows of one county, in rank order.

        Raises
        ------
        KeyError : there is no such county
        """
        if county not in set(self.counties["county"]):
            raise KeyError(f"no county '{county}' in the recommendations")
        return self.table[self.table["county"] == county].reset_index(drop=True)

    def write(self, folder: str | Path) -> Path:
        """Write the tables, ``recommendations.json``, ``review.html``, ``review.xlsx`` and the plan folder ``plan``.

        Other files of the folder stay.

        Raises
        ------
        AuditError : the plan fails its audit
        """
        folder = Path(os.path.abspath(folder))
        folder.parent.mkdir(parents=True, exist_ok=True)
        built = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
        try:
            self._fill(built)
            folder.mkdir(exist_ok=True)
            for made in sorted(built.iterdir()):
                there = folder / made.name
                if there.is_dir():
                    shutil.rmtree(there)
                os.replace(made, there)
        finally:
            shutil.rmtree(built, ignore_errors=True)
        return folder

    def _fill(self, folder: Path) -> None:
        for name, frame in self.tables.items():
            cells = shaped(frame, name)
            for column, kind in FILES[name].items():
                if kind == "flag":
                    cells[column] = cells[column].astype("int64")
            cells.to_csv(folder / f"{name}.csv", index=False, encoding="utf-8-sig", lineterminator="\n")
        from optimizer.review.page import review_page
        from optimizer.review.workbook import review_workbook

        self.plan.write(folder / PLAN)
        recorded = (folder / PLAN / "plan.json").read_bytes()
        settings = {**self.settings, "plan_sha256": hashlib.sha256(recorded).hexdigest()}
        text = json.dumps(settings, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False)
        (folder / SETTINGS).write_text(text + "\n", encoding="utf-8", newline="")
        (folder / "review.html").write_text(review_page(self), encoding="utf-8", newline="")
        review_workbook(self, folder / "review.xlsx")

    @classmethod
    def read(cls, folder: str | Path) -> Recommendations:
        """Read back what `write` wrote.

        Raises
        ------
        InstanceError : the folder holds no recommendations, or a file of it is missing or broken
        """
        folder = Path(folder)
        if not (folder / SETTINGS).is_file() or not (folder / PLAN).is_dir():
            raise _broken(str(folder), "holds no recommendations", "Name a folder that 'optimizer recommend' wrote")
        tables = {name: _read(folder / f"{name}.csv", name) for name in FILES}
        try:
            settings = json.loads((folder / SETTINGS).read_text(encoding="utf-8-sig"))
        except ValueError as error:
            raise _broken(SETTINGS, f"cannot be read ({error})") from error
        return cls(Plan.read(folder / PLAN), tables["recommendations"], tables["counties"], tables["donors"],
                   tables["stability"], tables["today"], tables["changes"], settings)


def read_table(folder: Path) -> pd.DataFrame:
    """The table of pairs with their prices of a folder that `Recommendations.write` wrote.

    Raises
    ------
    InstanceError : it is missing or broken
    """
    return _read(folder / "recommendations.csv", "recommendations")


def _read(path: Path, name: str) -> pd.DataFrame:
    """One table as it was written; text that looks like a number stays text."""
    kinds = FILES[name]
    try:
        raw = pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8-sig")
        missing = [column for column in kinds if column not in raw and column not in LATER]
        if missing:
            raise ValueError(f"columns missing: {', '.join(missing)}")
        for column in raw:
            kind = kinds.get(str(column), "number" if str(column).startswith(FIT_PART) else "text")
            if kind != "text":
                raw[column] = raw[column].replace("", "nan").astype("float64")
        return shaped(raw, name)
    except (OSError, ValueError) as error:
        raise _broken(path.name, f"cannot be read ({error})") from error


def _broken(file: str, problem: str, mend: str = "Recommend again; the folder is damaged") -> InstanceError:
    return InstanceError([Finding(file, None, None, None, problem, mend)])
