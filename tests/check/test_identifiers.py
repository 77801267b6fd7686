"""Identifiers that name nothing are told with what may be meant."""


def test_the_template_is_sound(draft):
    assert draft.findings() == []


def test_unknown_county_with_a_near_match(draft):
    draft.put("needs", 3, "county", "A011")
    assert draft.told("needs.csv", 3, "county") == (
        "needs.csv, row 3, column county: 'A011' is no county of this instance. "
        "Perhaps 'A01' is meant. Correct it, or add it to counties.csv."
    )


def test_lost_zero_in_front_is_recognised(draft):
    draft.tables["counties"].loc[0, "county"] = "062901"
    row = draft.add("baseline", county="62901", stream="central", money="3", year="2025")
    assert "'62901' is no county of this instance. Perhaps '062901' is meant" in draft.told("baseline.csv", row, "county")


def test_unknown_identifiers_of_every_table_at_once(draft):
    places = {
        ("needs", "need"): "watr",
        ("tiers", "county"): "X",
        ("budgets", "stream"): "provinical",
        ("pairs", "donor"): "D9",
        ("pairs", "county"): "Z",
        ("projects", "category"): "industri",
        ("effects", "project"): "P99",
        ("effects", "need"): "wrk",
        ("uses", "resource"): "lnd",
        ("brings", "resource"): "teacher",
        ("baseline", "stream"): "centrl",
    }
    for (table, column), value in places.items():
        draft.put(table, 3 if len(draft.tables[table]) > 1 else 2, column, value)
    found = {(f.file, f.column, f.value) for f in draft.findings("error")}
    assert {(f"{table}.csv", column, value) for (table, column), value in places.items()} <= found


def test_unknown_prerequisite(draft):
    draft.put("projects", 3, "requires", "P1;P77")
    assert "requires 'P77', which is no project of this instance" in draft.told("projects.csv", 3, "requires")


def test_donor_of_a_transfer_stream(draft):
    draft.put("donors", 2, "stream", "central")
    assert "a donor's money belongs to one of kind pairing. Name one of: collaboration" in draft.told("donors.csv", 2, "stream")


def test_several_pairing_streams_need_a_choice(draft):
    draft.settings["streams"]["twins"] = {"kind": "pairing"}
    draft.put("donors", 2, "stream", "twins")
    assert "this donor names none. Name one of: collaboration, twins" in draft.told("donors.csv", 3, "stream")


def test_unknown_category_of_need_and_stream(draft):
    draft.settings["needs"]["water"]["category"] = "infra"
    draft.settings["streams"]["central"]["categories"] = ["industry", "schooling"]
    texts = [f.sentence() for f in draft.findings("error")]
    assert any(t.startswith("instance.yaml, needs.water.category: 'infra' is no category") for t in texts)
    assert any(t.startswith("instance.yaml, streams.central.categories: 'schooling' is no category") for t in texts)


def test_scope_of_a_resource(draft):
    draft.put("resources", 2, "scope", "provnce")
    assert "'provnce' is neither all, county nor a text column of counties. Perhaps 'province'" in draft.told(
        "resources.csv", 2, "scope"
    )


def test_provenance_names_table_column_and_row(draft):
    draft.add("provenance", table="county", key="*", column="income")
    draft.add("provenance", table="counties", key="*", column="incme")
    row = draft.add("provenance", table="needs", key="A01/woter", column="people")
    texts = [f.sentence() for f in draft.findings("error") if f.file == "provenance.csv"]
    assert any("'county' is no table of the format. Perhaps 'counties'" in t for t in texts)
    assert any("'incme' is no column of counties. Perhaps 'income'" in t for t in texts)
    assert any(f"row {row}, column key: 'A01/woter' names no row of needs" in t for t in texts)
