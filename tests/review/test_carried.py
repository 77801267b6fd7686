"""Decisions carried out on the plan that was reviewed: what is solved with them is compared with what the committee saw."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pair_worlds import pair_world
from test_recommend import instance

import optimizer as opt
from optimizer.cli.main import run as command
from optimizer.engine.session import Session
from optimizer.instance.decisions import decided
from optimizer.instance.findings import InstanceError
from optimizer.model.build import build
from optimizer.model.compile import compile_numbers
from optimizer.review.carried import carried
from optimizer.review.decisions import price_sentences, with_prices
from optimizer.review.log import read_log


def pairs_of(plan: opt.Plan) -> set[tuple[str, str]]:
    chosen = plan.pairings[plan.pairings["status"] != "ended"]
    return set(zip(chosen["donor"], chosen["county"], strict=True))


def overruling(found: opt.Recommendations) -> pd.DataFrame:
    """The dearest alternative of a county with one partner locked, and that partner forbidden."""
    table = found.table
    alone = [county for county, part in table[table["chosen"]].groupby("county") if len(part) == 1]
    rows = table[~table["chosen"] & table["county"].isin(alone) & (table["displaces"] == "") & (table["status"] == "free")]
    if not len(rows):
        return pd.DataFrame()
    row = rows.sort_values("price_high").iloc[-1]
    now = table[table["chosen"] & (table["county"] == row["county"])].iloc[0]
    if now["status"] != "free":
        return pd.DataFrame()
    return pd.DataFrame([{"kind": "pair", "donor": row["donor"], "county": row["county"], "decision": "lock"},
                         {"kind": "pair", "donor": now["donor"], "county": now["county"], "decision": "forbid"}])


@pytest.mark.thorough
def test_decisions_are_kept_and_the_rest_stays_as_good_as_it_can():
    asked = 0
    for seed in range(8):
        try:
            found = opt.recommend(pair_world(seed), alternatives=3)
            decisions = overruling(found)
            given = found.plan.instance.with_decisions(decisions) if len(decisions) else None
            best = None if given is None else opt.solve(given)
        except (InstanceError, opt.SolveError):
            continue
        if given is None or best is None:
            continue
        program = compile_numbers(build(given.data, pyomo=False)).program
        values = carried(found.plan, found.plan.instance, decided(given.decisions), program)
        if values is None:
            continue
        asked += 1
        at = np.flatnonzero(np.isfinite(values))
        assert set(at) == set(np.flatnonzero(program.integer))
        keys = program.columns_of("pair")
        now = {(d, c) for d, c, x in zip(keys["donor"], keys["county"], values[keys.index], strict=True) if x == 1}
        assert tuple(decisions.loc[0, ["donor", "county"]]) in now and tuple(decisions.loc[1, ["donor", "county"]]) not in now
        held = program.with_bounds(col_lower=np.where(np.isfinite(values), values, program.col_lower),
                                   col_upper=np.where(np.isfinite(values), values, program.col_upper))
        solved = Session(held, "coverage").solve("mip")
        price = found.table.set_index(["donor", "county"]).loc[tuple(decisions.loc[0, ["donor", "county"]]), "price_high"]
        assert solved.objective >= found.plan.outcome.objective - price - 30  # whole steps of the plan aside
        assert solved.objective <= best.outcome.objective + 30
    assert asked >= 3


def test_what_decisions_cost_is_told_against_the_plan_that_was_reviewed():
    found = opt.recommend(instance(), alternatives=2)
    decisions = overruling(found)
    given = found.plan.instance.with_decisions(decisions)
    plan, prices = with_prices(given, found.plan.instance, reviewed=found.plan, seconds=30)
    assert prices.undecided is found.plan and plan.audit is not None and plan.audit.passed
    assert prices.lost == found.plan.outcome.objective - plan.outcome.objective and prices.lost >= 0
    assert prices.others == len(pairs_of(found.plan) - pairs_of(plan)) >= 1
    assert prices.low - 1e-6 <= prices.lost <= prices.high + 2
    assert price_sentences(prices)[0].startswith("Against the plan that was reviewed, this one is ")


def test_the_command_compares_with_the_recommendations_and_the_log_knows_what_was_overruled(tmp_path: Path, capsys, monkeypatch):
    def run(words: list[str]) -> int:
        monkeypatch.setattr(sys, "argv", ["optimizer", *words])
        with pytest.raises(SystemExit) as end:
            command()
        return int(end.value.code or 0)

    instance().to_folder(tmp_path / "four")
    found = opt.recommend(instance(), alternatives=2)
    found.write(tmp_path / "recs")
    overruling(found).to_csv(tmp_path / "decisions.csv", index=False)
    words = ["solve", str(tmp_path / "four"), "--decisions", str(tmp_path / "decisions.csv"), "--out", str(tmp_path / "plan")]
    assert run([*words, "--recommended", str(tmp_path / "recs"), "--log", str(tmp_path / "log.jsonl")]) == 0
    told = capsys.readouterr().out
    assert "Against the plan that was reviewed" in told and "What the decisions cost" in told
    overruled = [entry for entry in read_log(tmp_path / "log.jsonl").entries if "overrul" in json.dumps(entry)]
    assert overruled
    assert run([*words, "--recommended", str(tmp_path / "four")]) == 2
    assert run([*words, "--recommended", str(tmp_path / "recs"), "--set", "budget.central=200"]) == 2
    assert "other changes" in capsys.readouterr().err
    assert run(["solve", str(tmp_path / "four"), "--recommended", str(tmp_path / "recs"), "--out", str(tmp_path / "p")]) == 2
    assert "--decisions" in capsys.readouterr().err and not (tmp_path / "p").exists()


@pytest.mark.parametrize("kind", ["project", "money"])
def test_decisions_on_anything_else_are_left_to_the_search(kind):
    found = opt.recommend(instance(), alternatives=1)
    frame = pd.DataFrame([{"kind": kind, "donor": "", "county": "A", "decision": "lock"}])
    program = compile_numbers(build(found.plan.data, pyomo=False)).program
    assert carried(found.plan, found.plan.instance, frame, program) is None
