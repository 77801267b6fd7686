"""What the model does beside what was done: aid of 2021 by county, funds of 2016 by prefecture.

    python instances/zhejiang-sichuan/backtest/backtest.py [--plan DIR]

Reads a plan folder (or solves the instance first) and the announced figures, which the instance never saw. Two
plain splits are judged by the same measures, since a model that does worse than dividing evenly has nothing to show.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import pandas as pd
from scipy.stats import spearmanr

HERE = Path(__file__).resolve().parent
INSTANCE = HERE.parent


def read(path: Path) -> pd.DataFrame:
    """Read a table with identifiers as text."""
    return pd.read_csv(path, dtype={"county_id": str, "county": str, "donor": str}, encoding="utf-8-sig")


def judged(splits: dict[str, pd.Series], actual: pd.Series) -> pd.DataFrame:
    """Rank correlation, mean absolute difference and misplaced share of each split, scaled to the actual total."""
    rows = []
    for name, split in splits.items():
        scaled = split.reindex(actual.index).fillna(0.0) * actual.sum() / split.sum()
        rank = float("nan") if scaled.nunique() == 1 else float(spearmanr(scaled, actual).statistic)
        difference = (scaled - actual).abs()
        rows.append({"split": name, "rank_correlation": rank, "mean_abs_difference": difference.mean(),
                     "misplaced_share": difference.sum() / 2 / actual.sum()})
    return pd.DataFrame(rows).round(3)


def plan_tables(folder: Path | None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return `support` and `funds` of a plan folder, or of a plan made now."""
    if folder is not None:
        return read(folder / "support.csv"), read(folder / "funds.csv")
    import optimizer

    plan = optimizer.solve(optimizer.read(INSTANCE))
    return plan.support, plan.funds


def aid_by_county(support: pd.DataFrame, counties: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Compare collaboration money by county with the announced aid (million yuan)."""
    announced = read(HERE / "announced_aid_2021.csv").set_index("county_id")
    modelled = support.groupby("county")["money"].sum() / 100
    even = pd.Series(1.0, index=counties.index)
    table = judged({"model": modelled, "even split": even, "rural population": counties["rural_population"],
                    "people at risk": counties["at_risk"]}, announced["aid_2021_million_yuan"].astype(float))
    groups = announced.assign(model=modelled.reindex(announced.index).fillna(0.0)).groupby("rule_group")
    means = groups.agg(counties=("model", "size"), announced=("aid_2021_million_yuan", "mean"), model=("model", "mean"),
                       lowest=("model", "min"), highest=("model", "max")).round(1)
    return table, means


def funds_by_prefecture(funds: pd.DataFrame, counties: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Compare the plan's central money by prefecture with the 2016 batch (share of the twelve prefectures)."""
    actual = read(HERE / "funds_2016_by_prefecture.csv").set_index("prefecture")["amount_10k_yuan"].astype(float)
    central = funds[funds["stream"] == "central"].groupby("county")["money"].sum()
    baseline = read(INSTANCE / "baseline.csv").set_index("county")["money"]
    by_prefecture = {name: values.groupby(counties["prefecture"]).sum() for name, values in {
        "model": central, "even split": pd.Series(1.0, index=counties.index),
        "rural population": counties["rural_population"], "modelled last year": baseline}.items()}
    shares = pd.DataFrame({"counties": counties.groupby("prefecture").size(), "done_2016": actual / actual.sum(),
                           "model": by_prefecture["model"] / by_prefecture["model"].sum()}).round(3)
    return judged(by_prefecture, actual / actual.sum()), shares.sort_values("done_2016", ascending=False)


def main() -> int:
    """Print both comparisons."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--plan", type=Path, help="a plan folder of this instance (default: solve it now)")
    support, funds = plan_tables(parser.parse_args().plan)
    counties = read(INSTANCE / "counties.csv").set_index("county")
    for title, tables in (("Aid of 2021 by county (million yuan)", aid_by_county(support, counties)),
                          ("Funds of 2016 by prefecture (share)", funds_by_prefecture(funds, counties))):
        print(f"\n{title}")
        for table in tables:
            print(table.to_string(index="split" not in table), end="\n\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
