"""Which figures of an instance are uncertain, and the instance under one draw of them all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from optimizer.instance.cells import typed_column
from optimizer.instance.changes import parse_change, parse_key
from optimizer.instance.changes_tables import column_targets, matched_rows
from optimizer.instance.findings import Finding, InstanceError, raise_if_errors
from optimizer.instance.instance import Instance
from optimizer.instance.schema import TABLES, Column
from optimizer.instance.yamltext import load_yaml
from optimizer.sensitivity.uncertainty.distributions import Distribution, parse_distribution

Given = Mapping[str, Any]
DIGITS = 6  # decimals of a draw, so that what is drawn can be written down and read back


@dataclass(frozen=True)
class Uncertain:
    """One key of the instance and what it may be.

    Parameters
    ----------
    key : a KEY as in a change: ``needs.people[need=water]``, ``budget.central``
    distribution : what is drawn for it
    rows : how many draws it takes: one, or one for each row that it names
    """

    key: str
    distribution: Distribution
    rows: int = 1


@dataclass(frozen=True, eq=False)
class Specification:
    """All uncertain figures of one instance."""

    instance: Instance
    entries: tuple[Uncertain, ...]

    @property
    def width(self) -> int:
        """How many draws one run takes."""
        return sum(entry.rows for entry in self.entries)

    def drawn(self, shares: np.ndarray) -> dict[str, np.ndarray]:
        """The values of each key at these quantiles (``width`` of them, between 0 and 1)."""
        out, at = {}, 0
        for entry in self.entries:
            out[entry.key] = np.round(entry.distribution.quantiles(shares[at : at + entry.rows]), DIGITS)
            at += entry.rows
        return out

    def under(self, values: Mapping[str, np.ndarray]) -> Instance:
        """The instance with these values, in the order of the entries.

        Raises
        ------
        InstanceError : a value that its column cannot take
        """
        instance = self.instance
        for entry in self.entries:
            drawn = values[entry.key]
            if entry.distribution.by_row:
                instance = _row_by_row(instance, entry, drawn)
            else:
                number = float(drawn[0])
                instance = instance.with_({entry.key: f"x{number!r}" if entry.distribution.relative else number})
        return instance


def _row_by_row(instance: Instance, entry: Uncertain, drawn: np.ndarray) -> Instance:
    """Every row that the key names with its own value, in all of its periods."""
    key = parse_key(entry.key)
    tables = dict(instance.tables)
    mask = matched_rows(key, tables, instance)
    frame, column = tables[key.name].copy(), TABLES[key.name].column(key.field)
    for target in column_targets(key, frame, column):
        numbers = frame[target].to_numpy(float).copy()
        old = numbers[mask]
        new = [float(Decimal(repr(a)) * Decimal(repr(b))) for a, b in zip(old.tolist(), drawn.tolist(), strict=True)] \
            if entry.distribution.relative else drawn.tolist()
        numbers[mask] = new
        cells = pd.Series(numbers, index=frame.index)
        typed, findings = typed_column(cells, column or Column(target, "number"), key.name, target,
                                       np.arange(2, len(frame) + 2))
        if findings:
            raise InstanceError(findings)
        frame[target] = pd.Series(np.asarray(typed, dtype=float), index=frame.index)
    tables[key.name] = frame
    return instance.replaced(tables=MappingProxyType(tables))


def specified(instance: Instance, given: Given, origin: str = "uncertain figures") -> Specification:
    """Check keys and distributions against the instance.

    Parameters
    ----------
    given : KEY → distribution, as text or as `Distribution`

    Raises
    ------
    InstanceError : every entry that cannot be understood or that the instance has nothing for
    """
    entries, findings = [], []
    for key, text in given.items():
        try:
            distribution = parse_distribution(text)
            entry = Uncertain(str(key), distribution, _rows(instance, str(key)) if distribution.by_row else 1)
            values = Specification(instance, (entry,)).drawn(np.full(entry.rows, 0.5))
            Specification(instance, (entry,)).under(values)
            entries.append(entry)
        except InstanceError as error:
            findings += [Finding(origin, None, str(key), found.value, found.problem, found.mend) for found in error.findings]
        except (ValueError, TypeError) as error:
            findings.append(Finding(origin, None, str(key), str(text), str(error).rstrip("."),
                                    "Write KEY: uniform(LOW, HIGH), triangular, normal or lognormal, and 'by row' if each row "
                                    "draws for itself"))
    if not given:
        findings.append(Finding(origin, None, None, None, "names nothing uncertain",
                                "Write at least one KEY: DISTRIBUTION, for example needs.people: uniform(-20%, +20%)"))
    raise_if_errors(findings)
    return Specification(instance, tuple(entries))


def _rows(instance: Instance, text: str) -> int:
    key = parse_key(text)
    if key.section != "table":
        raise ValueError("is no column of a table, so that it has no rows to draw for; leave 'by row' out")
    column = TABLES[key.name].column(key.field)
    if column is not None and column.is_text:
        raise ValueError("is no column of numbers")
    instance.with_({text: "x1"})  # says what is wrong with the key, if anything is
    return int(matched_rows(key, instance.tables, instance).sum())


def read_specification(file: str | Path) -> tuple[dict[str, Any], int | None]:
    """The mapping KEY → distribution and the seed of a YAML file with ``uncertain`` and, if wanted, ``seed``.

    Raises
    ------
    InstanceError : every problem of the file's form
    """
    place = Path(file)
    content, _, findings = load_yaml(place.read_text(encoding="utf-8-sig"), place.name)
    raise_if_errors(findings)
    problems = []
    if not isinstance(content, dict) or not isinstance(content.get("uncertain"), dict):
        problems.append(("uncertain", "is missing or no mapping", "Write 'uncertain:' and below it KEY: DISTRIBUTION"))
        content = content if isinstance(content, dict) else {}
    problems += [(str(name), "is not known here", "Write only 'uncertain' and 'seed'")
                 for name in content if name not in ("uncertain", "seed")]
    seed = content.get("seed")
    if seed is not None and (isinstance(seed, bool) or not isinstance(seed, int) or seed < 0):
        problems.append(("seed", "is no whole number of at least 0", "Write, for example, seed: 7"))
    raise_if_errors(Finding(place.name, None, where, None, problem, mend) for where, problem, mend in problems)
    return dict(content["uncertain"]), seed


def from_texts(texts: Iterable[str]) -> dict[str, str]:
    """``KEY=DISTRIBUTION`` as given on a command line, all problems at once."""
    out, findings = {}, []
    for text in texts:
        try:
            key, distribution = parse_change(text)
            out[key] = distribution
        except ValueError as error:
            findings.append(Finding("--uncertain", None, None, None, str(error),
                                    "Write KEY=DISTRIBUTION, for example 'needs.people=uniform(-20%, +20%) by row'"))
    raise_if_errors(findings)
    return out
