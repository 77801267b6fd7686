"""A comparison as sentences and tables, and as facts for machines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from optimizer.cli.faults import refused
from optimizer.cli.voice import table
from optimizer.instance.findings import near
from optimizer.plan import Comparison
from optimizer.report.text import count, number, signed

MOST_GROUPS = 40


def counties_known(found: Comparison, counties: Sequence[str]) -> None:
    """Refuse a county that the plan does not have."""
    for county in counties:
        if county not in found.counties.index:
            mend = near(county, found.counties.index, "Name one of the identifiers in counties.csv")
            raise refused("--why", county, "is not a county of the plan", mend)


def lines(found: Comparison, before: str, after: str, top: int) -> list[str]:
    """How many win and lose, by how much, who most, by province, and what else changed."""
    label = found.plan.instance.settings.money.label
    whole = found.groups.iloc[0]
    out = [f"{after} beside {before}: {count(int(whole['winners']), 'county gets', 'counties get')} more, "
           f"{int(whole['losers'])} less, of {int(whole['counties'])} whose money is known in both; in all "
           f"{number(whole['money_before'])} → {number(whole['money_after'])} {label} ({signed(whole['money_change'])})."]
    for word, rows in (("Most more", found.winners), ("Most less", found.losers)):
        if top and len(rows):
            out += [f"{word} ({label}; yuan a head):", *_counties(rows.head(top))]
    by = next((name for name in ("province", "prefecture", "region") if (found.groups["by"] == name).any()), None)
    if by is not None:
        out += [f"By {by} ({label}):", *_groups(found.groups[found.groups["by"] == by].head(MOST_GROUPS), by)]
    return out + ([] if found.before is None else _changes(found))


def _counties(rows: pd.DataFrame) -> list[str]:
    cells = [
        (f"{row['name']} ({key})" if row["name"] != key else str(key), number(row["money_before"]), number(row["money_after"]),
         signed(row["money_change"]), signed(row["per_head_change"]))
        for key, row in zip(rows.index, rows.to_dict("records"), strict=True)
    ]
    return table(["county", "before", "after", "change", "a head"], cells)


def _groups(rows: pd.DataFrame, by: str) -> list[str]:
    cells = [
        (str(row["group"]), str(row["winners"]), str(row["losers"]), signed(row["money_change"]),
         "–" if np.isnan(row["change_percent"]) else f"{signed(row['change_percent'])} %")
        for row in rows.to_dict("records")
    ]
    return table([by, "more", "less", "change", "percent"], cells)


def _changes(found: Comparison) -> list[str]:
    """Pairs, projects and criteria of two plans."""
    assert found.before is not None
    made, ended = (int((found.pairs["change"] == change).sum()) for change in ("made", "ended"))
    came = int((found.projects["after"] > found.projects["before"]).sum())
    out = [f"Pairs: {made} made, {ended} ended. Projects: {came} more or larger, {len(found.projects) - came} fewer or smaller."]
    differences = found.differences
    criteria = differences[differences["kind"] == "criterion"].drop_duplicates("key")
    for row in criteria.to_dict("records"):
        unit = f" {row['unit']}" if row["unit"] else ""
        out.append(f"  {row['key']}: {number(row['before'], 4)} → {number(row['after'], 4)}{unit} ({signed(row['change'], 4)})")
    return out


def facts(found: Comparison, before: str, after: str, why: Sequence[str]) -> dict[str, Any]:
    """Everything that differs, winners and losers by group, and the sentences asked for."""
    return {
        "before": before, "after": after, "winners": len(found.winners), "losers": len(found.losers),
        "groups": found.groups.to_dict("records"), "differences": found.differences.to_dict("records"),
        "why": {county: found.why(county) for county in why},
    }
