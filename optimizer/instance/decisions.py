"""A planner's decisions: pairs and projects accepted or forbidden, money already given.

Decisions on pairs and projects become their ``status``; decisions on money stay with the instance, for the model to
hold. Of several decisions on one thing the one of the latest round counts; two different ones in the same round are
a fault.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path as FilePath
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from optimizer.instance.findings import Finding, InstanceError, near, raise_if_errors
from optimizer.instance.folder import DECISIONS_FILE, read_csv, unguarded
from optimizer.instance.groups import select
from optimizer.instance.reading import RawTable, typed_records
from optimizer.instance.schema import DECISIONS
from optimizer.instance.settings import Settings

if TYPE_CHECKING:
    from optimizer.instance.instance import Instance

COLUMNS = tuple(column.name for column in DECISIONS.columns)
MONEY_COLUMNS = ("stream", "county", "category", "period", "decision", "amount")
STATUS = {"accept": "lock", "lock": "lock", "forbid": "forbid"}
THINGS: Mapping[str, tuple[str, ...]] = {
    "pair": ("donor", "county"),
    "project": ("project",),
    "money": ("stream", "county", "category", "period"),
}


def apply_decisions(instance: Instance, given: pd.DataFrame | str | os.PathLike[str]) -> Instance:
    """The instance with decisions applied; those it had before stay, and later rounds replace earlier ones.

    Raises
    ------
    InstanceError : with every decision that is wrong
    """
    file, frame, rows = read_decisions(given)
    findings = [*_form(frame, file, rows), *_unknown(frame, file, rows, instance)]
    standing, conflicts = _standing(frame, file, rows)
    raise_if_errors([*findings, *conflicts])
    tables = dict(instance.tables)
    tables["pairs"], found = _paired(tables, instance.settings, standing[standing["kind"] == "pair"], file, rows)
    tables["projects"] = _started(tables["projects"], standing[standing["kind"] == "project"])
    raise_if_errors(found)
    before = instance.decisions
    whole = frame if before is None else pd.concat([before, frame], ignore_index=True).drop_duplicates(ignore_index=True)
    return instance.replaced(
        tables=MappingProxyType(tables),
        decisions=whole,
        warnings=tuple(f for f in instance.warnings if f.file not in (DECISIONS_FILE, f"sheet {DECISIONS.name}")),
    )


def read_decisions(given: pd.DataFrame | str | os.PathLike[str]) -> tuple[str, pd.DataFrame, np.ndarray]:
    """File name, normalised decisions (every column of the format) and the spreadsheet row of each."""
    findings: list[Finding] = []
    if isinstance(given, pd.DataFrame):
        header = [str(column) for column in given.columns]
        cells = [given.iloc[:, n] for n in range(len(header))]
        raw: RawTable | None = RawTable("decisions", "decisions", header, cells, np.arange(2, len(given) + 2))
    else:
        path = FilePath(given)
        if not path.is_file():
            raise InstanceError([Finding(str(given), None, None, None, "does not exist", "Name a decisions.csv")])
        raw = _decisions_file(path, findings)
    if raw is None:
        raise InstanceError(findings)
    frame, rows, found = typed_records(raw, DECISIONS)
    raise_if_errors([*findings, *found])
    for column in DECISIONS.columns:
        if column.name not in frame:
            frame[column.name] = pd.Series([None] * len(frame), dtype="str" if column.is_text else "float64")
    return raw.file, frame[list(COLUMNS)], rows


def _decisions_file(path: FilePath, findings: list[Finding]) -> RawTable | None:
    if path.suffix.lower() not in (".xlsx", ".xlsm"):
        raw = read_csv(path, DECISIONS, findings)
        return None if raw is None else replace(raw, cells=[unguarded(column) for column in raw.cells])
    from optimizer.instance.workbook import read_decisions_sheet

    return read_decisions_sheet(path, findings)


def _form(frame: pd.DataFrame, file: str, rows: np.ndarray) -> Iterator[Finding]:
    """What each kind of decision must say and must not say."""
    for n, row in enumerate(frame.to_dict("records")):
        at, kind, decision = int(rows[n]), row["kind"], row["decision"]
        blank = {name for name in COLUMNS if pd.isna(row[name])}
        if kind in ("pair", "project"):
            for name in THINGS[kind]:
                if name in blank:
                    yield Finding(file, at, name, None, f"is blank in a decision on a {kind}", f"Name the {name}")
            if decision not in (*STATUS, "undecided"):
                yield Finding(
                    file, at, "decision", decision, f"is no decision on a {kind}", "Write accept, lock, forbid or undecided"
                )
        else:
            if decision not in ("set", "least", "most", "undecided"):
                yield Finding(file, at, "decision", decision, "is no decision on money", "Write set, least, most or undecided")
            elif decision != "undecided" and "amount" in blank:
                yield Finding(file, at, "amount", None, "is blank", "Write the amount that is set")
            for name in ("donor", "project"):
                if name not in blank:
                    yield Finding(
                        file,
                        at,
                        name,
                        row[name],
                        "cannot be named in a decision on money",
                        "Name stream, county, category and period, or leave them blank",
                    )
            if {"stream", "county", "category", "period"} <= blank:
                yield Finding(
                    file, at, "stream", None, "is blank like county, category and period", "Name at least one of the four"
                )


def _unknown(frame: pd.DataFrame, file: str, rows: np.ndarray, instance: Instance) -> Iterator[Finding]:
    """Identifiers that the instance does not have."""
    streams = list(instance.settings.streams)
    if len(instance.tables["donors"]) and not any(s.kind == "pairing" for s in instance.settings.streams.values()):
        streams.append("collaboration")
    known: dict[str, list[Any]] = {
        "donor": instance.tables["donors"]["donor"].tolist(),
        "county": instance.tables["counties"]["county"].tolist(),
        "project": instance.tables["projects"]["project"].tolist(),
        "stream": streams,
        "category": list(instance.settings.categories),
        "period": list(instance.settings.periods),
    }
    for name, words in known.items():
        given = frame[name]
        for n in np.flatnonzero((given.notna() & ~given.isin(words)).to_numpy()):
            value = given.iloc[n]
            text = str(int(value)) if isinstance(value, float) else str(value)
            yield Finding(
                file,
                int(rows[n]),
                name,
                text,
                f"is not a {name} of the instance",
                near(text, words, f"Name a {name} of the instance"),
            )


def _standing(frame: pd.DataFrame, file: str, rows: np.ndarray) -> tuple[pd.DataFrame, list[Finding]]:
    """The decisions that count: for each thing those of its latest round; contradictions within a round are findings."""
    frame = frame.assign(at=rows, turn=frame["round"].fillna(0.0))
    kept: list[pd.DataFrame] = []
    findings: list[Finding] = []
    for kind, names in THINGS.items():
        part = frame[frame["kind"] == kind]
        by = [part[name] for name in names]
        latest = part[part["turn"] == part.groupby(by, dropna=False, sort=False)["turn"].transform("max")]
        kept.append(latest)
        several = latest[latest.duplicated(list(names), keep=False)]  # one decision alone contradicts nothing
        for _, group in several.groupby(list(names), dropna=False, sort=False):
            fault = _contradiction(kind, group)
            if fault:
                findings.append(_contradicted(group, names, file, fault))
    return pd.concat(kept).sort_index(), findings


def _contradicted(group: pd.DataFrame, names: tuple[str, ...], file: str, fault: str) -> Finding:
    what = " / ".join(str(v) for v in group[list(names)].iloc[0] if not pd.isna(v))
    others = ", ".join(str(int(v)) for v in group["at"].iloc[:-1])
    return Finding(file, int(group["at"].iloc[-1]), "decision", what, f"{fault} (see row {others})",
                   "Keep one of the decisions, or give the later one a later round")


def _contradiction(kind: str, group: pd.DataFrame) -> str | None:
    decided = group[group["decision"] != "undecided"]
    if kind != "money":
        return "is both wanted and forbidden" if decided["decision"].map(STATUS).nunique() > 1 else None
    amounts = {name: decided.loc[decided["decision"] == name, "amount"] for name in ("set", "least", "most")}
    if amounts["set"].nunique() > 1:
        return "is set to two amounts"
    low = pd.concat([amounts["least"], amounts["set"]]).max()
    high = pd.concat([amounts["most"], amounts["set"]]).min()
    return f"must be at least {low:g} and at most {high:g}" if low > high else None


def _paired(
    tables: Mapping[str, pd.DataFrame], settings: Settings, decided: pd.DataFrame, file: str, rows: np.ndarray
) -> tuple[pd.DataFrame, list[Finding]]:
    """Pairs with their decided status; a candidate that a bloc makes gets a row of its own."""
    pairs = tables["pairs"].copy()
    decided = decided[decided["decision"].isin(list(STATUS))]
    findings: list[Finding] = []
    if not len(decided):
        return pairs, findings
    if "status" not in pairs:
        pairs["status"] = pd.Series([None] * len(pairs), dtype="str")
    place = {key: n for n, key in enumerate(zip(pairs["donor"], pairs["county"], strict=True))}
    made = _made_by_blocs(tables, settings)
    status = pairs["status"].tolist()
    added: list[dict[str, str]] = []
    for row in decided.to_dict("records"):
        key, wanted = (row["donor"], row["county"]), STATUS[row["decision"]]
        if key in place:
            status[place[key]] = wanted
        elif made(*key):
            added.append({"donor": key[0], "county": key[1], "status": wanted})
        elif wanted == "lock":
            findings.append(
                Finding(
                    file,
                    int(row["at"]),
                    "donor, county",
                    "/".join(key),
                    "is no candidate pair",
                    "Add a row to pairs, or widen pairs.candidates",
                )
            )
    pairs["status"] = pd.Series(status, index=pairs.index, dtype="str")
    if added:
        new = pd.DataFrame(added, dtype="str").drop_duplicates(["donor", "county"])
        pairs = pd.concat([pairs, new.reindex(columns=pairs.columns)], ignore_index=True).astype(pairs.dtypes.to_dict())
    return pairs, findings


def _made_by_blocs(tables: Mapping[str, pd.DataFrame], settings: Settings) -> Any:
    """Whether ``pairs.candidates`` makes a combination, as a function of donor and county."""
    blocs = settings.pairs.candidates
    if blocs == "all":
        return lambda donor, county: True
    members = [
        (
            set(tables["donors"]["donor"][select(tables["donors"], bloc.donors, settings.groups)]),
            set(tables["counties"]["county"][select(tables["counties"], bloc.counties, settings.groups)]),
        )
        for bloc in (() if blocs == "none" else blocs)
    ]
    return lambda donor, county: any(donor in donors and county in counties for donors, counties in members)


def _started(projects: pd.DataFrame, decided: pd.DataFrame) -> pd.DataFrame:
    """Projects with their decided status."""
    decided = decided[decided["decision"].isin(list(STATUS))]
    if not len(decided):
        return projects
    wanted = projects["project"].map(dict(zip(decided["project"], decided["decision"].map(STATUS), strict=True)))
    out = projects.copy()
    before = out["status"] if "status" in out else pd.Series([None] * len(out), index=out.index, dtype="str")
    out["status"] = wanted.where(wanted.notna(), before).astype("str")
    return out


def still_standing(decisions: pd.DataFrame, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The decisions without those on pairs and projects that a later change of ``status`` has overruled."""
    keep = pd.Series(True, index=decisions.index)
    for kind, table in (("pair", "pairs"), ("project", "projects")):
        names = list(THINGS[kind])
        if "status" not in tables[table]:
            continue
        now = tables[table][[*names, "status"]].rename(columns={"status": "now"}).fillna({"now": "free"})
        there = decisions[names].merge(now, on=names, how="left")["now"].set_axis(decisions.index)
        wanted = decisions["decision"].map(STATUS)
        keep &= (decisions["kind"] != kind) | wanted.isna() | there.isna() | (there == wanted)
    return decisions[keep].reset_index(drop=True)


def decided(decisions: pd.DataFrame) -> pd.DataFrame:
    """The decisions that stand: for each thing those of its latest round, but for what is undecided."""
    standing, _ = _standing(decisions, "decisions", np.arange(2, len(decisions) + 2))
    return standing.loc[standing["decision"] != "undecided", list(COLUMNS)].reset_index(drop=True)


def money_decisions(decisions: pd.DataFrame) -> pd.DataFrame:
    """Decisions on money that stand: stream, county, category, period, decision, amount; blank = whole."""
    standing = decided(decisions)
    money = standing[standing["kind"] == "money"]
    return money[list(MONEY_COLUMNS)].drop_duplicates(ignore_index=True)


__all__ = ["apply_decisions", "decided", "money_decisions", "read_decisions", "still_standing"]
