"""Equity forms: values known from the literature or worked out by hand, and what must hold for any outcomes."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.instance.equity_forms import EVALUATED
from optimizer.instance.settings import EquityFields
from optimizer.plan.audit import equity as audit
from optimizer.plan.equity import FORMS, Units, kalai, sense_of
from tests.extent import MORE

F = Fraction
EXAMPLES = 20 * MORE
FIELDS: dict[str, dict[str, Any]] = {
    "cvar": {"m": 2}, "owa": {"weights": [3, 2, 1]}, "atkinson": {"alpha": 0.5}, "alpha": {"alpha": 2},
    "hooker_williams": {"threshold": 1.5}, "chen_hooker": {"threshold": 1.5, "m": 2},
}
RELATIVE = ("gini", "hoover", "range", "mcloone", "atkinson", "theil")
EQUAL_IS_ZERO = ("gini", "gini_absolute", "hoover", "mad", "range", "atkinson", "theil")
UNWEIGHTED = ("maximin", "leximin", "range", "chen_hooker")


def fields(form: str, **more: Any) -> EquityFields:
    return EquityFields.model_validate({"equity": form, "outcome": "money", **FIELDS.get(form, {}), **more})


def value(form: str, outcomes: Any, by: Any = None, better: str = "high", **more: Any) -> Fraction | None:
    units = Units.of([F(one) for one in outcomes], None if by is None else [F(one) for one in by], better)
    return FORMS[form](units, fields(form, **more))


def audited(form: str, outcomes: Any, by: Any = None, better: str = "high", **more: Any) -> Fraction | None:
    weights = [F(1)] * len(outcomes) if by is None else [F(one) for one in by]
    return audit.FORMS[form](audit.spread([F(one) for one in outcomes], weights, better), fields(form, **more))


def near(found: Fraction | None, wanted: float, digits: int = 15) -> bool:
    return found is not None and abs(float(found) - wanted) <= 10.0**-digits * max(1.0, abs(wanted))


def test_the_tables_of_forms_name_the_same_forms() -> None:
    assert set(FORMS) == set(audit.FORMS) == set(EVALUATED) - {"kalai"}  # which reads ideals as well


@pytest.mark.parametrize(("form", "outcomes", "more", "wanted"), [
    ("maximin", [3, 1, 2], {}, F(1)),
    ("cvar", [1, 2, 3, 4], {"m": 1}, F(1)),
    ("cvar", [1, 2, 3, 4], {"m": 2}, F(3, 2)),
    ("cvar", [1, 2, 3, 4], {"m": 2.5}, F(1 + 2 + F(3, 2)) / F(5, 2)),
    ("cvar", [1, 2, 3, 4], {"m": 0.5}, F(3, 2)),
    ("cvar", [1, 2, 3, 4], {"m": 0.1}, F(1)),
    ("cvar", [1, 2, 3, 4], {"m": 9}, F(5, 2)),
    ("owa", [4, 3, 2, 1], {"weights": [1]}, F(5, 2)),
    ("owa", [4, 3, 2, 1], {"weights": [1, 0]}, F(1)),
    ("owa", [4, 3, 2, 1], {"weights": [4, 3, 2, 1]}, F(4 + 6 + 6 + 4, 10)),
    ("owa", [4, 3, 2, 1], {"weights": [2, 1]}, F(2 + 2 + 3 + 4, 5)),
    ("owa", [4, 1], {"weights": [3, 1, 0.5]}, F(7, 4)),
    ("gini", [1, 2, 3, 4], {}, F(1, 4)),
    ("gini", [0, 0, 0, 1], {}, F(3, 4)),  # (n − 1)/n where one has all
    ("gini", [1, 1, 1], {}, F(0)),
    ("gini_absolute", [1, 2, 3, 4], {}, F(5, 8)),  # half of 20/16
    ("hoover", [1, 2, 3, 4], {}, F(1, 5)),  # 2 of 10 would have to move
    ("hoover", [0, 0, 0, 1], {}, F(3, 4)),
    ("mad", [1, 2, 3, 4], {}, F(1)),
    ("range", [1, 2, 3, 4], {}, F(6, 5)),
    ("mcloone", [1, 2, 3, 4], {}, F(3, 5)),  # 3 of 2 · 2.5
    ("mcloone", [1, 2, 3], {}, F(3, 4)),  # the median is at or below itself: 3 of 2 · 2
    ("mcloone", [1, 4, 4, 4, 9], {}, F(13, 16)),
    ("atkinson", [1, 4], {"alpha": 0}, F(0)),
    ("atkinson", [1, 4], {"alpha": 2}, 1 - F(8, 5) / F(5, 2)),  # harmonic mean 8/5
    ("atkinson", [1, 4], {"alpha": 1}, F(1, 5)),  # geometric mean 2
    ("atkinson", [1, 4], {"alpha": 0.5}, F(1, 10)),  # ((1 + 2)/2)² = 9/4
    ("alpha", [1, 4], {"alpha": 0}, F(5, 2)),
    ("alpha", [1, 4], {"alpha": 0.5}, F(3)),
    ("alpha", [1, 4], {"alpha": 2}, F(-5, 8)),
    ("nash", [1, 1, 1], {}, F(0)),
    ("hooker_williams", [1, 2, 3, 4], {"threshold": 0}, F(5, 2)),
    ("hooker_williams", [1, 2, 3, 4], {"threshold": 0.5}, F(5, 2)),
    ("hooker_williams", [1, 2, 3, 4], {"threshold": 2}, F(3 * 2 + 4 * 1 + 1, 4)),
    ("hooker_williams", [1, 9], {"threshold": 3}, F(5)),  # two persons further apart than Δ: utilitarian
    ("hooker_williams", [4, 5], {"threshold": 3}, F(2 * 4 + 3, 2)),  # nearer: maximin
    ("chen_hooker", [1, 2, 3, 4], {"threshold": 2, "m": 1}, F(11, 4)),
    ("chen_hooker", [1, 2, 3, 4], {"threshold": 2, "m": 2}, F(4 * 1 + 3 * 2 + 1, 4)),
    ("chen_hooker", [1, 2, 3, 4], {"threshold": 2, "m": 4}, F(4 * 1 + 3 * 2 + 2 * 3 + 3 + 1, 4)),
    ("chen_hooker", [1, 2, 3, 4], {"threshold": 9, "m": 3}, F(4 * 1 + 3 * 2 + 2 * 3, 4)),
    ("chen_hooker", [1, 2, 3, 4], {"threshold": 2, "m": 99}, F(20, 4)),
])
def test_values_by_hand(form: str, outcomes: list[int], more: dict[str, Any], wanted: Fraction) -> None:
    assert value(form, outcomes, **more) == wanted
    assert audited(form, outcomes, **more) == wanted


def test_logarithms_are_right_to_fifty_digits() -> None:
    ln2 = F("0.69314718055994530941723212145817656807550013436026")
    assert abs((value("nash", [1, 4]) or 0) - ln2) < F(1, 10**49)
    # T of (1, 3): (½·ln ½ + 3/2·ln 3/2)/2 = (3·ln 3 − 4·ln 2)/4
    assert near(value("theil", [1, 3]), (3 * math.log(3) - 4 * math.log(2)) / 4)
    assert near(value("theil", [0, 0, 0, 5]), math.log(4))  # one has all: ln n
    assert near(value("alpha", [2, 8], alpha=1), math.log(4))
    assert near(value("atkinson", [10, 20, 30], alpha=1.5), 1 - (sum(x**-0.5 for x in (10, 20, 30)) / 3) ** -2 / 20)


def test_ten_incomes_by_textbook_sums() -> None:
    """Ten incomes, every index by its textbook definition as a double or single sum."""
    data = [10, 15, 20, 25, 40, 20, 30, 35, 45, 90]
    pairs = sum(abs(a - b) for a in data for b in data)
    assert value("gini", data) == F(pairs, 2 * 100 * 33)
    assert value("hoover", data) == F(sum(abs(x - 33) for x in data), 2 * 330)
    assert near(value("theil", data), sum(x / 33 * math.log(x / 33) for x in data) / 10)
    assert near(value("atkinson", data, alpha=0.5), 1 - (sum(math.sqrt(x) for x in data) / 10) ** 2 / 33)


@pytest.mark.parametrize("form", ["maximin", "leximin", "cvar", "owa", "hooker_williams", "chen_hooker"])
def test_where_low_is_good_a_form_is_that_of_the_negative(form: str) -> None:
    outcomes = [5, 1, 7, 2, 4]
    turned = value(form, [-one for one in outcomes])
    assert turned is not None
    assert value(form, outcomes, better="low") == audited(form, outcomes, better="low") == -turned
    assert (sense_of(form, "high"), sense_of(form, "low")) == ("max", "min")


@pytest.mark.parametrize("form", sorted(FORMS))
def test_without_units_nothing_is_defined(form: str) -> None:
    assert value(form, []) is None
    assert audited(form, []) is None
    assert form in UNWEIGHTED or value(form, [3], [0]) is None


@pytest.mark.parametrize("form", sorted(FORMS))
def test_one_unit_alone(form: str) -> None:
    found = value(form, [3], alpha=2) if form in ("atkinson", "alpha") else value(form, [3])
    assert audited(form, [3], **({"alpha": 2} if form in ("atkinson", "alpha") else {})) == found
    if form in EQUAL_IS_ZERO:
        assert found == 0
    elif form == "mcloone":
        assert found == 1
    elif form in ("nash", "alpha"):
        assert near(found, math.log(3) if form == "nash" else -1 / 3)
    else:
        assert found == 3


@pytest.mark.parametrize("form", RELATIVE)
def test_relative_indices_need_a_mean_above_zero(form: str) -> None:
    assert value(form, [0, 0]) is None
    assert audited(form, [0, 0]) is None
    assert value(form, [-2, 1]) is None


@pytest.mark.parametrize(("form", "alpha", "wanted"), [
    ("atkinson", 1, F(1)), ("atkinson", 3, F(1)), ("alpha", 1, None), ("alpha", 2.5, None), ("nash", None, None)])
def test_a_unit_with_nothing_where_aversion_is_at_least_one(form: str, alpha: float | None, wanted: Fraction | None) -> None:
    more = {} if alpha is None else {"alpha": alpha}
    assert value(form, [0, 4], **more) == audited(form, [0, 4], **more) == wanted


def test_a_unit_with_nothing_where_aversion_is_below_one() -> None:
    assert value("atkinson", [0, 4], alpha=0.5) == F(1, 2)  # (2/2)² = 1 of a mean of 2
    assert value("alpha", [0, 4], alpha=0.5) == 2
    assert near(value("theil", [0, 4]), math.log(2))
    assert value("alpha", [-1, 4], alpha=0.5) is value("theil", [-1, 4]) is value("atkinson", [-1, 4]) is None


OUTCOMES = st.lists(st.fractions(0, 20, max_denominator=12), min_size=1, max_size=7)
PAIRS = st.lists(st.tuples(st.fractions(0, 20, max_denominator=12), st.integers(0, 5)), min_size=1, max_size=6)
ALPHAS = st.sampled_from([0, 0.3, 0.5, 1, 1.5, 2, 4])


def drawn(form: str, data: Any) -> dict[str, Any]:
    if form in ("atkinson", "alpha"):
        return {"alpha": data.draw(ALPHAS)}
    if form == "cvar":
        return {"m": data.draw(st.sampled_from([0.2, 0.5, 1, 1.5, 3, 40]))}
    if form == "owa":
        listed = data.draw(st.lists(st.sampled_from([0, 0.5, 1, 2]), min_size=1, max_size=5))
        return {"weights": [*sorted([*listed, 3], reverse=True)]}
    if form in ("hooker_williams", "chen_hooker"):
        more = {"threshold": data.draw(st.sampled_from([0, 0.5, 2, 100]))}
        return {**more, "m": data.draw(st.integers(1, 6))} if form == "chen_hooker" else more
    return {}


def same(one: Fraction | None, other: Fraction | None, digits: int = 45) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) <= F(1, 10**digits) * max(1, abs(one))


@pytest.mark.parametrize("form", sorted(FORMS))
@given(data=st.data())
@settings(max_examples=EXAMPLES, deadline=None)
def test_plan_and_audit_read_random_outcomes_alike(form: str, data: Any) -> None:
    pairs = data.draw(PAIRS)
    weights = None if form in UNWEIGHTED else [weight for _, weight in pairs]
    better, more = data.draw(st.sampled_from(["high", "low"])), drawn(form, data)
    outcomes = [outcome for outcome, _ in pairs]
    found, read = value(form, outcomes, weights, better, **more), audited(form, outcomes, weights, better, **more)
    exact = form not in ("atkinson", "alpha", "nash", "theil")
    assert found == read if exact else same(found, read)
    assert sense_of(form, better) == audit.sense(form, better)


@pytest.mark.parametrize("form", [form for form in sorted(FORMS) if form not in UNWEIGHTED and form != "owa"])
@given(data=st.data())
@settings(max_examples=EXAMPLES, deadline=None)
def test_a_weight_counts_a_unit_that_often(form: str, data: Any) -> None:
    pairs, more = data.draw(PAIRS), drawn(form, data)
    many = [outcome for outcome, weight in pairs for _ in range(weight)]
    assert same(value(form, [o for o, _ in pairs], [w for _, w in pairs], **more), value(form, many, **more))


@pytest.mark.parametrize("form", RELATIVE)
@given(outcomes=OUTCOMES, factor=st.fractions(F(1, 20), 50, max_denominator=30))
@settings(max_examples=EXAMPLES, deadline=None)
def test_relative_indices_do_not_change_with_the_unit_nor_when_all_are_doubled(form: str, outcomes: Any, factor: Any) -> None:
    found = value(form, outcomes)
    assert same(value(form, [factor * one for one in outcomes]), found)
    assert same(value(form, [*outcomes, *outcomes]), found)


@pytest.mark.parametrize("form", [*EQUAL_IS_ZERO, "maximin", "cvar", "owa", "alpha", "nash", "mcloone"])
@given(data=st.data())
@settings(max_examples=EXAMPLES, deadline=None)
def test_a_transfer_from_a_richer_to_a_poorer_unit_makes_nothing_less_fair(form: str, data: Any) -> None:
    """Pigou and Dalton, without changing places. McLoone's index sees only units up to the median, so it is left at that."""
    outcomes = sorted(data.draw(st.lists(st.integers(1, 40), min_size=2, max_size=7)))
    poor, rich = sorted(data.draw(st.lists(st.integers(0, len(outcomes) - 1), min_size=2, max_size=2, unique=True)))
    moved = data.draw(st.fractions(0, F(outcomes[rich] - outcomes[poor], 2), max_denominator=6))
    if form == "mcloone" and rich > (len(outcomes) - 1) // 2 - 1:
        return  # the median itself would move
    after = [F(one) for one in outcomes]
    after[poor] += moved
    after[rich] -= moved
    more = drawn(form, data)
    before, later = value(form, outcomes, **more), value(form, after, **more)
    assert before is not None and later is not None
    gain = later - before if sense_of(form, "high") == "max" else before - later
    assert gain >= (0 if form not in ("atkinson", "alpha", "nash", "theil") else -F(1, 10**45))
    if moved and form in ("gini", "gini_absolute", "theil", "nash"):
        assert gain > 0  # these see every transfer


@given(pairs=PAIRS, listed=st.lists(st.integers(1, 4), min_size=1, max_size=4))
@settings(max_examples=EXAMPLES, deadline=None)
def test_weighted_ordered_averages_lie_between_the_worst_and_the_mean(pairs: Any, listed: list[int]) -> None:
    kept = [(outcome, weight) for outcome, weight in pairs if weight]
    if not kept:
        return
    outcomes, weights = zip(*kept, strict=True)
    found = value("owa", outcomes, weights, weights=sorted(listed, reverse=True))
    mean = sum(o * w for o, w in kept) / sum(weights)
    assert found is not None and min(outcomes) <= found <= mean
    assert value("owa", outcomes, weights, weights=[1]) == mean
    same_weight = [F(7, 3)] * len(kept)
    assert value("owa", outcomes, same_weight, weights=[3, 1]) == value("owa", outcomes, weights=[3, 1])


def test_orderings_of_the_literature() -> None:
    """Atkinson rises with the aversion; α-fairness goes from the mean to the worst; worst-m means rise with m."""
    outcomes = [2, 3, 7, 11, 20]
    by_alpha = [value("atkinson", outcomes, alpha=alpha) or F(0) for alpha in (0, 0.5, 1, 2, 5, 40)]
    assert by_alpha == sorted(by_alpha) and near(1 - by_alpha[-1], 2 / 8.6, 1)
    tails = [value("cvar", outcomes, m=m) or F(0) for m in (1, 1.5, 2, 3, 4, 5)]
    assert tails == sorted(tails) and tails[-1] == F(43, 5)


@given(outcomes=OUTCOMES, gap=st.integers(0, 8))
@settings(max_examples=EXAMPLES, deadline=None)
def test_hooker_and_williams_lies_between_need_and_sum(outcomes: Any, gap: int) -> None:
    count, least = len(outcomes), min(outcomes)
    found = value("hooker_williams", outcomes, threshold=gap)
    assert found is not None
    top = max(least, F(0)) + F(gap * (count - 1), count)
    assert found >= max(top, F(sum(outcomes), count))
    if max(outcomes) - least <= gap:
        assert found == least + F(gap * (count - 1), count)


def test_kalai_and_smorodinsky_by_hand() -> None:
    assert kalai([F(2), F(3), F(9)], [F(4), F(4), F(0)]) == F(1, 2)
    assert kalai([F(2)], [F(0)]) is None


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.data())
def test_thresholds_gain_from_transfers_of_chateauneuf_and_moyes(data: st.DataObject) -> None:
    """An equal amount from each of the best off to each of the worst off, ranks kept, never lowers a function of the sequence.

    Chateauneuf & Moyes, "Measuring inequality without the Pigou-Dalton condition" (2005), as Chen & Hooker (2022) ask it.
    """
    before = sorted(data.draw(st.lists(st.integers(0, 20), min_size=2, max_size=6)))
    low = data.draw(st.integers(1, len(before) - 1))
    high = data.draw(st.integers(1, len(before) - low))
    amount = F(data.draw(st.integers(1, 12)), 12)
    last = len(before) - high
    after = [F(u) + amount / low if n < low else F(u) - amount / high if n >= last else F(u) for n, u in enumerate(before)]
    if after != sorted(after):
        return
    for place in range(1, len(before) + 1):
        more = {"threshold": data.draw(st.integers(0, 12)), "m": place}
        was, now = (value("chen_hooker", u, **more) for u in (before, after))
        assert was is not None and now is not None and now >= was


@given(st.lists(st.integers(0, 20), min_size=3, max_size=6), st.integers(1, 6), st.integers(0, 8))
@settings(max_examples=EXAMPLES, deadline=None)
def test_chen_hooker_has_no_jumps(outcomes: list[int], place: int, gap: int) -> None:
    small = F(1, 10**6)
    here = value("chen_hooker", outcomes, threshold=gap, m=place)
    assert here is not None
    for n in range(len(outcomes)):
        there = value("chen_hooker", [F(u) + small * (n == k) for k, u in enumerate(outcomes)], threshold=gap, m=place)
        assert there is not None and abs(there - here) <= 2 * len(outcomes) * small
