"""The instance as the clauses read it: defaults filled, periods split out, candidate pairs made.

The model, the plan and its audit read this and nothing rawer, so what a blank cell means is decided once.
Identifiers are text; money is in the instance's unit; people are persons; shares lie between 0 and 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from optimizer.instance.candidates import candidate_pairs
from optimizer.instance.filled import by_period, filled, in_order, over_periods
from optimizer.instance.groups import select
from optimizer.instance.resources import resource_rows
from optimizer.instance.schedule import costs_by_age, project_money, project_starts, served
from optimizer.instance.settings import Settings, Stream

if TYPE_CHECKING:
    from optimizer.instance.instance import Instance

MADE_STREAM = "collaboration"
MONEY_DECISIONS = ["stream", "county", "category", "period", "decision", "amount"]


@dataclass(frozen=True, eq=False)
class Data:
    """Long tables of an instance; see :func:`expand` for the columns of each.

    Attributes
    ----------
    counties, donors, projects : indexed by identifier, every column of the format filled, extra columns kept
    needs : county, need, period, people, relapse, unit_cost (NaN = no direct support), kind, category, weight
    tiers : county, need, tier, period, width (share of people), cost (money per person)
    budgets : stream, scope, period, amount, least (money); transfer streams only
    reach : stream, scope, county
    stream_categories : stream, category
    donor_money : donor, period, money, least_money
    pairs : donor, county, stream, fit, load, distance, existing, since, status, …
    pair_money : pair (row of ``pairs``), donor, county, period, least, most (money)
    project_starts : project, start
    project_money : project, start, period, money, own
    project_tail : project, start, tail
    effects : project, county, need, people, kind
    served : project, start, county, need, period, people
    resources : resource, scope, of, period (label or "horizon"), capacity, unit
    uses : project, resource, amount
    brings : donor, county, resource, amount
    baseline : county, stream, category, money, year ("" = whole)
    money_decisions : stream, county, category, period, decision, amount
    """

    instance: Instance
    settings: Settings
    streams: Mapping[str, Stream]
    periods: tuple[int, ...]
    weight: Mapping[int, float]
    step: float
    yuan: float
    counties: pd.DataFrame
    donors: pd.DataFrame
    projects: pd.DataFrame
    needs: pd.DataFrame
    tiers: pd.DataFrame
    budgets: pd.DataFrame
    reach: pd.DataFrame
    stream_categories: pd.DataFrame
    donor_money: pd.DataFrame
    pairs: pd.DataFrame
    pair_money: pd.DataFrame
    project_starts: pd.DataFrame
    project_money: pd.DataFrame
    project_tail: pd.DataFrame
    effects: pd.DataFrame
    served: pd.DataFrame
    resources: pd.DataFrame
    uses: pd.DataFrame
    brings: pd.DataFrame
    baseline: pd.DataFrame
    money_decisions: pd.DataFrame

    def group_mask(self, group: Any, table: str) -> np.ndarray:
        """Which rows of ``counties``, ``donors``, ``projects`` or ``pairs`` a GROUP holds; all if it is None."""
        frame: pd.DataFrame = getattr(self, table)
        if group is None or group == "all":
            return np.ones(len(frame), dtype=bool)
        plain = frame if table == "pairs" else frame.reset_index()
        return np.asarray(select(plain, group, self.settings.groups))


def expand(instance: Instance) -> Data:
    """Fill every default of ``instance``, split every period out and make every candidate pair."""
    tables, settings = in_order(instance.tables), instance.settings
    periods = tuple(settings.periods)
    counties = _indexed(filled(tables, "counties"), "county", ("name", "name_en"))
    donors = _indexed(filled(tables, "donors"), "donor", ("name",))
    streams = _streams(settings, len(donors) > 0)
    pairing = [name for name, stream in streams.items() if stream.kind == "pairing"]
    donors["stream"] = donors["stream"].fillna(pairing[0] if pairing else MADE_STREAM)
    projects = _indexed(filled(tables, "projects"), "project", ("name",))
    projects["whole_cost"] = costs_by_age(projects).sum(axis=1)
    needs, tiers = _needs_and_tiers(tables, settings, periods)
    money = by_period(donors, "money", periods, 0.0)
    donor_money = over_periods(
        donors.reset_index()[["donor"]], periods, money=money, least_money=by_period(donors, "least_money", periods, 0.0)
    )
    pairs, pair_money = candidate_pairs(tables, settings, donors, counties, money, needed_money(needs, counties, periods))
    starts = project_starts(projects, periods)
    costs, tail = project_money(projects, starts, periods)
    effects = _effects(tables, settings, projects)
    decisions = instance.money_decisions
    return Data(
        instance=instance, settings=settings, streams=streams, periods=periods, weight=dict(settings.periods),
        step=settings.money.step, yuan=settings.money.yuan, counties=counties, donors=donors, projects=projects,
        needs=needs, tiers=tiers, budgets=_budgets(tables, settings, streams, periods),
        reach=_reach(tables, settings, streams, counties), stream_categories=_stream_categories(settings, streams),
        donor_money=donor_money, pairs=pairs, pair_money=pair_money, project_starts=starts, project_money=costs,
        project_tail=tail, effects=effects, served=served(projects, starts, effects, periods),
        resources=resource_rows(filled(tables, "resources"), counties, periods), uses=filled(tables, "uses"),
        brings=filled(tables, "brings"), baseline=_baseline(tables),
        money_decisions=pd.DataFrame(columns=MONEY_DECISIONS) if decisions is None else decisions.sort_values(
            MONEY_DECISIONS, kind="stable", ignore_index=True),
    )


def rebudgeted(data: Data, instance: Instance) -> Data:
    """The data of an instance that differs from ``data``'s in budgets only, without making the rest again."""
    settings = instance.settings
    streams = _streams(settings, len(data.donors) > 0)
    budgets = _budgets(instance.tables, settings, streams, data.periods)
    return replace(data, instance=instance, settings=settings, streams=streams, budgets=budgets)


def _indexed(frame: pd.DataFrame, key: str, names: tuple[str, ...]) -> pd.DataFrame:
    """The table under its identifier; a blank name is the identifier."""
    out = frame.set_index(key, drop=True)
    out.index = out.index.astype("str")
    for name in names:
        out[name] = out[name].fillna(pd.Series(out.index, index=out.index))
    return out


def _streams(settings: Settings, has_donors: bool) -> dict[str, Stream]:
    """The streams named, and the pairing stream ``collaboration`` where there are donors and none is named."""
    streams = dict(settings.streams)
    if has_donors and not any(stream.kind == "pairing" for stream in streams.values()):
        streams[MADE_STREAM] = Stream(label="Collaboration money of the donors", kind="pairing")
    return streams


def _needs_and_tiers(
    tables: Mapping[str, pd.DataFrame], settings: Settings, periods: tuple[int, ...]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Needs and tiers by period; a county's own rows in ``tiers`` replace those of the need."""
    given = filled(tables, "needs")
    unit_cost = by_period(given, "unit_cost", periods)
    rows = given[["county", "need"]].copy()
    rows["kind"] = rows["need"].map({name: need.kind for name, need in settings.needs.items()})
    rows["relapse"] = np.where(rows["kind"] == "lasting", given["relapse"].fillna(0.0), 0.0)
    rows["category"] = rows["need"].map({name: need.category for name, need in settings.needs.items()})
    needs = over_periods(rows, periods, people=by_period(given, "people", periods), unit_cost=unit_cost)
    own = filled(tables, "tiers")[["county", "need", "tier", "width", "unit_cost"]]
    replaced = pd.MultiIndex.from_frame(needs[["county", "need"]]).isin(pd.MultiIndex.from_frame(own[["county", "need"]]))
    general = needs.loc[~replaced & needs["unit_cost"].notna().to_numpy(), ["county", "need", "period", "unit_cost"]]
    shapes = pd.DataFrame(
        [(name, n, tier.width, tier.factor) for name, need in settings.needs.items()
         for n, tier in enumerate(need.tiers, start=1)],
        columns=["need", "tier", "width", "factor"],
    )
    made = general.merge(shapes, on="need")
    made["cost"] = np.round(made["unit_cost"] * made["factor"], 9)
    kept = needs.loc[replaced, ["county", "need", "period"]].merge(own, on=["county", "need"])
    tiers = pd.concat([made, kept.rename(columns={"unit_cost": "cost"})], ignore_index=True) if len(kept) else made
    tiers = tiers[["county", "need", "tier", "period", "width", "cost"]].astype({"tier": "int64"})
    tiers = tiers.sort_values(["county", "need", "tier", "period"], ignore_index=True)
    needs["weight"] = needs["need"].map(_need_weights(settings, needs, tiers, periods[0]))
    return needs, tiers


def _need_weights(
    settings: Settings, needs: pd.DataFrame, tiers: pd.DataFrame, first: int
) -> dict[str, float]:
    """Weight of each need; ``cost`` = people-weighted mean first-tier cost over the plain mean of all needs' such costs."""
    base = tiers[(tiers["period"] == first) & (tiers["tier"] == tiers.groupby(["county", "need"])["tier"].transform("min"))]
    rows = needs[needs["period"] == first].merge(base[["county", "need", "cost"]], on=["county", "need"])
    people = rows.groupby("need")["people"].sum()
    reference = (rows["people"] * rows["cost"]).groupby(rows["need"]).sum() / people.where(people > 0)
    reference = reference.dropna()
    mean = float(reference.mean()) if len(reference) else 1.0
    return {
        name: (float(reference.get(name, mean)) / mean if mean > 0 else 1.0) if need.weight == "cost" else float(need.weight)
        for name, need in settings.needs.items()
    }


def needed_money(needs: pd.DataFrame, counties: pd.DataFrame, periods: tuple[int, ...]) -> np.ndarray:
    """Money that would meet each county's needs once at first-tier cost, in the order of ``counties``."""
    first = needs[needs["period"] == periods[0]]
    money = (first["people"] * first["unit_cost"].fillna(0.0)).groupby(first["county"]).sum()
    return money.reindex(counties.index).fillna(0.0).to_numpy(float)


def _budgets(
    tables: Mapping[str, pd.DataFrame], settings: Settings, streams: Mapping[str, Stream], periods: tuple[int, ...]
) -> pd.DataFrame:
    """Budget and least spend of each transfer stream by scope and period; the table replaces the YAML."""
    table = filled(tables, "budgets")
    table = table[table["period"].isin(periods)].astype({"period": "int64"})
    rows = [table[["stream", "scope", "period", "amount", "least"]]]
    for name, stream in streams.items():
        if stream.kind == "transfer" and stream.budget is not None and not (table["stream"] == name).any():
            rows.append(pd.DataFrame({
                "stream": name, "scope": "all", "period": list(periods),
                "amount": [float(stream.budget_in(p) or 0.0) for p in periods], "least": 0.0,
            }))
    budgets = pd.concat(rows, ignore_index=True) if len(rows) > 1 else rows[0].reset_index(drop=True)
    share = budgets["stream"].map({name: stream.least_spend for name, stream in streams.items()}).astype(float)
    budgets["least"] = np.maximum(budgets["least"].astype(float).fillna(0.0), np.round(share * budgets["amount"], 9))
    return budgets.sort_values(["stream", "scope", "period"], ignore_index=True)


def _reach(
    tables: Mapping[str, pd.DataFrame], settings: Settings, streams: Mapping[str, Stream], counties: pd.DataFrame
) -> pd.DataFrame:
    """Which counties each stream may pay, by scope."""
    table = filled(tables, "budgets")
    plain = counties.reset_index()
    pieces = []
    for name, stream in streams.items():
        allowed = np.ones(len(plain), bool) if stream.counties is None else np.asarray(
            select(plain, stream.counties, settings.groups))
        listed = table.loc[table["stream"] == name, "scope"].unique().tolist() if stream.kind == "transfer" else []
        for scope in listed or ["all"]:
            inside = np.ones(len(plain), bool) if scope == "all" else np.asarray(select(plain, scope, settings.groups))
            pieces.append(pd.DataFrame({"stream": name, "scope": scope, "county": plain.loc[allowed & inside, "county"]}))
    columns = ["stream", "scope", "county"]
    return pd.concat(pieces, ignore_index=True)[columns] if pieces else pd.DataFrame(columns=columns, dtype="str")


def _stream_categories(settings: Settings, streams: Mapping[str, Stream]) -> pd.DataFrame:
    rows = [
        (name, category)
        for name, stream in streams.items()
        for category in settings.categories
        if stream.categories is None or category in stream.categories
    ]
    return pd.DataFrame(rows, columns=["stream", "category"], dtype="str")


def _effects(tables: Mapping[str, pd.DataFrame], settings: Settings, projects: pd.DataFrame) -> pd.DataFrame:
    """Effects with the county they fall on (blank = the project's own)."""
    effects = filled(tables, "effects")
    effects["county"] = effects["county"].fillna(effects["project"].map(projects["county"]))
    effects["kind"] = effects["need"].map({name: need.kind for name, need in settings.needs.items()})
    return effects[["project", "county", "need", "people", "kind"]]


def _baseline(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    table = filled(tables, "baseline")
    for column in ("stream", "category"):
        table[column] = table[column].fillna("").astype("str")
    return table[["county", "stream", "category", "money", "year"]]
