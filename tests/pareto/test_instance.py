"""Fronts of the worked example, from Python and on the command line."""

from __future__ import annotations

import json

import pytest

import optimizer as opt
from optimizer.cli.main import app
from optimizer.instance.template import write_template
from optimizer.methods.pareto.front import Front
from optimizer.pareto import pareto, with_plans
from optimizer.report.fronts import draw_front
from tests.cli.conftest import SETTINGS, TABLES
from tests.extent import few

INDICES = ["gini", "hoover", "range"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("tiny")
    declared = "criteria:\n  worst: {equity: maximin, outcome: covered_share}\n"
    (place / "instance.yaml").write_text(SETTINGS + declared, encoding="utf-8")
    for name, text in TABLES.items():
        (place / f"{name}.csv").write_text(text, encoding="utf-8")
    return place


def test_a_front_of_whole_decisions_is_complete_and_its_plans_pass_the_audit(folder):
    front = pareto(opt.read(folder), ["fit_pairs", "disruption"])
    assert front.complete and front.kind == "integer"
    front, plans = with_plans(front)
    assert all(plan.audit.passed for plan in plans.values())
    for name in front.names:
        assert front.points[f"plan_{name}"].to_list() == pytest.approx(front.points[name].to_list())


def test_criteria_that_never_conflict_give_one_point_that_is_the_whole_front(folder):
    instance = opt.read(folder)
    front = pareto(instance, ["coverage", "worst"], 4)
    assert front.kind == "mixed" and len(front) == 1 and front.complete and not front.stopped
    assert front.ideal["coverage"] == pytest.approx(opt.solve(instance).claims.levels[0].modelled_value, rel=1e-6)


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """The template with relative indices among its criteria."""
    place = tmp_path_factory.mktemp("template") / "new"
    write_template(place)
    text = (place / "instance.yaml").read_text(encoding="utf-8")
    more = "".join(f"  {name}: {{equity: {name}, outcome: covered_share}}\n" for name in (*INDICES, "leximin"))
    held = "".join(f"  - {{id: held_{name}, type: equity, equity: {name}, outcome: covered_share, max: 1, active: 0,"
                   f" sentence: held}}\n"
                   for name in INDICES)
    text = text.replace("\ncriteria:\n", f"\ncriteria:\n{more}").replace("\nrules:\n", f"\nrules:\n{held}")
    text = text.replace("time_limit: 60", "time_limit: 900")  # a busy machine is no reason to stop
    (place / "instance.yaml").write_text(text, encoding="utf-8")
    return opt.read(place)


def test_a_front_with_an_equity_criterion_is_bounded_and_its_plans_pass_the_audit(template):
    front = pareto(template, ["coverage", "worst_county"], 3)
    assert front.kind == "mixed" and len(front) == 3 and not front.complete and not front.stopped
    front, plans = with_plans(front)
    assert all(plan.audit.passed for plan in plans.values())
    for name in front.names:
        assert front.points[f"plan_{name}"].to_list() == pytest.approx(front.points[name].to_list(), rel=2e-3)


@pytest.mark.parametrize("index", few(1, ["hoover", "gini", "range"]))
def test_an_index_relative_to_the_mean_has_a_front(template, index):
    front = pareto(template, ["coverage", index], 3)
    assert len(front) == 3 and not front.stopped and (front.points["status"] == "optimal").all()
    middle = front.points.iloc[1]
    held = template.with_({f"rule.held_{index}.active": 1, f"rule.held_{index}.max": float(middle[index]),
                           "method.type": "single", "method.levels": [{"criterion": "coverage"}]})
    assert middle["coverage"] == pytest.approx(opt.solve(held).claims.levels[0].modelled_value, rel=1e-5)
    if index != "hoover":
        return
    swapped = pareto(template, [index, "coverage"], 3).points.sort_values("coverage", ascending=False)
    assert swapped[index].to_numpy() == pytest.approx(front.points[index].to_numpy(), abs=1e-5)


def test_leximin_is_refused_in_one_sentence(template):
    with pytest.raises(ValueError, match="'leximin' is leximin, which puts plans in order"):
        pareto(template, ["coverage", "leximin"])


def test_the_command_writes_the_front_the_picture_and_the_plans(folder, tmp_path, capsys):
    out = tmp_path / "front"
    app(["pareto", str(folder), "--criteria", "fit_pairs,disruption", "--out", str(out), "--plans", "--json"],
        standalone_mode=False)
    told = json.loads(capsys.readouterr().out)
    assert told["exit"] == 0 and told["complete"] is True
    assert (out / "front.svg").read_text(encoding="utf-8").startswith("<?xml")
    assert opt.Plan.read(out / "plans" / "001").outcome is not None
    front = Front.read(out)
    assert len(front) == told["points"] and draw_front(front, tmp_path / "again.png").stat().st_size > 5000


def test_criteria_that_are_not_there_are_named(folder):
    with pytest.raises(opt.InstanceError, match="coverag"):
        pareto(opt.read(folder), ["coverag", "spend"])
    with pytest.raises(ValueError, match="two criteria"):
        pareto(opt.read(folder), ["coverage"])
