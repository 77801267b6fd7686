"""Projects that contradict each other, needs that nothing can cover, money that nobody may pay."""


def test_prerequisites_in_a_circle_are_named(draft):
    draft.put("projects", 3, "requires", "P3").put("projects", 4, "requires", "P5").put("projects", 6, "requires", "P2")
    assert draft.told("projects.csv", 3, "requires") == (
        "projects.csv, row 3, column requires: 'P3' closes a circle of prerequisites: P2 → P3 → P5 → P2. "
        "Take one of these requirements out; projects that must start together may be written as one."
    )


def test_project_that_requires_itself(draft):
    draft.put("projects", 5, "requires", "P4")
    assert "project P4 requires itself" in draft.told("projects.csv", 5, "requires")


def test_locked_project_with_a_forbidden_prerequisite(draft):
    draft.put("projects", 3, "status", "lock").put("projects", 3, "requires", "P3").put("projects", 4, "requires", "P6")
    draft.put("projects", 7, "status", "forbid")
    text = draft.told("projects.csv", 3, "requires")
    assert "the project is locked, but its prerequisite is forbidden (P2 → P3 → P6). Unlock the project" in text


def test_prerequisite_that_starts_too_late(draft):
    draft.put("projects", 2, "starts", "2026").put("projects", 2, "requires", "P6").put("projects", 7, "starts", "2027")
    assert "allows no start after 2026, but its prerequisite P6 starts in 2027 at the earliest" in draft.told(
        "projects.csv", 2, "starts"
    )


def test_two_locked_projects_of_one_exclusive_group(draft):
    draft.put("projects", 4, "status", "lock").put("projects", 5, "status", "lock")
    assert "projects P3 (row 4) and P4 are both locked, but at most one of this group is started" in draft.told(
        "projects.csv", 5, "exclusive"
    )


def test_locked_project_without_a_partner_of_its_sector(draft):
    draft.put("projects", 3, "partner_sector", "wine")
    assert "is a sector that no candidate donor of county A01 has" in draft.told("projects.csv", 3, "partner_sector", "warning")
    draft.put("projects", 3, "status", "lock")
    text = draft.told("projects.csv", 3, "partner_sector")
    assert (
        "'wine' is a sector that no candidate donor of county A01 has, so the project cannot be started, yet it is locked" in text
    )
    assert "donors have: fruit, logistics, tea" in text


def test_endless_amount_only_without_least_and_alternatives(draft):
    draft.put("projects", 6, "most", "inf")
    assert "an amount without end is allowed only with least 0" in draft.told("projects.csv", 6, "most")


def test_effect_after_the_horizon(draft):
    draft.put("projects", 7, "delay", 2)
    assert "its effect begins after 2027, the last period" in draft.told("projects.csv", 7, "delay", "warning")


def test_need_that_nothing_can_cover_anywhere(draft):
    draft.settings["needs"]["heating"] = {"kind": "yearly", "category": "industry"}
    draft.add("needs", county="A01", need="heating", people="500")
    draft.add("needs", county="B01", need="heating", people="700")
    (finding,) = draft.findings("error")
    assert finding.sentence() == (
        "instance.yaml, needs.heating: nothing can cover this need: no county has a unit_cost for it, and no project has "
        "an effect on it (1,200 people in 2 counties). Give a unit_cost in needs.csv (direct support), or effects of projects in "
        "effects.csv, or take the need out."
    )


def test_need_that_nothing_can_cover_in_one_county(draft):
    draft.put("needs", 7, "unit_cost", "").put("projects", 6, "status", "forbid")
    draft.tables["tiers"] = draft.tables["tiers"].iloc[:0]
    text = draft.told("needs.csv", 7, "need", "warning")
    assert "nothing can cover this need here (2,900 people): no unit_cost, and no project with an effect on it" in text


def test_effect_on_people_who_are_not_there(draft):
    draft.tables["needs"] = draft.tables["needs"].iloc[:5]
    assert "is a need that nobody in county B01 has" in draft.told("effects.csv", 6, "need", "warning")


def test_category_that_no_stream_may_pay(draft):
    for stream in draft.settings["streams"].values():
        stream["categories"] = ["industry"]
    texts = [f.sentence() for f in draft.findings("error")]
    assert any(
        t.startswith("instance.yaml, categories.infrastructure: no stream with money may pay for this category") for t in texts
    )


def test_locked_project_that_nobody_may_pay_in_its_county(draft):
    draft.settings["streams"]["central"]["counties"] = {"province": "Middle"}
    draft.settings["streams"]["provincial"]["categories"] = ["industry"]
    draft.settings["streams"]["collaboration"]["categories"] = ["industry"]
    draft.settings["rules"] = []
    assert "no stream with money may pay for this category in county A01, yet the project is locked" in draft.told(
        "projects.csv", 2, "category"
    )


def test_scopes_of_a_stream_that_overlap(draft):
    draft.settings["groups"]["north"] = {"prefecture": "North"}
    row = draft.add("budgets", stream="provincial", scope="north", period="2026", amount="5")
    assert f"budgets.csv, row {row}, column scope: 'north' shares 2 counties (A01, A02) with scope 'province=West'" in draft.told(
        "budgets.csv", row, "scope"
    )


def test_scope_that_matches_nothing(draft):
    draft.put("budgets", 2, "scope", "province=Wset")
    text = draft.told("budgets.csv", 2, "scope")
    assert (
        "'province=Wset' matches no county, so nobody can get this money. Column province holds Middle, West. Perhaps 'West'"
        in text
    )


def test_scope_that_cannot_be_read(draft):
    draft.put("budgets", 2, "scope", "=West").put("budgets", 4, "scope", "prvince=West").put("budgets", 5, "scope", "Middle")
    texts = "\n".join(f.sentence() for f in draft.findings("error"))
    assert "row 2, column scope: '=West' is no scope" in texts
    assert "'prvince' is no column of counties. Perhaps 'province' is meant" in texts
    assert "row 5, column scope: 'Middle' is no scope: 'Middle' is neither one of counties nor a group" in texts


def test_budget_of_a_pairing_stream(draft):
    row = draft.add("budgets", stream="collaboration", scope="all", period="2026", amount="5")
    assert "is a stream of kind pairing: it has no budget" in draft.told("budgets.csv", row, "stream")
