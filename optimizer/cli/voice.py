"""How a command speaks: results on standard output, everything else on standard error."""

from __future__ import annotations

import io
import json
import math
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.cells import cell_len

from optimizer.instance.findings import Finding

MOST_FINDINGS = 200


@dataclass(frozen=True)
class Voice:
    """What the user wants to hear.

    Attributes
    ----------
    machine : one JSON value on standard output instead of sentences (``--json``)
    verbose : details and tracebacks on standard error
    quiet : results and faults only
    """

    machine: bool = False
    verbose: bool = False
    quiet: bool = False

    def say(self, *lines: str) -> None:
        """Sentences for people, on standard output."""
        if not (self.machine or self.quiet):
            for line in lines:
                print(line)

    def result(self, content: Any, brief: str = "") -> None:
        """The result of the command: ``content`` as JSON, or ``brief`` where only that was asked for."""
        if self.machine:
            encoding = (getattr(sys.stdout, "encoding", None) or "").lower().replace("-", "")
            print(json.dumps(plain(content), indent=1, ensure_ascii=encoding != "utf8", allow_nan=False))
        elif self.quiet and brief:
            print(brief)

    def note(self, *lines: str) -> None:
        """Remarks, on standard error."""
        if not self.quiet:
            self.fault(*lines)

    def fault(self, *lines: str) -> None:
        """What went wrong, on standard error; never silenced."""
        for line in lines:
            print(line, file=sys.stderr)

    def findings(self, found: Sequence[Finding]) -> None:
        """Findings on standard error: errors always, warnings unless quiet."""
        shown = [finding for finding in found if finding.severity == "error" or not self.quiet]
        self.fault(*finding_lines(shown))


def finding_lines(found: Sequence[Finding]) -> list[str]:
    """One line for each finding, long lists cut."""
    lines = [("warning: " if one.severity == "warning" else "") + one.sentence() for one in found[:MOST_FINDINGS]]
    if len(found) > MOST_FINDINGS:
        lines.append(f"… and {len(found) - MOST_FINDINGS:,} more (--json lists all of them)")
    return lines


def plain(value: Any) -> Any:
    """A value as JSON knows it: what is not a finite number is null, numpy scalars are numbers, paths are text."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if hasattr(value, "item") and not isinstance(value, str | bytes):
        return plain(value.item())
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return str(value)


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Lines of an aligned table: the first column to the left, the others to the right; wide characters count twice."""
    cells = [list(header), *([str(cell) for cell in row] for row in rows)]
    widths = [max(cell_len(row[n]) for row in cells) for n in range(len(header))]
    lines = []
    for row in cells:
        pads = [" " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True)]
        first = row[0] + pads[0]
        lines.append("  " + "  ".join([first, *(pad + cell for cell, pad in zip(row[1:], pads[1:], strict=True))]).rstrip())
    return lines


def tolerant_streams() -> None:
    """Characters that a console cannot show become question marks; nothing crashes over a county's name."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def close_output() -> None:
    """Forget standard output: whoever read it has gone away (``optimizer … | head``)."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):  # not a real file, as under test: nothing to forget
        return
