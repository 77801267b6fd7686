"""Groups and filters: what they match, what they cannot know, what they misname."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from optimizer.instance.checks.view import View
from optimizer.instance.checks.words import near, some
from optimizer.instance.findings import Finding
from optimizer.instance.groups import matching, parse_filter
from optimizer.instance.schema import TABLES

KEYS = {"counties": "county", "donors": "donor", "projects": "project"}


@dataclass(frozen=True, eq=False)
class Match:
    """What a GROUP selects in a table."""

    mask: np.ndarray
    unknown: np.ndarray  # rows with a blank cell the filter reads
    says: str | None  # the filter's own ``unknown``
    problems: tuple[tuple[str, str], ...]  # (problem, mend)


def match(view: View, table: str, group: Any) -> Match:
    """Rows of ``table`` in a GROUP: a name, a filter, ``column=value``, an identifier or a list of them."""
    size = view.size(table)
    nothing = np.zeros(size, dtype=bool)
    if group is None or group == "all":
        return Match(~nothing, nothing, None, ())
    if isinstance(group, Mapping):
        return _filter(view, table, group)
    if isinstance(group, (list, tuple)):
        return _identifiers(view, table, [str(x) for x in group])
    name = str(group)
    if name in view.settings.groups:
        return _filter(view, table, view.settings.groups[name])
    if "=" in name:
        try:
            return _filter(view, table, parse_filter(name))
        except ValueError as error:
            nothing = np.zeros(view.size(table), dtype=bool)
            return Match(nothing, nothing, None, ((str(error), "Write column=value, several values as column=A|B."),))
    return _identifiers(view, table, [name])


def _identifiers(view: View, table: str, names: list[str]) -> Match:
    known = view.identifiers(table)
    keys = view.text(table, KEYS.get(table, table))
    unknown = [n for n in names if n not in known]
    pool = known | view.identifiers("groups")
    problems = tuple((f"'{n}' is neither one of {table} nor a group", near(n, pool)) for n in unknown)
    mask = keys.isin([n for n in names if n in known]).to_numpy(copy=True)
    return Match(mask, np.zeros(len(mask), dtype=bool), None, problems)


def _filter(view: View, table: str, wanted: Mapping[str, Any]) -> Match:
    size = view.size(table)
    mask, unknown = np.ones(size, dtype=bool), np.zeros(size, dtype=bool)
    problems: list[tuple[str, str]] = []
    says = wanted.get("unknown")
    columns = frozenset(map(str, view.frame(table).columns)) | _format_columns(table)
    for column, value in wanted.items():
        if column == "unknown":
            continue
        if column not in columns:
            problems.append((f"'{column}' is no column of {table}", near(str(column), columns)))
            continue
        fits, blank = _condition(view, table, str(column), value)
        mask &= fits | (blank & (str(says) == "yes"))
        unknown |= blank
    return Match(mask & (not problems), unknown, None if says is None else str(says), tuple(problems))


def _format_columns(table: str) -> frozenset[str]:
    return frozenset(c.name for c in TABLES[table].columns) if table in TABLES else frozenset()


def _condition(view: View, table: str, column: str, value: Any) -> tuple[np.ndarray, np.ndarray]:
    """(fits, blank) of one column, with the meaning that :func:`optimizer.instance.groups.select` gives it."""
    frame = view.frame(table)
    if column not in frame.columns:  # a column of the format that the file leaves out is blank throughout
        return np.zeros(len(frame), dtype=bool), np.ones(len(frame), dtype=bool)
    cells = frame[column].reset_index(drop=True)
    blank = cells.isna().to_numpy()
    try:
        return np.asarray(matching(cells, value, column)) & ~blank, blank
    except ValueError:
        return np.zeros(len(frame), dtype=bool), blank


def check(view: View) -> Iterator[Finding]:
    """Every group and every scope, each against the table it is used on."""
    for name, wanted in view.settings.groups.items():
        tables = [t for t in ("counties", "donors", "projects") if set(wanted) - {"unknown"} <=
                  frozenset(map(str, view.frame(t).columns)) | _format_columns(t)]
        yield from _told(view, "groups", name, None, (tables or ["counties"])[0], dict(wanted), used=True)
    for name, stream in view.settings.streams.items():
        if stream.counties is not None:
            yield from _told(view, "streams", name, "counties", "counties", stream.counties)
    candidates = view.settings.pairs.candidates
    if not isinstance(candidates, str):
        for n, bloc in enumerate(candidates):
            yield from _told(view, "pairs", "candidates", f"{n + 1}.donors", "donors", bloc.donors)
            yield from _told(view, "pairs", "candidates", f"{n + 1}.counties", "counties", bloc.counties)
    scopes = view.text("budgets", "scope")
    for scope in scopes.dropna().unique():
        if scope == "all":
            continue
        found = match(view, "counties", scope)
        where = (scopes == scope).to_numpy()
        for problem, mend in found.problems:
            yield from view.cells("budgets", "scope", where, f"is no scope: {problem}",
                                  f"{mend} Write all, the name of a group, or column=value.")
        if not found.problems and not found.mask.any():
            yield from view.cells("budgets", "scope", where, "matches no county, so nobody can get this money",
                                  _values_hint(view, "counties", scope))
        yield from _unknown(view, "budgets", f"scope {scope}", None, "counties", found, str(scope))


def _values_hint(view: View, table: str, wanted: Any) -> str:
    """What the column holds, for a value that matches nothing."""
    if isinstance(wanted, str) and "=" in wanted:
        wanted = parse_filter(wanted)
    for column, value in wanted.items() if isinstance(wanted, Mapping) else ():
        if column == "unknown" or isinstance(value, Mapping):
            continue
        values = frozenset(view.text(table, str(column)).dropna())
        missing = [str(v) for v in (value if isinstance(value, (list, tuple)) else [value]) if str(v) not in values]
        if missing:
            return f"Column {column} holds {some(values)}. {near(missing[0], values)}" if values else f"Column {column} is blank."
    return "Correct the filter, or leave it out."


def _told(
    view: View, section: str, entry: str, field: str | None, table: str, group: Any, used: bool = True,
) -> Iterator[Finding]:
    found = match(view, table, group)
    text = None if isinstance(group, Mapping) else str(group)
    for problem, mend in found.problems:
        yield view.setting(section, entry, field, text, problem, mend)
    if not found.problems and not found.mask.any() and view.size(table):
        wanted = view.settings.groups.get(group, group) if isinstance(group, str) else group
        yield view.setting(section, entry, field, text, f"matches none of {table}", _values_hint(view, table, wanted), "warning")
    if not (isinstance(group, str) and group in view.settings.groups):  # a named group is told where it stands
        yield from _unknown(view, section, entry, field, table, found, None)


def _unknown(
    view: View, section: str, entry: str, field: str | None, table: str, found: Match, scope: str | None,
) -> Iterator[Finding]:
    """Blank cells that a filter reads: an error unless it says what they mean; counted either way."""
    count = int(found.unknown.sum())
    if not count or found.problems:
        return
    named = view.text(table, KEYS[table])[found.unknown]
    what = f"the filter reads blank cells of {count:,} of {view.size(table):,} {table} ({some(list(named))})"
    if found.says is None:
        finding = view.setting(section, entry, field, scope, what,
                               "Fill them in, or add 'unknown: no' (does not match) or 'unknown: yes' to the filter")
    else:
        does = "they match" if found.says in ("yes", "True") else "they do not match"
        finding = view.setting(section, entry, field, scope, f"{what}; {does}, as the filter says",
                               "Nothing to do if that is meant", "warning")
    yield finding
