"""Donors, eligibility blocs and known pairs.

A bloc joins donor units to the counties they may be paired with (province, prefecture and city pairings are
nested, so every donor and every county is in at most one bloc). A bloc's yearly money is its counties times
a flow per county that a report states; where no report does, the province's revenue times the median rate of
the reported flows. Within a bloc money is split by weights that are assumed.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from .counties import NO_PARTNER
from .tables import numeric, read_source

LEAST_SUPPORT = 1000
"""Least support along a known pair, 10,000 yuan a year: 'a little over 10 million' (Guangdong, 2020)."""
HIGHEST_FLOW = 65.1
"""Highest reported flow per county and year, million yuan (Qingdao to Dingxi, 2021-2025): a cap."""
CITIES = {
    "11": "北京市", "12": "天津市", "31": "上海市",
    "3201": "南京市", "3202": "无锡市", "3203": "徐州市", "3204": "常州市", "3205": "苏州市", "3206": "南通市",
    "3207": "连云港市", "3208": "淮安市", "3209": "盐城市", "3210": "扬州市", "3211": "镇江市", "3212": "泰州市",
    "3213": "宿迁市", "3301": "杭州市", "3302": "宁波市", "3303": "温州市", "3304": "嘉兴市", "3305": "湖州市",
    "3306": "绍兴市", "3307": "金华市", "3308": "衢州市", "3309": "舟山市", "3310": "台州市", "3311": "丽水市",
    "3501": "福州市", "3502": "厦门市", "3503": "莆田市", "3504": "三明市", "3505": "泉州市", "3506": "漳州市",
    "3507": "南平市", "3508": "龙岩市", "3509": "宁德市", "3701": "济南市", "3702": "青岛市", "3703": "淄博市",
    "3704": "枣庄市", "3705": "东营市", "3706": "烟台市", "3707": "潍坊市", "3708": "济宁市", "3709": "泰安市",
    "3710": "威海市", "3711": "日照市", "3712": "莱芜市", "3713": "临沂市", "3714": "德州市", "3715": "聊城市",
    "3716": "滨州市", "3717": "菏泽市", "4401": "广州市", "4403": "深圳市", "4404": "珠海市", "4406": "佛山市",
    "4407": "江门市", "4408": "湛江市", "4409": "茂名市", "4412": "肇庆市", "4413": "惠州市", "4419": "东莞市",
    "4420": "中山市",
}
"""City of a unit by the first four (municipalities: two) digits of its division code."""
STRONG_CITIES = ("南京市", "苏州市", "杭州市", "宁波市", "福州市", "厦门市", "济南市", "青岛市", "广州市", "深圳市",
                 "珠海市", "佛山市", "东莞市", "中山市", "镇江市")
"""Cities that the published pairings name as donors of their own: weight 1.5 in their bloc (assumed)."""
HEAVY_UNITS = {"310115": 3.0, "120116": 3.0, "110108": 1.5, "110105": 1.5}
"""Pudong and Binhai, both whole new areas, and Haidian and Chaoyang: weights assumed."""
SECTORS = {"11": ["tourism", "energy", "processing"], "12": ["processing", "grain", "herbs"],
           "31": ["processing", "flowers", "tourism"], "32": ["textiles", "vegetables", "processing"],
           "33": ["tea", "textiles", "tourism"], "35": ["tea", "mushrooms", "textiles"],
           "37": ["fruit", "vegetables", "processing"], "44": ["livestock", "sugar", "processing"]}
"""Assumed strengths by province; the unit's place decides which of them it has."""


def donor_units(source: Path, keep_small: bool = False) -> pd.DataFrame:
    """Select donors by the stated rule; index donor.

    Every county-level unit of the three municipalities; in the five provinces districts, county-level cities and
    cities without districts, in Guangdong of the cities that give; and any unit that a known pair names. Of two
    units at one point (merged since) the smaller code goes. `keep_small` keeps the counties (县) too.
    """
    units = read_source(source, "donor_units").set_index("adcode")
    units.index.name = "donor"
    for column in ("lon", "lat", "terrain_relief"):
        units[column] = numeric(units[column])
    named = set(read_source(source, "known_pairs")["donor"])
    city = units.index.map(lambda code: CITIES.get(code[:4]) or CITIES.get(code[:2]) or "")
    units["city"] = city
    town = ~units["name"].str.endswith("县") | units.index.str[:2].isin(["11", "12", "31"])
    keep = (units["city"] != "") & (town | keep_small | units.index.isin(named))
    twin = units.duplicated(["lon", "lat"], keep="last")
    return units[keep & ~twin].copy()


def assign_blocs(units: pd.DataFrame, counties: pd.DataFrame, blocs: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Return the bloc of every donor and of every county; later, narrower blocs win over earlier ones."""
    donor_bloc = pd.Series("", index=units.index)
    county_bloc = pd.Series(NO_PARTNER, index=counties.index)
    for row in blocs.itertuples():
        gives = (units["province"] == row.donor_province)
        if row.donor_cities:
            gives &= units["city"].isin(row.donor_cities.split(";"))
        donor_bloc[gives] = row.bloc
        takes = counties["province"].isin(row.recipient_provinces.split(";"))
        if row.recipient_prefectures:
            takes &= counties["prefecture"].isin(row.recipient_prefectures.split(";"))
        county_bloc[takes] = row.bloc
    return donor_bloc, county_bloc


def bloc_money(blocs: pd.DataFrame, county_bloc: pd.Series, revenue: pd.Series) -> pd.DataFrame:
    """Return counties, yearly money (10,000 yuan) and its basis for each bloc; index bloc."""
    blocs = blocs.set_index("bloc")
    blocs["counties"] = county_bloc.value_counts().reindex(blocs.index).fillna(0).astype(int)
    flow = numeric(blocs["flow_million_yuan"]) / numeric(blocs["flow_years"]) / numeric(blocs["flow_counties"])
    reported = flow.notna()
    rate = median_rate(blocs, revenue)
    left = blocs["donor_province"].map(revenue) * 100 * rate  # million yuan
    shared = (flow * blocs["counties"]).groupby(blocs["donor_province"]).sum()
    by_rate = (left - blocs["donor_province"].map(shared).fillna(0)) / blocs["counties"]
    per_county = flow.fillna(by_rate.clip(upper=HIGHEST_FLOW))
    blocs["basis"] = np.where(reported, "reported flow per county", "revenue x median rate of reported flows, capped")
    blocs["per_county"] = (per_county * 100).round()
    blocs["money"] = (per_county * 100 * blocs["counties"]).round()
    return blocs


def median_rate(blocs: pd.DataFrame, revenue: pd.Series) -> float:
    """Median over provinces with a reported province-wide flow of yearly flow / general budget revenue."""
    whole = blocs[(blocs["flow_province_wide"] == "1")]
    yearly = numeric(whole["flow_million_yuan"]) / numeric(whole["flow_years"])
    rates = yearly.groupby(whole["donor_province"]).sum()
    rates = rates / (rates.index.map(revenue) * 100)
    return float(np.median(rates))


def weights(units: pd.DataFrame) -> pd.Series:
    """Assumed weight of a unit within its bloc: strong city, kind of unit, lowland."""
    strong = np.where(units["city"].isin(STRONG_CITIES), 1.5, 1.0)
    kind = np.select([units["name"].str.endswith("县"), ~units["name"].str.endswith("区")], [0.6, 1.15], 1.0)
    heavy = units.index.map(lambda code: HEAVY_UNITS.get(code, 1.0)).to_numpy(float)
    return pd.Series(strong * kind * heavy / (1 + 0.3 * units["terrain_relief"]), index=units.index)


def sectors(donor: pd.Series) -> list[str]:
    """Two of the province's assumed strengths, by the last digits of the code, so that neighbours differ."""
    strengths = SECTORS[str(donor.name)[:2]]
    first = int(str(donor.name)[2:]) % len(strengths)
    return sorted({strengths[first], strengths[(first + 1) % len(strengths)]})


def make_donors(units: pd.DataFrame, donor_bloc: pd.Series, money: pd.DataFrame, known: pd.DataFrame,
                revenue: pd.Series) -> pd.DataFrame:
    """Return the `donors` table with means, limits and sectors."""
    frame = units.assign(bloc=donor_bloc)
    weight = weights(frame)
    share = weight / weight.groupby(frame["bloc"]).transform("sum")
    frame["money"] = (share * frame["bloc"].map(money["money"])).round()
    by_province = frame.groupby("province")["money"].transform("sum")
    frame["revenue"] = (frame["province"].map(revenue) * 10_000 * frame["money"] / by_province).round(-2)
    per_county = frame["bloc"].map(money["per_county"])
    frame["pairs_max"] = np.ceil(1.3 * frame["money"] / per_county).clip(lower=1).astype(int)
    known_pairs = known.groupby("donor").size().reindex(frame.index).fillna(0)
    frame["pairs_max"] = np.maximum(frame["pairs_max"], known_pairs).astype(int)
    frame["pairs_min"] = 0
    frame["sectors"] = [sectors(row) for _, row in frame.iterrows()]
    columns = ["name", "province", "city", "lon", "lat", "bloc", "money", "revenue", "pairs_min", "pairs_max", "sectors"]
    return frame[columns]


def partners(counties: pd.DataFrame, donors: pd.DataFrame, most: int = 0) -> pd.DataFrame:
    """Add `partnered`, `partners_min`, `partners_max` and `absorption` to the counties.

    One partner; up to three where the bloc has that many donors for each county, or `most`. Absorption (10,000 yuan of
    collaboration money a year): 30 million yuan and 25 for each rural person, at most 90 million (assumed; the
    highest announced for 2021 is 60).
    """
    counties = counties.copy()
    counties["partnered"] = (counties["bloc"] != NO_PARTNER).astype(int)
    supply = donors.groupby("bloc").size()
    demand = counties.groupby("bloc").size()
    several = (supply / demand).reindex(counties["bloc"]).fillna(0).to_numpy() // 1
    counties["partners_min"] = counties["partnered"]
    counties["partners_max"] = ((most or np.clip(several, 1, 3)) * counties["partnered"]).astype(int)
    counties["absorption"] = (3000 + 0.025 * counties["rural_population"]).clip(upper=9000).round(-1)
    return counties


def make_pairs(known: pd.DataFrame, donors: pd.DataFrame, counties: pd.DataFrame) -> pd.DataFrame:
    """Return the `pairs` table: known pairs inside today's blocs."""
    rows = known[known["county"].isin(counties.index) & known["donor"].isin(donors.index)]
    same = rows["donor"].map(donors["bloc"]).to_numpy() == rows["county"].map(counties["bloc"]).to_numpy()
    rows = rows[same].sort_values(["donor", "county"], kind="stable")
    most = np.minimum(rows["donor"].map(donors["money"]), rows["county"].map(counties["absorption"]))
    return pd.DataFrame({"donor": rows["donor"], "county": rows["county"], "existing": 1, "since": rows["since"],
                         "least_support": np.minimum(LEAST_SUPPORT, most), "most_support": most}).reset_index(drop=True)


def bloc_counts(donors: pd.DataFrame, counties: pd.DataFrame, money: pd.DataFrame) -> pd.DataFrame:
    """Supply and demand of each bloc, for the build's printed report."""
    money = money[money["counties"] > 0]
    table = money[["counties", "money", "per_county", "basis"]].copy()
    table.insert(1, "needed", counties.groupby("bloc")["partners_min"].sum())
    table.insert(2, "donors", donors.groupby("bloc").size())
    table.insert(3, "slots", donors.groupby("bloc")["pairs_max"].sum())
    return table
