"""Tables that grow in a file as runs end, and the note beside them by which a later call knows what it continues."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from optimizer.instance.findings import OptimizerError

Row = list[str]


class OtherSweepError(OptimizerError):
    """A folder holds the runs of something else."""

    exit_status = 2


class GrowingTable:
    """Rows of texts by the number of their run, in memory and, if there is a folder, in a CSV file of it.

    Parameters
    ----------
    folder : None = in memory only
    name, columns : the file and its header; the first column is the run
    """

    def __init__(self, folder: Path | None, name: str, columns: Sequence[str]) -> None:
        self.columns = list(columns)
        self.rows: dict[int, Row] = {}
        self._file = None if folder is None else folder / name

    def add(self, rows: Iterable[Row]) -> None:
        """Add rows; they are on the disk when this returns."""
        new = {int(row[0]): row for row in rows}
        self.rows |= new
        if self._file is not None and new:
            with self._file.open("a", encoding="utf-8", newline="") as stream:
                stream.write(lines(new.values()))
                stream.flush()
                os.fsync(stream.fileno())

    def drop(self, runs: Iterable[int]) -> None:
        """Forget runs that will be asked again."""
        for run in runs:
            self.rows.pop(run, None)

    def in_order(self) -> None:
        """Write the rows anew, by number."""
        if self._file is not None:
            replace_file(self._file, lines([self.columns, *self.by_number()]), "utf-8-sig")

    def by_number(self) -> list[Row]:
        """All rows by number."""
        return [self.rows[run] for run in sorted(self.rows)]

    def take(self, wanted: Callable[[Row], bool]) -> None:
        """Take over the whole rows of an earlier file that are wanted; a last line that was cut short is left.

        Raises
        ------
        OtherSweepError : the file has other columns
        """
        if self._file is not None and self._file.exists():
            text = self._file.read_text(encoding="utf-8-sig")
            rows = list(csv.reader(io.StringIO(text[: text.rfind("\n") + 1], newline="")))
            if not rows or rows[0] != self.columns:
                raise OtherSweepError(f"{self._file} has other columns than these runs; name another folder, or remove it.")
            self.rows |= {int(row[0]): row for row in rows[1:] if len(row) == len(self.columns) and wanted(row)}
        self.in_order()


def opened(
    folder: Path, name: str, note: Mapping[str, Any], table: str, what: str, other: Mapping[str, str]
) -> tuple[dict[str, Any], bool]:
    """The note of a folder, and whether it was there: that of the runs to be continued, or a new one.

    Parameters
    ----------
    name, note : the file, and what is written there at first
    table : file of the runs that the note belongs to
    what, other : of what kind the runs are, and words for a difference in an entry of the note

    Raises
    ------
    OtherSweepError : the folder holds other runs
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    if not file.exists():
        if (folder / table).exists():
            raise OtherSweepError(f"{folder / table} is not the beginning of {what}; name another folder, or remove it.")
        written(folder, name, note)
        return dict(note), False
    known: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    for entry, word in other.items():
        if known.get(entry) != note[entry]:
            raise OtherSweepError(f"{folder} holds {what} over {word}; name another folder with --out, or remove it.")
    return known, True


def written(folder: Path, name: str, note: Mapping[str, Any]) -> None:
    """Write a note, whole or not at all."""
    replace_file(folder / name, json.dumps(note, indent=1, ensure_ascii=False) + "\n", "utf-8")


def lines(rows: Iterable[Sequence[str]]) -> str:
    """Rows as CSV."""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def replace_file(file: Path, text: str, encoding: str) -> None:
    """Write a file whole or not at all."""
    spare = file.with_name(f".{file.name}.new")
    spare.write_text(text, encoding=encoding, newline="")
    os.replace(spare, file)
