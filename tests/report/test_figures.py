"""Figures: what is drawn is what the plan's tables hold; both languages; nothing to show is said; names are only text."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from collections.abc import Callable
from importlib.resources import files
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from optimizer.instance.instance import Instance
from optimizer.methods.pareto.front import Front
from optimizer.plan import Choices, Claims, Level, Plan, assemble
from optimizer.plan.compare import against_baseline
from optimizer.plan.distribution import distribution
from optimizer.plan.indicators import gini
from optimizer.plan.indicators import indicators as indicators_of
from optimizer.report import figures
from optimizer.report.figures import canvas, fonts, page
from optimizer.report.figures.words import in_language, own, say, unit_word

LONG = "a county whose name is longer than any line of any figure could ever hold without an end"
NAMES = ["$x^2$ & <b>", LONG, "=1+1 阿坝藏族羌族自治州"]
SETTINGS: dict[str, Any] = {
    "title": "Small", "periods": [1, 2], "categories": {"c": {"label": "住房 housing"}, "e": {}},
    "needs": {"water": {"category": "c", "label": "饮水 water", "kind": "yearly"}, "work": {"category": "e", "kind": "yearly"}},
    "streams": {"s": {"budget": 1000, "label": "中央 $central$"}, "z": {"budget": 90}},
    "factor": {"streams": ["s"], "factors": [{"column": "population", "weight": 1}]}, "settings": {"unspent": "allow"},
    "rules": [{"id": "r", "type": "bound", "sentence": "No county gets more than 130", "of": {"sum": "money"}, "each": "county",
               "max": 130}],
}
TABLES = {
    "counties": "county,name,province,province_en,population,lon,lat|A," + NAMES[0] + ",甲,Jia,1000,100,30|B," + NAMES[1] +
                ",乙,Yi,2000,105,32|C," + NAMES[2] + ",乙,Yi,500,103,31",
    "needs": "county,need,people,unit_cost|A,water,100,1|B,water,50,1|C,work,40,1",
    "donors": "donor,name,money,pairs_max,lon,lat|D,城 $d$,30,2,120,30|E,North,10,1,,",
    "pairs": "donor,county,fit,existing|D,A,0.5,0|D,B,0.4,1|E,C,0.3,1",
    "projects": "project,county,category,sector,cost|P,A,c,tea,20|Q,B,c,,10",
    "effects": "project,need,people|P,water,10|Q,water,5",
    "baseline": "county,stream,money|A,s,50|B,s,10|C,s,40",
}


@pytest.fixture(scope="module")
def plan() -> Plan:
    def frame(text: str) -> pd.DataFrame:
        header, *lines = text.split("|")
        return pd.DataFrame([line.split(",") for line in lines], columns=header.split(","))

    instance = Instance.from_frames(settings=SETTINGS, **{name: frame(text) for name, text in TABLES.items()})
    choices = Choices.of(
        transfers=[("s", "A", "c", 1, 60), ("s", "B", "c", 1, 40), ("s", "A", "c", 2, 40), ("s", "C", "e", 2, 30),
                   ("z", "C", "e", 1, 9)],
        support=[("D", "A", 1, 30), ("E", "C", 1, 10)],
        placed=[("collaboration", "A", "c", 1, 30), ("collaboration", "C", "e", 1, 10)],
        pairs=[("D", "A"), ("E", "C")], starts=[("P", 1, 1)],
        direct=[("A", "water", 1, 60), ("B", "water", 1, 40), ("C", "work", 2, 30), ("A", "water", 2, 20)],
    )
    return assemble(instance, choices, Claims("within_gap", levels=(Level("coverage", "max", 160.0, 170.0),)))


def found(picture: canvas.Picture, gid: str, kind: type[Artist] = Artist) -> list[Artist]:
    return picture.findobj(lambda artist: artist.get_gid() == gid and isinstance(artist, kind))


def widths(picture: canvas.Picture, gid: str) -> list[float]:
    """Lengths of the bars of one series from top to bottom."""
    bars = [bar for bar in found(picture, gid) if isinstance(bar, Rectangle)]
    return [bar.get_width() for bar in sorted(bars, key=lambda bar: bar.get_y())]


def test_bars_of_money_are_the_distribution(plan: Plan) -> None:
    picture = plan.plot.funds_by_region()
    table = distribution(plan)
    rows = table[table["level"] == "province"].sort_values("money", ascending=False)
    for stream in ("s", "z", "collaboration"):
        assert widths(picture, f"stream:{stream}") == rows[f"stream:{stream}"].tolist()
    assert [label.get_text() for label in picture.axes[0].get_yticklabels()] == ["Jia", "Yi"]
    assert "10,000 yuan" in picture.axes[0].get_xlabel()
    counties = plan.plot.funds_by_region(level="county").data
    assert counties["money"].sum() == plan.funds["money"].sum()


def test_bars_of_coverage_are_the_coverage_table(plan: Plan) -> None:
    picture = plan.plot.coverage_by_need()
    sums = plan.coverage.groupby(["need", "period"])[["built", "direct", "gap", "people"]].sum()
    order = [(need, period) for need in ("water", "work") for period in (1, 2)]
    for part in ("built", "direct", "gap"):
        assert widths(picture, part) == [sums.loc[key, part] for key in order]
    ends = [bar.get_x() + bar.get_width() for bar in sorted(
        (bar for bar in found(picture, "gap") if isinstance(bar, Rectangle)), key=lambda bar: bar.get_y())]
    assert ends == [sums.loc[key, "people"] for key in order]


def test_lorenz_curves_enclose_the_gini_of_the_indicators(plan: Plan) -> None:
    picture = plan.plot.lorenz()
    table = indicators_of(plan)
    for outcome in ("covered_share", "money_per_head"):
        (line,) = found(picture, outcome)
        x, y = (np.asarray(part, float) / 100 for part in (line.get_xdata(), line.get_ydata()))
        told = table[(table["outcome"] == outcome) & (table["by"] == "county") & (table["indicator"] == "gini")]["after"].iloc[0]
        assert 1 - 2 * np.trapezoid(y, x) == pytest.approx(told, abs=1e-12)
        assert f"{told:.3f}" in line.get_label()
        assert (np.diff(np.diff(y) / np.diff(x)) >= -1e-12).all()  # convex: the least served first
    assert gini(np.array([1.0, 1.0]), np.array([1.0, 2.0])) == pytest.approx(0)


def test_the_map_draws_each_pair_between_its_ends_and_says_which_are_missing(plan: Plan) -> None:
    picture = plan.plot.pairings_map()
    (new,) = found(picture, "new", LineCollection)
    (ended,) = found(picture, "ended", LineCollection)
    assert np.array(new.get_segments()).tolist() == [[[120, 30], [100, 30]]]
    assert np.array(ended.get_segments()).tolist() == [[[120, 30], [105, 32]]]
    (paired,) = found(picture, "county", PathCollection)
    assert paired.get_offsets().tolist() == [[100, 30]]
    assert any("1 pairs without coordinates" in text.get_text() for text in picture.axes[0].texts)


def test_changes_are_those_of_the_comparison(plan: Plan) -> None:
    picture = plan.plot.winners_losers()
    told = against_baseline(plan, "last", estimate=False).counties["money_change"]
    assert sorted(widths(picture, "named")) == sorted(told[told != 0])
    assert picture.data["money_change"].sum() == told.sum()
    (more,), (less,) = (found(picture, key) for key in ("more", "less"))
    assert more.get_label() == "more: 1"
    assert (np.array(less.get_data().values) <= 0).all()
    assert plan.plot.winners_losers(against="factor").data["money_before"].sum() == pytest.approx(2000)


def test_money_per_head_is_the_distributions(plan: Plan) -> None:
    picture = plan.plot.funds_per_head()
    table = distribution(plan)
    dots = [value for line in picture.axes[0].lines if line.get_marker() == "o" for value in line.get_xdata()]
    assert sorted(dots) == sorted(table.loc[table["level"] == "county", "per_head"])
    (means,) = found(picture, "mean")
    assert sorted(means.get_xdata()) == sorted(table.loc[table["level"] == "province", "per_head"])


def test_indicators_donors_projects_and_rules_are_those_of_the_tables(plan: Plan) -> None:
    table = indicators_of(plan)
    (dots,) = found(plan.plot.indicators(), "money_per_head")
    told = table[(table["outcome"] == "money_per_head") & (table["by"] == "county")].set_index("indicator")["after"]
    assert list(dots.get_xdata()) == told[["gini", "hoover", "theil", "atkinson"]].tolist()
    donors = plan.plot.donor_capacity()
    assert widths(donors, "part") == [30, 10, 1, 1] or sorted(widths(donors, "part")) == [1, 1, 10, 30]
    assert donors.data.set_index("donor")["money"].to_dict() == {"城 $d$": 60, "North": 20}
    projects = plan.plot.projects_by_sector()
    assert widths(projects, "proposed") == [1, 1]
    assert widths(projects, "started") == [1, 0]
    assert widths(projects, "cost") == [plan.projects["cost"].sum(), 0]
    rules = plan.plot.rules_slack().data
    assert np.allclose(rules["percent"], 100 * rules["slack"] / 130)
    assert len(rules) == len(plan.rules)
    assert set(rules.loc[rules["slack"] == 0, "standing"]) <= {"near"}


CURVE = pd.DataFrame({"budget": [1e3, 2e3, 3e3], "value": [5.0, 8.0, 9.0], "low": [5.0, 8.0, 9.0], "high": [5.5, 8.5, 9.5],
                      "tier": "solved", "next_per_million": [0.3, 0.1, np.nan]})
SWINGS = pd.DataFrame({"key": ["budget.s", "$k$"], "low": ["-10%", "1"], "high": ["+10%", "2"], "value_low": [90.0, np.nan],
                       "value_high": [108.0, 101.0]})


def results(plan: Plan, lang: str) -> list[canvas.Picture]:
    curve = SimpleNamespace(table=CURVE, criterion="coverage", unit="weighted person-periods", money="10k_yuan")
    swings = SimpleNamespace(table=SWINGS, base=100.0, criterion="coverage")
    return [plan.plot.budget_curve(curve, lang=lang), plan.plot.tornado(swings, lang=lang),
            plan.plot.scenarios({NAMES[0]: plan}, lang=lang)]


def test_curves_tornados_and_scenarios_draw_their_numbers(plan: Plan) -> None:
    curve, swings, both = results(plan, "en")
    (line,) = found(curve, "solved")
    assert list(line.get_ydata()) == CURVE["value"].tolist()
    assert widths(swings, "low") == [-10, 0]
    assert widths(swings, "high") == [8, 1]
    assert any("no plan" in text.get_text() for text in swings.axes[0].texts)
    assert widths(both, "money") == [plan.funds["money"].sum()] * 2


@pytest.mark.parametrize("names", [("coverage", "a $cost$"), ("coverage", "a $cost$", "jobs")])
def test_fronts_draw_every_point_and_mark_the_knee(plan: Plan, names: tuple[str, ...]) -> None:
    points = pd.DataFrame({"point": [1, 2, 3], "coverage": [1.0, 8.0, 10.0], "a $cost$": [1.0, 2.0, 9.0],
                           "jobs": [4.0, 3.0, 0.0]})
    senses = {"coverage": "max", "a $cost$": "min", "jobs": "max"}
    front = Front(points=points, criteria={name: {"sense": senses[name], "unit": "people"} for name in names}, kind="integer",
                  complete=False, why_not="a test", stopped="", subproblems=pd.DataFrame(), resolution=dict.fromkeys(names, 1e-6),
                  fingerprint="")
    picture = plan.plot.front(front)
    legends = [text.get_text() for text in picture.axes[0].get_legend().get_texts()]
    assert f"knee (plan {front.knee})" in legends
    assert "(not complete)" in picture.title
    if len(names) == 2:
        (dots,) = found(picture, "points", PathCollection)
        assert dots.get_offsets().tolist() == points[["coverage", "a $cost$"]].to_numpy().tolist()
        assert picture.axes[0].get_xlabel().replace("\n", " ").startswith("Weighted coverage (people)")
    else:
        lines = [list(line.get_ydata()) for line in picture.axes[0].lines if len(line.get_ydata()) == 3]
        for row in 1.0 - front.shares():
            assert list(row) in lines


@pytest.fixture(scope="module", params=["en", "zh"])
def drawn(request: pytest.FixtureRequest, plan: Plan) -> tuple[str, list[canvas.Picture]]:
    """Every figure in one language."""
    return request.param, [*plan.plot.all(lang=request.param).values(), *results(plan, request.param)]


def test_every_figure_in_both_languages_is_text_that_a_page_can_hold(drawn: tuple[str, list[canvas.Picture]]) -> None:
    lang, pictures = drawn
    assert len(pictures) == len(figures.OF_A_PLAN) + 3
    for picture in pictures:
        text = figures.svg(picture)
        root = ElementTree.fromstring(text)
        assert root.get("aria-label") == picture.title
        addresses = set(re.findall(r'(?:https?:)?//[^"\s<]+', text))
        assert addresses <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
        assert all(name.startswith(f"{picture.name}-") for name in re.findall(r' id="([^"]*)"', text))
        assert "<script" not in text
        if picture.name in ("lorenz", "indicators", "pairings_map"):
            assert text == figures.svg(picture)
        assert len(picture.data) > 0
        for axes in picture.axes:
            assert axes.get_xlabel() or picture.name == "budget_curve"
        if lang == "zh":
            assert re.search("[\u4e00-\u9fff]", picture.title)


def test_nothing_is_cut_off_and_legends_cover_no_label(drawn: tuple[str, list[canvas.Picture]]) -> None:
    for picture in drawn[1]:
        FigureCanvasAgg(picture).draw()
        paper, beyond = picture.bbox.padded(2), set()
        for axis in (axis for axes in picture.axes for axis in (axes.xaxis, axes.yaxis)):
            low, high = sorted(axis.get_view_interval())
            beyond |= {tick.label1 for tick in axis.get_major_ticks() if not low <= tick.get_loc() <= high}  # not drawn
        texts = [text for text in picture.findobj(Text) if text.get_visible() and text.get_text() and text not in beyond]
        for text in texts:
            box = text.get_window_extent()
            assert paper.x0 <= box.x0 and box.x1 <= paper.x1 and paper.y0 <= box.y0 and box.y1 <= paper.y1, (picture.name, text)
        legends = [legend.get_window_extent() for legend in picture.legends]
        labels = [text.get_window_extent() for axes in picture.axes for text in (axes.xaxis.label, axes.yaxis.label, axes.title)
                  if text.get_text()]
        assert not any(legend.overlaps(label) for legend in legends for label in labels), picture.name


@pytest.mark.parametrize("kind", ["svg", "png"])
def test_a_figure_is_drawn_once_when_saved_and_no_letter_is_elsewhere(
    drawn: tuple[str, list[canvas.Picture]], kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds, draw = [], Figure.draw
    monkeypatch.setattr(Figure, "draw", lambda self, renderer: rounds.append(self) or draw(self, renderer))
    for picture in drawn[1][:: 1 if kind == "svg" else 4]:
        saved, seen_twice = io.BytesIO(), io.BytesIO()
        rounds.clear()
        picture.savefig(saved, format=kind)
        assert len(rounds) == 1
        with canvas.style():
            Figure.savefig(picture, seen_twice, format=kind, metadata={"Date" if kind == "svg" else "Software": None})
        assert len(rounds) == 3
        assert saved.getvalue() == seen_twice.getvalue(), picture.name


def test_names_are_drawn_as_they_are_and_cut_when_long(plan: Plan) -> None:
    picture = plan.plot.funds_by_region(level="county")
    labels = " ".join(label.get_text().replace("\n", " ") for label in picture.axes[0].get_yticklabels())
    assert "$x^2$ & <b>" in labels
    assert "…" in labels
    assert "&lt;b&gt;" in figures.svg(picture)
    assert "$central$" in figures.svg(picture)
    assert canvas.wrapped(LONG, 20).count("\n") == 1
    assert canvas.wrapped("阿坝藏族羌族自治州", 8) == "阿坝藏族\n羌族自治…"
    assert canvas.wrapped("x" * 90, 18, 3).count("\n") == 2


def test_a_number_and_its_percent_sign_stand_in_one_line() -> None:
    for width in range(8, 40):
        for text in ("各地市资金中，用于产业发展的部分占比不低于 50 %", "At least 60 % of central money, or 5 %, goes on"):
            assert not [line for line in canvas.wrapped(text, width, 9).split("\n") if line.startswith("%")]


def test_a_page_sets_every_shade_of_a_figure_for_the_dark_and_for_paper(plan: Plan) -> None:
    style = files("optimizer.report").joinpath("templates/style.css.j2").read_text(encoding="utf-8")
    dark, paper = (style[style.index(start):].split("}")[0] for start in ("prefers-color-scheme: dark", "@media print"))
    for colour, name in page.SHADES.items():
        assert f"--figure-{name}: #" in dark
        assert f"--figure-{name}: #" in paper
        assert f"--figure-{name}: {colour}" not in dark
    assert f"fill: var(--figure-blue, {canvas.BLUE.lower()})" in figures.svg(plan.plot.coverage_by_need())


def test_nothing_to_show_is_said_and_left_out(make: Callable[..., Instance]) -> None:
    settings = {"periods": [1], "categories": {"c": {}}, "needs": {"n": {"category": "c"}}, "streams": {"s": {"budget": 5}},
                "settings": {"unspent": "allow"}}
    alone = assemble(make(settings, counties="county,population|A,10", needs="county,need,people,unit_cost|A,n,5,1"),
                     Choices.of(transfers=[("s", "A", "c", 1, 5)], direct=[("A", "n", 1, 5)]))
    assert set(alone.plot.all()) == {"funds_by_region", "funds_per_head", "coverage_by_need", "lorenz", "indicators"}
    for name in set(figures.OF_A_PLAN) - set(alone.plot.all()):
        for lang in ("en", "zh"):
            with pytest.raises(figures.EmptyFigureError, match=r"\.$|。$"):
                getattr(figures, name)(alone, lang=lang)
    assert widths(alone.plot.funds_by_region(), "stream:s") == [5]
    tables = {"counties": "county,population|A,10", "needs": "county,need,people,unit_cost|A,n,5,1"}
    nothing = assemble(make(settings, **tables), Choices.of())
    assert set(nothing.plot.all()) == {"coverage_by_need", "indicators"}
    with pytest.raises(figures.EmptyFigureError):
        nothing.plot.scenarios({})


def test_every_message_is_there_in_both_languages_with_the_same_places() -> None:
    assert len(own()) > 200
    for key, row in own().items():
        assert row["en"] and row["zh"], key
        assert sorted(re.findall(r"{(\w+)", row["en"])) == sorted(re.findall(r"{(\w+)", row["zh"])), key
        assert not re.search(r"[A-Za-z]{3,}", re.sub(r"{[^}]*}|CSV|SHA|max|min", "", row["zh"])), key
    assert in_language("安全住房 safe housing", "zh") == "安全住房"
    assert in_language("安全住房 safe housing", "en") == "safe housing"
    assert in_language("A1 基地", "zh") == "A1 基地"
    assert unit_word("zh", "10k_yuan per people") == "万元/人"
    with pytest.raises(Exception, match="'xx'"):
        say("xx", "figure.lorenz")


def luminance(colour: str) -> float:
    return float(np.dot([0.2126, 0.7152, 0.0722], [(int(colour[at:at + 2], 16) / 255) ** 2.2 for at in (1, 3, 5)]))


def test_colours_are_told_apart_without_seeing_red_and_green() -> None:
    """Viénot, Brettel & Mollon, "Digital video colourmaps for checking the legibility of displays by dichromats" (1999)."""
    blind = {"protan": [[0.11238, 0.88762, 0], [0.11238, 0.88762, 0], [0.00401, -0.00401, 1]],
             "deutan": [[0.29275, 0.70725, 0], [0.29275, 0.70725, 0], [-0.02234, 0.02234, 1]]}
    colours = [canvas.BLUE, canvas.ORANGE, canvas.GREEN, canvas.PURPLE, canvas.SKY, canvas.RED]
    linear = np.array([[(int(c[at:at + 2], 16) / 255) ** 2.2 for at in (1, 3, 5)] for c in colours])
    for matrix in blind.values():
        seen = np.clip(linear @ np.array(matrix).T, 0, 1) ** (1 / 2.2)
        apart = np.linalg.norm(seen[:, None] - seen[None], axis=2)[np.triu_indices(len(colours), 1)]
        assert apart.min() > 0.1
    shades = [luminance(colour) for colour in (canvas.BLUE, canvas.SKY, canvas.LIGHT)]
    assert shades == sorted(shades)  # parts of coverage stay in order in print without colours


def test_a_machine_without_chinese_letters_gets_one_hint(
    plan: Plan, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Any
) -> None:
    for module in (fonts, canvas):
        monkeypatch.setattr(module, "families", lambda: (fonts.LATIN,))
    monkeypatch.setattr(canvas, "_said", set())
    fonts.hint.cache_clear()
    picture = plan.plot.lorenz(lang="zh")
    assert "基尼系数" in figures.svg(picture)
    assert not caplog.records  # the reader's fonts are used for SVG
    for name in ("a.png", "b.png"):
        picture.savefig(tmp_path / name)
    assert len(caplog.records) == 1
    assert "Noto Sans CJK" in caplog.text
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_the_package_is_read_without_the_drawing_library() -> None:
    """What commands without figures would wait for."""
    code = "import sys, optimizer; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
