"""Kinds of synthetic project: sizes relative to each other, what they serve, what they use. All assumed.

The one calibration is to published figures: the mean cost of all projects (2.0 million yuan: 2,690 million for
1,343 projects, Jiangsu to Shaanxi, 2021) and the order of people reached for the money.
"""

from __future__ import annotations

from dataclasses import dataclass

SECTOR_LABELS = {
    "tea": "茶叶", "fruit": "林果", "vegetables": "蔬菜", "livestock": "畜牧", "grain": "粮油", "herbs": "中药材",
    "tourism": "乡村旅游", "textiles": "纺织服装", "processing": "农产品加工", "energy": "光伏", "mushrooms": "食用菌",
    "sugar": "糖料", "flowers": "花卉",
}


@dataclass(frozen=True)
class Kind:
    """One kind of project; `effects` are shares of the money, `uses` amounts per million yuan of cost."""

    title: str
    category: str
    weight: float
    size: float
    effects: dict[str, float]
    uses: dict[str, float]
    upkeep: float = 0.0
    jobs: float = 0.0
    scalable: float = 0.0
    own: float = 0.0


KINDS = (
    Kind("种养基地", "industry", 17, 1.0, {"income": 0.7, "employment": 0.3}, {"land": 0.4}, 0.0, 6, 0.35, 0.25),
    Kind("加工车间", "industry", 11, 1.5, {"income": 0.4, "employment": 0.6}, {"land": 1.2}, 0.02, 12, 0.0, 0.35),
    Kind("冷链与电商", "industry", 8, 1.3, {"income": 0.6, "employment": 0.4}, {"land": 0.8}, 0.03, 8, 0.1, 0.2),
    Kind("技能培训", "industry", 6, 0.35, {"employment": 1.0}, {"staff": 2.0}, 0.0, 0, 0.5, 0.0),
    Kind("农村供水", "infrastructure", 12, 0.9, {"water": 1.0}, {"land": 0.1}, 0.03, 1, 0.25, 0.0),
    Kind("道路与水利", "infrastructure", 8, 1.4, {"water": 0.5, "income": 0.5}, {"land": 1.5}, 0.04, 2, 0.1, 0.0),
    Kind("危房改造", "relocation", 7, 0.9, {"housing": 1.0}, {}, 0.0, 0, 0.5, 0.1),
    Kind("搬迁安置区", "relocation", 3, 3.5, {"housing": 0.85, "water": 0.15}, {"land": -3.0}, 0.02, 3, 0.0, 0.0),
    Kind("生态护林与公益岗位", "ecology", 5, 0.5, {"employment": 0.7, "income": 0.3}, {}, 0.0, 20, 0.5, 0.0),
    Kind("退耕还林还草", "ecology", 3, 0.9, {"income": 1.0}, {"land": -1.0}, 0.01, 3, 0.3, 0.0),
    Kind("学校与幼儿园", "education", 9, 1.3, {"education": 1.0}, {"land": 0.5, "staff": 3.0}, 0.05, 4, 0.0, 0.0),
    Kind("村卫生室", "social_security", 8, 0.5, {"medical": 1.0}, {"staff": 3.0}, 0.04, 2, 0.1, 0.0),
)

PARTNER_SHARE = 0.15
"""Part of the industry projects of partnered counties that needs a donor strong in the sector."""
UNDER_WAY, COMMITTED, REQUIRES, EXCLUSIVE, DELAYED = 0.015, 0.015, 0.05, 0.03, 0.10
"""Parts of the projects that are under way, committed, depend on another, are an alternative, start late."""
MEAN_COST = 2690e2 / 1343
"""10,000 yuan."""
