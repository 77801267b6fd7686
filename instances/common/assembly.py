"""From counties and needs to all tables of an instance: donors, pairs, money, projects, resources."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from . import donors as donor_steps
from . import editions, resources
from . import money as money_steps
from .imputation import IncomeModel
from .needs import claims
from .origins import write_origins
from .pipeline import SEED, Base, at_risk, county_table
from .projects import make_projects
from .tables import Provenance, numeric, read_source, write_table, write_text


@dataclass(frozen=True)
class Recipe:
    """What differs between the instances.

    Attributes
    ----------
    source : Path
        Folder of the source tables that both use.
    periods : list of int
    central, central_last : int
        Central money of a year for these counties and that of the year before, 10,000 yuan.
    last_note : str
        How the total of the year before was found.
    proposals : float
        Projects proposed by a county of 300,000 people.
    donor_province : str
        Only donors of this province (blank = all).
    keep_small : bool
        Counties (县) of the donor provinces are donors too.
    partners_max : int
        Most partners of a county; 0 = from the numbers in its bloc.
    """

    source: Path
    periods: list[int]
    central: int
    central_last: int
    last_note: str
    proposals: float
    donor_province: str = ""
    keep_small: bool = False
    partners_max: int = 0


@dataclass(frozen=True)
class Built:
    """The tables and what the settings and the printed report need."""

    tables: dict[str, pd.DataFrame]
    blocs: pd.DataFrame
    key_share: float
    income_model: IncomeModel


def build_tables(recipe: Recipe, base: Base, provenance: Provenance) -> Built:
    """Build every table of an instance and note the origin of every column."""
    source, counties, needs = recipe.source, base.counties.copy(), base.needs
    counties["at_risk"] = at_risk(needs)
    counties["claim"] = claims(needs)
    revenue = numeric(read_source(source, "donor_province_revenue_2020").set_index("province").iloc[:, 0])
    known = read_source(source, "known_pairs")
    units = donor_steps.donor_units(source, recipe.keep_small)
    if recipe.donor_province:
        units = units[units["province"] == recipe.donor_province]
    all_blocs = read_source(source, "blocs")
    donor_bloc, counties["bloc"] = donor_steps.assign_blocs(units, counties, all_blocs)
    money = donor_steps.bloc_money(all_blocs, counties["bloc"], revenue)
    donors = donor_steps.make_donors(units, donor_bloc, money, known, revenue)
    counties = donor_steps.partners(counties, donors, recipe.partners_max)
    pairs = donor_steps.make_pairs(known, donors, counties)
    strengths = {bloc: sorted({s for row in group["sectors"] for s in row}) for bloc, group in donors.groupby("bloc")}
    made = make_projects(counties, strengths, needs, seed=SEED, per_county=recipe.proposals, late=len(recipe.periods) > 1)
    tables = {
        "counties": county_table(counties),
        "needs": needs,
        "budgets": money_steps.provincial_budgets(counties, recipe.central, recipe.periods),
        "donors": donors.reset_index(),
        "pairs": pairs,
        "projects": made.projects,
        "effects": made.effects,
        "resources": resources.make_resources(made.projects, made.uses, counties),
        "uses": made.uses,
        "brings": resources.make_brings(pairs),
        "baseline": money_steps.baseline_table(counties, recipe.central_last, 2019),
    }
    last = tables["baseline"].set_index("county")["money"]
    write_origins(provenance, tables, known, recipe.last_note)
    return Built(tables, donor_steps.bloc_counts(donors, counties, money),
                 float(last[counties["key_county"].eq(1)].sum() / last.sum()), base.income_model)


def write_instance(out: Path, built: Built, settings: str, provenance: Provenance, periods: list[int], scale: int) -> None:
    """Write the instance, or an edition of it, and print what was counted."""
    tables = built.tables
    if scale > 1:
        tables = editions.scaled(tables, scale, SEED)
        settings = editions.titled(settings, f"SYNTHETIC, every county copied {scale} times for benchmarks")
        provenance.column("counties", "county", "assumed", "copies", editions.COPY_NOTE)
    if len(periods) > 1:
        tables["needs"] = editions.growing_needs(tables["needs"], periods)
        settings = editions.titled(settings, f"{len(periods)} periods, each with the first year's budgets (assumed)")
    for name, table in tables.items():
        write_table(out, name, table)
    write_table(out, "provenance", provenance.frame())
    write_text(out, "instance.yaml", settings)
    print(built.blocs.to_string())
    print({name: round(error, 3) for name, error in built.income_model.errors.items()})
    print({name: len(table) for name, table in tables.items()})
