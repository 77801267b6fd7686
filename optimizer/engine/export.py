"""A Program as an MPS or LP file that other solvers read to the same optimum.

The writers are our own, because the formats leave open what readers then disagree about (all found with GLPK 5 and
CBC 2.10): a right-hand side of the objective row is added by one reader and subtracted by another, so a constant is a
column fixed at 1; GLPK refuses a sense in MPS, so a maximum is written as the minimum of its negative and the file
says so; LP readers do not share two-sided rows, so such a row is written as two; integer columns without bounds are
binary to some, so every bound of an integer column is written out; names with brackets or Chinese are fine in free
MPS and not in LP, which therefore gets safe names and a table of names beside it.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
from scipy import sparse

from optimizer.engine.arrays import Floats, inward
from optimizer.engine.family import Family
from optimizer.engine.program import Linear, Program

CONSTANT = "constant_term"
_LONGEST = 120  # bytes; CBC 2.10 crashes on names beyond about 160, GLPK refuses them beyond 255
_TERMS_A_LINE = 4


@dataclass(frozen=True)
class _Named:
    """What a row or column is called in the file, and what it is."""

    name: str
    kind: str
    clause: str
    index: str
    original: str


def write_mps(program: Program, criterion: str, path: Path | str) -> tuple[Path, ...]:
    """Write free MPS with the program's own names (``transfer[central,A,2026]``).

    White space in names becomes ``_``; where that, or a length beyond 120 bytes, changes a name, a table of
    names is written beside the file.

    Parameters
    ----------
    program, criterion : what to write and which criterion is the objective. A maximum is written as the minimum of
        its negative; the first lines of the file say so.
    path : the file to write.

    Returns
    -------
    tuple of Path : the files written.
    """
    path = Path(path)
    linear = program.criteria[criterion]
    taken: set[str] = {CONSTANT, "RHS", "BOUND", "RANGES", "MARKER"}
    objective = _unique(("minus_" if linear.sense == "max" else "") + _spaceless(criterion), taken)
    rows = _mps_names(program.rows, "row", taken)
    columns = _mps_names(program.columns, "column", taken)
    with path.open("w", encoding="utf-8", newline="\n") as out:
        out.writelines(line + "\n" for line in _mps(program, criterion, objective, rows, columns))
    if all(named.name == named.original for named in (*rows, *columns)):
        return (path,)
    return (path, _write_names(path, rows, columns))


def write_lp(program: Program, criterion: str, path: Path | str) -> tuple[Path, ...]:
    """Write the LP format with safe names, and ``<file>.names.csv`` that says what each name stands for.

    Parameters
    ----------
    program, criterion : what to write and which criterion is the objective (maximised or minimised as it is).
    path : the file to write.

    Returns
    -------
    tuple of Path : the LP file and the table of names.
    """
    path = Path(path)
    rows, columns = _lp_names(program.rows, "row", "r"), _lp_names(program.columns, "column", "c")
    with path.open("w", encoding="ascii", newline="\n") as out:
        out.writelines(line + "\n" for line in _lp(program, criterion, rows, columns))
    shown = [replace(row, name=row.name + suffix) for i, row in enumerate(rows) for suffix, _, _ in _sides(program, i)]
    return (path, _write_names(path, shown, columns))


# -- MPS ---------------------------------------------------------------------------------------------------------------


def _mps(
    program: Program, criterion: str, objective: str, rows: Sequence[_Named], columns: Sequence[_Named]
) -> Iterator[str]:
    linear = program.criteria[criterion]
    sign = -1.0 if linear.sense == "max" else 1.0
    yield f"* objective: {_spaceless(criterion)}, in {_spaceless(linear.unit) or 'its own unit'}"
    if sign < 0:
        yield f"* to be maximised; this file minimises its negative: {criterion} = -({objective})"
    yield "NAME program"
    yield "ROWS"
    yield f" N {objective}"
    kinds = [_row_kind(low, high) for low, high in zip(program.row_lower, program.row_upper, strict=True)]
    yield from (f" {kind} {row.name}" for kind, row in zip(kinds, rows, strict=True))
    yield "COLUMNS"
    yield from _mps_columns(program, sign * linear.vector, objective, rows, columns)
    if linear.constant:
        yield f" {CONSTANT} {objective} {_number(sign * linear.constant)}"
    yield "RHS"
    for kind, row, low, high in zip(kinds, rows, program.row_lower, program.row_upper, strict=True):
        side = high if kind == "L" else low
        if kind != "N" and side != 0.0:
            yield f" RHS {row.name} {_number(side)}"
    yield "RANGES"
    for kind, row, low, high in zip(kinds, rows, program.row_lower, program.row_upper, strict=True):
        if kind == "G" and math.isfinite(high):
            yield f" RANGES {row.name} {_number(high - low)}"
    yield "BOUNDS"
    for column, low, high, whole in zip(columns, *_bounds(program), program.integer, strict=True):
        yield from _mps_bounds(column.name, float(low), float(high), bool(whole))
    if linear.constant:
        yield f" FX BOUND {CONSTANT} 1"
    yield "ENDATA"


def _mps_columns(
    program: Program, cost: np.ndarray, objective: str, rows: Sequence[_Named], columns: Sequence[_Named]
) -> Iterator[str]:
    entries = _entries(program.by_column, [row.name for row in rows])
    inside = False
    for column, whole, price, terms in zip(columns, program.integer.tolist(), cost.tolist(), entries, strict=True):
        if whole is not inside:
            inside = whole
            yield f" MARKER 'MARKER' '{'INTORG' if inside else 'INTEND'}'"
        if price != 0.0 or not terms:
            yield f" {column.name} {objective} {_number(price)}"
        for value, row in terms:
            yield f" {column.name} {row} {_number(value)}"
    if inside:
        yield " MARKER 'MARKER' 'INTEND'"


def _row_kind(low: float, high: float) -> str:
    if low == high:
        return "E"
    if math.isfinite(low):
        return "G"
    return "L" if math.isfinite(high) else "N"


def _mps_bounds(name: str, low: float, high: float, whole: bool) -> Iterator[str]:
    if low == high:
        yield f" FX BOUND {name} {_number(low)}"
        return
    if not math.isfinite(low) and not math.isfinite(high):
        yield f" FR BOUND {name}"
        return
    if not math.isfinite(low):
        yield f" MI BOUND {name}"
    if math.isfinite(high):
        yield f" UP BOUND {name} {_number(high)}"
    elif whole:
        yield f" PL BOUND {name}"
    # after the upper bound: a negative one would take a lower bound of zero away
    if math.isfinite(low) and (low != 0.0 or whole or high < 0.0):
        yield f" LO BOUND {name} {_number(low)}"


# -- LP ----------------------------------------------------------------------------------------------------------------


def _lp(program: Program, criterion: str, rows: Sequence[_Named], columns: Sequence[_Named]) -> Iterator[str]:
    linear = program.criteria[criterion]
    names = [column.name for column in columns]
    yield "\\ objective: " + _ascii(criterion)
    yield "Maximize" if linear.sense == "max" else "Minimize"
    yield from _expression("objective", _objective_terms(program, linear, names))
    yield "Subject To"
    for i, (row, terms) in enumerate(zip(rows, _entries(program.matrix, names), strict=True)):
        for suffix, relation, side in _sides(program, i):
            yield from _expression(row.name + suffix, terms or [(0.0, CONSTANT)], f" {relation} {_number(side)}")
    # no rows at all is something no reader takes
    yield from _expression("constant_row", [(1.0, CONSTANT)], " = 1")
    yield "Bounds"
    for name, low, high in zip(names, *_bounds(program), strict=True):
        yield from _lp_bounds(name, float(low), float(high))
    yield f" {CONSTANT} = 1"
    whole = [name for name, integer in zip(names, program.integer, strict=True) if integer]
    if whole:
        yield "Generals"
        yield from (f" {name}" for name in whole)
    yield "End"


def _objective_terms(program: Program, linear: Linear, names: Sequence[str]) -> list[tuple[float, str]]:
    """Costs; also zero ones of columns in no row, which would else be unknown to the reader."""
    used = np.zeros(program.n_columns, dtype=bool)
    used[program.matrix.indices] = True
    shown = np.flatnonzero((linear.vector != 0.0) | ~used)
    return [*((float(linear.vector[j]), names[j]) for j in shown.tolist()), (float(linear.constant), CONSTANT)]


def _bounds(program: Program) -> tuple[Floats, Floats]:
    """Column bounds, those of integer columns rounded inward: GLPK refuses fractional ones."""
    low, high = inward(program.col_lower, program.col_upper)
    return np.where(program.integer, low, program.col_lower), np.where(program.integer, high, program.col_upper)


def _two_sided(program: Program, i: int) -> bool:
    low, high = program.row_lower[i], program.row_upper[i]
    return bool(low != high and np.isfinite(low) and np.isfinite(high))


def _sides(program: Program, i: int) -> Iterator[tuple[str, str, float]]:
    low, high = float(program.row_lower[i]), float(program.row_upper[i])
    if low == high:
        yield "", "=", low
    elif _two_sided(program, i):
        yield "_least", ">=", low
        yield "_most", "<=", high
    elif math.isfinite(low):
        yield "", ">=", low
    elif math.isfinite(high):
        yield "", "<=", high


def _expression(name: str, terms: Sequence[tuple[float, str]], end: str = "") -> Iterator[str]:
    """``name: 3 a - 2 b <= 4``, broken into lines that every reader takes."""
    for k in range(0, len(terms), _TERMS_A_LINE):
        part = " ".join(
            f"{'-' if value < 0 else '+'} {_number(abs(value))} {column}" for value, column in terms[k : k + _TERMS_A_LINE]
        )
        last = k + _TERMS_A_LINE >= len(terms)
        yield (f" {name}: " if k == 0 else "  ") + part + (end if last else "")


def _lp_bounds(name: str, low: float, high: float) -> Iterator[str]:
    if low == high:
        yield f" {name} = {_number(low)}"
    elif not math.isfinite(low) and not math.isfinite(high):
        yield f" {name} free"
    elif not math.isfinite(low):
        yield f" -inf <= {name} <= {_number(high)}"
    elif math.isfinite(high):
        yield f" {_number(low)} <= {name} <= {_number(high)}"
    elif low != 0.0:
        yield f" {name} >= {_number(low)}"


# -- names -------------------------------------------------------------------------------------------------------------


def _members(families: Iterable[Family]) -> Iterator[tuple[str, str, str]]:
    for family in families:
        for name in family.names():
            yield name, family.name, name[len(family.name) :].removeprefix("[").removesuffix("]")


def _named(families: Sequence[Family], kind: str, rename: Callable[[int, str], str]) -> list[_Named]:
    return [
        _Named(rename(k, name), kind, clause, index, name)
        for k, (name, clause, index) in enumerate(_members(families))
    ]


def _mps_names(families: Sequence[Family], kind: str, taken: set[str]) -> list[_Named]:
    return _named(families, kind, lambda _, name: _unique(_spaceless(name), taken))


def _lp_names(families: Sequence[Family], kind: str, letter: str) -> list[_Named]:
    """``c17_transfer_central_A_2026``: the number makes it unique, the letter keeps it from being a keyword."""
    return _named(families, kind, lambda k, name: f"{letter}{k}_{_ascii(name)[:60]}".rstrip("_"))


def _spaceless(name: str) -> str:
    """The name without white space, control characters and what would begin a comment or a section."""
    text = re.sub(r"[\s\x00-\x1f\x7f]+", "_", name)
    return "_" + text if text[:1] in ("*", "$", "'") else text


def _ascii(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_")


def _unique(name: str, taken: set[str]) -> str:
    short = name.encode()[:_LONGEST].decode(errors="ignore")
    candidate, k = short, 1
    while candidate in taken:
        k += 1
        candidate = f"{short}~{k}"
    taken.add(candidate)
    return candidate


def _entries(matrix: sparse.csr_matrix | sparse.csc_matrix, names: Sequence[str]) -> Iterator[list[tuple[float, str]]]:
    """(value, name) of the entries of each row (csr) or column (csc), as Python numbers."""
    starts, indices, values = matrix.indptr.tolist(), matrix.indices.tolist(), matrix.data.tolist()
    for start, stop in pairwise(starts):
        yield [(values[k], names[indices[k]]) for k in range(start, stop)]


def _number(value: float) -> str:
    """The shortest decimal that reads back as the same double."""
    text = repr(float(value))
    return text[:-2] if text.endswith(".0") else text


def _write_names(path: Path, rows: Sequence[_Named], columns: Sequence[_Named]) -> Path:
    beside = path.with_name(path.name + ".names.csv")
    with beside.open("w", encoding="utf-8-sig", newline="") as out:
        table = csv.writer(out)
        table.writerow(["name", "kind", "clause", "index", "original"])
        table.writerows([n.name, n.kind, n.clause, n.index, n.original] for n in (*rows, *columns))
    return beside
