"""Rules, criteria, groups, scenarios and the method: what they read has to be there."""

import pytest


def sentences(draft, severity="error"):
    return "\n".join(f.sentence() for f in draft.findings(severity))


def test_filters_of_rules_name_what_exists(draft):
    draft.rule(id="a", type="bound", of={"sum": "money", "stream": "centrl", "category": "x"}, max=5)
    draft.rule(id="b", type="bound", of={"sum": "covered", "need": "watr", "county": ["A01", "A77"]}, min=0)
    draft.rule(id="c", type="bound", of={"sum": "money", "period": 2044}, max=5, periods=[2026, 2050])
    text = sentences(draft)
    assert "rules.a.of.stream: 'centrl' is no stream of this instance. Perhaps 'central'" in text
    assert "rules.a.of.category: 'x' is no category of this instance" in text
    assert "rules.b.of.need: 'watr' is no need of this instance. Perhaps 'water'" in text
    assert "rules.b.of.county" in text and "'A77' is neither one of counties nor a group" in text
    assert "rules.c.of.period: '2044' is no period of this instance. The periods are 2026, 2027" in text
    assert "rules.c.periods: '2050' is no period of this instance" in text


def test_a_rule_switched_off_only_warns(draft):
    draft.rule(id="a", type="bound", of={"sum": "money", "stream": "centrl"}, max=5, active=0)
    assert sentences(draft) == ""
    assert "'centrl' is no stream of this instance (the rule is switched off)" in sentences(draft, "warning")


def test_what_a_rule_can_be_parted_by(draft):
    draft.rule(id="a", type="bound", of={"sum": "money"}, each="donor", max=5)
    draft.rule(id="b", type="bound", of={"sum": "covered"}, each="provnce", min=0)
    text = sentences(draft)
    assert "rules.a.each: 'donor' is nothing by which money can be parted" in text
    assert "rules.b.each: 'provnce' is nothing by which covered can be parted. Perhaps 'province'" in text


def test_blank_cells_where_a_rule_reads(draft):
    draft.put("counties", 3, "rural_population", "").rule(
        id="heads", type="bound", of={"sum": "money"}, each="county", per=["rural_population"], max=5
    )
    text = sentences(draft)
    assert "counties.csv, row 3, column rural_population: is blank (unknown), but rule heads reads it. Fill the cell in" in text
    assert "but rule exit reads it" in text


def test_blank_cells_where_the_factor_method_reads(draft):
    draft.put("counties", 4, "income", "")
    assert "income" not in sentences(draft)  # nothing in use reads it
    draft.rule(id="near", type="band", of={"sum": "money", "stream": "central"}, to="factor", each="county", low=0)
    assert "counties.csv, row 4, column income: is blank (unknown), but the factor method reads it" in sentences(draft)


def test_columns_that_rules_and_factors_name(draft):
    draft.settings["factor"]["factors"][0]["column"] = "rural_pop"
    draft.rule(id="near", type="band", of={"sum": "money", "stream": "central"}, to="factor", each="county", low=0)
    draft.rule(id="jobs", type="bound", of={"sum": "projects", "column": "jobs"}, min=0)
    draft.rule(id="word", type="bound", of={"sum": "money"}, each="county", per=["province"], min=0)
    text = sentences(draft)
    assert "factor.factors: 'rural_pop' is no column of counties. Perhaps 'rural_population'" in text
    assert "rules.jobs.of: 'jobs' is no column of projects" in text
    assert "rules.word.per: 'province' is a column of text in counties, but a number is read" in text


def test_distances_need_places(draft):
    draft.put("donors", 3, "lon", "").put("donors", 3, "lat", "")
    draft.settings["criteria"]["near"] = {"sense": "min", "of": {"sum": "pairs", "column": "distance"}}
    draft.settings["method"]["levels"].append({"criterion": "near"})
    assert "the distance is unknown, but criterion near reads it: neither distance nor both coordinates are given" in sentences(
        draft
    )


def test_filters_on_unknown_cells_are_counted(draft):
    draft.put("counties", 4, "key_county", "").put("counties", 3, "key_county", "")
    assert (
        "groups.key: the filter reads blank cells of 2 of 3 counties (A02, B01); they do not match, as the filter says"
        in sentences(draft, "warning")
    )
    draft.settings["groups"]["key"] = {"key_county": 1}
    assert (
        "groups.key: the filter reads blank cells of 2 of 3 counties (A02, B01). Fill them in, or add 'unknown: no' (does not "
        "match) or 'unknown: yes' to the filter"
    ) in sentences(draft)


def test_group_that_matches_nothing(draft):
    draft.settings["groups"]["south"] = {"prefecture": "Soth"}
    assert "groups.south: matches none of counties. Column prefecture holds North, South. Perhaps 'South'" in sentences(
        draft, "warning"
    )


def test_group_on_an_unknown_column(draft):
    draft.settings["groups"]["odd"] = {"provnce": "West"}
    assert "groups.odd: 'provnce' is no column of counties. Perhaps 'province'" in sentences(draft)


def test_scenarios_are_tried(draft):
    draft.settings["scenarios"] |= {
        "wrong": {"set": {"budget.centrl": "-10%"}},
        "lost": {"from": "les", "set": {}},
        "a": {"from": "b", "set": {}},
        "b": {"from": "a", "set": {}},
        "empty": {"set": {"needs.people[need=watr]": "x2"}},
    }
    text = sentences(draft)
    assert "scenarios.wrong" in text and "budget.centrl" in text
    assert "scenarios.lost.from: 'les' is no scenario of this instance. Perhaps 'less'" in text
    assert "scenarios run in a circle: a → b → a" in text
    assert "scenarios.empty" in text and "matches nothing: no row of needs has need=watr" in text


def test_method_levels_name_criteria(draft):
    draft.settings["method"]["levels"][0]["criterion"] = "coverge"
    assert "method.levels.criterion: 'coverge' is no criterion of this instance. Perhaps 'coverage'" in sentences(draft)


@pytest.mark.parametrize("kind", ["goal", "reference"])
def test_methods_with_targets_need_one_for_each_level(draft, kind):
    draft.settings["method"] = {"type": kind, "levels": [{"criterion": "coverage"}]}
    assert f"a {kind} method needs one for each level" in sentences(draft)


def test_leximin_is_refused_as_a_bound(draft):
    draft.rule(id="fair", type="equity", equity="leximin", outcome="covered_shre", max=1)
    text = sentences(draft)
    assert "rules.fair.equity: 'leximin' is not offered as a bound by this version; offered: maximin" in text
    assert "rules.fair.outcome: 'covered_shre' is no outcome. Perhaps 'covered_share'" in text


def test_band_around_an_unknown_last_year(draft):
    draft.tables["baseline"] = draft.tables["baseline"].iloc[:1]
    assert (
        "rules.continuity.to: 'last' last year's money is unknown for 2 of 3 counties that the rule reads (A02, B01). Add their "
        "rows to baseline.csv"
    ) in sentences(draft)


def test_counting_exits_needs_a_rule_of_exit(draft):
    draft.settings["rules"] = [r for r in draft.settings["rules"] if r["type"] != "exit"]
    draft.settings["method"]["levels"].append({"criterion": "exited"})
    assert "no active rule of type exit says when a county has exited" in sentences(draft)


def test_exits_cannot_be_held_down(draft):
    draft.rule(id="few", type="bound", of={"sum": "exited"}, max=1)
    assert "rules.few.of: 'exited' counties that exit can be asked for, not held down" in sentences(draft)
    draft.rule(id="some", type="bound", of={"sum": "exited"}, min=1)
    assert "rules.some.of" not in sentences(draft)


def test_exit_rule_that_names_too_many_counties(draft):
    draft.rule(
        id="out", type="exit", needs=["wter"], threshold=[{"where": {"province": "West"}, "value": "3%"}], at_least=9, by=2040
    )
    text = sentences(draft)
    assert "rules.out.needs: 'wter' is no need" in text and "rules.out.by: '2040' is no period" in text
    assert "rules.out.at_least: '9' is more than the 3 counties there are" in text
    assert "no threshold holds for 1 counties (B01)" in text
