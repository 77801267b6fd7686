"""The log of review rounds: who decided what, when, why and at what price; lines are added and never changed.

A file of JSON lines. Every line holds the SHA-256 digest of the line before it and its own, so that a line that was changed,
taken out or put in later is noticed (Haber and Stornetta, "How to time-stamp a digital document", Journal of Cryptology 3,
1991). What nobody can notice from the file alone is a log cut off at its end: the digest of the last line, the *seal*, is
told at every round and belongs into the minutes.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from optimizer.instance.findings import Finding, InstanceError
from optimizer.review.promised import Names

Entry = Mapping[str, Any]
START = "0" * 64
DECISION = ("kind", "donor", "county", "project", "stream", "category", "period", "decision", "amount", "reviewer", "date",
            "reason")
THING = DECISION[:7]
PRICES, PROMISED = ("price_low", "price_high", "price_held"), ("promised_low", "promised_high")
NAMES = {"donor": "donor_name", "county": "county_name", "project": "project_name"}


@dataclass(frozen=True)
class Log:
    """A log as it was read: its entries, and what is wrong with them (nothing, if no line was tampered with)."""

    entries: tuple[Entry, ...] = ()
    faults: tuple[Finding, ...] = ()

    @property
    def rounds(self) -> int:
        """Number of the last round."""
        return max((int(entry["round"]) for entry in self.entries), default=0)

    @property
    def seal(self) -> str:
        """Digest of the last line."""
        return str(self.entries[-1]["digest"]) if self.entries else START

    def of(self, number: int) -> list[Entry]:
        """The decisions of one round."""
        return [entry for entry in self.entries if entry["round"] == number and entry["entry"] == "decision"]


def digest(entry: Entry) -> str:
    """SHA-256 of an entry without its own digest, over its JSON with sorted keys and no spaces."""
    plain = {key: value for key, value in entry.items() if key != "digest"}
    text = json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def read_log(path: Path) -> Log:
    """Read and verify a log; a file that does not exist is an empty one.

    Raises
    ------
    InstanceError : the file cannot be read as text
    """
    if not path.exists():
        return Log()
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InstanceError([Finding(path.name, None, None, None, "cannot be read as a log of decisions",
                                     "Name a file that 'optimizer solve --log' wrote")]) from error
    entries: list[Entry] = []
    faults: list[Finding] = []
    for number, line in enumerate(text.removesuffix("\n").split("\n") if text else (), start=1):
        entry = _parsed(line)
        if entry is None:
            faults.append(_fault(path, number, "is no line of a log"))
            continue
        faults += [_fault(path, number, problem) for problem in _wrong(entry, entries)]
        entries.append(entry)
    if entries and entries[-1]["entry"] != "plan":
        faults.append(_fault(path, None, f"ends within round {entries[-1]['round']}: the line of its plan is missing"))
    return Log(tuple(entries), tuple(faults))


def _parsed(line: str) -> dict[str, Any] | None:
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    known = isinstance(entry, dict) and isinstance(entry.get("round"), int) and entry.get("entry") in ("decision", "plan")
    return entry if known and isinstance(entry.get("digest"), str) else None


def _wrong(entry: Entry, before: Sequence[Entry]) -> Iterator[str]:
    """What is wrong with a line, given the lines before it."""
    try:
        own = digest(entry)
    except ValueError:
        own = ""
    if entry["digest"] != own:
        yield "was changed after it was written"
    if entry.get("previous") != (before[-1]["digest"] if before else START):
        yield "does not follow the line before it: lines were changed, taken out or put in"
    last = before[-1] if before else None
    expected = 1 if last is None else int(last["round"]) + (last["entry"] == "plan")
    if entry["round"] != expected:
        yield f"is of round {entry['round']}, but round {expected} comes here"


def _fault(path: Path, line: int | None, problem: str) -> Finding:
    return Finding(path.name, None if line is None else f"line {line}", None, None, problem,
                   "Compare with a copy of the log; the file is not what was written")


def append_round(
    path: Path, decisions: pd.DataFrame, facts: Mapping[str, Any], recommended: frozenset[tuple[str, str]] | None = None,
    given: pd.DataFrame | None = None, names: Names | None = None,
) -> Log:
    """Add one round: a line for each decision in force, then one for the plan; whole or not at all.

    Parameters
    ----------
    decisions : those that stand, with price_low and price_high
    facts : what the line of the plan says: time, title, objective, price of all decisions together …
    recommended : chosen pairs of the plan without decisions, to tell what a decision overrules; None = not known
    given : all decisions of the file, earlier rounds too: what of them was overruled before it came into the log
    names : of the places and projects that are decided on

    Returns
    -------
    Log : with the new round

    Raises
    ------
    InstanceError : the log does not verify, or is being written by someone else
    """
    log = read_log(path)
    if log.faults:
        raise InstanceError(log.faults)
    number, lines = log.rounds + 1, []
    standing = {_thing(entry): entry for entry in log.of(number - 1)}
    previous, entries = log.seal, list(log.entries)
    earlier = {} if given is None else _overruled(given)
    written = [_decision(row, standing, recommended, earlier) | _names(row, names or {}) for row in _records(decisions)]
    gone = {_thing(entry) for entry in written}
    written += [{**{name: old.get(name) for name in (*DECISION, *(name for name in NAMES.values() if name in old))},
                 "change": "withdrawn"}
                for thing, old in standing.items() if thing not in gone and old.get("change") != "withdrawn"]
    for content in [*({"entry": "decision", **one} for one in written), {"entry": "plan", **_plain(facts)}]:
        entry = {"round": number, **content, "previous": previous}
        entry["digest"] = previous = digest(entry)
        entries.append(entry)
        lines.append(json.dumps(entry, ensure_ascii=False, allow_nan=False))
    _replace(path, path.read_bytes() if path.exists() else b"", "".join(line + "\n" for line in lines).encode("utf-8"))
    return Log(tuple(entries))


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def _overruled(given: pd.DataFrame) -> dict[tuple[Any, ...], Entry]:
    """For each thing decided anew within a file the last decision before its latest round that says something else."""
    out: dict[tuple[Any, ...], Entry] = {}
    rows = [_plain(row) for row in _records(given.assign(turn=given["round"].fillna(0.0)).sort_values("turn", kind="stable"))]
    last = {_thing(row): row for row in rows}
    for row in rows:
        now = last[_thing(row)]
        if row["turn"] < now["turn"] and row["decision"] not in (now["decision"], "undecided"):
            out[_thing(row)] = row
    return out


def _decision(row: Mapping[str, Any], standing: Mapping[tuple[Any, ...], Entry],
              recommended: frozenset[tuple[str, str]] | None, earlier: Mapping[tuple[Any, ...], Entry]) -> dict[str, Any]:
    """The line of one decision: what it says, what it overrules and its price."""
    out = _plain({name: row.get(name) for name in DECISION})
    before = standing.get(_thing(out))
    same = before is not None and before.get("change") != "withdrawn" and all(
        before.get(name) == out[name] for name in ("decision", "amount"))
    out["change"] = "new" if before is None or before.get("change") == "withdrawn" else "same" if same else "changed"
    overruled = []
    if before is None and _thing(out) in earlier:
        old = earlier[_thing(out)]
        overruled.append(f"{old['decision']}{' of ' + old['reviewer'] if old.get('reviewer') else ''} earlier in the file")
    if before is not None and out["change"] == "changed":
        by = f" of {before['reviewer']}" if before.get("reviewer") else ""
        overruled.append(f"{before['decision']}{by} in round {before['round']}")
    if recommended is not None and out["kind"] == "pair":
        chosen = (out["donor"], out["county"]) in recommended
        if chosen == (out["decision"] == "forbid"):
            overruled.append("the recommendation")
    out["overrules"] = "; ".join(overruled)
    known = [name for name in (*PRICES, *PROMISED) if name in PRICES or not pd.isna(row.get(name))]
    return out | _plain({name: row.get(name) for name in known})


def _names(row: Mapping[str, Any], names: Names) -> dict[str, str]:
    """What a decision is about by name, for those who read the log."""
    return {name: names[kind, str(row[kind])] for kind, name in NAMES.items() if (kind, str(row.get(kind))) in names}


def _thing(entry: Entry) -> tuple[Any, ...]:
    """What a decision is about."""
    return tuple(entry.get(name) for name in THING)


def _plain(content: Mapping[str, Any]) -> dict[str, Any]:
    """Values as JSON knows them; what is blank or no number is null."""
    out: dict[str, Any] = {}
    for name, value in content.items():
        value = value.item() if hasattr(value, "item") else value
        blank = value is None or value is pd.NA or (isinstance(value, float) and not math.isfinite(value))
        out[name] = None if blank else int(value) if isinstance(value, float) and value.is_integer() else value
    return out


def _replace(path: Path, before: bytes, added: bytes) -> None:
    """The file with lines added, at once; a second writer at the same time is refused."""
    made = path.with_name(path.name + ".new")
    try:
        handle = os.open(made, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
    except FileExistsError as error:
        raise InstanceError([Finding(str(path), None, None, None, f"is being written by someone else ({made.name} is there)",
                                     "Wait for them; if nobody writes, delete that file and try again")]) from error
    try:
        with os.fdopen(handle, "wb") as file:
            now = path.read_bytes() if path.exists() else b""
            if now != before:
                raise InstanceError([Finding(str(path), None, None, None, "was written by someone else in the meantime",
                                             "Solve again, so that the round follows theirs")])
            file.write(before + (b"" if not before or before.endswith(b"\n") else b"\n") + added)
            file.flush()
            os.fsync(file.fileno())
        os.replace(made, path)
    finally:
        made.unlink(missing_ok=True)


__all__ = ["Log", "append_round", "digest", "read_log"]
