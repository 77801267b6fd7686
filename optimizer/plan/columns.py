"""What every column of a plan folder means, in English and Chinese; `columns.csv` is made from this."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

MONEY = "money"


class Meaning(NamedTuple):
    """Unit (``money`` = the instance's unit) and meaning of a column."""

    unit: str
    meaning: str
    meaning_zh: str


_COUNTY = Meaning("", "county, the identifier in counties.csv", "县（counties.csv 中的代码）")
_PERIOD = Meaning("period", "period (year)", "时期（年份）")
_CATEGORY = Meaning("", "category: what the money is spent on", "支出类别")
_DONOR = Meaning("", "donor, the identifier in donors.csv", "帮扶方（donors.csv 中的代码）")
_STREAM = Meaning("", "stream: the pot of money", "资金渠道")

FILES: dict[str, dict[str, Meaning]] = {
    "funds": {
        "stream": _STREAM, "county": _COUNTY, "category": _CATEGORY, "period": _PERIOD,
        "money": Meaning(MONEY, "money the county receives from the stream for the category in the period; for a pairing "
                                "stream, what the donors' support is spent on", "该县当期从该渠道获得并用于该类别的资金；结对渠道为帮扶资金的用途"),
    },
    "streams": {
        "stream": _STREAM, "scope": Meaning("", "part of the country the budget is for; all = every county the stream reaches",
                                            "预算适用范围；all 表示该渠道覆盖的全部县"),
        "period": _PERIOD,
        "budget": Meaning(MONEY, "budget of the period", "当期预算"),
        "carried_in": Meaning(MONEY, "money carried over from the period before", "上期结转资金"),
        "spent": Meaning(MONEY, "money paid to counties in the period", "当期支出"),
        "carried_out": Meaning(MONEY, "money carried over to the next period", "结转下期资金"),
        "lapsed": Meaning(MONEY, "money neither spent nor carried over", "未支出且未结转、予以收回的资金"),
    },
    "support": {
        "donor": _DONOR, "county": _COUNTY, "period": _PERIOD,
        "money": Meaning(MONEY, "money the donor gives the county in the period", "帮扶方当期给予该县的资金"),
    },
    "pairings": {
        "donor": _DONOR, "county": _COUNTY,
        "status": Meaning("", "kept = existing pair that stays; new = newly made; ended = existing pair that ends",
                          "kept 保留的既有结对；new 新结对；ended 终止的既有结对"),
        "locked": Meaning("1/0", "1 = the pair was decided beforehand", "1 表示事先确定"),
        "fit": Meaning("points", "how well donor and county fit; as given or made by the instance (assumed unless observed)",
                       "匹配度；由算例给定或生成（除注明外为假设值）"),
        "load": Meaning("load", "how much of the donor's capacity the pair takes", "占用帮扶方能力"),
        "distance": Meaning("km", "distance between donor and county", "距离"),
        "money": Meaning(MONEY, "support along the pair over all periods", "各期帮扶资金合计"),
    },
    "projects": {
        "project": Meaning("", "project, the identifier in projects.csv", "项目（projects.csv 中的代码）"),
        "county": _COUNTY, "category": _CATEGORY, "sector": Meaning("", "sector of the project", "项目所属产业"),
        "start": Meaning("period", "period in which the project starts", "开工时期"),
        "amount": Meaning("projects", "how much of one whole project; 1 for an indivisible one", "规模（整项目为 1）"),
        "cost": Meaning(MONEY, "accounted cost and upkeep within the horizon", "规划期内列支的费用与运维"),
        "tail": Meaning(MONEY, "accounted cost due after the horizon", "规划期后仍需支付的费用"),
        "own": Meaning(MONEY, "part of cost and upkeep within the horizon that others pay, outside the accounts",
                       "规划期内由其他方承担、不列入账户的部分"),
    },
    "coverage": {
        "county": _COUNTY, "need": Meaning("", "need: the dimension of deprivation", "需求（贫困维度）"), "period": _PERIOD,
        "people": Meaning("people", "people in need", "有需求人数"),
        "carried": Meaning("people", "people whom direct support of earlier periods still covers", "以前各期直接帮扶仍覆盖的人数"),
        "built": Meaning("people", "people covered through projects", "项目覆盖人数"),
        "direct": Meaning("people", "people newly reached by direct support", "当期直接帮扶新增覆盖人数"),
        "direct_cost": Meaning(MONEY, "money for direct support", "直接帮扶资金"),
        "covered": Meaning("people", "carried + built + direct", "覆盖人数合计"),
        "gap": Meaning("people", "people in need and not covered; sums over needs count a person once for each need",
                       "未覆盖人数；跨需求相加时同一人按需求分别计数"),
    },
    "unspent": {
        "county": _COUNTY, "category": _CATEGORY, "period": _PERIOD,
        "money": Meaning(MONEY, "money paid into the account and not spent from it", "账户中未支出的资金"),
        "kind": Meaning("", "reserve = less than one step for each amount paid in; unspent = more", "reserve 为取整零头；unspent 为未用资金"),
    },
    "criteria": {
        "criterion": Meaning("", "criterion, or the equity rule whose criterion is held to a bound", "目标（或受约束的公平性规则）"),
        "role": Meaning("", "objective = optimised; bounded = held to a bound by a rule; indicator = reported", "objective 优化目标；bounded 受约束；indicator 仅报告"),
        "level": Meaning("", "level of the method at which it is optimised", "优化层次"),
        "sense": Meaning("", "max = more is better, min = less is better", "方向：max 越大越好，min 越小越好"),
        "unit": Meaning("", "unit of value, modelled_value, bound, gap, last and factor", "以下各数的单位"),
        "value": Meaning("see unit", "value of this plan, recomputed from its tables", "本方案的数值（由各表重算）"),
        "modelled_value": Meaning("see unit", "value of the model's solution before rounding to whole units", "取整前模型解的数值"),
        "bound": Meaning("see unit", "no plan can be better than this", "任何方案都不可能优于的界"),
        "gap": Meaning("see unit", "distance from value to bound", "与界的差距"),
        "gap_percent": Meaning("percent", "gap in percent of the value", "差距占数值的百分比"),
        "last": Meaning("see unit", "value under last year's money, where money alone decides it", "按上年资金计算的数值（仅由资金决定的目标）"),
        "factor": Meaning("see unit", "value under the factor method, where money alone decides it", "按因素法分配计算的数值（仅由资金决定的目标）"),
    },
    "rules": {
        "rule": Meaning("", "rule, the identifier in instance.yaml", "规则代码"),
        "index": Meaning("", "what the row speaks of, such as county=A;period=2026", "适用对象"),
        "sentence": Meaning("", "the rule in words", "规则文字"),
        "hard": Meaning("1/0", "1 = must hold, 0 = may be broken at a price", "1 为必须满足，0 为可按代价突破"),
        "unit": Meaning("", "unit of value, min, max, slack and broken_by", "以下各数的单位"),
        "value": Meaning("see unit", "value of this plan", "本方案的数值"),
        "min": Meaning("see unit", "least value allowed", "下限"), "max": Meaning("see unit", "most value allowed", "上限"),
        "slack": Meaning("see unit", "distance to the nearest limit", "与最近限值的距离"),
        "broken_by": Meaning("see unit", "by how much the limit is missed", "突破限值的数量"),
        "status": Meaning("", "holds; rounding = missed by less than whole steps allow, with proof; broken; off = does not apply",
                          "holds 满足；rounding 因取整略有偏差（附证明）；broken 突破；off 不适用"),
    },
    "columns": {
        "file": Meaning("", "file of the plan folder", "文件"), "column": Meaning("", "column of the file", "列"),
        "unit": Meaning("", "unit of the column", "单位"), "meaning": Meaning("", "meaning in English", "英文含义"),
        "meaning_zh": Meaning("", "meaning in Chinese", "中文含义"),
    },
}

TEXT = frozenset({
    "stream", "county", "category", "scope", "donor", "status", "project", "sector", "need", "kind", "criterion", "role",
    "sense", "unit", "rule", "index", "sentence", "file", "column", "meaning", "meaning_zh",
})


def columns_table(money_unit: str) -> pd.DataFrame:
    """``columns.csv``: file, column, unit, meaning, meaning_zh."""
    rows = [
        (f"{file}.csv", column, money_unit if meaning.unit == MONEY else meaning.unit, meaning.meaning, meaning.meaning_zh)
        for file, columns in FILES.items() for column, meaning in columns.items()
    ]
    return pd.DataFrame(rows, columns=["file", "column", "unit", "meaning", "meaning_zh"])
