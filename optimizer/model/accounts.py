"""Budgets and accounts: no money is created or lost (MODEL.md, clauses 1 and 2)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from optimizer.instance.data import Data
from optimizer.model.algebra import Algebra, Terms
from optimizer.model.decisions import per_start

BELOW = 1e-5  # how far "below one step" is below it: ten times what a solver lets a row be missed by


def state_accounts(model: Algebra, data: Data) -> None:
    stream_budget(model, data)
    stream_least(model, data)
    account(model, data)
    direct_cost(model, data)
    money_decision(model, data)


def in_scope(model: Algebra, data: Data) -> Terms:
    """Transfers with the scope whose budget pays them."""
    transfers = model.terms_of("transfer")
    if not len(transfers):
        return transfers
    scope = transfers.keys[["stream", "county"]].merge(data.reach, on=["stream", "county"], how="left")["scope"]
    return transfers.keyed(scope=scope.to_numpy())


def carried_in(model: Algebra, data: Data) -> Terms:
    """What the period before carried over, under the keys of the period that receives it."""
    carried = model.terms_of("carried_out")
    if not len(carried):
        return carried
    return carried.keyed(period=carried.keys["period"] + 1)


def stream_budget(model: Algebra, data: Data) -> None:
    """A stream pays no more in a scope and period than its budget and what was carried over.

    Σ_i∈scope Σ_c transfer[s,i,c,t] + carried_out[s,t] − carried_out[s,t−1] ≤ amount[s,scope,t]   (money); where the
    instance has no budget for a scope and period it is 0
    """
    terms = [in_scope(model, data), model.terms_of("carried_out"), carried_in(model, data).times(-1)]
    paying = terms[0].keys[["stream", "scope", "period"]].drop_duplicates() if len(terms[0]) else data.budgets.iloc[:0]
    keys = ["stream", "scope", "period"]
    budgets = data.budgets.merge(paying[keys], on=keys, how="outer").fillna({"amount": 0.0})
    model.state("stream_budget", budgets[["stream", "scope", "period"]], terms,
                upper=budgets["amount"].to_numpy(float), role="budget")


def stream_least(model: Algebra, data: Data) -> None:
    """A stream pays at least its least spend in a scope and period.

    Σ_i∈scope Σ_c transfer[s,i,c,t] ≥ least[s,scope,t]   (money)
    """
    least = data.budgets[data.budgets["least"] > 0]
    model.state("stream_least", least[["stream", "scope", "period"]], [in_scope(model, data)],
                lower=least["least"].to_numpy(float), role="budget")


def project_spending(model: Algebra, data: Data) -> Terms:
    """Accounted money of projects: under project, start, county, category, sector, period."""
    info = data.projects[["county", "category", "sector"]].rename_axis("project").reset_index()
    rows = data.project_money.merge(info, on="project")
    return per_start(model, rows, rows["money"].to_numpy(float))


def account(model: Algebra, data: Data) -> None:
    """For each county, category and period money in equals money out, but for a reserve below one step.

    0 ≤ Σ_s transfer[s,i,c,t] + Σ_g placed[g,i,c,t] − Σ_p (1−own_share)·money of p − Σ_k direct[i,k,t] − unspent[i,c,t]
    < step   (money; without the reserve no whole number of steps would pay what a project costs exactly, and the bound
    would not hold for plans in whole steps)
    """
    category = {name: need.category for name, need in data.settings.needs.items()}
    direct = model.terms_of("direct")
    if len(direct):
        direct = direct.keyed(category=direct.keys["need"].map(category))
    terms = [
        model.terms_of("transfer"), model.terms_of("placed"), project_spending(model, data).times(-1),
        direct.times(-1), model.terms_of("unspent").times(-1),
    ]
    keys = [part.keys[["county", "category", "period"]] for part in terms if len(part)]
    if not keys:
        return
    index = pd.concat(keys).drop_duplicates().sort_values(["county", "category", "period"], ignore_index=True)
    model.state("account", index, terms, lower=0.0, upper=below(data.step), role="account")


def below(amount: Any) -> Any:
    """Just below an amount, by ten times what a solver lets a row be missed by."""
    return np.maximum(amount - BELOW * np.maximum(amount, 1.0), amount / 2)


def direct_cost(model: Algebra, data: Data) -> None:
    """Direct support in money is what reaching people costs, tier by tier, but for what whole people leave over.

    0 ≤ direct[i,k,t] − Σ_j unit_cost[i,k,j,t]·reach[i,k,j,t] < max(step, max_j unit_cost[i,k,j,t])   (money; people are
    whole and money is in whole steps: less than a step is left over, or less than one more person costs)
    """
    reach = model.columns["reach"]
    cost = reach.keys.merge(data.tiers, on=["county", "need", "tier", "period"], how="left")["cost"].to_numpy(float)
    index = model.columns["direct"].keys
    dearest = reach.keys.assign(cost=cost).groupby(["county", "need", "period"], as_index=False)["cost"].max()
    left = index.merge(dearest, on=["county", "need", "period"], how="left")["cost"].fillna(0.0).to_numpy(float)
    model.state("direct_cost", index, [model.terms_of("direct"), reach.terms(-cost)],
                lower=0.0, upper=below(np.maximum(data.step, left)), role="direct")


def money_decision(model: Algebra, data: Data) -> None:
    """Money that a decision sets, or holds above or below an amount (batches already given).

    Σ of the transfers (and placed money) the decision names = amount, ≥ amount or ≤ amount
    """
    decided = data.money_decisions
    if not len(decided):
        return
    money = Terms.concat([model.terms_of("transfer"), model.terms_of("placed")])
    parts, low, top = [], [], []
    for n, row in enumerate(decided.itertuples(index=False)):
        mask = np.ones(len(money), bool)
        for column in ("stream", "county", "category", "period"):
            wanted = getattr(row, column)
            if wanted is not None and wanted == wanted and wanted != "":
                mask &= (money.keys[column].astype(str) == str(int(wanted) if column == "period" else wanted)).to_numpy()
        parts.append(money.where(mask).keyed(decision=n + 1))
        low.append(row.amount if row.decision in ("set", "least") else -np.inf)
        top.append(row.amount if row.decision in ("set", "most") else np.inf)
    model.state("money_decision", pd.DataFrame({"decision": range(1, len(decided) + 1)}), parts,
                lower=np.asarray(low, float), upper=np.asarray(top, float), role="decision")
