"""The county table: what is observed, what is imputed, what is assumed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from .imputation import IncomeModel, impute_income, neighbours_mean
from .tables import Provenance, numeric, read_source

LIST = "counties_832"
SNAPSHOT = "county_snapshot"
NO_PARTNER = "no eastern partner"
HAIXI_SEATS = {"QHLHXW": "海西蒙古族藏族自治州"}
"""冷湖 stands under the wrong prefecture in the list (see source/NOTES.md)."""
OLDEST = 2018
"""Money figures older than this are left out; population is taken with its year."""


def load_counties(source: Path) -> pd.DataFrame:
    """Join the county list with the figures of 2020 or the nearest year; index county."""
    listed = read_source(source, LIST).set_index("county_id")
    shot = read_source(source, SNAPSHOT).set_index("county_id").reindex(listed.index)
    frame = pd.DataFrame(index=listed.index.rename("county"))
    frame["name"] = listed["county"]
    frame["province"], frame["province_en"] = listed["province"], listed["province_en"]
    prefecture = listed["prefecture"].where(listed["prefecture"] != "[]", "省直辖县级行政单位")
    frame["prefecture"] = prefecture.where(~prefecture.index.isin(HAIXI_SEATS), prefecture.index.map(HAIXI_SEATS.get))
    frame["region"] = listed["contiguous_area"]
    frame["macro_region"] = listed["macro_region"]
    for name, column in (("lon", "lon"), ("lat", "lat"), ("terrain_relief", "terrain_relief"),
                         ("deep_poverty", "deep_poverty_county"), ("ethnic", "ethnic_autonomous"),
                         ("key_county", "key_county_2021"), ("three_regions", "three_regions_three_prefectures"),
                         ("last_52", "last_52_county"), ("year_delisted", "year_delisted")):
        frame[name] = numeric(listed[column])
    frame["population"] = (numeric(shot["registered_pop_10k"]) * 10_000).round()
    frame["population_year"] = numeric(shot["registered_pop_10k_year"])
    for name, column, factor in (("gdp_10k_yuan", "gdp_10k_yuan", 1), ("revenue_10k_yuan", "fiscal_revenue_10k_yuan", 1),
                                 ("expenditure_10k_yuan", "fiscal_expenditure_10k_yuan", 1),
                                 ("savings_10k_yuan", "savings_deposits_100m_yuan", 10_000)):
        recent = numeric(shot[f"{column}_year"]) >= OLDEST
        frame[name] = (numeric(shot[column]) * factor).where(recent)
        frame[f"{name}_year"] = numeric(shot[f"{column}_year"]).where(recent)
    frame["primary_share"] = numeric(shot["gdp_primary_10k_yuan"]) / numeric(shot["gdp_of_that_year_10k_yuan"])
    return frame


def fill_places(counties: pd.DataFrame, provenance: Provenance) -> pd.DataFrame:
    """Impute the few missing coordinates, relief indices and populations from the prefecture; mark each."""
    counties = counties.copy()
    for column, digits in (("lon", 4), ("lat", 4), ("terrain_relief", 3), ("population", -2)):
        blank = counties[column].isna()
        counties[column] = neighbours_mean(counties, column).round(digits)
        for county in counties.index[blank]:
            provenance.cell("counties", county, column, "modelled", "counties_832.csv, county_snapshot.csv",
                            "imputed: mean of the prefecture's other counties")
    return counties


def rural_population(counties: pd.DataFrame) -> pd.Series:
    """Assume the rural part of the population from the primary sector's share of GDP and the kind of unit.

    0.62 + 0.8 (share - 0.24), less 0.10 in districts and county-level cities, kept within 0.35 and 0.88;
    0.76 where the share is unknown. No published county figure was found to calibrate it to.
    """
    town = counties["name"].str.endswith(("区", "市")).astype(float)
    share = 0.62 + 0.8 * (counties["primary_share"] - 0.24)
    share = share.fillna(0.76) - 0.10 * town
    return (counties["population"] * share.clip(0.35, 0.88)).round(-1)


def add_income(counties: pd.DataFrame, source: Path, provenance: Provenance) -> tuple[pd.DataFrame, IncomeModel]:
    """Add `income`, imputed where it has to be; every imputed cell is marked."""
    counties = counties.copy()
    rows = read_source(source, "rural_income_2015_2020")
    panel = rows.assign(income=numeric(rows["rural_disposable_income_yuan"]), year=numeric(rows["year"]).astype(int))
    panel = panel.pivot(index="county_id", columns="year", values="income").reindex(counties.index)
    model = impute_income(counties, panel)
    counties["income"] = model.income
    counties["income_year"] = np.where(panel[2020].notna(), 2020, np.where(panel[2019].notna(), 2019, np.nan))
    notes = {"carried": "imputed: figure of 2015-2018 carried forward by the median growth of other counties",
             "regression": "imputed: ridge regression"}
    for county, status in model.status.items():
        if status != "observed":
            provenance.cell("counties", str(county), "income", "modelled", "rural_income_2015_2020.csv", notes[status])
    return counties, model


def industries(county: pd.Series) -> list[str]:
    """Assume a county's sectors from where it lies (latitude, relief, macro region) and its GDP structure."""
    lat, lon, relief = county["lat"], county["lon"], county["terrain_relief"]
    chosen: list[str] = []
    if relief > 3.2:
        chosen += ["livestock", "herbs", "tourism"]
    elif lat > 37:
        chosen += ["grain", "livestock"] + (["energy"] if lon < 116 else ["mushrooms"])
    elif lat > 33.5:
        chosen += ["fruit", "herbs"] + (["energy"] if lon < 108 else ["grain"])
    elif lat > 27:
        chosen += ["tea", "vegetables"] + (["tourism"] if relief > 1.2 else ["textiles"])
    else:
        chosen += ["fruit", "tea"] + (["sugar"] if lon > 105 else ["flowers"])
    if county["ethnic"] == 1 and "tourism" not in chosen:
        chosen.append("tourism")
    if county["population"] > 600_000:
        chosen.append("processing")
    return chosen
