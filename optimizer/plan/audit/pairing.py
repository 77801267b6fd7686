"""Pairs: candidates, locks, partners, load, support along pairs and donors' money."""

from __future__ import annotations

from collections import Counter, defaultdict
from fractions import Fraction
from typing import Any

from optimizer.plan.audit.books import Books
from optimizer.plan.audit.cells import cells, records
from optimizer.plan.audit.exact import exact, exact_or_none, total
from optimizer.plan.audit.report import Tallies
from optimizer.plan.audit.tables import FIT_PART

#: Fit and distance are worked out in floating point when an instance is read; more digits than this mean nothing.
MEASURED = Fraction(1, 10**6)


def audit_pairing(books: Books, tallies: Tallies) -> None:
    """All clauses on pairs and donors."""
    locks_and_forbids(books, tallies)
    listing(books, tallies)
    numbers_of_pairs(books, tallies)
    support(books, tallies)
    donors(books, tallies)


def pair_candidates(books: Books, tallies: Tallies) -> None:
    """Only candidates are listed, and support flows only along candidates."""
    for table, pairs in (("pairings", set(cells(books.tables.pairings, "donor", "county"))),
                         ("support", {(row.donor, row.county) for row in books.tables.support})):
        for donor, county in sorted(pairs):
            known = (donor, county) in books.pair_rows
            tallies["pair_candidates"].holds(known, f"{table}.csv, {donor}–{county}", "not a candidate pair")


def locks_and_forbids(books: Books, tallies: Tallies) -> None:
    """Forbidden pairs are not chosen, locked ones are."""
    status, rows = books.data.pairs["status"].tolist(), books.pair_rows
    for donor, county in books.tables.chosen:
        forbidden = status[rows[donor, county]] == "forbid"
        tallies["pair_forbids"].holds(not forbidden, f"pairings.csv, {donor}–{county}", "the pair is forbidden")
    for (donor, county), row in rows.items():
        if status[row] == "lock":
            chosen = (donor, county) in books.chosen
            tallies["pair_locks"].holds(chosen, f"{donor}–{county}", "the pair is locked but not chosen")


def listing(books: Books, tallies: Tallies) -> None:
    """pairings.csv: status, the columns repeated from the instance, and the money of each pair."""
    pairs, rows = books.data.pairs, books.pair_rows
    flags = pairs["existing"].tolist()
    existing = {key: flags[row] == 1 for key, row in rows.items()}
    money: dict[tuple[str, str], Fraction] = defaultdict(Fraction)
    for given in books.tables.support:
        money[given.donor, given.county] += given.money
    listed = books.tables.pairings
    for row in records(listed):
        key = (row["donor"], row["county"])
        at = f"pairings.csv, {key[0]}–{key[1]}"
        right = ("kept", "ended") if existing[key] else ("new",)
        tallies["pair_status"].holds(
            row["status"] in right, at,
            f"called {row['status']}, but the pair is {'an existing' if existing[key] else 'no existing'} one")
        _columns(books, row, rows[key], money[key], at, tallies)
    names = set(cells(listed, "donor", "county"))
    for key, before in existing.items():
        if before and key not in names:
            tallies["pair_status"].margin(-1, f"pairings.csv, {key[0]}–{key[1]}", "the existing pair is not listed")


def _columns(books: Books, row: dict[str, Any], at_row: int, money: Fraction, at: str, tallies: Tallies) -> None:
    true = books.data.pairs.iloc[at_row]
    tally = tallies["pair_columns"]
    tally.equal(exact(row["money"]), money, at, "money")
    tally.equal(exact(row["locked"]), Fraction(true["status"] == "lock"), at, "locked")
    parts = [name for name in row if name.startswith(FIT_PART)]
    tally.holds(not set(parts) - set(true.index), at, "a part of the fit that the instance does not have")
    for name in ("fit", "load", "distance", *(part for part in parts if part in true.index)):
        claimed, known = exact_or_none(row[name]), exact_or_none(true[name])
        if claimed is None or known is None:
            tally.holds(claimed is known, at, f"{name} is blank in one of plan and instance")
        else:
            tally.margin(min(Fraction(0), MEASURED - abs(claimed - known)), at, f"{name} should be {float(known):g}")


def numbers_of_pairs(books: Books, tallies: Tallies) -> None:
    """Partners of each county; counties and load of each donor."""
    partners = Counter(county for _, county in books.chosen)
    served = Counter(donor for donor, _ in books.chosen)
    counties = books.data.counties.reset_index()
    for county, least, most in cells(counties, "county", "partners_min", "partners_max"):
        _between(tallies, "partners", f"county {county}", Fraction(partners[county]), least, most)
    load: dict[str, Fraction] = defaultdict(Fraction)
    loads = books.data.pairs["load"]
    for key in books.chosen:
        load[key[0]] += exact(loads.iat[books.pair_rows[key]])
    frame = books.data.donors.reset_index()
    for donor, least, most, load_max in cells(frame, "donor", "pairs_min", "pairs_max", "load_max"):
        _between(tallies, "donor_pairs", f"donor {donor}", Fraction(served[donor]), least, most)
        _between(tallies, "donor_load", f"donor {donor}", load[donor], None, load_max)


def _between(
    tallies: Tallies, clause: str, at: str, value: Fraction, least: float | None, most: float | None
) -> None:
    low, high = _limit(least), _limit(most)
    margins = [value - low] if low is not None else []
    margins += [high - value] if high is not None else []
    if margins:
        tallies[clause].margin(min(margins), at, f"{float(value):g} is not between {least} and {most}")


def _limit(value: float | None) -> Fraction | None:
    """A limit, None where it is blank or infinite."""
    return None if value is None or value in (float("inf"), float("-inf")) else exact_or_none(value)


def support(books: Books, tallies: Tallies) -> None:
    """Support flows only along chosen pairs, between the pair's least and most in each period."""
    given = {(row.donor, row.county, row.period): row.money for row in books.tables.support}
    for donor, county, period in given:
        chosen = (donor, county) in books.chosen
        tallies["support_pairs"].holds(chosen, f"support.csv, {donor}–{county}, {period}", "the pair is not chosen")
    limits = books.data.pair_money
    rows = {books.pair_rows[key] for key in books.chosen}
    near = limits[limits["pair"].isin(rows)]
    for donor, county, period, least, most in cells(near, "donor", "county", "period", "least", "most"):
        money = given.get((donor, county, period), Fraction(0))
        _between(tallies, "support_limits", f"{donor}–{county}, {period}", money, least, most)


def donors(books: Books, tallies: Tallies) -> None:
    """Donors' money and commitments in each period."""
    given: dict[tuple[str, int], list[Fraction]] = defaultdict(list)
    for row in books.tables.support:
        given[row.donor, row.period].append(row.money)
    for donor, period, most, low in cells(books.data.donor_money, "donor", "period", "money", "least_money"):
        money, least = exact(most), exact(low)
        gives = total(given[donor, period])
        at = f"donor {donor}, {period}"
        tallies["donor_money"].margin(money - gives, at, f"gives {float(gives):g} of {float(money):g}")
        if least > 0:
            tallies["donor_least"].margin(gives - least, at, f"gives {float(gives):g} of at least {float(least):g}")
