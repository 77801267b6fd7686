"""What must not matter does not, and tables agree with one another, over random choices."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.instance.instance import Instance
from optimizer.plan import Choices, Plan, assemble
from tests.extent import MORE

PERIODS = [2026, 2027]
EXAMPLES = 5 * MORE
AMOUNT = st.integers(min_value=0, max_value=300)


def build(scale: float = 1.0, order: int = 1) -> Instance:
    """Two counties and three projects; money in units of 1/scale."""
    def table(header: str, *rows: tuple[Any, ...]) -> pd.DataFrame:
        return pd.DataFrame([tuple(str(cell) for cell in row) for row in rows[::order]], columns=header.split(","))

    return Instance.from_frames(
        settings={
            "money": {"unit": "coin", "yuan": 10000 / scale, "label": "coin", "step": scale}, "periods": PERIODS,
            "needs": {"w": {"kind": "lasting", "category": "c", "tiers": [{"width": 0.4}, {"width": 0.5, "factor": 3}]},
                      "y": {"kind": "yearly", "category": "e"}},
            "categories": {"c": {}, "e": {}}, "streams": {"s": {"budget": 5000 * scale, "carry": 0.3}},
            "rules": [{"id": "floor", "type": "bound", "sentence": "x", "of": {"sum": "covered"}, "each": "county",
                       "per": "people", "min": 0.3}],
        },
        counties=table("county,population", ("A", 100), ("B", 80)),
        needs=table("county,need,people,relapse,unit_cost", ("A", "w", 100, 0.13, 0.7 * scale), ("B", "w", 61, 0.3, 1.1 * scale),
                    ("A", "y", 90, "", 0.9 * scale), ("B", "y", 40, "", 2 * scale)),
        projects=table("project,county,category,cost,upkeep,delay,own_share", ("P", "A", "c", 30 * scale, 2 * scale, 0, 0),
                       ("Q", "B", "e", 20 * scale, 0, 1, 0.25), ("R", "A", "e", 10 * scale, 1 * scale, 0, 0.5)),
        effects=table("project,need,people", ("P", "w", 33), ("Q", "y", 21), ("R", "y", 17)),
    )


@st.composite
def decided(draw: st.DrawFn) -> dict[str, list[tuple[Any, ...]]]:
    keys = [(i, c, t) for i in "AB" for c in "ce" for t in PERIODS]
    needs = [(i, k, t) for i in "AB" for k in "wy" for t in PERIODS]
    starts = draw(st.lists(st.tuples(st.sampled_from("PQR"), st.sampled_from(PERIODS)), unique_by=lambda s: s[0], max_size=3))
    return {
        "transfers": [("s", *key, draw(AMOUNT)) for key in keys], "direct": [(*need, draw(AMOUNT)) for need in needs],
        "starts": [(project, period, 1) for project, period in starts],
    }


def scaled(choices: dict[str, list[tuple[Any, ...]]], factor: float) -> Choices:
    return Choices.of(starts=choices["starts"], **{
        name: [(*row[:-1], row[-1] * factor) for row in choices[name]] for name in ("transfers", "direct")})


def people(plan: Plan) -> pd.DataFrame:
    return plan.coverage.drop(columns="direct_cost")


@settings(deadline=None, max_examples=EXAMPLES)
@given(decided())
def test_the_order_of_rows_and_choices_changes_nothing(choices: dict[str, list[tuple[Any, ...]]]) -> None:
    plan = assemble(build(), Choices.of(**choices))
    other = assemble(build(order=-1), Choices.of(**{name: rows[::-1] for name, rows in choices.items()}))
    for name, frame in plan.tables.items():
        pd.testing.assert_frame_equal(frame, other.tables[name])


@settings(deadline=None, max_examples=EXAMPLES)
@given(decided())
def test_money_in_another_unit_changes_no_people(choices: dict[str, list[tuple[Any, ...]]]) -> None:
    plan, other = assemble(build(), Choices.of(**choices)), assemble(build(scale=1000.0), scaled(choices, 1000.0))
    pd.testing.assert_frame_equal(people(plan), people(other))
    assert np.array_equal(1000 * plan.streams["lapsed"], other.streams["lapsed"])
    a, b = plan.criteria.set_index("criterion")["value"], other.criteria.set_index("criterion")["value"]
    assert (a["coverage"], 1000 * a["spend"]) == (b["coverage"], b["spend"])


@settings(deadline=None, max_examples=EXAMPLES + 5)
@given(decided())
def test_tables_agree_with_one_another(choices: dict[str, list[tuple[Any, ...]]]) -> None:
    plan = assemble(build(), Choices.of(**choices))
    table = plan.coverage
    assert (table["covered"] == table["carried"] + table["built"] + table["direct"]).all()
    assert (table["gap"] == table["people"] - table["covered"]).all()
    assert table[["carried", "built", "direct", "gap"]].ge(0).all(axis=None)
    streams = plan.streams
    balance = streams["budget"] + streams["carried_in"] - streams["spent"] - streams["carried_out"] - streams["lapsed"]
    assert np.allclose(balance, 0, atol=1e-9)
    money_in, own = plan.funds["money"].sum(), plan.projects["cost"].sum()
    assert np.isclose(money_in, own + table["direct_cost"].sum() + plan.unspent["money"].sum(), atol=1e-9)
    assert plan.criteria.set_index("criterion").loc["coverage", "value"] == table["covered"].sum()


@settings(deadline=None, max_examples=EXAMPLES)
@given(decided(), st.integers(min_value=0, max_value=7))
def test_more_direct_money_in_the_last_period_never_covers_fewer(choices: dict[str, list[tuple[Any, ...]]], chosen: int) -> None:
    row = choices["direct"][chosen]
    more = {**choices, "direct": [(*r[:-1], r[-1] + 50 * (r == row and r[2] == PERIODS[-1])) for r in choices["direct"]]}
    few, many = (assemble(build(), Choices.of(**one)).coverage["covered"] for one in (choices, more))
    assert (many >= few).all()
