"""What is wrong with an instance, said so that a planner can mend it: where, what, and what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Literal

Severity = Literal["error", "warning"]
LONGEST_VALUE = 80
MOST_SHOWN = 50


@dataclass(frozen=True)
class Finding:
    """One problem: where it is, what is wrong, and what to do about it.

    Parameters
    ----------
    file : file or sheet (``counties.csv``), or where a change came from (``--set``, ``scenario less``)
    row : row as a spreadsheet shows it (the header is row 1), or the line of a YAML file; None = the whole file
    column : column, or the path of a setting (``rules.industry.min``)
    value : the offending value as text
    problem : what is wrong, without a full stop
    mend : what to do, without a full stop
    severity : ``error`` (nothing is solved) or ``warning``
    """

    file: str
    row: int | str | None
    column: str | None
    value: str | None
    problem: str
    mend: str
    severity: Severity = "error"

    def sentence(self) -> str:
        """``counties.csv, row 12, column population: '-5' is negative. Write …``."""
        where, yaml = self.file, self.file.endswith((".yaml", ".yml"))
        if self.row is not None:
            where += f", {'line' if yaml else 'row'} {self.row}" if isinstance(self.row, int) else f", {self.row}"
        if self.column is not None:
            where += f", column {self.column}" if isinstance(self.row, int) and not yaml else f", {self.column}"
        value = "" if self.value is None else f"{shown(self.value)} "
        return f"{where}: {value}{self.problem}. {self.mend}."

    def record(self) -> dict[str, str | int | None]:
        """The finding as ``check --json`` prints it."""
        return asdict(self)


class OptimizerError(Exception):
    """Anything this package raises on purpose."""


class InstanceError(OptimizerError):
    """The input is at fault; ``findings`` holds every problem that was found (exit status 2)."""

    exit_status = 2

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings: tuple[Finding, ...] = tuple(findings)
        lines = [finding.sentence() for finding in self.findings[:MOST_SHOWN]]
        if len(self.findings) > MOST_SHOWN:
            lines.append(f"… and {len(self.findings) - MOST_SHOWN} more problems.")
        super().__init__("\n".join(lines))


def raise_if_errors(findings: Iterable[Finding]) -> None:
    """Raise :class:`InstanceError` with all of ``findings`` if one of them is an error."""
    found = tuple(findings)
    if any(finding.severity == "error" for finding in found):
        raise InstanceError(found)


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Findings file by file in the order in which the files came up, each from top to bottom."""
    found = list(findings)
    files = list(dict.fromkeys(finding.file for finding in found))
    return sorted(found, key=lambda f: (files.index(f.file), f.row if isinstance(f.row, int) else float("inf")))


def shown(value: object) -> str:
    """A value in quotes, control characters made visible, shortened where it is long."""
    text = str(value)
    if len(text) > LONGEST_VALUE:
        text = text[: LONGEST_VALUE - 1] + "…"
    return "'" + "".join(c if c.isprintable() else repr(c)[1:-1] for c in text) + "'"


def listed(items: Iterable[object], most: int = 8) -> str:
    """``a, b, c and 4 more``."""
    all_items = [str(item) for item in items]
    text = ", ".join(all_items[:most])
    return text if len(all_items) <= most else f"{text} and {len(all_items) - most} more"


def near(word: str, words: Iterable[object], otherwise: str = "", cutoff: float = 0.6) -> str:
    """``Perhaps 'counties' is meant``, or ``otherwise`` if no word is at least ``cutoff`` alike (0 to 1)."""
    candidates = [str(w) for w in words]
    lower = {w.lower(): w for w in candidates}
    matches = difflib.get_close_matches(word.lower(), list(lower), n=3, cutoff=cutoff)
    if not matches:
        return otherwise
    return "Perhaps " + " or ".join(f"'{lower[m]}'" for m in matches) + " is meant"
