"""People covered, worked out from money and projects alone.

For each county and need, in whole people (ρ = relapse; a yearly need starts from nothing each period)::

    built[t]   = floor(min(people[t], (1−ρ)·built[t−1] + Σ effects of projects in t))
    kept[j,t]  = floor((1−ρ)·held[j,t−1]), within floor(width_j·people[t]) and the room beside built, cheapest tier first
    reach[j,t] = as many as the money left pays at cost_j, within the same limits, cheapest tier first
    held[j,t]  = kept[j,t] + reach[j,t];  carried = Σ_j kept;  direct = Σ_j reach
"""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from typing import NamedTuple

from optimizer.plan.audit.books import Books
from optimizer.plan.audit.cells import cells
from optimizer.plan.audit.exact import agrees, exact, floor, times, whole_parts, whole_times
from optimizer.plan.audit.report import Tallies
from optimizer.plan.audit.tables import Covered

ZERO = Fraction(0)
Key = tuple[str, str, int]


class Tier(NamedTuple):
    width: Fraction
    cost: Fraction


class State(NamedTuple):
    """People of one county, need and period."""

    people: Fraction
    carried: int
    built: int
    direct: int
    weight: Fraction

    @property
    def covered(self) -> int:
        return self.carried + self.built + self.direct

    @property
    def gap(self) -> Fraction:
        return self.people - self.covered


class Need(NamedTuple):
    """A county's need in one period, as the instance has it."""

    people: Fraction
    relapse: Fraction
    lasting: bool
    direct: bool
    weight: Fraction


def needs_of(books: Books) -> dict[Key, Need]:
    """Every county, need and period of the instance."""
    tiered = set(cells(books.data.tiers, "county", "need", "period"))
    rows = cells(books.data.needs, "county", "need", "period", "people", "relapse", "kind", "weight")
    return {
        tuple(key): Need(exact(people), exact(relapse), kind == "lasting", tuple(key) in tiered, exact(weight))
        for *key, people, relapse, kind, weight in rows
    }


def tiers_of(books: Books) -> dict[Key, list[Tier]]:
    """The tiers of direct support, cheapest first."""
    frame = books.data.tiers.sort_values(["county", "need", "period", "tier"])
    out: dict[Key, list[Tier]] = {}
    for county, need, period, width, cost in cells(frame, "county", "need", "period", "width", "cost"):
        out.setdefault((county, need, period), []).append(Tier(exact(width), exact(cost)))
    return out


def effects_of(books: Books) -> dict[Key, Fraction]:
    """People that the plan's projects serve, by county, need and period (for lasting needs: where the effect begins)."""
    out: dict[Key, Fraction] = defaultdict(Fraction)
    rows = books.of_started(books.data.served)
    for project, start, county, need, period, people in cells(rows, "project", "start", "county", "need", "period", "people"):
        out[county, need, period] += times(books.amount[project, start], exact(people))
    return out


def work_out(books: Books) -> dict[Key, State]:
    """The state of every county, need and period, from the money and projects of the plan."""
    needs, tiers, effects = needs_of(books), tiers_of(books), effects_of(books)
    money = {(row.county, row.need, row.period): row.direct_cost for row in books.tables.coverage}
    out: dict[Key, State] = {}
    for county, need in dict.fromkeys((key[0], key[1]) for key in needs):
        built = 0
        held: list[int] = []
        for period in books.data.periods:
            key = (county, need, period)
            if key not in needs:
                continue
            given = needs[key]
            stays = 1 - given.relapse if given.lasting else ZERO
            built = floor(min(given.people, stays * built + effects.get(key, ZERO)))
            kept, reached = fill(tiers.get(key, []), [floor(stays * h) for h in held], given.people, built,
                                 money.get(key, ZERO))
            held = [k + r for k, r in zip(kept, reached, strict=True)]
            out[key] = State(given.people, sum(kept), built, sum(reached), given.weight)
    return out


def fill(
    tiers: list[Tier], stay: list[int], people: Fraction, built: int, money: Fraction
) -> tuple[list[int], list[int]]:
    """Who stays in each tier and whom the money reaches, cheapest tier first.

    Parameters
    ----------
    tiers : cheapest first
    stay : people of each tier who have not relapsed; tiers beyond its end hold nobody
    people, built : people in need, and those covered through projects
    money : direct support in money

    Returns
    -------
    kept, reached : people of each tier
    """
    room = floor(people) - built
    caps = [whole_times(tier.width, people) for tier in tiers]
    kept = []
    for tier, cap in enumerate(caps):
        kept.append(min(stay[tier] if tier < len(stay) else 0, cap, room))
        room -= kept[-1]
    reached = []
    for tier, (_, cost) in enumerate(tiers):
        free = min(caps[tier] - kept[tier], room)
        paid = min(free, whole_parts(money, cost)) if cost else free
        reached.append(paid)
        room -= paid
        money = money - paid * cost if paid else money
    return kept, reached


def audit_state(books: Books, state: dict[Key, State], tallies: Tallies) -> None:
    """coverage.csv against the state worked out."""
    needs = needs_of(books)
    rows = {(row.county, row.need, row.period): row for row in books.tables.coverage}
    tally = tallies["coverage_rows"]
    for key, given in needs.items():
        at = f"coverage.csv, county={key[0]};need={key[1]};period={key[2]}"
        row = rows.get(key)
        if row is None:
            tally.margin(-1, at, "the row is missing")
            continue
        tally.equal(row.people, given.people, at, "people")
        if row.direct_cost != 0 or given.direct:
            tallies["direct_support"].margin(
                0 if given.direct else -row.direct_cost, at, f"{float(row.direct_cost):g} where there is no unit cost")
        _people(row, state[key], at, tallies)
    for key in rows.keys() - needs.keys():
        tally.margin(-1, f"coverage.csv, county={key[0]};need={key[1]};period={key[2]}", "the instance has no such need")


def _people(row: Covered, true: State, at: str, tallies: Tallies) -> None:
    for clause, claimed, people in (
        ("coverage_built", row.built, true.built), ("coverage_carried", row.carried, true.carried),
        ("coverage_direct", row.direct, true.direct),
    ):
        if claimed.denominator == 1:  # parts of people are told by their own clause
            tallies[clause].equal(claimed, people, at, clause.removeprefix("coverage_"))
    sums = tallies["coverage_sums"]
    parts = row.carried + row.built + row.direct
    sums.equal(row.covered, parts, at, "covered")
    if not agrees(row.gap, true.people - row.covered):
        sums.equal(row.gap, true.people - row.covered, at, "gap")
    else:
        sums.margin(true.people - parts, at, f"covers {parts} of {float(true.people):g} people")
