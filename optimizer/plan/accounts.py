"""Money: what projects cost, what streams pay, what pairs bring and what is left of each account."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pandas as pd

from optimizer.instance.data import Data
from optimizer.plan.choices import Choices
from optimizer.plan.columns import FIT_PART
from optimizer.plan.exact import Exact, codes_of, fraction, join, locate

FUND_KEYS = ["stream", "county", "category", "period"]
ACCOUNT_KEYS = ["county", "category", "period"]


def funds_table(data: Data, choices: Choices) -> pd.DataFrame:
    """``funds.csv``: stream, county, category, period, money, of transfer and pairing streams."""
    rows = pd.concat([choices.transfers, choices.placed], ignore_index=True)
    codes, groups = codes_of(rows, FUND_KEYS)
    money = Exact.of(rows["money"]).sum_by(codes, len(groups))
    out = groups.assign(money=money.floats())
    return out[money.nonzero()].reset_index(drop=True)


def support_table(choices: Choices) -> pd.DataFrame:
    """``support.csv``: donor, county, period, money."""
    return choices.support.sort_values(["donor", "county", "period"], ignore_index=True)


def unit_money(data: Data) -> pd.DataFrame:
    """project, start, money, own: what a whole project costs inside the horizon (exact decimals as floats)."""
    rows = data.project_money
    codes, groups = codes_of(rows, ["project", "start"])
    return groups.assign(
        money=Exact.of(rows["money"]).sum_by(codes, len(groups)).floats(),
        own=Exact.of(rows["own"]).sum_by(codes, len(groups)).floats(),
    )


def exact_amounts(data: Data, rows: pd.DataFrame) -> Exact:
    """Amount of each row of ``projects.csv`` or of the starts: exact cost / exact unit cost.

    A scalable project's cost is a whole number of steps, so its amount is the quotient and not the float written.
    ``rows`` has project, start, amount and, once known, cost.
    """
    amounts = rows["amount"].to_numpy(float).tolist()
    out: list[int | Fraction] = [int(amount) if amount.is_integer() else fraction(amount) for amount in amounts]
    scalable = rows["project"].map(data.projects["scalable"]).fillna(0.0).to_numpy(float) > 0
    if scalable.any():
        units = unit_money(data)
        price = units["money"].to_numpy(float)
        at = locate(rows, units, ["project", "start"])
        step, costs = fraction(data.step), rows["cost"].to_numpy(float) if "cost" in rows else None
        for row in np.flatnonzero(scalable & (at >= 0)).tolist():
            unit = fraction(float(price[at[row]]))
            if unit > 0:
                paid = fraction(float(costs[row])) if costs is not None else round(out[row] * unit / step) * step
                out[row] = _plain(paid / unit)
    return Exact.whole(out)


def _plain(number: Fraction) -> int | Fraction:
    """A whole number as ``int``, whose arithmetic is quick."""
    return number.numerator if number.denominator == 1 else number


def projects_table(data: Data, starts: pd.DataFrame) -> pd.DataFrame:
    """``projects.csv``: county, category, sector, start, amount, cost (in the horizon), tail (after it), own."""
    amounts = exact_amounts(data, starts)
    units = unit_money(data)
    at = locate(starts, units, ["project", "start"])
    tail_at = locate(starts, data.project_tail, ["project", "start"])
    known = data.projects.reindex(starts["project"])
    out = pd.DataFrame({
        "project": starts["project"].to_numpy(),
        "county": known["county"].to_numpy(), "category": known["category"].to_numpy(),
        "sector": known["sector"].to_numpy(), "start": starts["start"].to_numpy(), "amount": amounts.floats(),
        "cost": (amounts * _pick(units["money"], at)).floats(),
        "tail": (amounts * _pick(data.project_tail["tail"], tail_at)).floats(),
        "own": (amounts * _pick(units["own"], at)).floats(),
    })
    return out.sort_values(["project", "start"], ignore_index=True)


def _pick(column: pd.Series, at: np.ndarray) -> Exact:
    """Entries of a column at positions, 0 where the position is -1."""
    values = column.to_numpy(float)
    return Exact.of(np.where(at >= 0, values[at], 0.0) if len(values) else np.zeros(len(at)))


def per_project(data: Data, projects: pd.DataFrame, table: pd.DataFrame, column: str) -> tuple[pd.DataFrame, Exact]:
    """Rows of a project table (by project and start) of the projects started, and ``column`` times their amounts."""
    rows = table[table["project"].isin(projects["project"])]
    at = locate(rows, projects, ["project", "start"])
    rows, at = rows[at >= 0].reset_index(drop=True), at[at >= 0]
    return rows, exact_amounts(data, projects)[at] * Exact.of(rows[column])


def effects_of(data: Data, projects: pd.DataFrame) -> tuple[pd.DataFrame, Exact]:
    """county, need, period and the people that the projects started serve there (exact)."""
    return per_project(data, projects, data.served, "people")


def project_spending(data: Data, projects: pd.DataFrame) -> tuple[pd.DataFrame, Exact]:
    """project, county, category, sector, start, period and the accounted money of the projects started (exact)."""
    rows, money = per_project(data, projects, data.project_money, "money")
    known = data.projects.reindex(rows["project"])
    named = rows.assign(**{name: known[name].to_numpy() for name in ("county", "category", "sector")})
    return named, money


def unspent_table(data: Data, funds: pd.DataFrame, projects: pd.DataFrame, coverage: pd.DataFrame) -> pd.DataFrame:
    """``unspent.csv``: what comes into an account and does not go out.

    A rest below one step for each amount paid in is the ``reserve`` that lets whole steps meet exact project costs;
    a larger one is ``unspent``. A negative rest (money out of nowhere) is kept for the audit to catch.
    """
    spent, spent_money = project_spending(data, projects)
    category = data.needs.drop_duplicates("need").set_index("need")["category"]
    direct = coverage[coverage["direct_cost"] != 0]
    keys = pd.concat([
        funds[ACCOUNT_KEYS], spent[ACCOUNT_KEYS],
        pd.DataFrame({"county": direct["county"], "category": direct["need"].map(category), "period": direct["period"]}),
    ], ignore_index=True)
    codes, groups = codes_of(keys, ACCOUNT_KEYS)
    rest = join([
        Exact.of(funds["money"]), spent_money.times(-1), Exact.of(direct["direct_cost"]).times(-1)
    ]).sum_by(codes, len(groups))
    paid = np.bincount(codes[: len(funds)], minlength=len(groups)) if len(groups) else np.empty(0, int)
    limit = Exact.of(paid).times(fraction(data.step))
    out = groups.assign(money=rest.floats(), kind=np.where(rest.below(limit), "reserve", "unspent"))
    return out[rest.nonzero()].reset_index(drop=True)


def streams_table(data: Data, funds: pd.DataFrame) -> pd.DataFrame:
    """``streams.csv``: budget, carried_in, spent, carried_out and lapsed by stream, scope and period.

    Carried out: what is left, at most the share ``carry`` of the period's own budget, in whole steps; nothing is
    carried beyond the horizon. What is not carried lapses.
    """
    scope_of = data.reach.drop_duplicates(["stream", "county"])
    at = locate(funds, scope_of, ["stream", "county"])
    scopes = scope_of["scope"].to_numpy(dtype=object)
    paid = funds.assign(scope=np.where(at >= 0, scopes[at] if len(scopes) else "", ""))
    codes = locate(paid, data.budgets, ["stream", "scope", "period"])
    budgets, budget = data.budgets.reset_index(drop=True), Exact.of(data.budgets["amount"])
    spent = Exact.of(funds["money"]).sum_by(codes, len(budgets))
    step = fraction(data.step)
    flows: list[tuple[Fraction, Fraction, Fraction]] = []
    carried: dict[tuple[str, str], Fraction] = {}
    for row, (stream, scope, period) in enumerate(budgets[["stream", "scope", "period"]].itertuples(index=False)):
        came = carried.get((stream, scope), Fraction(0))
        rest = budget.at(row) + came - spent.at(row)
        limit = fraction(data.streams[stream].carry) * budget.at(row)
        out = Fraction(0) if period == data.periods[-1] else max(Fraction(0), min(rest, limit) // step * step)
        carried[stream, scope] = out
        flows.append((came, out, rest - out))
    frame = budgets[["stream", "scope", "period"]].assign(
        budget=budget.floats(), carried_in=[float(f[0]) for f in flows], spent=spent.floats(),
        carried_out=[float(f[1]) for f in flows], lapsed=[float(f[2]) for f in flows],
    )
    return frame[(frame[["budget", "spent", "carried_in"]] != 0).any(axis=1)].reset_index(drop=True)


def made_parts(data: Data) -> list[str]:
    """The columns of pairs that hold the parts of a fit that the instance has made of them."""
    return [f"{FIT_PART}{part}" for part in data.settings.pairs.fit or () if f"{FIT_PART}{part}" in data.pairs]


def pairings_table(data: Data, pairs: pd.DataFrame, support: pd.DataFrame) -> pd.DataFrame:
    """``pairings.csv``: chosen pairs (``kept`` or ``new``) and existing ones that are not chosen (``ended``).

    Columns ``fit_PART`` hold the parts of the fit, where the instance has it made of parts.
    """
    candidates = data.pairs
    chosen = np.zeros(len(candidates), dtype=bool)
    at = locate(pairs, candidates, ["donor", "county"])
    chosen[at[at >= 0]] = True
    existing = candidates["existing"].to_numpy(float) > 0
    rows = candidates[chosen | existing]
    money = Exact.of(support["money"]).sum_by(locate(support, rows, ["donor", "county"]), len(rows))
    status = np.where(chosen, np.where(existing, "kept", "new"), "ended")[chosen | existing]
    out = pd.DataFrame({
        "donor": rows["donor"].to_numpy(), "county": rows["county"].to_numpy(), "status": status,
        "locked": (rows["status"] == "lock").to_numpy().astype("int64"), "fit": rows["fit"].to_numpy(float),
        "load": rows["load"].to_numpy(float), "distance": rows["distance"].to_numpy(float), "money": money.floats(),
        **{name: rows[name].to_numpy(float) for name in made_parts(data)},
    })
    return out.sort_values(["donor", "county"], ignore_index=True)
