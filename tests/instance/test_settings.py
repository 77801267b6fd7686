"""instance.yaml: defaults, normal forms, and faults in plain words."""

from typing import Any

import pytest

from optimizer.instance.findings import InstanceError
from optimizer.instance.settings import ExitRule, ShareRule, Tier, Tolerance, parse_settings, read_settings
from optimizer.instance.yamltext import load_yaml


def parsed(text: str) -> Any:
    raw, _, findings = load_yaml(text, "instance.yaml")
    assert not findings
    return read_settings(raw)


def fault(text: str) -> tuple[int | str | None, str | None, str, str]:
    raw, lines, findings = load_yaml(text, "instance.yaml")
    assert not findings
    settings, found = parse_settings(raw, "instance.yaml", lines)
    assert settings is None and len(found) == 1, [f.sentence() for f in found]
    return found[0].row, found[0].column, found[0].problem, found[0].mend


def test_defaults() -> None:
    settings = read_settings({})
    assert settings.periods == {2026: 1.0}
    assert (settings.money.unit, settings.money.yuan, settings.money.label, settings.money.step) == ("10k_yuan", 1e4, "万元", 1.0)
    assert settings.method.type == "single" and settings.method.levels[0].criterion == "coverage"
    assert settings.settings.time_limit == 180 and settings.settings.gap == 0 and settings.settings.unspent == "forbid"
    assert settings.pairs.candidates == "none"


def test_normal_forms() -> None:
    settings = parsed("""
periods: {2026: 1, 2027: 0.9}
needs: {w: {category: c}, y: {category: c, kind: yearly, weight: cost, tiers: [{width: 40%, factor: 1}, {width: 0.6, factor: 2}]}}
categories: {c: {subsidy: 1}, d: {}}
streams:
  s: {budget: 5, categories: [c], counties: {province: [A, B], income: {max: 9000}, unknown: no}, carry: 10%}
  t: {categories: all, counties: all}
pairs: {candidates: [{donors: {province: A}, counties: west}], fit: {distance: 0.5, means: 50%}}
groups: {west: {region: W, deep_poverty: true}}
rules:
  - {id: r, type: share, sentence: s, part: {sum: money, stream: s}, whole: {sum: money}, min: 55%, from: 3, price: 2}
  - {id: e, type: exit, sentence: s, threshold: [{where: {region: W}, value: 3%}], at_least: 5, by: 2027}
criteria: {j: {sense: max, of: {sum: projects, column: jobs, periods: [2026], county: {province: A}}, per: population}}
method: {type: lexicographic, levels: [{criterion: maximin, tolerance: 1%}, {criterion: coverage, tolerance: 3}]}
settings: {node_limit: none, gap: 0.1%, time_limit: none}
scenarios: {x: {from: y, set: {a.b: 1}}, y: {}}
""")
    assert settings.periods == {2026: 1.0, 2027: 0.9}
    assert settings.needs["y"].tiers == (Tier(width=0.4, factor=1), Tier(width=0.6, factor=2))
    assert settings.needs["w"].tiers == (Tier(width=1, factor=1),) and settings.needs["y"].weight == "cost"
    assert settings.streams["s"].budget == {2026: 5.0, 2027: 5.0} and settings.streams["t"].budget is None
    assert (
        settings.streams["s"].categories == ("c",)
        and settings.streams["t"].categories is None
        and settings.streams["t"].counties is None
    )
    assert settings.streams["s"].counties == {"province": ["A", "B"], "income": {"max": 9000.0}, "unknown": "no"}
    assert settings.groups["west"] == {"region": "W", "deep_poverty": 1}
    share, leave = settings.rules
    assert isinstance(share, ShareRule) and share.min == 0.55 and share.from_ == 3 and not share.hard and share.price == 2
    assert isinstance(leave, ExitRule) and leave.at_least == 5 and leave.threshold[0].value == 0.03  # type: ignore[index]
    measure = settings.criteria["j"].of
    assert measure is not None and measure.filters == {"county": {"province": "A"}} and measure.periods == (2026,)
    assert settings.criteria["j"].per == ("population",)
    assert settings.method.levels[0].tolerance == Tolerance(amount=0.01, relative=True)
    assert settings.method.levels[1].tolerance == Tolerance(amount=3, relative=False)
    assert settings.settings.node_limit is None and settings.settings.time_limit is None and settings.settings.gap == 0.001
    assert settings.scenarios["x"].from_ == "y"
    assert settings.categories["c"].subsidy is True


RULE = "rules:\n  - {id: r, type: bound, sentence: s, of: {sum: money}"
FAULTS = [
    ("format: 2", 1, "format", "is not one of the values offered"),
    ("titel: x", 1, "titel", "'titel' is not known here"),
    ("money: {unit: shells}", 1, "money", "yuan (how many yuan are one shells) is missing"),
    ("money: {unit: 100m_yuan, yuan: 10000}", 1, "money", "unit 100m_yuan has 100000000 yuan, not 10000"),
    ("money: {step: 0}", 1, "money.step", "0 is not more than 0"),
    ("periods: [2026, 2028]", None, None, "periods must be whole numbers that follow one another"),
    ("periods: [2026, 2026]", 1, "periods", "a period stands twice"),
    ("\nneeds:\n  w: {kind: lasting}", 3, "needs.w.category", "'category' is missing"),
    (
        "needs: {w: {category: c, tiers: [{width: 0.7}, {width: 0.4, factor: 2}]}}",
        1,
        "needs.w",
        "widths of the tiers add up to more than 1",
    ),
    ("needs: {w: {category: c, tiers: [{width: 0.5, factor: 2}, {width: 0.4}]}}", 1, "needs.w", "must not fall"),
    ("needs: {w: {category: c, weight: -1}}", 1, "needs.w", "weight is negative"),
    ("needs: {1: {category: c}}", 1, "needs.1", "is not a text"),
    ("needs: {all: {category: c}}", 1, "needs.all", "is a reserved word"),
    ("needs: {a.b: {category: c}}", 1, "needs.a.b", "is not an identifier"),
    ("streams: {s: {carry: 120%}}", 1, "streams.s.carry", "is not a share"),
    ("streams: {s: {budget: -1}}", 1, "streams.s", "budget is negative"),
    ("streams: {s: {kind: pairing, budget: 3}}", 1, "streams.s", "a pairing stream has no budget"),
    ("periods: [2026, 2027]\nstreams: {s: {budget: {2026: 3}}}", 2, "streams.s.budget", "says nothing about 2027"),
    ("streams: {s: {budget: {2026: 3, 2030: 1}}}", 1, "streams.s.budget", "is not one of the periods"),
    ("streams: {s: {budget: ten}}", 1, "streams.s.budget", "is not a finite number"),
    ("streams: {s: {budget: true}}", 1, "streams.s.budget", "is not a number"),
    ("groups: {g: {province: {above: 3}}}", 1, "groups.g", "only min and max are known"),
    ("groups: {g: {}}", 1, "groups.g", "is not a filter"),
    ("groups: {g: {unknown: no}}", 1, "groups.g", "the filter names no column"),
    (RULE + ", mni: 3, min: 1}", 2, "rules.r.mni", "'mni' is not known here"),
    (RULE + "}", 2, "rules.r", "min and max are both missing"),
    (RULE + ", min: 3, max: 2}", 2, "rules.r", "min 3 is above max 2"),
    (RULE + ", min: 3, hard: 0}", 2, "rules.r", "a soft rule (hard: 0) needs a price"),
    (RULE.replace("money", "money, strem: x") + ", min: 3}", 2, "rules.r.of", "'strem' is not a filter of money"),
    (RULE.replace("money", "honey") + ", min: 3}", 2, "rules.r.of.sum", "is not one of the values offered"),
    (RULE.replace("bound", "bond") + ", min: 3}", 2, "rules.r", "is not one of the values offered"),
    ("rules:\n  - {id: r, sentence: s}", 2, "rules.r", "'type' is missing"),
    ("rules: {}\ncriteria: {c: {sense: max}}", 2, "criteria.c", "either of (a measure) or equity"),
    ("criteria: {c: {equity: maxmin, outcome: money}}", 1, "criteria.c.equity", "is not one of the values offered"),
    ("criteria: {c: {equity: maximin, outcome: money, weight: population}}", 1, "criteria.c", "weight is refused by maximin"),
    ("criteria: {c: {of: {sum: money}}}", 1, "criteria.c", "sense (max or min) is missing"),
    ("factor: {factors: [{column: a, weight: 0.5}, {column: b, weight: 0.4}]}", 1, "factor", "add up to 0.9 instead of 1"),
    ("method: {type: single, levels: [{criterion: a}, {criterion: b}]}", 1, "method", "a single method has one level"),
    ("method: {levels: []}", 1, "method.levels", "is empty"),
    ("settings: {gap: .nan}", 1, "settings.gap", "is not a finite number"),
    ("settings: {threads: 0}", 1, "settings.threads", "greater than or equal to 1"),
    ("settings: {time_limit: -3}", 1, "settings.time_limit", "is not more than 0"),
    ("streams: [a, b]", 1, "streams", "should be a block"),
    ("rules: 5", 1, "rules", "should be a list"),
    ("pairs: {candidates: [{donor: x}]}", 1, "pairs.candidates.0.donor", "'donor' is not known here"),
    ("pairs: {candidates: some}", 1, "pairs.candidates", "is not one of the values offered"),
    ("scenarios: {s: {form: x}}", 1, "scenarios.s.form", "'form' is not known here"),
]


@pytest.mark.parametrize(("text", "row", "column", "problem"), FAULTS)
def test_faults(text: str, row: int | None, column: str | None, problem: str) -> None:
    got = fault(text.replace("rules: {}\n", "\n"))
    assert got[:2] == (row, column)
    assert problem in got[2]
    assert got[3]


def test_near_matches_are_suggested() -> None:
    assert fault("titel: x")[3] == "Perhaps 'title' is meant"
    assert fault(RULE + ", mni: 3, min: 1}")[3] == "Perhaps 'min' is meant"
    assert fault("needs: {w: {category: c, kind: lastin}}")[3] == "Perhaps 'lasting' is meant"
    assert fault("pairs: {candidates: [{donor: x}]}")[3] == "Perhaps 'donors' is meant"


def test_all_faults_at_once() -> None:
    raw, lines, _ = load_yaml("a: 1\nstreams: {s: {carry: x}, t: {kind: y}}\nsettings: {seed: 0.5, threads: many}\n", "f")
    with pytest.raises(InstanceError) as caught:
        read_settings(raw)
    assert len(caught.value.findings) == 5
    assert len(lines) == 9


def test_two_rules_of_one_name() -> None:
    rule = {"id": "r", "type": "pairs", "sentence": "s", "keep": "all"}
    settings, found = parse_settings({"rules": [rule, rule]})
    assert settings is None and found[0].problem == "names two rules"


def test_settings_do_not_change() -> None:
    settings = read_settings({})
    with pytest.raises(ValueError, match="frozen"):
        settings.title = "x"
