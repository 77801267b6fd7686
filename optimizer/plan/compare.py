"""Two plans side by side: winners and losers, what changed, and why a county got more or less.

The other side may be another plan, last year's money or the factor method; of the last two only the money is known,
and where there is one period an estimate of what that money could cover.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from optimizer.plan.baselines import compared_money, coverage_estimate
from optimizer.plan.exact import Exact
from optimizer.plan.indicators import covered_by_county, group_columns, money_by_county
from optimizer.plan.reasons import WORDS, limits_by_place, why_county

if TYPE_CHECKING:
    from optimizer.plan.plan import Plan

NAMES = {"last": "last year", "factor": "by the factor method"}
DIFFERENCES = ["kind", "key", "item", "before", "after", "change", "unit"]


@dataclass(frozen=True, eq=False)
class Comparison:
    """What differs between ``before`` and ``plan``.

    Attributes
    ----------
    plan : the plan that is explained
    before : the plan it is compared with, None for a baseline
    against : what it is compared with, in words
    counties : index county; name, money_before, money_after, money_change (money), per_head_before, per_head_after,
        per_head_change (yuan), covered_before, covered_after, covered_change (weighted person-periods); NaN = unknown
    groups : by, group, counties, winners, losers, money_before, money_after, money_change, change_percent
    pairs : donor, county, change (``made``/``ended``)
    projects : project, county, before, after (amounts)
    rules : rule, index, before, after, status_before, status_after
    """

    plan: Plan
    before: Plan | None
    against: str
    counties: pd.DataFrame
    groups: pd.DataFrame
    pairs: pd.DataFrame
    projects: pd.DataFrame
    rules: pd.DataFrame

    @property
    def winners(self) -> pd.DataFrame:
        """Counties that get more, the largest change first."""
        rows = self.counties[self.counties["money_change"] > 0]
        return rows.sort_values("money_change", ascending=False, kind="stable")

    @property
    def losers(self) -> pd.DataFrame:
        """Counties that get less, the largest change first."""
        rows = self.counties[self.counties["money_change"] < 0]
        return rows.sort_values("money_change", kind="stable")

    @property
    def differences(self) -> pd.DataFrame:
        """``differences.csv``: kind, key, item, before, after, change, unit; only what differs."""
        return differences(self)

    def why(
        self, county: str, words: Mapping[str, str] = WORDS, amount: Callable[[float], str] | None = None,
        sentences: Mapping[str, str] = MappingProxyType({}),
    ) -> str:
        """One sentence: why this county gets more or less; in other words, see `optimizer.plan.reasons.why_county`."""
        return why_county(self, county, words, amount, sentences)

    @cached_property
    def rates(self) -> pd.Series:
        """Weighted people covered per money by county, where the plan gives any."""
        covered = covered_by_county(self.plan.data, self.plan.coverage)["covered"]
        money = money_by_county(self.plan.data, self.plan.funds)
        return (covered / money.where(money > 0)).dropna()

    @cached_property
    def limits(self) -> dict[str, list[tuple[bool, str, str]]]:
        """Place (``county=A``, ``province=P``) → rules that hold it at a limit; see `optimizer.plan.reasons`."""
        return limits_by_place(self.plan)


def compare(before: Plan, after: Plan) -> Comparison:
    """Two plans over the same counties side by side; a county of only one of them counts as unknown in the other."""
    index = before.data.counties.index.union(after.data.counties.index, sort=False)
    covered = [covered_by_county(plan.data, plan.coverage)["covered"].reindex(index) for plan in (before, after)]
    money = [money_by_county(plan.data, plan.funds).reindex(index) for plan in (before, after)]
    counties = _counties(after, index, money[0], money[1], covered[0], covered[1])
    return Comparison(
        plan=after, before=before, against="in the other plan", counties=counties, groups=_groups(after, counties),
        pairs=_pairs(before, after), projects=_projects(before, after), rules=_rules(before, after),
    )


def against_baseline(plan: Plan, which: str, estimate: bool = True) -> Comparison:
    """A plan beside ``last`` year's money or the ``factor`` method's, over the same streams.

    With ``estimate`` also what either money could cover (`optimizer.plan.baselines.coverage_estimate`).

    Raises
    ------
    ValueError : the instance has no such baseline
    """
    data = plan.data
    money = compared_money(data, plan.funds, which)
    if money is None:
        mend = "add a table baseline" if which == "last" else "add `factor:` to instance.yaml"
        raise ValueError(f"the instance has no figures for money {NAMES[which]}; {mend}")
    index = data.counties.index
    known = money["baseline"].notna()
    blank = pd.Series(np.nan, index=index)
    estimates = [coverage_estimate(data, money[name].fillna(0.0)) if estimate else None for name in ("baseline", "plan")]
    covered = [blank if found is None else found.where(known) for found in estimates]
    counties = _counties(plan, index, money["baseline"], money["plan"], covered[0], covered[1])
    empty = pd.DataFrame
    return Comparison(
        plan=plan, before=None, against=NAMES[which], counties=counties, groups=_groups(plan, counties),
        pairs=empty(columns=["donor", "county", "change"]), projects=empty(columns=["project", "county", "before", "after"]),
        rules=empty(columns=["rule", "index", "before", "after", "status_before", "status_after"]),
    )


def _counties(
    plan: Plan, index: pd.Index[str], before: pd.Series, after: pd.Series, covered_before: pd.Series, covered_after: pd.Series
) -> pd.DataFrame:
    known = plan.data.counties.reindex(index)
    people = known["population"].to_numpy(float)
    people = np.where(people > 0, people, np.nan)
    out = pd.DataFrame(index=index)
    out["name"] = known["name"].fillna(pd.Series(index, index=index))
    for name, (first, second) in {"money": (before, after), "covered": (covered_before, covered_after)}.items():
        out[f"{name}_before"], out[f"{name}_after"] = first.to_numpy(float), second.to_numpy(float)
        change = (Exact.of(second) - Exact.of(first)).floats()
        out[f"{name}_change"] = np.where(first.isna() | second.isna(), np.nan, change)
        if name == "money":
            for end in ("before", "after", "change"):
                out[f"per_head_{end}"] = out[f"money_{end}"].to_numpy(float) * plan.data.yuan / people
    return out


def _groups(plan: Plan, counties: pd.DataFrame) -> pd.DataFrame:
    """Winners and losers by province, prefecture, region and flag."""
    data, rows = plan.data, []
    blocks = [("all", "all", np.ones(len(counties), dtype=bool))]
    for column in group_columns(data):
        values = data.counties[column].reindex(counties.index)
        blocks += [(column, _label(value), (values == value).to_numpy(bool)) for value in sorted(values.dropna().unique())]
    changes = counties["money_change"].to_numpy(float)
    known = ~np.isnan(changes)
    exact = [Exact.of(counties[f"money_{end}"].to_numpy(float)) for end in ("before", "after", "change")]
    for by, group, inside in blocks:
        both = inside & known
        first, second, change = (float(amounts[both].total()) for amounts in exact)
        rows.append((by, group, int(both.sum()), int((changes[both] > 0).sum()), int((changes[both] < 0).sum()),
                     first, second, change, 100 * change / first if first > 0 else np.nan))
    return pd.DataFrame(rows, columns=["by", "group", "counties", "winners", "losers", "money_before", "money_after",
                                       "money_change", "change_percent"])


def _label(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _chosen(plan: Plan) -> set[tuple[str, str]]:
    rows = plan.pairings[plan.pairings["status"] != "ended"]
    return set(zip(rows["donor"], rows["county"], strict=True))


def _pairs(before: Plan, after: Plan) -> pd.DataFrame:
    first, second = _chosen(before), _chosen(after)
    rows = [(*pair, "made") for pair in second - first] + [(*pair, "ended") for pair in first - second]
    return pd.DataFrame(sorted(rows), columns=["donor", "county", "change"])


def _projects(before: Plan, after: Plan) -> pd.DataFrame:
    keys = ["project", "county"]
    sums = [plan.projects.groupby(keys)["amount"].sum() for plan in (before, after)]
    both = pd.concat(sums, axis=1, keys=["before", "after"]).fillna(0.0).reset_index()
    return both[both["before"] != both["after"]].sort_values("project", ignore_index=True)


def _rules(before: Plan, after: Plan) -> pd.DataFrame:
    keys = ["rule", "index"]
    both = before.rules[[*keys, "value", "status"]].merge(
        after.rules[[*keys, "value", "status"]], on=keys, how="outer", suffixes=("_before", "_after"))
    moved = (both["value_before"] != both["value_after"]) & ~(both["value_before"].isna() & both["value_after"].isna())
    both = both[moved | (both["status_before"].fillna("") != both["status_after"].fillna(""))]
    named = both.rename(columns={"value_before": "before", "value_after": "after"})
    return named[[*keys, "before", "after", "status_before", "status_after"]].sort_values(keys, ignore_index=True)


def differences(found: Comparison) -> pd.DataFrame:
    """Everything that differs, in one long table."""
    money, pieces = found.plan.instance.settings.money, []
    unit = money.unit
    for item, its_unit in (("money", unit), ("per_head", money.currency), ("covered", "weighted person-periods")):
        rows = found.counties[found.counties[f"{item}_change"].fillna(0.0) != 0]
        pieces.append(_piece("county", rows.index, item, rows[f"{item}_before"], rows[f"{item}_after"], its_unit))
    groups = found.groups[found.groups["money_change"].fillna(0.0) != 0]
    keys = groups["by"] + "=" + groups["group"]
    pieces.append(_piece("group", keys, "money", groups["money_before"], groups["money_after"], unit))
    made = (found.pairs["change"] == "made").astype(float)
    pieces.append(_piece("pair", found.pairs["donor"] + "/" + found.pairs["county"], "chosen", 1 - made, made, "pairs"))
    projects = found.projects
    pieces.append(_piece("project", projects["project"], "amount", projects["before"], projects["after"], "projects"))
    keys = found.rules["rule"] + "[" + found.rules["index"] + "]"
    pieces.append(_piece("rule", keys, "value", found.rules["before"], found.rules["after"], "see rules.csv"))
    if found.before is not None:
        pieces.append(_criteria(found.before, found.plan))
    return pd.concat(pieces, ignore_index=True)[DIFFERENCES]


def _piece(kind: str, keys: pd.Index[str] | pd.Series, item: str, before: pd.Series, after: pd.Series, unit: str) -> pd.DataFrame:
    out = pd.DataFrame({"kind": kind, "key": np.asarray(keys, dtype=object), "item": item,
                        "before": before.to_numpy(float), "after": after.to_numpy(float)})
    change = (Exact.of(out["after"]) - Exact.of(out["before"])).floats()
    return out.assign(change=np.where(out["before"].isna() | out["after"].isna(), np.nan, change), unit=unit)


def _criteria(before: Plan, after: Plan) -> pd.DataFrame:
    both = before.criteria.merge(after.criteria, on=["criterion", "role"], suffixes=("_before", "_after"))
    both = both[(both["value_before"] != both["value_after"]) & both["value_before"].notna() & both["value_after"].notna()]
    out = _piece("criterion", both["criterion"], "value", both["value_before"], both["value_after"], "")
    return out.assign(unit=both["unit_after"].to_numpy(dtype=object))
