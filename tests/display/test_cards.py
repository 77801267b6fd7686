"""Cards: what notebooks show of instances, plans and results; figures as in the tables, hostile names as plain text."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

import optimizer as opt
from optimizer.display import CARDS
from optimizer.display.html import LONGEST, ROWS, Figure, Rows, card, text
from optimizer.instance.template import write_template
from tests.extent import few

TAGS = {"div", "style", "h4", "p", "table", "caption", "thead", "tbody", "tr", "th", "td", "bdi"}
HOSTILE = ["<script>alert(1)</script>", "\u202e\"><img src=x onerror=alert(2)>", "$\\sqrt{x}$ & '; </td></table>"]


class Page(HTMLParser):
    """The tags, attributes and texts of a card; complains of tags that are not closed in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[tuple[str, str | None]] = set()
        self.texts: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.open.append(tag)
        self.tags.add(tag)
        self.attributes |= {(name, value) for name, value in attributes}

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open[-1] != "style":
            self.texts.append(data)


def instance_of(folder, hostile: bool = False) -> opt.Instance:
    """The template under one criterion; with ``hostile`` every name a planner may write is an attack."""
    instance = opt.read(write_template(folder)).with_({"method.type": "single", "method.levels": [{"criterion": "coverage"}]})
    if not hostile:
        return instance
    tables = {name: frame.copy() for name, frame in instance.tables.items()}
    for table in ("counties", "donors", "projects"):
        tables[table]["name"] = [HOSTILE[n % 3] for n in range(len(tables[table]))]
    raw = {**instance.raw_settings, "title": HOSTILE[0]}
    raw["needs"] = {name: {**need, "label": HOSTILE[1]} for name, need in raw["needs"].items()}
    raw["streams"] = {name: {**stream, "label": HOSTILE[2]} for name, stream in raw["streams"].items()}
    raw["rules"] = [{**rule, "sentence": HOSTILE[0]} for rule in raw["rules"]]
    raw["money"] = {**raw["money"], "label": "<b>元"}
    return opt.Instance.from_frames(settings=raw, **{name: frame for name, frame in tables.items() if len(frame)})


class Shown:
    """One of everything that has a card, by its kind, made when it is first asked for."""

    def __init__(self, folder, hostile: bool) -> None:
        self._of = (folder, hostile)
        self._made: dict[str, object] = {}

    def __getitem__(self, kind: str) -> object:
        if kind not in self._made:
            self._made[kind] = MAKERS[kind](self)
        return self._made[kind]


FEW = {"budget.central": ("-10%", "+10%")}
MAKERS = {
    "Instance": lambda of: instance_of(*of._of),
    "Plan": lambda of: opt.solve(of["Instance"]),
    "Comparison": lambda of: of["Plan"].against_last_year(),
    "Front": lambda of: opt.pareto(of["Instance"], ["coverage", "worst_county"], points=3),
    "PriceOfFairness": lambda of: opt.price_of_fairness(of["Instance"], {"maximin": {}}, hold_selection=True),
    "BudgetCurve": lambda of: opt.budget_curve(of["Instance"], "budget.central"),
    "Sensitivity": lambda of: opt.sensitivity(of["Plan"], again=[]),
    "WeightRanges": lambda of: opt.weight_ranges(of["Plan"]),
    "Tornado": lambda of: opt.tornado(of["Instance"], FEW, relax=True, progress=False),
    "Runs": lambda of: opt.sweep(of["Instance"], {"budget.central": ["x0.9", "x1.1"]}, relax=True, progress=False),
    "Uncertainty": lambda of: opt.uncertainty(of["Instance"], {"needs.people": "uniform(-20%, +20%) by row"}, 3, plan=of["Plan"],
                                              again="lp"),
    "Recommendations": lambda of: opt.recommend(of["Plan"], alternatives=2),
}
#: Their cards show names from the tables of a planner.
NAMED = [("Instance", HOSTILE[0]), ("Plan", HOSTILE[2]), ("Comparison", HOSTILE[0]), ("Recommendations", HOSTILE[0])]


@pytest.fixture(scope="module")
def honest(tmp_path_factory):
    return Shown(tmp_path_factory.mktemp("honest") / "three", False)


@pytest.fixture(scope="module")
def attacked(tmp_path_factory):
    return Shown(tmp_path_factory.mktemp("attacked") / "three", True)


def cells(html: str, caption: str) -> list[list[str]]:
    """The rows of the table with this caption."""
    table = next(part for part in re.findall(r"<table>.*?</table>", html) if f"{caption}</bdi></caption>" in part)
    return [[unescape(re.sub("<.*?>", "", cell)) for cell in re.findall(r"<td.*?</td>", row)]
            for row in re.findall(r"<tr>.*?</tr>", table)[1:]]


def plain(cell: str) -> float:
    """The number of a cell."""
    return float(re.sub(r"[,% ]", "", cell).replace("\u2212", "-"))


def test_everything_with_a_card_is_tried(honest):
    assert {type(honest[kind]) for kind in MAKERS} == set(CARDS)
    assert {kind.__name__ for kind in CARDS} == set(MAKERS)


@pytest.mark.parametrize("kind", [kind.__name__ for kind in CARDS])
def test_a_card_is_one_sound_piece_of_html(honest, kind):
    html = honest[kind]._repr_html_()
    page = Page(html)
    assert page.tags <= TAGS
    assert "nan" not in " ".join(page.texts).lower().split()
    assert "None" not in page.texts
    assert not re.search(r"https?:|url\(|@import|src=", html)
    assert "mathjax_ignore" in html


@pytest.mark.parametrize("kind", few(len(NAMED), dict.fromkeys([*(kind for kind, _ in NAMED), *MAKERS])))
def test_hostile_names_stay_text(attacked, kind):
    html = attacked[kind]._repr_html_()
    page = Page(html)
    assert page.tags <= TAGS
    assert {name for name, _ in page.attributes} <= {"class"}
    assert "\u202e" not in html


@pytest.mark.parametrize(("kind", "told"), NAMED)
def test_hostile_names_are_shown_as_they_are(attacked, kind, told):
    assert any(told in one for one in Page(attacked[kind]._repr_html_()).texts)


def test_a_plan_shows_the_numbers_of_its_tables(honest):
    plan = honest["Plan"]
    html = plan._repr_html_()
    money = cells(html, "Money by stream, all years")
    spent = plan.streams.groupby("stream", sort=False)[["budget", "spent"]].sum()
    assert [[plain(cell) for cell in row[1:]] for row in money] == spent.to_numpy(float).tolist()
    last = plan.coverage[plan.coverage["period"] == 2027].groupby("need", sort=False)[["people", "covered", "gap"]].sum()
    people = cells(html, "Coverage in 2027")
    assert [[plain(cell) for cell in row[1:4]] for row in people] == last.to_numpy(float).tolist()
    assert [plain(row[4]) for row in people] == [round(100 * share, 1) for share in last["covered"] / last["people"]]


def test_an_instance_shows_its_needs_and_money_and_what_was_changed(honest, tmp_path):
    html = honest["Instance"]._repr_html_()
    needs = honest["Instance"].data.needs.reset_index()
    of = needs.groupby(["need", "period"], sort=False)["people"].sum()
    assert [[plain(cell) for cell in row[1:]] for row in cells(html, "People in need")] == [
        [of[name, period] for period in (2026, 2027)] for name in ("water", "work")]
    assert [plain(row[1]) for row in cells(html, "Money, all years")] == [4200, 1620]
    assert "budget.central = +10%" in instance_of(tmp_path / "a").with_({"budget.central": "+10%"})._repr_html_()


def test_an_instance_is_told_in_english_where_its_labels_are_not(tmp_path):
    instance = instance_of(tmp_path / "a")
    streams = {name: {**stream, "label": "中央财政衔接资金"} for name, stream in instance.raw_settings["streams"].items()}
    tables = {name: frame for name, frame in instance.tables.items() if len(frame)}
    chinese = opt.Instance.from_frames(settings={**instance.raw_settings, "streams": streams}, **tables)
    assert cells(chinese._repr_html_(), "Money, all years")[0][0] == "central government funds"


def test_an_instance_with_errors_shows_them(tmp_path):
    instance = instance_of(tmp_path / "a")
    wrong = {name: frame.copy() for name, frame in instance.tables.items()}
    wrong["needs"].loc[0, "county"] = "nowhere"
    broken = opt.Instance.from_frames(settings=instance.raw_settings,
                                      **{name: frame for name, frame in wrong.items() if len(frame)})
    html = broken._repr_html_()
    errors = [finding for finding in opt.check(broken) if finding.severity == "error"]
    assert errors
    assert errors[0].sentence() in [row[0] for row in cells(html, "Findings")]
    assert Page(html).tags <= TAGS


def test_a_comparison_shows_who_gains_and_loses(honest):
    found = honest["Comparison"]
    html = found._repr_html_()
    for caption, rows in (("Gain most", found.winners), ("Lose most", found.losers)):
        told = cells(html, caption)
        assert [plain(row[3]) for row in told] == rows["money_change"].head(ROWS // 2).tolist()
        assert [row[0] for row in told] == rows["name"].head(ROWS // 2).tolist()


def test_a_front_shows_its_points(honest):
    front = honest["Front"]
    told = cells(front._repr_html_(), "Points")
    assert [plain(row[0]) for row in told] == front.points["point"].tolist()
    assert [plain(row[1]) for row in told] == pytest.approx(front.points["coverage"].tolist(), abs=0.5)


def test_prices_and_swings_are_those_of_the_tables(honest):
    price, swings = honest["PriceOfFairness"], honest["Tornado"]
    told = cells(price._repr_html_(), "Plans, each the one that reaches most people among the fairest")
    assert [plain(row[1]) for row in told] == pytest.approx(price.table["coverage"].tolist(), abs=0.5)
    assert [plain(row[4]) for row in told] == price.table["lose"].tolist()
    rows = cells(swings._repr_html_(), "Each figure alone, ranked by swing")
    assert [plain(row[4]) for row in rows] == pytest.approx(swings.table["swing"].tolist(), rel=1e-3)


def test_recommendations_name_the_chosen_partner_of_every_county(honest):
    found = honest["Recommendations"]
    told = cells(found._repr_html_(), "By county")
    names = found.donors.set_index("donor")["name"]
    for row, county in zip(told, found.counties["county"], strict=True):
        chosen = found.table[(found.table["county"] == county) & found.table["chosen"]]["donor"]
        assert row[1] == ", ".join(names[donor] for donor in chosen)


def test_long_tables_are_cut_and_say_so():
    html = card("t", (), [Rows("many", ["n"], [[n] for n in range(ROWS + 3)], "x.table")])
    assert len(cells(html, "many")) == ROWS
    assert "… and 3 more rows in x.table" in unescape(html)
    assert "<table>" not in card("t", (), [Rows("none", ["n"], [])])


def test_figures_stand_right_and_missing_ones_are_a_dash():
    html = card("t", (), [Rows("a", ["name", "n"], [["one", 1234.5], ["two", float("nan")], ["three", Figure("5 %")]])])
    assert cells(html, "a") == [["one", "1,234.5"], ["two", "–"], ["three", "5 %"]]
    assert html.count('<td class="figure">') == 3


@given(st.text())
def test_any_text_comes_out_as_text(value):
    page = Page(text(value))
    assert page.tags == {"bdi"}
    assert page.attributes == set()
    told = "".join(page.texts)
    assert len(told) <= LONGEST
    assert told == "".join(letter if letter.isprintable() else " " for letter in value)[:LONGEST] or told.endswith("…")
