"""A plan under data other than those it was made on: nothing is decided anew, everything is recomputed.

What was promised stays promised: transfers, pairs and their support, projects and their sizes. Where projects then cost
more than their account holds, they are paid first and direct support in that account gives way, in proportion and in
whole steps; what even that cannot pay is money short.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from optimizer.instance.data import Data
from optimizer.instance.instance import Instance
from optimizer.plan.assemble import assemble, derive
from optimizer.plan.choices import Choices
from optimizer.plan.plan import Plan

ACCOUNT = ["county", "category", "period"]


@dataclass(frozen=True, eq=False)
class Kept:
    """A plan's decisions under other data.

    Attributes
    ----------
    plan : every table recomputed under those data; not audited, since it may break what it was not made for
    short : money that projects cost above what their accounts hold, once direct support has given way
    overdrawn : money that the plan pays above the budgets as they are now
    broken : hard rules that the plan breaks now
    """

    plan: Plan
    short: float
    overdrawn: float
    broken: tuple[str, ...]


def kept_under(choices: Choices, instance: Instance) -> Kept:
    """What decisions come to under an instance.

    Raises
    ------
    ValueError : the instance has no such pair, project or need
    """
    data = instance.data
    rest = derive(data, choices)["unspent"]
    missing = rest[rest["money"] < 0]
    if len(missing):
        choices = replace(choices, direct=_given_way(data, choices.direct, missing))
    plan = assemble(instance, choices)
    still = plan.unspent.loc[plan.unspent["money"] < 0, "money"].sum()
    over = plan.streams.loc[plan.streams["lapsed"] < 0, "lapsed"].sum()
    wrong = plan.rules.loc[(plan.rules["status"] == "broken") & (plan.rules["hard"] == 1), "rule"]
    return Kept(plan, max(0.0, -float(still)), max(0.0, -float(over)), tuple(dict.fromkeys(wrong)))


def _given_way(data: Data, direct: pd.DataFrame, missing: pd.DataFrame) -> pd.DataFrame:
    """Direct support less what its accounts lack, in proportion, in whole steps."""
    category = data.needs.drop_duplicates("need").set_index("need")["category"]
    rows = direct.assign(category=direct["need"].map(category))
    total = rows.groupby(ACCOUNT)["money"].transform("sum").to_numpy(float)
    lacking = rows[ACCOUNT].merge(missing[[*ACCOUNT, "money"]], on=ACCOUNT, how="left")["money"].fillna(0.0).to_numpy(float)
    share = np.maximum(0.0, 1.0 + lacking / total)
    steps = np.floor(rows["money"].to_numpy(float) * share / data.step + 1e-9)
    money = [float(round(n * data.step, 10)) for n in steps.tolist()]
    left: pd.DataFrame = direct.assign(money=money)[steps > 0]
    return left.reset_index(drop=True)
