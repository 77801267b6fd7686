"""Money in and out: projects by age, streams that carry over, pairs, and what stays in an account."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from optimizer.instance.instance import Instance
from optimizer.plan import Choices, Plan, assemble

Maker = Callable[..., Instance]


def settings(periods: list[int], step: float = 1, **stream: Any) -> dict[str, Any]:
    return {
        "money": {"step": step}, "periods": periods, "categories": {"c": {}, "e": {}},
        "needs": {"n": {"category": "c"}}, "streams": {"s": {"budget": 1000, **stream}},
    }


def solved(maker: Maker, periods: list[int], projects: str, starts: list[tuple[Any, ...]], step: float = 1, **more: Any) -> Plan:
    instance = maker(settings(periods, step), counties="county,population|A,10", needs="county,need,people,unit_cost|A,n,100,1",
                     projects=projects)
    return assemble(instance, Choices.of(starts=starts, **more))


def test_upkeep_runs_from_after_the_last_cost_to_the_horizon(maker: Maker) -> None:
    projects = "project,county,category,cost,cost+1,upkeep|P,A,c,100,50,7"
    row = solved(maker, [1, 2, 3, 4], projects, [("P", 1, 1)]).projects.iloc[0]
    assert (row["cost"], row["tail"], row["own"]) == (100 + 50 + 7 + 7, 0, 0)


def test_costs_beyond_the_horizon_are_the_tail(maker: Maker) -> None:
    projects = "project,county,category,cost,cost+1,cost+2,upkeep|P,A,c,100,50,30,7"
    row = solved(maker, [1, 2], projects, [("P", 2, 1)]).projects.iloc[0]
    assert (row["cost"], row["tail"]) == (100, 80)


def test_others_pay_their_share_outside_the_accounts(maker: Maker) -> None:
    projects = "project,county,category,cost,cost+1,upkeep,own_share|P,A,c,100,50,10,0.3"
    transfers = [("s", "A", "c", 1, 70), ("s", "A", "c", 2, 35), ("s", "A", "c", 3, 7)]
    plan = solved(maker, [1, 2, 3], projects, [("P", 1, 1)], transfers=transfers)
    row = plan.projects.iloc[0]
    assert (row["cost"], row["own"], row["tail"]) == (112, 48, 0)
    assert not len(plan.unspent)


def test_a_scalable_project_has_an_exact_cost_and_the_amount_follows(maker: Maker) -> None:
    projects = "project,county,category,cost,own_share,scalable|P,A,c,30,0.1,1"
    plan = solved(maker, [1], projects, [("P", 1, 0.3704)], transfers=[("s", "A", "c", 1, 10)])
    row = plan.projects.iloc[0]
    assert row["cost"] == 10
    assert row["amount"] == pytest.approx(10 / 27, abs=1e-16)
    assert row["own"] == pytest.approx(10 / 9, abs=1e-15)
    assert not len(plan.unspent)


def test_a_scalable_project_without_cost_keeps_its_amount(maker: Maker) -> None:
    row = solved(maker, [1], "project,county,category,cost,scalable|P,A,c,0,1", [("P", 1, 0.123456)]).projects.iloc[0]
    assert (row["amount"], row["cost"]) == (0.123456, 0)


def test_a_rest_below_a_step_for_each_amount_is_a_reserve(maker: Maker) -> None:
    projects = "project,county,category,cost|P,A,c,99.4"
    plan = solved(maker, [1], projects, [("P", 1, 1)], transfers=[("s", "A", "c", 1, 100)])
    assert plan.unspent.to_dict("records") == [{"county": "A", "category": "c", "period": 1, "money": 0.6, "kind": "reserve"}]


def test_a_larger_rest_is_unspent_and_a_debt_stays_visible(maker: Maker) -> None:
    projects = "project,county,category,cost|P,A,c,90"
    more = solved(maker, [1], projects, [("P", 1, 1)], transfers=[("s", "A", "c", 1, 100)])
    assert more.unspent[["money", "kind"]].to_numpy().tolist() == [[10, "unspent"]]
    debt = solved(maker, [1], projects, [("P", 1, 1)], transfers=[("s", "A", "c", 1, 80)])
    assert debt.unspent["money"].tolist() == [-10]


def test_money_adds_up_in_decimals(maker: Maker) -> None:
    transfers = [("s", "A", "c", 1, 0.1), ("s", "A", "e", 1, 0.2)]
    projects = "project,county,category,cost|P,A,c,0"
    plan = solved(maker, [1], projects, [], step=0.1, transfers=transfers, direct=[("A", "n", 1, 0.1)])
    assert plan.streams["spent"].tolist() == [0.3]
    assert plan.streams["lapsed"].tolist() == [999.7]
    assert plan.unspent[["category", "money"]].to_numpy().tolist() == [["e", 0.2]]


@pytest.mark.parametrize(("carry", "flows"), [
    ("0%", [(100, 0, 60, 0, 40), (100, 0, 100, 0, 0)]),
    ("25%", [(100, 0, 60, 25, 15), (100, 25, 100, 0, 25)]),
    ("25.5%", [(100, 0, 60, 25, 15), (100, 25, 100, 0, 25)]),
    ("80%", [(100, 0, 60, 40, 0), (100, 40, 100, 0, 40)]),
])
def test_money_carries_over_in_whole_steps_and_lapses_at_the_end(maker: Maker, carry: str, flows: list[tuple[int, ...]]) -> None:
    instance = maker(settings([1, 2], budget=100, carry=carry), counties="county,population|A,10")
    plan = assemble(instance, Choices.of(transfers=[("s", "A", "c", 1, 60), ("s", "A", "c", 2, 100)]))
    columns = ["budget", "carried_in", "spent", "carried_out", "lapsed"]
    assert [tuple(row) for row in plan.streams[columns].astype(int).to_numpy()] == flows


def test_scopes_of_a_stream_keep_their_own_books(maker: Maker) -> None:
    instance = maker({**settings([1]), "streams": {"s": {}}}, counties="county,province,population|A,甲,1|B,乙,1|C,丙,1",
                     budgets="stream,scope,period,amount|s,province=甲,1,50|s,province=乙,1,70")
    plan = assemble(instance, Choices.of(transfers=[("s", "A", "c", 1, 20), ("s", "B", "c", 1, 70)]))
    assert plan.streams.set_index("scope")[["spent", "lapsed"]].to_dict("index") == {
        "province=甲": {"spent": 20, "lapsed": 30}, "province=乙": {"spent": 70, "lapsed": 0}}


def test_pairs_are_kept_new_or_ended(example_plan: Plan) -> None:
    table = example_plan.pairings.set_index(["donor", "county"])
    assert table["status"].to_dict() == {("D1", "A"): "ended", ("D1", "B"): "new", ("D2", "A"): "new", ("D2", "B"): "ended"}
    assert table["money"].to_dict() == {("D1", "A"): 0, ("D1", "B"): 200, ("D2", "A"): 120, ("D2", "B"): 0}
    assert table["fit"].tolist() == [0.6, 0.8, 0.5, 0.4]


def test_placed_money_and_transfers_stand_together_in_funds(example_plan: Plan) -> None:
    by_stream = example_plan.funds.groupby("stream")["money"].sum()
    assert by_stream.to_dict() == {"central": 700, "collaboration": 320}
    assert example_plan.funds["money"].gt(0).all()
    keys = example_plan.funds[["stream", "county", "category", "period"]]
    pd.testing.assert_frame_equal(keys, keys.sort_values(list(keys.columns), ignore_index=True))
