"""Tables of weights and tolerances: the plans of single runs, duplicates once."""

from __future__ import annotations

import pandas as pd
import pytest
from small_instances import levels, small
from typer.testing import CliRunner

import optimizer as opt
from optimizer.cli.main import app
from optimizer.instance.findings import InstanceError

TABLE = pd.DataFrame({"coverage": [1, 1, 2, 0], "spend": [0, 1, 2, 1]})


def test_each_row_is_the_plan_of_its_weights_and_twins_are_dropped():
    found = opt.weights(small(), TABLE)
    assert list(found.table["run"]) == [1, 2, 4]
    assert list(found.table["same"]) == ["", "3", ""]
    assert set(found.plans) == {1, 2, 4}
    for run, row in zip((1, 2, 4), found.table.to_dict("records"), strict=True):
        asked = TABLE.iloc[run - 1]
        alone = opt.solve(small(levels(*({"criterion": name, "weight": int(asked[name])} for name in TABLE), kind="weighted")))
        size = found.plans[run].claims.ranges
        assert size == pytest.approx(alone.claims.ranges)
        assert found.plans[run].audit.passed
        assert found.plans[run].outcome.objective == pytest.approx(alone.outcome.objective, abs=1e-6)
        covered, spent = (asked[name] * row[f"value.{name}"] / size[name] for name in ("coverage", "spend"))
        assert covered - spent == pytest.approx(found.plans[run].outcome.objective)
    assert found.ended == ""


def test_tolerances_are_those_of_the_rows():
    method = levels({"criterion": "coverage"}, {"criterion": "spend"})
    found = opt.weights(small(method), pd.DataFrame({"tolerance.coverage": ["0%", "10%", "200"]}))
    best, *others = found.table.to_dict("records")
    for row, room in zip(others, (0.1 * best["value.coverage"], 200.0), strict=True):
        assert best["value.coverage"] - room - 1 <= row["value.coverage"] <= best["value.coverage"]
        assert row["value.spend"] < best["value.spend"]


@pytest.mark.parametrize(("table", "words"), [
    (pd.DataFrame({"coverage": [1, -1]}), "is no weight"),
    (pd.DataFrame({"coverage": ["1", None]}), "is no weight"),
    (pd.DataFrame({"coverage": [0.0]}), "all weights are 0"),
    (pd.DataFrame({"nothing": [1]}), "nothing"),
    (pd.DataFrame({"coverage": [1], "tolerance.coverage": ["1%"]}), "mixes"),
    (pd.DataFrame({"tolerance.coverage": ["1%"]}), "not lexicographic"),
    (pd.DataFrame({"coverage": []}), "neither rows"),
])
def test_tables_with_faults_are_told(table, words):
    with pytest.raises(InstanceError, match=words):
        opt.weights(small(), table)


def test_what_stops_a_run_leaves_what_was_done():
    calls = []

    def stop() -> bool:
        calls.append(1)
        return len(calls) > 1

    found = opt.weights(small(), TABLE, should_stop=stop)
    assert found.ended.startswith("stopped after")
    assert len(found.table) <= 1


def test_the_command_writes_plans_and_the_table(tmp_path):
    small().to_folder(tmp_path / "case")
    TABLE.to_csv(tmp_path / "table.csv", index=False)
    ran = CliRunner().invoke(app, ["weights", str(tmp_path / "case"), "--table", str(tmp_path / "table.csv"), "--out",
                                   str(tmp_path / "out"), "--quiet"])
    assert ran.exit_code == 0, ran.output
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"run-1", "run-2", "run-4", "weights.csv"}
    assert list(pd.read_csv(tmp_path / "out" / "weights.csv")["run"]) == [1, 2, 4]
