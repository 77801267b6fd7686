"""Figures that cannot be together: bounds that cross, points off the map, tiers, units, names."""

import pytest


def test_least_above_most(draft):
    draft.put("counties", 2, "partners_min", 3).put("projects", 6, "least", 12).put("pairs", 2, "most_support", 20)
    texts = "\n".join(f.sentence() for f in draft.findings("error"))
    assert "counties.csv, row 2, column partners_min: '3' is more than partners_max, which is 1. Raise partners_max" in texts
    assert "projects.csv, row 6, column least: '12' is more than most, which is 10" in texts
    assert "pairs.csv, row 2, column least_support: '50' is more than most_support in 2026, which is 20" in texts


def test_pair_that_the_donor_cannot_afford(draft):
    draft.put("pairs", 5, "least_support", 900)
    assert "'900' is more than donor D2 has (250): the pair can never be chosen" in draft.told(
        "pairs.csv", 5, "least_support", "warning"
    )
    draft.put("pairs", 5, "status", "lock")
    assert "the pair can never be chosen. Lower least_support" in draft.told("pairs.csv", 5, "least_support")


def test_longitude_and_latitude_swapped(draft):
    for n in range(4):
        draft.add("counties", county=f"N{n}", lon=str(104 + n / 10), lat=str(27 + n / 10), partners_max="1", key_county="0")
    draft.put("counties", 3, "lon", 28.4).put("counties", 3, "lat", 103.8)
    assert "row 3, column lat: '103.8' is above 90" in "\n".join(f.sentence() for f in draft.findings("error"))
    draft.put("counties", 3, "lon", 28.4).put("counties", 3, "lat", 83.8)
    assert "longitude and latitude seem to be swapped. Write lon 83.8 and lat 28.4" in draft.told("counties.csv", 3, "lon")


def test_share_above_one(draft):
    draft.put("projects", 3, "own_share", 20)
    assert "'20' is above 1. Write a share between 0 and 1" in draft.told("projects.csv", 3, "own_share")


def test_tiers_wider_than_all_people_and_falling_costs(draft):
    draft.put("tiers", 3, "width", 0.5).put("tiers", 3, "unit_cost", 0.2)
    texts = "\n".join(f.sentence() for f in draft.findings("error"))
    assert "tiers.csv, row 3, column width: '0.5' the tiers of this county and need add up to 1.1 of its people" in texts
    assert "tiers.csv, row 3, column unit_cost: '0.2' is below the cost of the tier before" in texts


def test_tiers_of_the_settings(draft):
    draft.settings["needs"]["water"]["tiers"] = [{"width": 0.8, "factor": 1}, {"width": 0.5, "factor": 2}]
    assert any("the widths of the tiers add up to more than 1" in f.problem for f in draft.findings("error"))


def test_more_people_in_need_than_inhabitants(draft):
    draft.put("counties", 2, "population", 21)
    texts = [f.sentence() for f in draft.findings("warning")]
    assert any(
        "needs.csv, row 2, column people: '3200' more people in need (3,200) than the county has inhabitants (21)" in t
        for t in texts
    )


@pytest.mark.parametrize(
    ("factor", "words"),
    [
        (
            10_000,
            "times larger than its neighbours (median 300 for category industry): units seem to be mixed up. All money here is "
            "in 万元; if the figure was written in yuan (元), it should read 290",
        ),
        (
            1 / 10_000,
            "times smaller than its neighbours (median 300 for category industry): units seem to be mixed up. All money here "
            "is in 万元; if the figure was written in 亿元 (100 million yuan), it should read 290",
        ),
    ],
)
def test_units_mixed_up(draft, factor, words):
    for n in range(9):
        draft.add("projects", project=f"N{n}", county="A01", category="industry", cost=str(280 + 5 * n))
    draft.put("projects", 12, "cost", 290 * factor)
    text = draft.told("projects.csv", 12, "cost")
    assert "projects.csv, row 12, column cost: " in text and words.split(" (median")[0] in text
    assert words.split("industry): ")[1] in text


def test_a_vouched_for_figure_is_let_pass(draft):
    for n in range(9):
        draft.add("projects", project=f"N{n}", county="A01", category="industry", cost=str(280 + 5 * n))
    draft.put("projects", 12, "cost", 2_900_000)
    draft.add("provenance", table="projects", key="N4", column="cost", status="observed", source="The approval")
    assert [f for f in draft.findings("error") if f.file == "projects.csv"] == []


def test_units_mixed_up_between_periods(draft):
    draft.settings["streams"]["central"]["budget"] = {2026: 2000, 2027: 0.22}
    texts = [f.sentence() for f in draft.findings()]
    assert any(
        "streams.central.budget: '0.22' is the budget of 2027, 9,100 times smaller than that of 2026 (2,000): units seem "
        "to be mixed up" in t
        for t in texts
    )


def test_implausible_cost_of_one_person(draft):
    draft.put("needs", 2, "unit_cost", 3000)
    texts = [f.sentence() for f in draft.findings("warning")]
    assert any("row 2, column unit_cost: '3000' means 30,000,000 yuan for one person" in t for t in texts)


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("=HYPERLINK(1)", "begins with '='"),
        ("+A1", "begins with '+'"),
        ("-2+3", "begins with '-'"),
        ("@SUM(A1)", "begins with '@'"),
        ("<script>alert(1)</script>", "holds HTML"),
        ("A &amp; B", "holds HTML"),
        ("West\u202etxt", "not shown (U+202E)"),
    ],
)
def test_names_that_could_do_harm_are_kept_and_told(draft, name, what):
    draft.put("counties", 2, "name", name)
    text = draft.told("counties.csv", 2, "name", "warning")
    assert what in text and "It is kept and shown as plain text" in text
    assert draft.findings("error") == []


def test_labels_and_sentences_are_looked_at_too(draft):
    draft.settings["rules"][0]["sentence"] = "<b>At least</b> 40 %"
    draft.settings["needs"]["water"]["label"] = "=water"
    texts = [f.sentence() for f in draft.findings("warning")]
    assert any(t.startswith("instance.yaml, rules.industry.sentence") and "holds HTML" in t for t in texts)
    assert any(t.startswith("instance.yaml, needs.water.label") and "begins with '='" in t for t in texts)
