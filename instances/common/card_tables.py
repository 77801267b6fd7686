"""The tables of the national data card, made from a plan.

    python instances/common/card_tables.py PLAN [--province 云南省] [--count 20]

Prints Markdown: totals, the counties with most and least money a head of rural population and the rules that hold
them, money a head by province, and the pairs of one province. Needs the package `optimizer`, unlike the build scripts.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
import pandas as pd

import optimizer
from optimizer.plan.exits import at_threshold, exit_rules
from optimizer.plan.indicators import covered_by_county

STREAMS = ("central", "provincial", "collaboration")
NEAR = 0.005
"""A rule that is not stated in money counts as binding within this part of its limit."""


def markdown(frame: pd.DataFrame) -> str:
    """Write a frame as a Markdown table, numbers with separators, the index left out."""
    rows = [list(frame.columns), ["---"] * len(frame.columns)]
    rows += [[shown(value) for value in row] for row in frame.itertuples(index=False, name=None)]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def shown(value: object) -> str:
    """Show one value: whole numbers with separators, shares (below 10, not whole) with two decimals, blank for unknown."""
    if isinstance(value, float) and np.isnan(value):
        return ""
    if isinstance(value, (float, np.floating)) and not float(value).is_integer() and abs(value) < 10:
        return f"{value:.2f}"
    return f"{value:,.0f}" if isinstance(value, (int, float, np.number)) else str(value)


def county_table(plan: optimizer.Plan) -> pd.DataFrame:
    """Return counties with money by stream, money and needs a head (yuan), and the covered share of the weighted needs."""
    table = plan.data.counties.copy()
    money = plan.funds.pivot_table(index="county", columns="stream", values="money", aggfunc="sum", fill_value=0.0)
    table[list(STREAMS)] = money.reindex(table.index).reindex(columns=list(STREAMS)).fillna(0.0)
    table["money"] = table[list(STREAMS)].sum(axis=1)
    yuan = plan.instance.settings.money.yuan
    for name, amount in (("money_head", "money"), ("needs_head", "claim")):
        table[name] = table[amount] * yuan / table["rural_population"]
    covered = covered_by_county(plan.data, plan.coverage)
    table["covered"] = (covered["covered"] / covered["people"]).reindex(table.index)
    last = plan.instance.tables["baseline"].groupby("county")["money"].sum().reindex(table.index)
    table["to_last"] = table["central"] / (last * table["central"].sum() / last.sum())
    return table


def binding(plan: optimizer.Plan) -> pd.Series:
    """Return, by county, the rules at their limit: `rule+` holds it up, `rule-` holds it down."""
    rules = plan.rules[plan.rules["index"].astype(str).str.contains("county=")].copy()
    rules["county"] = rules["index"].str.extract(r"county=([^;]+)", expand=False)
    exits = exit_rules(plan.data)
    rules = rules[~rules["rule"].isin([rule.id for rule in exits])]
    step = plan.instance.settings.money.step
    money = rules["unit"] == plan.instance.settings.money.unit
    found = []
    for limit, sign in (("min", "+"), ("max", "-")):
        close = (rules["value"] - rules[limit]).abs() <= np.where(money, step, NEAR * rules[limit].abs())
        # a floor of zero holds nobody up
        found.append(rules[close & (rules[limit].abs() > 0)].assign(tag=lambda part, sign=sign: part["rule"] + sign))
    tags = pd.concat(found)[["county", "tag"]]
    exit_tags = [(county, f"{rule.id}+") for rule in exits for county in at_threshold(plan.data, rule, plan.coverage)]
    tags = pd.concat([tags, pd.DataFrame(exit_tags, columns=["county", "tag"])]).drop_duplicates()
    return tags.sort_values(["county", "tag"]).groupby("county")["tag"].agg(", ".join)


def totals(plan: optimizer.Plan, table: pd.DataFrame) -> pd.DataFrame:
    """Return the run's figures."""
    outcome = plan.outcome
    live = plan.pairings[plan.pairings["status"] != "ended"]
    exits = [len(at_threshold(plan.data, rule, plan.coverage)) for rule in exit_rules(plan.data)]
    rank = float(table[["money_head", "needs_head"]].corr(method="spearman").iloc[0, 1])
    rows = [("verdict", outcome.status), ("objective", outcome.objective), ("bound", outcome.bound),
            ("gap, %", f"{outcome.gap_percent:.4f}" if outcome.gap_percent is not None else "unknown"),
            *((f"{stream} money", table[stream].sum()) for stream in STREAMS), ("all money", table["money"].sum()),
            ("money a head, yuan", table["money"].sum() * plan.instance.settings.money.yuan / table["rural_population"].sum()),
            ("person-needs", plan.coverage["people"].sum()), ("covered", plan.coverage["covered"].sum()),
            ("lowest covered share of a county", table["covered"].min()),
            ("pairs / counties / donors", f"{len(live)} / {live['county'].nunique()} / {live['donor'].nunique()}"),
            *((f"pairs {status}", int(count)) for status, count in plan.pairings["status"].value_counts().items()),
            ("projects paid for", plan.projects["project"].nunique()), ("their cost", plan.projects["cost"].sum()),
            ("counties at the exit threshold", sum(exits)), ("rank correlation of money and needs a head", rank)]
    return pd.DataFrame(rows, columns=["what", "value"])


def extremes(table: pd.DataFrame, held: pd.Series, count: int, most: bool) -> pd.DataFrame:
    """Return the counties with most, or least, money a head."""
    rows = table.sort_values("money_head", ascending=not most, kind="stable").head(count)
    parts = [" / ".join(f"{row[stream] / row['money'] * row['money_head']:,.0f}" for stream in STREAMS)
             for _, row in rows.iterrows()]
    return pd.DataFrame({
        "county": rows["name"] + np.where(rows["income_year"].isna(), "*", ""), "province": rows["province"],
        "rural population": rows["rural_population"].round(), "yuan a head": rows["money_head"].round(),
        "of it central / provincial / eastern": parts,
        "needs a head": rows["needs_head"].round(), "covered": rows["covered"],
        "central to last year's": rows["to_last"], "held by": held.reindex(rows.index).fillna(""),
    })


def kinds(plan: optimizer.Plan, table: pd.DataFrame, held: pd.Series) -> pd.DataFrame:
    """Return money and needs a head by kind of county, and how many stand at an end of the band around last year."""
    yuan = plan.instance.settings.money.yuan
    tags = held.reindex(table.index).fillna("")
    masks = {"all": table["name"].notna(), "three regions": table["three_regions"] == 1, "others": table["three_regions"] == 0,
             "last 52": table["last_52"] == 1, "known key counties": table["key_county"] == 1,
             "with a partner": table["partnered"] == 1, "without": table["partnered"] == 0,
             **{name: table["macro_region"] == name for name in sorted(table["macro_region"].dropna().unique())}}
    rows = []
    for name, mask in masks.items():
        part = table[mask]
        if part.empty:
            continue
        people = part["rural_population"].sum()
        rows.append((name, len(part), *((part[column].sum() * yuan / people).round() for column in ("money", *STREAMS, "claim")),
                     float((part["covered"] * part["claim"]).sum() / part["claim"].sum()),
                     int(tags[mask].str.contains("continuity+", regex=False).sum()),
                     int(tags[mask].str.contains("continuity-", regex=False).sum())))
    return pd.DataFrame(rows, columns=["kind", "counties", "yuan a head", *STREAMS, "needs a head", "covered (mean by needs)",
                                       "at -15 %", "at +30 %"])


def provinces(plan: optimizer.Plan, table: pd.DataFrame) -> pd.DataFrame:
    """Return money and needs a head by province, and central money beside the factor method's."""
    yuan = plan.instance.settings.money.yuan
    groups = table.groupby("province")
    sums = groups[[*STREAMS, "money", "claim", "rural_population"]].sum()
    factor = plan.against_factor().groups
    by = factor[factor["by"] == "province"].set_index("group")
    out = pd.DataFrame({"counties": groups.size(), "rural population": sums["rural_population"]})
    for name, column in (("yuan a head", "money"), *((stream, stream) for stream in STREAMS), ("needs a head", "claim")):
        out[name] = (sums[column] * yuan / sums["rural_population"]).round()
    out["money to needs"] = sums["money"] / sums["claim"]
    out["central to factor method"] = by["money_after"] / by["money_before"]
    return out.sort_values("yuan a head", ascending=False).reset_index()


def pairs_of(plan: optimizer.Plan, table: pd.DataFrame, province: str) -> pd.DataFrame:
    """Return, by donor, the counties of a province it is paired with, and the money of each pair."""
    donors = plan.instance.tables["donors"].set_index("donor")
    pairs = plan.pairings[plan.pairings["county"].map(table["province"]) == province].sort_values("money", ascending=False)
    rows = []
    for donor, group in pairs.groupby("donor"):
        live, ended = group[group["status"] != "ended"], group[group["status"] == "ended"]
        text = ", ".join(f"{table.loc[row.county, 'name']}{'†' if row.status == 'kept' else ''} {row.money:,.0f}"
                         for row in live.itertuples())
        gone = ", ".join(table.loc[ended["county"], "name"])
        rows.append((donors.loc[donor, "name"], len(live), float(live["money"].sum()), float(donors.loc[donor, "money"]),
                     text + (f"; ended: {gone}" if gone else "")))
    return pd.DataFrame(rows, columns=["donor", "counties", "gives", "means", "counties and money († = known pair kept)"])


def pair_facts(plan: optimizer.Plan, table: pd.DataFrame, province: str) -> pd.DataFrame:
    """Return how the money lies on the pairs of a province: tokens, ceilings, fit beside the best candidate's."""
    live = plan.pairings[plan.pairings["status"] != "ended"]
    live = live[live["county"].map(table["province"]) == province]
    least = live.groupby("county")["money"].sum()
    rule = plan.rules[(plan.rules["rule"] == "least_support")]
    floor = float(rule["min"].min()) if len(rule) else 0.0
    rows = [("pairs", len(live)), ("counties", live["county"].nunique()), ("donors", live["donor"].nunique()),
            ("counties at the least support", int((least <= floor + plan.instance.settings.money.step).sum())),
            ("counties at the ceiling", int((least >= table.loc[least.index, "absorption"] - 1).sum())),
            ("median support", float(least.median())), ("mean fit", float(live["fit"].mean())),
            ("mean distance, km", float(live["distance"].mean()))]
    return pd.DataFrame(rows, columns=["what", "value"])


def main() -> int:
    """Print all tables."""
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    parser = argparse.ArgumentParser(description="Print the tables of the data card from a plan.")
    parser.add_argument("plan", type=Path, help="a plan folder of the national instance")
    parser.add_argument("--province", default="云南省", help="whose pairs to list")
    parser.add_argument("--count", type=int, default=20, help="how many counties in the first two tables")
    chosen = parser.parse_args()
    plan = optimizer.Plan.read(chosen.plan)
    table, held = county_table(plan), binding(plan)
    for title, frame in (
            ("Totals", totals(plan, table)),
            ("Most money a head", extremes(table, held, chosen.count, True)),
            ("Least money a head", extremes(table, held, chosen.count, False)),
            ("By kind of county", kinds(plan, table, held)),
            ("By province", provinces(plan, table)),
            (f"Pairs of {chosen.province}", pairs_of(plan, table, chosen.province)),
            ("How the money lies on them", pair_facts(plan, table, chosen.province))):
        print(f"\n## {title}\n\n{markdown(frame)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
