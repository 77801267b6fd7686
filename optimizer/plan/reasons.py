"""Why a county got more or less, in one sentence made from the tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from optimizer.plan.exits import at_threshold, exit_rules

if TYPE_CHECKING:
    from optimizer.plan.compare import Comparison
    from optimizer.plan.plan import Plan

MOST_NAMED = 3


def why_county(found: Comparison, county: str) -> str:
    """How much more or less a county gets, then what it stands on: rules at their limit, value for money, pairs, projects.

    Raises
    ------
    KeyError : there is no such county
    """
    if county not in found.counties.index:
        raise KeyError(f"no county '{county}' in the plan")
    row = {str(name): found.counties[name].to_dict()[county] for name in found.counties.columns}
    reasons = [
        *_limits(found, county), *_value_for_money(found, county, float(row["money_change"])),
        *_partners(found, county), *_projects(found, county),
    ]
    head = _amount(found, str(row["name"]), row)
    return head + ("; " + "; ".join(reasons) if reasons else "") + "."


def _amount(found: Comparison, name: str, row: dict[str, Any]) -> str:
    label = found.plan.instance.settings.money.label
    before, after, change = (float(row[f"money_{end}"]) for end in ("before", "after", "change"))
    if np.isnan(change):
        got = "nothing is known of its money there" if np.isnan(before) else "it gets nothing here"
        return f"{name} cannot be compared with its money {found.against}: {got}"
    if change == 0:
        return f"{name} gets the same as {found.against}, {_number(after)} {label}"
    share = f" ({100 * abs(change) / before:.1f} %)" if before > 0 else ""
    word = "more" if change > 0 else "less"
    head = f", {_number(abs(float(row['per_head_change'])))} yuan a head" if not np.isnan(row["per_head_change"]) else ""
    return f"{name} gets {_number(abs(change))} {label}{share} {word} than {found.against} " \
           f"({_number(before)} → {_number(after)}{head})"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == round(value) or abs(value) >= 1000 else f"{value:,.4g}"


def limits_by_place(plan: Plan) -> dict[str, list[tuple[bool, str]]]:
    """Place (``county=A``, ``province=P``) → (not about money, sentence) of each rule that holds it at a limit.

    An exit rule holds a county whose gap is just under its threshold.
    """
    counting = {rule.id for rule in plan.instance.settings.rules if rule.type in ("exit", "pairs")}
    rules = plan.rules[plan.rules["status"].isin(["holds", "rounding"]) & ~plan.rules["rule"].isin(counting)]
    money = (rules["unit"] == plan.instance.settings.money.unit).to_numpy()
    low, high, value = (rules[name].to_numpy(float) for name in ("min", "max", "value"))
    near = np.where(money, plan.data.step, 1e-9 * np.maximum(1.0, np.abs(value)))
    up, down = (low > 0) & (value - low <= near), high - value <= near
    found: dict[str, list[tuple[bool, str]]] = {}
    for row in np.flatnonzero(up | down).tolist():
        entry = (not money[row], f"held {'up' if up[row] else 'down'} by the rule “{rules['sentence'].iat[row]}”")
        for place in str(rules["index"].iat[row]).split(";"):
            found.setdefault(place, []).append(entry)
    for rule in exit_rules(plan.data):
        for county in at_threshold(plan.data, rule, plan.coverage):
            found.setdefault(f"county={county}", []).append((True, f"held up by the rule “{rule.sentence}”"))
    return found


def _limits(found: Comparison, county: str) -> list[str]:
    """Rules that hold this county, or a place it lies in, at a limit; those about money first."""
    counties = found.plan.data.counties
    if county not in counties.index:
        return []
    places = [f"{name}={value}" for name, value in counties.loc[[county]].iloc[0].items() if isinstance(value, str)]
    entries = [entry for place in (f"county={county}", *places) for entry in found.limits.get(place, [])]
    return list(dict.fromkeys(text for _, text in sorted(entries, key=lambda entry: entry[0])))[:MOST_NAMED]


def _value_for_money(found: Comparison, county: str, change: float) -> list[str]:
    """What its money covers, against the middle county, where that points the way of the change."""
    rates = found.rates
    if county not in rates.index or len(rates) < 2 or not change:
        return []
    mine, middle = float(rates.to_dict()[county]), float(rates.median())
    if (mine > middle) == (change > 0) and mine != middle:
        label = found.plan.instance.settings.money.label
        return [f"its money covers {mine:.3g} weighted person-periods per {label} where the middle county covers {middle:.3g}"]
    return []


def _partners(found: Comparison, county: str) -> list[str]:
    """Partners made and ended; against a baseline the partners themselves."""
    plan = found.plan
    names = plan.data.donors["name"].to_dict()
    label = plan.instance.settings.money.label
    rows = plan.pairings[(plan.pairings["county"] == county) & (plan.pairings["status"] != "ended")]
    given = dict(zip(rows["donor"], rows["money"].tolist(), strict=True))
    if found.before is None:
        some = {donor: money for donor, money in given.items() if money > 0}
        brought = [f"partner {names.get(donor, donor)} brings {_number(money)} {label}" for donor, money in some.items()]
        return brought[:MOST_NAMED]
    changed = found.pairs[found.pairs["county"] == county]
    made, ended = (changed.loc[changed["change"] == change, "donor"] for change in ("made", "ended"))
    out = [f"new partner {names.get(donor, donor)} brings {_number(given.get(donor, 0.0))} {label}" for donor in made]
    out += [f"partner {names.get(donor, donor)} is no longer there" for donor in ended]
    return out[:MOST_NAMED]


def _projects(found: Comparison, county: str) -> list[str]:
    """Projects that come in or drop out between two plans; the dearest first."""
    rows = found.projects[found.projects["county"] == county]
    if not len(rows):
        return []
    names = found.plan.data.projects["name"].reindex(rows["project"]).to_dict()
    cost = found.plan.projects.groupby("project")["cost"].sum()
    came, went = rows[rows["after"] > rows["before"]], rows[rows["after"] < rows["before"]]
    out = []
    for one, many, chosen in (("starts", "start", came), ("drops out", "drop out", went)):
        dear = chosen.assign(cost=chosen["project"].map(cost).fillna(0.0))
        order = dear.sort_values(["cost", "project"], ascending=[False, True])["project"]
        listed = [str(names.get(project, project)) for project in order[:MOST_NAMED]]
        if listed:
            more = f" and {len(chosen) - len(listed)} more" if len(chosen) > len(listed) else ""
            out.append(f"{', '.join(listed)}{more} {one if len(chosen) == 1 else many}")
    return out
