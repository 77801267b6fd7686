"""Why a county got more or less, in one sentence made from the tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from optimizer.plan.exits import at_threshold, exit_rules

if TYPE_CHECKING:
    from optimizer.plan.compare import Comparison
    from optimizer.plan.plan import Plan

MOST_NAMED = 3
#: The sentences in English; another language gives the same keys. ``money`` and ``against``: blank = as the plan says them.
WORDS: Mapping[str, str] = MappingProxyType({
    "between": "; ", "names": ", ", "end": ".", "money": "", "against": "",
    "unknown": "{name} cannot be compared with its money {against}: nothing is known of its money there",
    "nothing": "{name} cannot be compared with its money {against}: it gets nothing here",
    "same": "{name} gets the same as {against}, {after}",
    "more": "{name} gets {change}{share} more than {against} ({before} → {after}{head})",
    "less": "{name} gets {change}{share} less than {against} ({before} → {after}{head})",
    "share": " ({share:.1f} %)", "head": ", {head} yuan a head",
    "up": "held up by the rule “{sentence}”", "down": "held down by the rule “{sentence}”",
    "rate": "its money covers {mine:.3g} weighted person-periods per {money} where the middle county covers {middle:.3g}",
    "partner": "partner {donor} brings {given}", "new_partner": "new partner {donor} brings {given}",
    "no_partner": "partner {donor} is no longer there",
    "starts": "{projects} starts", "start": "{projects} start",
    "drops_out": "{projects} drops out", "drop_out": "{projects} drop out",
    "others": "{listed} and {more} more",
})


def why_county(
    found: Comparison, county: str, words: Mapping[str, str] = WORDS, amount: Callable[[float], str] | None = None,
    sentences: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """How much more or less a county gets, then what it stands on: rules at their limit, value for money, pairs, projects.

    Parameters
    ----------
    words : the sentences, see `WORDS`
    amount : how an amount of money is written with its unit
    sentences : sentences of rules in other words

    Raises
    ------
    KeyError : there is no such county
    """
    if county not in found.counties.index:
        raise KeyError(f"no county '{county}' in the plan")
    row = {str(name): found.counties[name].to_dict()[county] for name in found.counties.columns}
    said = _Said(found, words, amount, sentences)
    reasons = [
        *_limits(said, county), *_value_for_money(said, county, float(row["money_change"])),
        *_partners(said, county), *_projects(said, county),
    ]
    return words["between"].join([_amount(said, str(row["name"]), row), *reasons]) + words["end"]


class _Said:
    """A comparison and the words to tell it in."""

    def __init__(
        self, found: Comparison, words: Mapping[str, str], amount: Callable[[float], str] | None, sentences: Mapping[str, str]
    ) -> None:
        self.found, self.words, self.sentences = found, words, sentences
        self.money = words["money"] or found.plan.instance.settings.money.label
        self.amount = amount or (lambda value: f"{_number(value)} {self.money}")
        self.against = words["against"] or found.against

    def __call__(self, key: str, **values: object) -> str:
        return self.words[key].format(**{"money": self.money, "against": self.against} | values)


def _amount(say: _Said, name: str, row: dict[str, Any]) -> str:
    before, after, change = (float(row[f"money_{end}"]) for end in ("before", "after", "change"))
    if np.isnan(change):
        return say("unknown" if np.isnan(before) else "nothing", name=name)
    if change == 0:
        return say("same", name=name, after=say.amount(after))
    share = say("share", share=100 * abs(change) / before) if before > 0 else ""
    head = say("head", head=_number(abs(float(row["per_head_change"])))) if not np.isnan(row["per_head_change"]) else ""
    return say("more" if change > 0 else "less", name=name, change=say.amount(abs(change)), share=share, before=_number(before),
               after=_number(after), head=head)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == round(value) or abs(value) >= 1000 else f"{value:,.4g}"


def limits_by_place(plan: Plan) -> dict[str, list[tuple[bool, str, str]]]:
    """Place (``county=A``, ``province=P``) → (not about money, ``up``/``down``, sentence) of each rule that holds it at a limit.

    An exit rule holds a county whose gap is just under its threshold.
    """
    counting = {rule.id for rule in plan.instance.settings.rules if rule.type in ("exit", "pairs")}
    rules = plan.rules[plan.rules["status"].isin(["holds", "rounding"]) & ~plan.rules["rule"].isin(counting)]
    money = (rules["unit"] == plan.instance.settings.money.unit).to_numpy()
    low, high, value = (rules[name].to_numpy(float) for name in ("min", "max", "value"))
    near = np.where(money, plan.data.step, 1e-9 * np.maximum(1.0, np.abs(value)))
    up, down = (low > 0) & (value - low <= near), high - value <= near
    found: dict[str, list[tuple[bool, str, str]]] = {}
    for row in np.flatnonzero(up | down).tolist():
        entry = (not money[row], "up" if up[row] else "down", str(rules["sentence"].iat[row]))
        for place in str(rules["index"].iat[row]).split(";"):
            found.setdefault(place, []).append(entry)
    for rule in exit_rules(plan.data):
        for county in at_threshold(plan.data, rule, plan.coverage):
            found.setdefault(f"county={county}", []).append((True, "up", rule.sentence))
    return found


def _limits(say: _Said, county: str) -> list[str]:
    """Rules that hold this county, or a place it lies in, at a limit; those about money first."""
    counties, limits = say.found.plan.data.counties, say.found.limits
    if county not in counties.index:
        return []
    places = [f"{name}={value}" for name, value in counties.loc[[county]].iloc[0].items() if isinstance(value, str)]
    entries = [entry for place in (f"county={county}", *places) for entry in limits.get(place, [])]
    ordered = sorted(entries, key=lambda entry: entry[0])
    told = [say(way, sentence=say.sentences.get(sentence, sentence)) for _, way, sentence in ordered]
    return list(dict.fromkeys(told))[:MOST_NAMED]


def _value_for_money(say: _Said, county: str, change: float) -> list[str]:
    """What its money covers, against the middle county, where that points the way of the change."""
    rates = say.found.rates
    if county not in rates.index or len(rates) < 2 or not change:
        return []
    mine, middle = float(rates.to_dict()[county]), float(rates.median())
    if (mine > middle) == (change > 0) and mine != middle:
        return [say("rate", mine=mine, middle=middle)]
    return []


def _partners(say: _Said, county: str) -> list[str]:
    """Partners made and ended; against a baseline the partners themselves."""
    plan, found = say.found.plan, say.found
    names = plan.data.donors["name"].to_dict()
    rows = plan.pairings[(plan.pairings["county"] == county) & (plan.pairings["status"] != "ended")]
    given = dict(zip(rows["donor"], rows["money"].tolist(), strict=True))
    if found.before is None:
        some = {donor: money for donor, money in given.items() if money > 0}
        brought = [say("partner", donor=names.get(donor, donor), given=say.amount(money)) for donor, money in some.items()]
        return brought[:MOST_NAMED]
    changed = found.pairs[found.pairs["county"] == county]
    made, ended = (changed.loc[changed["change"] == change, "donor"] for change in ("made", "ended"))
    out = [say("new_partner", donor=names.get(donor, donor), given=say.amount(given.get(donor, 0.0))) for donor in made]
    out += [say("no_partner", donor=names.get(donor, donor)) for donor in ended]
    return out[:MOST_NAMED]


def _projects(say: _Said, county: str) -> list[str]:
    """Projects that come in or drop out between two plans; the dearest first."""
    found = say.found
    rows = found.projects[found.projects["county"] == county]
    if not len(rows):
        return []
    names = found.plan.data.projects["name"].reindex(rows["project"]).to_dict()
    cost = found.plan.projects.groupby("project")["cost"].sum()
    came, went = rows[rows["after"] > rows["before"]], rows[rows["after"] < rows["before"]]
    out = []
    for one, many, chosen in (("starts", "start", came), ("drops_out", "drop_out", went)):
        dear = chosen.assign(cost=chosen["project"].map(cost).fillna(0.0))
        order = dear.sort_values(["cost", "project"], ascending=[False, True])["project"]
        listed = [str(names.get(project, project)) for project in order[:MOST_NAMED]]
        if listed:
            told = say.words["names"].join(listed)
            told = say("others", listed=told, more=len(chosen) - len(listed)) if len(chosen) > len(listed) else told
            out.append(say(one if len(chosen) == 1 else many, projects=told))
    return out
