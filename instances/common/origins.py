"""What provenance.csv says of each column."""

from __future__ import annotations

import pandas as pd

from .tables import Provenance

JINYANG = "513430"
"""The one county whose published incidence is used as it is."""
SYNTHETIC = "SYNTHETIC: drawn from assumed kinds, mean cost calibrated to 2,690 million yuan / 1,343 projects"

OBSERVED = {
    "name": "counties_832.csv", "province": "counties_832.csv", "province_en": "counties_832.csv",
    "prefecture": "counties_832.csv", "region": "counties_832.csv", "macro_region": "counties_832.csv",
    "lon": "counties_832.csv", "lat": "counties_832.csv", "terrain_relief": "counties_832.csv",
    "deep_poverty": "counties_832.csv", "ethnic": "counties_832.csv", "key_county": "counties_832.csv",
    "three_regions": "counties_832.csv", "last_52": "counties_832.csv", "year_delisted": "counties_832.csv",
    "population": "county_snapshot.csv", "population_year": "county_snapshot.csv",
    "gdp_10k_yuan": "county_snapshot.csv", "gdp_10k_yuan_year": "county_snapshot.csv",
    "revenue_10k_yuan": "county_snapshot.csv", "revenue_10k_yuan_year": "county_snapshot.csv",
    "expenditure_10k_yuan": "county_snapshot.csv", "expenditure_10k_yuan_year": "county_snapshot.csv",
    "income": "rural_income_2015_2020.csv", "income_year": "rural_income_2015_2020.csv",
}
NOTES = {
    "region": "blank = unknown, none = outside all areas", "deep_poverty": "blank = unknown",
    "key_county": "blank = unknown", "population": "registered (户籍); year in population_year",
    "gdp_10k_yuan": "figures older than 2018 left out; year beside it",
    "revenue_10k_yuan": "figures older than 2018 left out; year beside it",
    "expenditure_10k_yuan": "figures older than 2018 left out; year beside it",
    "income": "figures of 2020, else 2019; imputed cells are listed one by one",
}
OTHERS = (
    ("counties", "rural_population", "assumed", "build.py", "from the primary sector's share of GDP and the kind of unit"),
    ("counties", "claim", "modelled", "build.py", "cost of covering every need by direct support"),
    ("counties", "at_risk", "modelled", "build.py", "people with the income need"),
    ("counties", "partnered", "modelled", "blocs.csv", "1 = inside a bloc"),
    ("counties", "partners_min", "modelled", "blocs.csv", "1 inside a bloc"),
    ("counties", "partners_max", "assumed", "build.py", "1, up to 3 where the bloc has that many donors a county"),
    ("counties", "absorption", "assumed", "build.py", "ceiling of collaboration money"),
    ("counties", "industries", "assumed", "build.py", "from latitude, longitude, relief and population"),
    ("counties", "bloc", "observed", "blocs.csv", "province and prefecture pairings 2021-2025; exceptions marked by cell"),
    ("needs", "relapse", "assumed", "build.py", ""),
    ("budgets", "amount", "assumed", "build.py", "matching 30 / 45 / 60 % of the factor method's central money"),
    ("donors", "name", "observed", "donor_units.csv", "division of about 2010-2013"),
    ("donors", "province", "observed", "donor_units.csv", ""),
    ("donors", "city", "observed", "donor_units.csv", "from the division code"),
    ("donors", "lon", "observed", "donor_units.csv", ""),
    ("donors", "lat", "observed", "donor_units.csv", ""),
    ("donors", "bloc", "observed", "blocs.csv", "exceptions in the column status of source/blocs.csv"),
    ("donors", "money", "assumed", "blocs.csv; donor_province_revenue_2020.csv",
     "the bloc's reported flow (or revenue x median rate), split by assumed weights"),
    ("donors", "revenue", "assumed", "donor_province_revenue_2020.csv", "province's revenue split like money"),
    ("donors", "pairs_min", "assumed", "build.py", ""),
    ("donors", "pairs_max", "assumed", "build.py", "1.3 x money / flow per county, at least the known pairs"),
    ("donors", "sectors", "assumed", "build.py", "by province"),
    ("pairs", "least_support", "assumed", "build.py", "10 million yuan, the low end of a published range"),
    ("pairs", "most_support", "assumed", "build.py", "smaller of the donor's money and the county's absorption"),
    ("effects", "people", "assumed", "build.py", "SYNTHETIC"),
    ("resources", "capacity", "assumed", "build.py", "75 % (land) and 65 % (staff) of what all proposals would use"),
    ("uses", "amount", "assumed", "build.py", "SYNTHETIC"),
    ("brings", "amount", "assumed", "build.py", "12 persons for a known pair"),
)
INCOME_NOTE = "poor at the end of 2019 nationwide (5.51 million, published) x 0.85 (assumed), split by assumed weights"
HOUSING_NOTE = "Liangshan 2019: 50.46 million yuan for 2,151 people; varied by terrain"


def need_origins(provenance: Provenance, needs: pd.DataFrame) -> None:
    """Origins of people and unit costs: assumed but for the income headcount and the cost of housing."""
    provenance.column("needs", "people", "assumed", "build.py",
                      "total and weights assumed; the income need is marked cell by cell")
    provenance.column("needs", "unit_cost", "assumed", "build.py", "varied by terrain; housing is marked cell by cell")
    for row in needs.itertuples():
        key = f"{row.county}/{row.need}"
        if row.need == "income" and row.county != JINYANG:
            provenance.cell("needs", key, "people", "modelled", "poverty_headcounts_published.csv", INCOME_NOTE)
        elif row.need == "housing":
            provenance.cell("needs", key, "unit_cost", "modelled", "project_cost_observations.csv", HOUSING_NOTE)


def write_origins(provenance: Provenance, tables: dict[str, pd.DataFrame], known: pd.DataFrame, last_note: str) -> None:
    """Fill in the origins of every column, of Qinghai's partner and of every known pair."""
    for column, source in OBSERVED.items():
        provenance.column("counties", column, "observed", source, NOTES.get(column, ""))
    for table, column, status, source, note in OTHERS:
        if table in tables:
            provenance.column(table, column, status, source, note)
    provenance.column("baseline", "money", "modelled", "central_fund_totals.csv",
                      f"{last_note}; split by a mix of factor method, rural population and equal shares (assumed)")
    need_origins(provenance, tables["needs"])
    counties = tables["counties"]
    if JINYANG in set(counties["county"]):
        provenance.cell("needs", f"{JINYANG}/income", "people", "modelled", "poverty_headcounts_published.csv",
                        "published incidence of 14.6 % at the end of 2019 x assumed rural population")
    for column in tables["projects"].columns.drop(["project", "county"]):
        provenance.column("projects", column, "assumed", "build.py", SYNTHETIC)
    for county in counties[counties["province"] == "青海省"]["county"]:
        provenance.cell("counties", county, "bloc", "assumed", "blocs.csv",
                        "Jiangsu as Qinghai's partner was not found in a source")
    for county in counties[counties["bloc"].isin(["惠州-黔西南", "东莞-铜仁", "珠海-遵义", "中山-六盘水"])]["county"]:
        provenance.cell("counties", county, "bloc", "assumed", "blocs.csv", "city pairing from background knowledge")
    origin = known.set_index(["donor", "county"])[["source", "period", "note"]]
    for pair in tables["pairs"].itertuples():
        row = origin.loc[(pair.donor, pair.county)]
        note = f"pair of {row['period']}" + (f"; {row['note']}" if row["note"] else "")
        provenance.cell("pairs", f"{pair.donor}/{pair.county}", "existing", "observed", row["source"], note)
