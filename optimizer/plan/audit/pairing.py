"""Pairs: candidates, locks, partners, load, support along pairs and donors' money."""

from __future__ import annotations

from collections import Counter, defaultdict
from fractions import Fraction

from optimizer.plan.audit.books import Books
from optimizer.plan.audit.exact import column, exact, exact_or_none, total
from optimizer.plan.audit.report import Tallies

#: Fit and distance are worked out in floating point when an instance is read; more digits than this mean nothing.
MEASURED = Fraction(1, 10**6)


def audit_pairing(books: Books, tallies: Tallies) -> None:
    """All clauses on pairs and donors."""
    candidates(books, tallies)
    listing(books, tallies)
    numbers_of_pairs(books, tallies)
    support(books, tallies)
    donors(books, tallies)


def candidates(books: Books, tallies: Tallies) -> None:
    """Only candidates are paired, never forbidden ones, and always locked ones."""
    pairs, rows = books.data.pairs, books.pair_rows
    status = pairs["status"].tolist()
    for donor, county in books.tables.chosen:
        at = f"pairings.csv, {donor}–{county}"
        row = rows.get((donor, county))
        tallies["pair_candidates"].holds(row is not None, at, "not a candidate pair")
        if row is not None:
            tallies["pair_forbids"].holds(status[row] != "forbid", at, "the pair is forbidden")
    for (donor, county), row in rows.items():
        if status[row] == "lock":
            chosen = (donor, county) in books.chosen
            tallies["pair_locks"].holds(chosen, f"{donor}–{county}", "the pair is locked but not chosen")


def listing(books: Books, tallies: Tallies) -> None:
    """pairings.csv: status, the columns repeated from the instance, and the money of each pair."""
    pairs, rows = books.data.pairs, books.pair_rows
    existing = {key: pairs["existing"].iat[row] == 1 for key, row in rows.items()}
    money: dict[tuple[str, str], Fraction] = defaultdict(Fraction)
    for given in books.tables.support:
        money[given.donor, given.county] += given.money
    listed = books.tables.pairings
    for row in listed.itertuples(index=False):
        key = (str(row.donor), str(row.county))
        at = f"pairings.csv, {key[0]}–{key[1]}"
        if key not in rows:
            continue  # reported as no candidate
        right = ("kept" if existing[key] else "new") if row.status != "ended" else "ended"
        tallies["pair_status"].holds(
            row.status == right and (row.status != "ended" or existing[key]), at,
            f"called {row.status}, but the pair is {'an existing' if existing[key] else 'no existing'} one")
        _columns(books, row, rows[key], money[key], at, tallies)
    names = set(zip(listed["donor"].tolist(), listed["county"].tolist(), strict=True))
    for key, before in existing.items():
        if before and key not in names:
            tallies["pair_status"].margin(-1, f"pairings.csv, {key[0]}–{key[1]}", "the existing pair is not listed")


def _columns(books: Books, row: object, at_row: int, money: Fraction, at: str, tallies: Tallies) -> None:
    true = books.data.pairs.iloc[at_row]
    tally = tallies["pair_columns"]
    tally.equal(exact(row.money), money, at, "money")
    tally.equal(exact(row.locked), Fraction(true["status"] == "lock"), at, "locked")
    for name in ("fit", "load", "distance"):
        claimed, known = exact_or_none(getattr(row, name)), exact_or_none(true[name])
        if claimed is None or known is None:
            tally.holds(claimed is known, at, f"{name} is blank in one of plan and instance")
        else:
            tally.margin(min(Fraction(0), MEASURED - abs(claimed - known)), at, f"{name} should be {float(known):g}")


def numbers_of_pairs(books: Books, tallies: Tallies) -> None:
    """Partners of each county; counties and load of each donor."""
    partners = Counter(county for _, county in books.chosen)
    served = Counter(donor for donor, _ in books.chosen)
    for row in books.data.counties[["partners_min", "partners_max"]].itertuples():
        count = partners[str(row.Index)]
        _between(tallies, "partners", f"county {row.Index}", Fraction(count), row.partners_min, row.partners_max)
    load: dict[str, Fraction] = defaultdict(Fraction)
    loads = books.data.pairs["load"]
    for key in books.chosen & books.pair_rows.keys():
        load[key[0]] += exact(loads.iat[books.pair_rows[key]])
    for row in books.data.donors[["pairs_min", "pairs_max", "load_max"]].itertuples():
        donor = str(row.Index)
        _between(tallies, "donor_pairs", f"donor {donor}", Fraction(served[donor]), row.pairs_min, row.pairs_max)
        _between(tallies, "donor_load", f"donor {donor}", load[donor], None, row.load_max)


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
    rows = {books.pair_rows[key] for key in books.chosen & books.pair_rows.keys()}
    near = limits[limits["pair"].isin(rows)]
    for donor, county, period, least, most in zip(
        near["donor"].tolist(), near["county"].tolist(), near["period"].tolist(), column(near, "least"),
        near["most"].tolist(), strict=True,
    ):
        money = given.get((donor, county, period), Fraction(0))
        _between(tallies, "support_limits", f"{donor}–{county}, {period}", money, float(least), most)


def donors(books: Books, tallies: Tallies) -> None:
    """Donors' money and commitments in each period."""
    given: dict[tuple[str, int], list[Fraction]] = defaultdict(list)
    for row in books.tables.support:
        given[row.donor, row.period].append(row.money)
    frame = books.data.donor_money
    for donor, period, money, least in zip(
        frame["donor"].tolist(), frame["period"].tolist(), column(frame, "money"), column(frame, "least_money"),
        strict=True,
    ):
        gives = total(given[donor, period])
        at = f"donor {donor}, {period}"
        tallies["donor_money"].margin(money - gives, at, f"gives {float(gives):g} of {float(money):g}")
        if least > 0:
            tallies["donor_least"].margin(gives - least, at, f"gives {float(gives):g} of at least {float(least):g}")
