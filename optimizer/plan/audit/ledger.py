"""Budgets, carrying over, placed support and the account of each county, category and period."""

from __future__ import annotations

from collections import Counter, defaultdict
from fractions import Fraction

from optimizer.plan.audit.books import Books
from optimizer.plan.audit.cells import by_name, cells
from optimizer.plan.audit.exact import agrees, exact, spell, summed
from optimizer.plan.audit.report import Tallies
from optimizer.plan.audit.tables import StreamRow, Unspent

ZERO = Fraction(0)


def audit_ledger(books: Books, tallies: Tallies) -> None:
    """All clauses on streams and accounts."""
    reaches_and_categories(books, tallies)
    streams(books, tallies)
    placed_support(books, tallies)
    accounts(books, tallies)


def reaches_and_categories(books: Books, tallies: Tallies) -> None:
    """A stream pays only counties it reaches, for categories it is for."""
    reached = set(cells(books.data.reach, "stream", "county"))
    categories = set(cells(books.data.stream_categories, "stream", "category"))
    for row in books.tables.funds:
        at = f"funds.csv, {row.stream}, {row.county}, {row.category}, {row.period}"
        tallies["stream_reach"].holds((row.stream, row.county) in reached, at, "the stream does not reach this county")
        tallies["stream_categories"].holds((row.stream, row.category) in categories, at, "not a category of the stream")


def streams(books: Books, tallies: Tallies) -> None:
    """Each row of streams.csv against the budgets of the instance and the funds of the plan."""
    data = books.data
    scope_of = {(stream, county): scope for stream, scope, county in cells(data.reach, "stream", "scope", "county")}
    scopes = set(cells(data.budgets, "stream", "scope"))
    counts = Counter(stream for stream, _ in scopes)
    only_scope = {stream: scope for stream, scope in scopes if counts[stream] == 1}  # it pays for counties it must not, too
    spent: dict[tuple[str, str, int], Fraction] = defaultdict(Fraction)
    for fund in books.tables.funds:
        scope = scope_of.get((fund.stream, fund.county)) or only_scope.get(fund.stream, "")
        spent[fund.stream, scope, fund.period] += fund.money
    budgets = {
        (stream, scope, period): (exact(amount), exact(least))
        for stream, scope, period, amount, least in cells(data.budgets, "stream", "scope", "period", "amount", "least")
    }
    rows = {(row.stream, row.scope, row.period): row for row in books.tables.streams}
    _budget_rows(budgets, rows, tallies)
    for key, (amount, _) in budgets.items():
        if key not in rows and amount != 0:
            continue  # told by the row that is missing
        row = rows.get(key) or StreamRow(*key, ZERO, ZERO, ZERO, ZERO, ZERO)
        _stream_row(books, row, budgets[key], spent[key], rows, tallies)
    for (stream, scope, period), money in spent.items():
        if scope and (stream, scope, period) not in budgets and data.streams[stream].kind == "transfer":
            tallies["stream_budget"].margin(-money, f"{stream}, {scope}, {period}", f"spends {float(money):g} without a budget")


def _budget_rows(
    budgets: dict[tuple[str, str, int], tuple[Fraction, Fraction]], rows: dict[tuple[str, str, int], StreamRow],
    tallies: Tallies,
) -> None:
    tally = tallies["stream_rows"]
    for key, (amount, _) in budgets.items():
        claimed = rows[key].budget if key in rows else ZERO
        tally.equal(claimed, amount, f"streams.csv, {key[0]}, {key[1]}, {key[2]}", "budget")
    for key in rows.keys() - budgets.keys():
        tally.margin(-1, f"streams.csv, {key[0]}, {key[1]}, {key[2]}", "the instance has no such budget")


def _stream_row(
    books: Books, row: StreamRow, budget: tuple[Fraction, Fraction], spent: Fraction,
    rows: dict[tuple[str, str, int], StreamRow], tallies: Tallies,
) -> None:
    """Spent, balance, carrying and least spend of one stream, scope and period."""
    amount, least = budget
    at = f"{row.stream}, {row.scope}, {row.period}"
    tallies["stream_spent"].equal(row.spent, spent, at, "spent")
    left = amount + row.carried_in - spent - row.carried_out - row.lapsed
    tallies["stream_budget"].margin(
        -abs(left), at, f"budget {float(amount):g} + carried in {float(row.carried_in):g} is not "
        f"spent {float(spent):g} + carried out {float(row.carried_out):g} + lapsed {float(row.lapsed):g}")
    before = rows.get((row.stream, row.scope, row.period - 1))
    tallies["stream_carried_in"].equal(row.carried_in, before.carried_out if before else ZERO, at, "carried_in")
    last = row.period == books.data.periods[-1]
    most = ZERO if last else exact(books.data.streams[row.stream].carry) * amount
    tallies["stream_carry"].margin(most - row.carried_out, at, f"carries out {float(row.carried_out):g} of {float(most):g}")
    if least > 0:
        tallies["stream_least"].margin(spent - least, at, f"spends {float(spent):g} of at least {float(least):g}")


def placed_support(books: Books, tallies: Tallies) -> None:
    """Σ_c placed = Σ_d support for each pairing stream, county and period."""
    data = books.data
    stream_of = by_name(data.donors["stream"])
    pairing = {name for name, stream in data.streams.items() if stream.kind == "pairing"}
    given: dict[tuple[str, str, int], Fraction] = defaultdict(Fraction)
    placed: dict[tuple[str, str, int], Fraction] = defaultdict(Fraction)
    for support in books.tables.support:
        given[stream_of[support.donor], support.county, support.period] += support.money
    for fund in books.tables.funds:
        if fund.stream in pairing:
            placed[fund.stream, fund.county, fund.period] += fund.money
    for key in sorted({*given, *placed}):
        tallies["support_placed"].equal(placed[key], given[key], f"{key[0]}, {key[1]}, {key[2]}", "placed")


def accounts(books: Books, tallies: Tallies) -> None:
    """Money in = money out in each account; the reserve is small, unspent money allowed."""
    funds, flows, rests = books.tables.funds, books.project_flows, books.tables.unspent
    amounts = Counter((fund.county, fund.category, fund.period) for fund in funds)
    paid = summed(((fund.county, fund.category, fund.period) for fund in funds), [fund.money for fund in funds])
    costs = summed(((flow.county, flow.category, flow.period) for flow in flows), [flow.money for flow in flows])
    category = {name: need.category for name, need in books.data.settings.needs.items()}
    people = [row for row in books.tables.coverage if row.direct_cost]
    direct = summed(((row.county, category[row.need], row.period) for row in people), [row.direct_cost for row in people])
    left = summed(((rest.county, rest.category, rest.period) for rest in rests), [rest.money for rest in rests])
    for rest in rests:
        _rest(books, rest, amounts[rest.county, rest.category, rest.period], tallies)
    for key in sorted({*paid, *costs, *direct, *left}):
        out = costs.get(key, ZERO) + direct.get(key, ZERO)
        due, claimed = paid.get(key, ZERO) - out, left.get(key, ZERO)
        difference = ZERO if agrees(claimed, due) else abs(due - claimed)
        tallies["account"].margin(
            -difference, f"{key[0]}, {key[1]}, {key[2]}",
            f"in {spell(due + out)}, out {spell(out)}, unspent {spell(claimed)}" if difference else "")


def _rest(books: Books, rest: Unspent, amounts: int, tallies: Tallies) -> None:
    """A reserve is below one step for each amount paid in; more stays unspent only where that is allowed."""
    at = f"unspent.csv, {rest.county}, {rest.category}, {rest.period}"
    if rest.kind == "unspent":
        allowed = books.data.settings.settings.unspent == "allow"
        tallies["unspent"].margin(0 if allowed else -rest.money, at, f"{spell(rest.money)} is unspent")
        return
    spare = books.step * amounts - rest.money
    tallies["reserve"].margin(
        spare if spare > 0 else min(spare, -books.step), at,
        f"{spell(rest.money)} is not below a step for each of {amounts} amounts")
