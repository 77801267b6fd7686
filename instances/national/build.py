"""Build the national instance: 832 counties, reference year 2021.

    python instances/national/build.py [--out DIR] [--periods 3] [--scale 10]
"""

from __future__ import annotations

import sys
from pathlib import Path
from string import Template

import pandas as pd

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from common import donors as donor_steps  # noqa: E402
from common import editions, pipeline, resources  # noqa: E402
from common import money as money_steps  # noqa: E402
from common.needs import TIERS, claims  # noqa: E402
from common.origins import national_origins  # noqa: E402
from common.projects import make_projects  # noqa: E402
from common.tables import Provenance, numeric, read_source, write_table, write_text  # noqa: E402

SOURCE = HERE / "source"
SHARE_OF_FUND = 0.60
"""Assumed share of the central fund that reaches the 832 counties."""
FUND = {2020: 1396.36, 2019: 1260.95}
"""Central fund, 100 million yuan; checked against source/central_fund_totals.csv."""
PROPOSALS = 17.0
"""Proposals of a county of 300,000 people."""


def central_total(year: int) -> int:
    """Central money for these counties, 10,000 yuan: the published total times the assumed share."""
    rows = read_source(SOURCE, "central_fund_totals")
    rows = rows[rows["scope"] == "national total"].set_index("year")
    return round(float(rows.at[str(year), "amount_100m_yuan"]) * 10_000 * SHARE_OF_FUND)


def build_tables(periods: list[int], provenance: Provenance) -> tuple[dict[str, pd.DataFrame], dict[str, object]]:
    """Return the instance's tables and the figures that the settings need."""
    base = pipeline.build_base(SOURCE, provenance)
    counties, needs = base.counties, base.needs
    counties["at_risk"] = pipeline.at_risk(needs)
    counties["claim"] = claims(needs)
    blocs = read_source(SOURCE, "blocs")
    revenue = numeric(read_source(SOURCE, "donor_province_revenue_2020").set_index("province").iloc[:, 0])
    known = read_source(SOURCE, "known_pairs")
    units = donor_steps.donor_units(SOURCE)
    donor_bloc, counties["bloc"] = donor_steps.assign_blocs(units, counties, blocs)
    money = donor_steps.bloc_money(blocs, counties["bloc"], revenue)
    donors = donor_steps.make_donors(units, donor_bloc, money, known, revenue)
    counties = donor_steps.partners(counties, donors)
    pairs = donor_steps.make_pairs(known, donors, counties)
    strengths = {bloc: sorted({s for row in group["sectors"] for s in row}) for bloc, group in donors.groupby("bloc")}
    made = make_projects(counties, strengths, needs, seed=pipeline.SEED, per_county=PROPOSALS, late=len(periods) > 1)
    central = central_total(2020)
    tables = {
        "counties": pipeline.county_table(counties),
        "needs": needs,
        "budgets": money_steps.provincial_budgets(counties, central, periods),
        "donors": donors.reset_index(),
        "pairs": pairs,
        "projects": made.projects,
        "effects": made.effects,
        "resources": resources.make_resources(made.projects, made.uses, counties),
        "uses": made.uses,
        "brings": resources.make_brings(pairs),
        "baseline": money_steps.baseline_table(counties, central_total(2019), 2019),
    }
    key = float(tables["baseline"].set_index("county")["money"][counties["key_county"].eq(1)].sum()) / central_total(2019)
    figures = {"central": central, "key_share": key, "blocs": donor_steps.bloc_counts(donors, counties, money),
               "model": base.income_model, "known": known}
    return tables, figures


def settings_text(tables: dict[str, pd.DataFrame], figures: dict[str, object], periods: list[int], scale: int) -> str:
    """Fill in the settings' template."""
    names = list(dict.fromkeys(tables["donors"]["bloc"]))
    budget = int(str(figures["central"])) * scale
    share = round(float(str(figures["key_share"])) * 100)
    text = Template((SOURCE / "instance.template.yaml").read_text(encoding="utf-8")).substitute(
        periods=periods, last=periods[-1], time_limit=180 if len(periods) == 1 else 360,
        gap="0.1%" if len(periods) == 1 else "0.2%",
        tiers="[" + ", ".join(f"{{width: {width}, factor: {factor}}}" for width, factor in TIERS) + "]",
        central="{" + ", ".join(f"{period}: {budget}" for period in periods) + "}",
        key_share=f"{share}%",
        candidates="\n".join(f"    - {{donors: {{bloc: {name}}}, counties: {{bloc: {name}}}}}" for name in names),
    )
    if len(periods) > 1:
        text = editions.titled(text, f"{len(periods)} periods; every year has the first year's budgets (assumed)")
    return text if scale == 1 else editions.titled(text, f"SYNTHETIC, every county copied {scale} times for benchmarks")


def main() -> None:
    """Build and write the instance, and print what was counted."""
    options = pipeline.arguments(HERE)
    periods = list(range(2021, 2021 + options.periods))
    provenance = Provenance()
    tables, figures = build_tables(periods, provenance)
    print(pd.DataFrame(figures["blocs"]).to_string())
    national_origins(provenance, tables, pd.DataFrame(figures["known"]))
    if options.scale > 1:
        tables = editions.scaled(tables, options.scale, pipeline.SEED)
        provenance.column("counties", "county", "assumed", "copies", "SYNTHETIC: counties copied with a suffix, amounts jittered")
    if options.periods > 1:
        tables["needs"] = editions.growing_needs(tables["needs"], periods)
    for name, table in tables.items():
        write_table(options.out, name, table)
    write_table(options.out, "provenance", provenance.frame())
    write_text(options.out, "instance.yaml", settings_text(tables, figures, periods, options.scale))
    print({name: len(table) for name, table in tables.items()})


if __name__ == "__main__":
    main()
