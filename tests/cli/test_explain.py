"""``explain`` on the command line: exit statuses, tables, and the words of ``solve`` that lead to it."""

from __future__ import annotations

import pandas as pd


def test_no_plan_is_explained_with_exit_3(optimizer, two, tmp_path):
    out = tmp_path / "why"
    ran = optimizer("explain", two, "--set", "counties.partners_min=3", "--set", "counties.partners_max=3", "--plans", "0",
                    "--json", "--out", out)
    assert ran.status == 3
    assert ran.json["feasible"] is False
    assert {row["rule"] for row in ran.json["conflicts"]} == {"counties.partners_min"}
    assert ran.json["ways_out"][0]["set"]
    assert list(pd.read_csv(out / "ways_out.csv")) == ["rank", "rule", "index", "from", "to", "change", "unit", "sentence"]


def test_what_binds_has_exit_0_and_an_unknown_name_to_keep_exit_2(optimizer, two, tmp_path):
    ran = optimizer("explain", two, "--out", tmp_path / "why")
    assert ran.status == 0
    assert "binds" in ran.out and (tmp_path / "why" / "binding.csv").exists()
    assert optimizer("explain", two, "--keep", "nothing", "--out", tmp_path / "other").status == 2
