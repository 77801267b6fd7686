"""What errors of the register do to a plan: whom it reaches who is not in need, and whom it leaves out who is.

The instance's ``people`` are those registered, R. Of the truly poor N a share e (exclusion error) is not registered; of
those registered a share i (inclusion error, leakage) is not poor, so that R·(1 − i) = N·(1 − e). The plan cannot tell the
registered apart. Of the C people it covers in a county and need, C·(1 − i) are poor and C·i are not; of the poor it
leaves out N − C·(1 − i), N·e of them because no register holds them. The two errors are those of G. A. Cornia and
F. Stewart, "Two errors of targeting", Journal of International Development 5 (1993).

By chance a plan reaches more or fewer of the poor: drawn without replacement from the register, their number is
hypergeometric; ``reached_low`` and ``reached_high`` hold 90 % of all draws.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import hypergeom

from optimizer.instance.findings import Finding, raise_if_errors
from optimizer.plan.plan import Plan

Rate = float | Mapping[str, float] | pd.DataFrame
KEYS = ["county", "need", "period"]
ADDED = ["registered", "poor", "covered", "reached", "leaked", "excluded", "unregistered", "money_leaked"]


@dataclass(frozen=True, eq=False)
class Targeting:
    """What wrong registration does.

    Attributes
    ----------
    needs : county, need, period, registered, poor, covered (as the plan counts), reached (poor people covered),
        reached_low, reached_high, leaked (people covered who are not poor), excluded (poor people not covered),
        unregistered (those of them on no register), money_leaked (direct support of that period paid for people not poor)
    totals : the same added up by need and period, with coverage_planned (covered / registered), coverage_true
        (reached / poor), leakage (leaked / covered), exclusion (excluded / poor)
    """

    needs: pd.DataFrame
    totals: pd.DataFrame

    def write(self, folder: str | Path) -> Path:
        """Write ``targeting.csv`` and ``targeting_totals.csv``."""
        place = Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        self.needs.to_csv(place / "targeting.csv", index=False, lineterminator="\n")
        self.totals.to_csv(place / "targeting_totals.csv", index=False, lineterminator="\n")
        return place


def targeting(plan: Plan, inclusion: Rate, exclusion: Rate) -> Targeting:
    """Coverage, leakage and exclusion of a plan made on a register with errors.

    Parameters
    ----------
    inclusion : share of those registered who are not in need
    exclusion : share of those in need who are not registered; both one number, need → number, or a frame with county,
        need and share

    Raises
    ------
    InstanceError : a share is not in [0, 1) or one is missing
    """
    table = plan.coverage.sort_values(KEYS, ignore_index=True)
    wrong_in, wrong_out = _rates(table, inclusion, "inclusion"), _rates(table, exclusion, "exclusion")
    registered, covered = table["people"].to_numpy(float), table["covered"].to_numpy(float)
    truly = np.round(registered * (1 - wrong_in))
    poor = truly / (1 - wrong_out)
    share = np.divide(truly, registered, out=np.zeros(len(table)), where=registered > 0)
    reached = covered * share
    low, high = _by_chance(registered, truly, covered)
    needs = table[KEYS].assign(
        registered=registered, poor=poor, covered=covered, reached=reached, reached_low=low, reached_high=high,
        leaked=covered - reached, excluded=poor - reached, unregistered=poor - truly,
        money_leaked=table["direct_cost"].to_numpy(float) * (1 - share),
    )
    totals = needs.groupby(["need", "period"], as_index=False)[ADDED].sum()
    return Targeting(needs, totals.assign(
        coverage_planned=_part(totals, "covered", "registered"), coverage_true=_part(totals, "reached", "poor"),
        leakage=_part(totals, "leaked", "covered"), exclusion=_part(totals, "excluded", "poor"),
    ))


def _part(frame: pd.DataFrame, part: str, whole: str) -> np.ndarray:
    below = frame[whole].to_numpy(float)
    out = np.full(len(frame), np.nan)
    np.divide(frame[part].to_numpy(float), below, out=out, where=below > 0)
    return out


def _by_chance(registered: np.ndarray, truly: np.ndarray, covered: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The 5th and 95th percentile of the poor among those covered, drawn from the register without replacement."""
    whole = np.floor(registered).astype(int)
    good, drawn = np.minimum(truly.astype(int), whole), np.minimum(covered.astype(int), whole)
    return (np.asarray(hypergeom.ppf(0.05, whole, good, drawn)), np.asarray(hypergeom.ppf(0.95, whole, good, drawn)))


def _rates(table: pd.DataFrame, given: Rate, name: str) -> np.ndarray:
    """The error of each row of the coverage table."""
    values: Any
    if isinstance(given, pd.DataFrame):
        values = table.merge(given, on=["county", "need"], how="left")["share"].to_numpy(float)
    elif isinstance(given, Mapping):
        values = table["need"].map(dict(given)).to_numpy(float)
    else:
        values = np.full(len(table), float(given))
    wrong = np.flatnonzero(~((values >= 0) & (values < 1)))
    first = table.iloc[wrong[:20]]
    raise_if_errors(
        Finding(f"{name} error", None, f"{row.county}, {row.need}", None, "is no share of at least 0 and below 1",
                "Write, for example, 30%")
        for row in first.itertuples(index=False)
    )
    return np.asarray(values, dtype=float)
