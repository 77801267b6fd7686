"""Projects: started once, prerequisites, alternatives, resources, partners' sectors (MODEL.md, clause 5)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from optimizer.instance.data import Data
from optimizer.instance.filled import split_list
from optimizer.instance.resources import resource_scope
from optimizer.model.algebra import Algebra, Terms
from optimizer.model.ceilings import largest_amounts, least_amounts
from optimizer.model.decisions import position


def state_projects(model: Algebra, data: Data) -> None:
    if not len(data.projects):
        return
    started_once(model, data)
    amount_switched(model, data)
    prerequisite(model, data)
    exclusive_group(model, data)
    resource_capacity(model, data)
    partner_sector(model, data)


def switches(model: Algebra) -> Terms:
    """Binaries that say a project starts: ``start`` and, for scalable projects that need one, ``started``."""
    return Terms.concat([model.terms_of("start"), model.terms_of("started")])


def amounts(model: Algebra) -> Terms:
    """How much of each project starts: ``start`` (whole) and ``amount`` (scalable)."""
    return Terms.concat([model.terms_of("start"), model.terms_of("amount")])


def started_once(model: Algebra, data: Data) -> None:
    """A project starts at most once, a locked one exactly once; a scalable one at most up to ``most`` in all.

    Σ_t start[p,t] ≤ 1 (= 1 if locked);  Σ_t amount[p,t] ≤ most[p], Σ_t started[p,t] ≤ 1 where there is a binary
    """
    projects = data.projects.reset_index()
    projects = projects[projects["project"].isin(data.project_starts["project"])]
    whole = projects[projects["scalable"] != 1]
    locked = (whole["status"] == "lock").to_numpy()
    if len(data.periods) > 1 or locked.any():
        several = whole if len(data.periods) > 1 else whole[locked]
        locked = (several["status"] == "lock").to_numpy()
        model.state("started_once", several[["project"]], [model.terms_of("start")],
                    lower=np.where(locked, 1.0, -np.inf), upper=1.0, role="project")
    scalable = projects[projects["scalable"] == 1]
    locked = (scalable["status"] == "lock").to_numpy()
    least = np.where(locked, least_amounts(data)[scalable["project"]].to_numpy(float), -np.inf)
    bound = (least > -np.inf) | (scalable["most"] < np.inf).to_numpy()
    model.state("amount_total", scalable.loc[bound, ["project"]], [model.terms_of("amount")],
                lower=least[bound], upper=scalable["most"].to_numpy(float)[bound], role="project")
    switched = pd.DataFrame({"project": model.columns["started"].keys["project"].unique()})
    status = data.projects.loc[switched["project"], "status"].to_numpy()
    model.state("started_scalable", switched, [model.terms_of("started")],
                lower=np.where(status == "lock", 1.0, -np.inf), upper=1.0, role="project")


def amount_switched(model: Algebra, data: Data) -> None:
    """A scalable project with a binary has amount 0, or between its least and most.

    least[p]·started[p,t] ≤ amount[p,t] ≤ most[p]·started[p,t]; a least of 0 is read as one step of the project's money
    """
    started = model.columns["started"]
    if not len(started):
        return
    most = data.projects.loc[started.keys["project"], "most"].to_numpy(float)
    least = least_amounts(data)[started.keys["project"]].to_numpy(float)
    amount = model.terms_of("amount")
    model.state("amount_most", started.keys, [amount, started.terms(-most)],
                upper=0.0, role="switch")
    model.state("amount_least", started.keys, [amount, started.terms(-least)],
                lower=0.0, role="switch")


def prerequisite(model: Algebra, data: Data) -> None:
    """A project starts only if each project it requires started in the same period or before.

    Σ_{u≤t} start[p,u] ≤ Σ_{u≤t} start[q,u]   for each q that p requires
    """
    pairs = [
        (project, required)
        for project, cell in zip(data.projects.index, split_list(data.projects["requires"]), strict=True)
        for required in cell
    ]
    if not pairs:
        return
    index = pd.DataFrame(pairs, columns=["project", "required"]).merge(
        pd.DataFrame({"period": list(data.periods)}), how="cross")
    on = switches(model)
    parts = []
    for key, sign in (("project", 1.0), ("required", -1.0)):
        terms = index.reset_index(names="row").merge(
            on.keys.assign(term=np.arange(len(on))), left_on=key, right_on="project", suffixes=("", "_of"))
        terms = terms[terms["start"] <= terms["period"]]
        parts.append(on.at(terms["term"].to_numpy(), index.iloc[terms["row"]]).times(sign))
    model.state("prerequisite", index, parts, upper=0.0, role="project")


def exclusive_group(model: Algebra, data: Data) -> None:
    """At most one project of an exclusive group is started.  Σ_{p of group} Σ_t start[p,t] ≤ 1"""
    groups = data.projects["exclusive"].dropna()
    if not len(groups):
        return
    on = switches(model)
    on = on.keyed(exclusive=on.keys["project"].map(groups))
    index = pd.DataFrame({"exclusive": sorted(groups.unique())})
    county = data.projects.loc[groups.index].groupby("exclusive")["county"].agg(["first", "nunique"])
    if (county["nunique"] == 1).all():  # the row lies inside one county: keep it in that block
        index["county"] = county.loc[index["exclusive"], "first"].to_numpy()
        on = on.keyed(county=on.keys["project"].map(data.projects["county"]))
    model.state("exclusive_group", index, [on], upper=1.0, role="project")


def resource_use(model: Algebra, data: Data) -> Terms:
    """What projects use of each resource: under resource, county, period (of start)."""
    rows = data.project_starts.merge(data.uses, on="project")
    rows["county"] = rows["project"].map(data.projects["county"])
    rows["period"] = rows["start"]
    start = position(model, "start", rows[["project", "start"]])
    amount = position(model, "amount", rows[["project", "start"]])
    return Terms(rows, np.where(start >= 0, start, amount), rows["amount"].to_numpy(float))


def resource_brought(model: Algebra, data: Data) -> Terms:
    """What chosen pairs add to a county's own capacity: under resource, county."""
    at = position(model, "pair", data.brings[["donor", "county"]])
    known = at >= 0
    return Terms(data.brings[known].reset_index(drop=True), at[known], data.brings["amount"].to_numpy(float)[known])


def resource_capacity(model: Algebra, data: Data) -> None:
    """What started projects use of a resource in a scope stays within its capacity and what pairs bring.

    Σ_p amount[p,r]·start[p,t] ≤ capacity[r,scope,t] + Σ_d brings[d,i,r]·pair[d,i]
    """
    if not len(data.resources):
        return
    used, brought = resource_use(model, data), resource_brought(model, data)
    periods = pd.DataFrame({"period": list(data.periods)})
    for scope, rows in data.resources.groupby("scope", sort=True):
        index = rows[["resource", "scope", "of", "period"]].reset_index(drop=True)
        parts = []
        for sign, terms in ((1.0, used), (-1.0, brought if scope == "county" else brought.where(np.zeros(len(brought), bool)))):
            if not len(terms):
                continue
            of = resource_scope(data.counties, terms.keys["county"], str(scope))
            at = terms.keyed(scope=scope, of=of.to_numpy()).times(sign)
            if "period" in at.keys:
                parts.append(at)
            else:
                rows_at = at.keys.reset_index(names="term").merge(periods, how="cross")
                parts.append(at.at(rows_at["term"].to_numpy(), rows_at.drop(columns="term")))
            parts.append(at.keyed(period="horizon"))
        if scope == "county":
            index = index.assign(county=index["of"])
            parts = [part.keyed(county=part.keys["of"]) for part in parts]
        capacity = rows["capacity"].to_numpy(float)
        model.state(f"resource_capacity_{scope}", index, parts, upper=capacity, role="resource")


def partner_sector(model: Algebra, data: Data) -> None:
    """A project that needs a partner strong in a sector starts only if such a donor is chosen.

    start[p,t] ≤ Σ_{d with the sector} pair[d,i];  scalable: amount[p,t] ≤ most[p]·Σ pair
    """
    wanted = data.projects["partner_sector"].dropna()
    if not len(wanted):
        return
    amount = amounts(model)
    concerned = amount.where(amount.keys["project"].isin(wanted.index))
    index = concerned.keys[["project", "start"]].assign(county=concerned.keys["project"].map(data.projects["county"]))
    strong = pd.DataFrame(
        [(donor, sector) for donor, cell in zip(data.donors.index, split_list(data.donors["sectors"]), strict=True)
         for sector in cell], columns=["donor", "sector"], dtype="str")
    offers = data.pairs[["donor", "county"]].assign(n=np.arange(len(data.pairs))).merge(strong, on="donor")
    rows = index.assign(sector=index["project"].map(wanted)).merge(offers, on=["county", "sector"])
    most = rows["project"].map(largest_amounts(data)).to_numpy(float)
    pairs = model.columns["pair"].terms().at(rows["n"].to_numpy(int), rows[["project", "start", "county"]]) \
        if len(rows) else Terms.concat([])
    model.state("partner_sector", index,
                [concerned.keyed(county=index["county"].to_numpy()), pairs.times(-most)], upper=0.0, role="project")
