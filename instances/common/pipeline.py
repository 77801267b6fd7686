"""The steps that both instances share: counties and needs of all 832, then the part an instance uses."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from . import counties as county_steps
from . import needs as need_steps
from .imputation import IncomeModel
from .tables import Provenance, numeric, read_source

SEED = 2021
JINYANG = "金阳县"


@dataclass(frozen=True)
class Base:
    """Counties (index county) and needs of all 832 counties, before donors and money."""

    counties: pd.DataFrame
    needs: pd.DataFrame
    income_model: IncomeModel


def arguments(default_out: Path) -> argparse.Namespace:
    """Read the command line of a build script."""
    parser = argparse.ArgumentParser(description="Build the instance from its source tables.")
    parser.add_argument("--out", type=Path, default=default_out, help="directory to write (default: beside the script)")
    parser.add_argument("--periods", type=int, default=1, choices=range(1, 6), metavar="N", help="number of years from 2021")
    parser.add_argument("--scale", type=int, default=1, choices=(1, 2, 5, 10), metavar="N",
                        help="copies of every county: synthetic, for benchmarks only")
    found = parser.parse_args()
    if (found.periods > 1 or found.scale > 1) and found.out == default_out:
        parser.error("--periods and --scale make editions that are not shipped: name a directory with --out")
    return found


def build_base(source: Path, provenance: Provenance) -> Base:
    """Build the county table and the needs of all 832 counties."""
    counties = county_steps.fill_places(county_steps.load_counties(source), provenance)
    counties["rural_population"] = county_steps.rural_population(counties)
    counties, model = county_steps.add_income(counties, source, provenance)
    counties["industries"] = [county_steps.industries(row) for _, row in counties.iterrows()]
    totals = {need.name: need.total for need in need_steps.MODELS}
    needs = need_steps.make_needs(counties, totals, published_rates(counties, source))
    return Base(counties, needs, model)


def published_rates(counties: pd.DataFrame, source: Path) -> dict[str, float]:
    """Published incidence of a county at the end of 2019 (Jinyang: 14.6 %)."""
    rows = read_source(source, "poverty_headcounts_published")
    rate = numeric(rows.set_index("area")["incidence_percent"]) / 100
    names = counties.index[counties["name"] == JINYANG]
    return {str(county): float(rate[JINYANG]) for county in names}


def at_risk(needs: pd.DataFrame) -> pd.Series:
    """People with the income need, by county."""
    return needs[needs["need"] == "income"].set_index("county")["people"]


def county_table(counties: pd.DataFrame) -> pd.DataFrame:
    """Put the columns of `counties.csv` into their order, the key first."""
    order = ["name", "province", "province_en", "prefecture", "region", "macro_region", "bloc", "population",
             "population_year", "rural_population", "income", "income_year", "claim", "at_risk", "lon", "lat",
             "terrain_relief", "deep_poverty", "ethnic", "key_county", "three_regions", "last_52", "year_delisted",
             "gdp_10k_yuan", "gdp_10k_yuan_year", "revenue_10k_yuan", "revenue_10k_yuan_year",
             "expenditure_10k_yuan", "expenditure_10k_yuan_year", "partnered", "partners_min", "partners_max",
             "absorption", "industries"]
    table = counties[order].reset_index()
    for column in ("gdp_10k_yuan", "revenue_10k_yuan", "expenditure_10k_yuan"):
        table[column] = table[column].round()
    return table


def only_province(base: Base, province: str, provenance: Provenance) -> Base:
    """Cut counties, needs and the notes on imputed cells to one province."""
    counties = base.counties[base.counties["province"] == province]
    needs = base.needs[base.needs["county"].isin(counties.index)].reset_index(drop=True)
    provenance.rows = [row for row in provenance.rows if row[0] != "counties" or row[1] in counties.index or row[1] == "*"]
    return Base(counties, needs, base.income_model)
