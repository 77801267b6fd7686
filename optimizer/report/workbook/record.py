"""The sheet for the record: how the plan was made, what is proved of it, versions and hashes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from optimizer.plan.book import Book
from optimizer.plan.files import hashes
from optimizer.report.figures.names import Names

Rows = list[tuple[str, Any]]


def record(book: Book, names: Names, inputs: Path) -> None:
    """Write the sheet; ``inputs`` is the folder of the effective instance, where there is one."""
    sheet = book.book.add_worksheet(names.say("sheet.record"))
    sheet.set_column(0, 0, 40)
    sheet.set_column(1, 1, 100)
    sheet.write_string(0, 0, names.say("sheet.record"), book.title)
    row = 2
    for title, rows in sections(names, _hashed(names, inputs)).items():
        if rows:
            sheet.write_string(row, 0, title, book.head)
            sheet.write_blank(row, 1, None, book.head)
            for at, (name, value) in enumerate(rows, start=row + 1):
                sheet.write_string(at, 0, name, book.wrap)
                if isinstance(value, int | float) and not isinstance(value, bool):
                    sheet.write_number(at, 1, value, book.left)
                else:
                    sheet.write_string(at, 1, str(value), book.wrap)
            row += len(rows) + 2
    sheet.hide_gridlines(2)
    book.printed(sheet, header=False)


def sections(names: Names, files: Mapping[str, str]) -> dict[str, Rows]:
    """Heading → name and value of everything that is put down."""
    plan, claims, say = names.plan, names.plan.claims, names.say
    made: Rows = [(say("record.title"), names.settings.title), (say("book.status"), names.term("status", claims.status)),
                  (say("record.method"), names.term("method", claims.method)),
                  (say("record.scenario"), claims.scenario or plan.instance.scenario_name or say("record.none"))]
    made += [(say("record.change"), f"{key} = {value}") for key, value in plan.instance.changes]
    proved: Rows = []
    for place, level in enumerate(claims.levels, start=1):
        label = f"{place}. {names.criterion(level.criterion)} ({names.term('sense', level.sense)})"
        proved += [(say("record.modelled", name=label), float(level.modelled_value)),
                   (say("record.bound", name=label), float(level.bound))]
    proved = [(name, value if value == value and abs(value) != float("inf") else say("record.none")) for name, value in proved]
    checks = () if plan.audit is None else plan.audit.checks
    audit: Rows = [(names.term("clause", check.clause), _stands(names, check)) for check in checks]
    whole = hashlib.sha256(json.dumps(dict(sorted(files.items()))).encode()).hexdigest()
    return {
        say("record.made"): made, say("record.proved"): proved,
        say("record.settings"): [(names.term("setting", key), _setting(names, value))
                                 for key, value in sorted(claims.settings.items())],
        say("record.versions"): sorted(claims.versions.items()), say("record.audit"): audit,
        say("record.hashes"): [(say("record.whole"), whole), *sorted(files.items())] if files else [],
    }


def _setting(names: Names, value: Any) -> Any:
    return names.say("record.none") if value is None else names.term("setting", value) if isinstance(value, str) else value


def _stands(names: Names, check: Any) -> str:
    return names.say("record.holds" if check.passed else "record.fails", count=check.count, failed=check.failed)


def _hashed(names: Names, inputs: Path) -> Mapping[str, str]:
    """Hashes of the inputs beside the workbook, else those that the plan was read with."""
    return hashes(inputs) if inputs.is_dir() else dict(names.plan.info.get("inputs", {}))
