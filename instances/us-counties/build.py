"""Build the instance of the United States: 353 counties of persistent poverty, reference year 2017.

    python instances/us-counties/build.py [--out DIR]

Poor people, rates and typology are the published ones; unit costs and money are assumed, and README.md says which.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from string import Template

import numpy as np
import pandas as pd

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from common.tables import Provenance, numeric, read_source, write_table, write_text  # noqa: E402

SOURCE = HERE / "source"
COUNTIES, STATES = "persistent_poverty_counties", "states"
YEAR = 2017
COST = {"children": 2.4, "adults": 3.0, "work": 5.0}
"""Assumed cost of helping one person for a year in a large metropolitan area, thousand dollars."""
REMOTENESS = 0.03
"""Assumed rise of the cost for each step of the rural-urban continuum code."""
FEDERAL_PER_HEAD, STATE_PER_HEAD = 1.0, 0.25
"""Assumed money of a year for each poor person, thousand dollars."""
FLOORS = {"children": 0.30, "income": 0.30, "work": 0.20}
"""Assumed tenth of each program, as a share of the federal money; the rest is free."""
BY_POOR, BY_POPULATION = 0.6, 0.4
"""Assumed formula by which last year's federal money was split."""
ECONOMY = ("not specialized", "farming", "mining", "manufacturing", "government", "recreation")
"""Names of the codes 0 to 5 of the economic typology."""
INDEPENDENT_CITY = 510
"""County codes from here on are independent cities by the Census Bureau's numbering."""

# column of counties.csv: (column of the source, what it is)
FLAGS = {"nonmetro": ("nonmetro_2013", "1 = outside metropolitan areas, 2013"),
         "high_poverty": ("high_poverty_2013_17", "1 = 20 % or more poor in 2013-2017"),
         "low_education": ("low_education_2015", "typology, edition of 2015")}
FIGURES = {"population": ("population_2018", "residents of 2018"),
           "income": ("per_capita_income_2013_17_usd", "dollars a person and year, 2013-2017"),
           "poor_people": ("poor_people_2017", "SAIPE estimate of 2017"),
           "poor_children": ("poor_children_2017", "SAIPE estimate of 2017, under 18"),
           "poverty_rate": ("poverty_rate_2017_pct", "per cent, 2017"),
           "median_household_income": ("median_household_income_2017_usd", "dollars, 2017"),
           "rural_urban_code": ("rural_urban_continuum_code_2013", "1 = large metropolitan area ... 9 = most remote")}


def county_table(source: pd.DataFrame, states: pd.DataFrame) -> pd.DataFrame:
    """Counties with names, places, flags and figures, and the two numbers of people that follow from rates."""
    place = states.set_index("state")
    city = source["fips"].str[2:].astype(int) >= INDEPENDENT_CITY
    name = source["county"] + np.where(city, " city, ", ", ") + source["state"]
    figures = {column: numeric(source[origin]) for column, (origin, _) in {**FIGURES, **FLAGS}.items()}
    unemployed = numeric(source["unemployment_rate_2018_pct"]) * numeric(source["labor_force_2018"]) / 100
    deep = numeric(source["deep_poverty_rate_2013_17_pct"]) * figures["population"] / 100
    return pd.DataFrame({
        "county": source["fips"], "name": name, "province": source["state"].map(place["name"]),
        "region": source["state"].map(place["division"]),
        "economy": source["economic_type_2015"].astype(int).map(ECONOMY.__getitem__),
        **figures, "deep_poor": deep.round(), "unemployed": unemployed.round(),
    })


def need_table(counties: pd.DataFrame) -> pd.DataFrame:
    """People in need and the cost of helping one of them, dearer where it is remote."""
    people = {"children": counties["poor_children"], "adults": counties["poor_people"] - counties["poor_children"],
              "work": counties["unemployed"]}
    remote = 1 + REMOTENESS * (counties["rural_urban_code"] - 1)
    parts = [pd.DataFrame({"county": counties["county"], "need": need, "people": count,
                           "unit_cost": (COST[need] * remote).round(3)}) for need, count in people.items()]
    return pd.concat(parts).sort_values(["county", "need"])


def whole_parts(total: int, weights: pd.Series) -> pd.Series:
    """Split a total into whole parts in proportion to the weights, largest remainders first."""
    exact = total * weights / weights.sum()
    parts = np.floor(exact).astype(int)
    order = (parts - exact).sort_values(kind="stable").index
    parts.loc[order[:total - int(parts.sum())]] += 1
    return parts


def money_tables(counties: pd.DataFrame, federal: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return each state's budget, and last year's federal money by the assumed formula."""
    poor = counties.groupby("province", sort=True)["poor_people"].sum()
    budgets = pd.DataFrame({"stream": "state", "scope": "province=" + poor.index, "period": YEAR,
                            "amount": (poor * STATE_PER_HEAD).round().astype(int).to_numpy()})
    weight = (BY_POOR * counties["poor_people"] / counties["poor_people"].sum()
              + BY_POPULATION * counties["population"] / counties["population"].sum())
    baseline = pd.DataFrame({"county": counties["county"], "stream": "federal", "category": "",
                             "money": whole_parts(federal, weight), "year": YEAR - 1})
    return budgets, baseline


def origins(counties: pd.DataFrame) -> Provenance:
    """Say of every column where it comes from, and of the two cities that their name was completed."""
    marks = Provenance()
    table = f"{COUNTIES}.csv"
    marks.column("counties", "name", "observed", table, "name in the source and the state's letters")
    for column in ("province", "region"):
        marks.column("counties", column, "observed", f"{STATES}.csv", {"province": "state", "region": "Census division"}[column])
    marks.column("counties", "economy", "observed", table, "economic typology, edition of 2015")
    for column, (_, note) in {**FIGURES, **FLAGS}.items():
        marks.column("counties", column, "observed", table, note)
    marks.column("counties", "deep_poor", "modelled", table, "deep poverty rate of 2013-2017 x residents of 2018")
    marks.column("counties", "unemployed", "modelled", table, "unemployment rate x labor force, both of 2018")
    for county in counties.loc[counties["name"].str.contains(" city, "), "county"]:
        marks.cell("counties", county, "name", "assumed", "build.py", "'city' added: the source gives the bare name")
    marks.column("needs", "people", "observed", table, "poor children; adults = poor people less poor children (2017)")
    for county in counties["county"]:
        marks.cell("needs", f"{county}/work", "people", "modelled", table, "unemployment rate x labor force, both of 2018")
    marks.column("needs", "unit_cost", "assumed", "build.py", "cost of a year, 3 % dearer for each step of the rural-urban code")
    marks.column("budgets", "amount", "assumed", "build.py", "250 dollars for each poor person of the state's counties")
    marks.column("baseline", "money", "modelled", "build.py", "60 % by poor people, 40 % by residents (assumed formula)")
    return marks


def settings_text(federal: int) -> str:
    """Fill the computed amounts into the template."""
    floors = {f"floor_{category}": round(federal * share) for category, share in FLOORS.items()}
    programs = {f"program_{category}": f"{round(federal * share) / 100:,.0f}" for category, share in FLOORS.items()}
    template = Template((SOURCE / "instance.template.yaml").read_text(encoding="utf-8"))
    return template.substitute(year=YEAR, federal=federal, **floors, **programs)


def main() -> None:
    """Build and write the instance."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=HERE, help="folder to write to (default: beside this file)")
    out: Path = parser.parse_args().out
    counties = county_table(read_source(SOURCE, COUNTIES), read_source(SOURCE, STATES))
    federal = round(counties["poor_people"].sum() * FEDERAL_PER_HEAD)
    budgets, baseline = money_tables(counties, federal)
    tables = {"counties": counties, "needs": need_table(counties), "budgets": budgets, "baseline": baseline,
              "provenance": origins(counties).frame()}
    for name, frame in tables.items():
        write_table(out, name, frame)
    write_text(out, "instance.yaml", settings_text(federal))


if __name__ == "__main__":
    main()
