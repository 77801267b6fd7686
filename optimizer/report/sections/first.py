"""The first page: what was decided in five sentences, the plan beside last year and the factor method, the verdict."""

from __future__ import annotations

from typing import Any

import numpy as np

from optimizer.plan.baselines import compared_money
from optimizer.plan.exact import Exact
from optimizer.plan.indicators import gini
from optimizer.report.blocks import Block, Section, Table, Words
from optimizer.report.sections.verdict import verdict, warnings
from optimizer.report.text import number, percent
from optimizer.report.view import View

SENTENCES = 5


def first(view: View) -> Section:
    """The first page."""
    blocks: list[Block] = [Words(tuple(sentences(view)), "list")]
    beside = _beside(view)
    blocks += [beside] if beside is not None else []
    blocks.append(Words(tuple(verdict(view)), "verdict" if view.plan.audit is not None and view.plan.audit.passed else "warning"))
    said = tuple(warnings(view))
    return Section("first", view.t("section.first"), (*blocks, *([Words(said, "warning")] if said else [])))


def sentences(view: View) -> list[str]:
    """Five sentences made from the data; where there are no pairs or projects, others take their place."""
    first_choice = [_money(view), _people(view), _pairs(view), _projects(view), _poorest(view)]
    spare = [_left(view), *(_change(view, which) for which in view.baselines), _spread(view), _streams(view), _criterion(view)]
    chosen = [sentence for sentence in first_choice if sentence]
    return chosen + [sentence for sentence in spare if sentence][: SENTENCES - len(chosen)]


def told(view: View) -> list[str]:
    """The first page without its tables, for those who read in a terminal."""
    changes = [_change(view, which) for which in view.baselines]
    first_five = sentences(view)
    return [*first_five, *(change for change in changes if change not in first_five), *verdict(view), *warnings(view)]


def _money(view: View) -> str:
    t, funds = view.t, view.plan.funds
    streams = funds.groupby("stream")["money"].sum().sort_values(ascending=False, kind="stable")
    parts = [
        t("first.money.part", money=view.amount(float(money)), stream=view.names.stream(str(name)))
        for name, money in streams.items()
    ]
    over = (
        "" if len(view.plan.data.periods) == 1 else t("first.money.over", periods=t.count("period", len(view.plan.data.periods)))
    )
    counties = t.count("county", funds["county"].nunique())
    return t("first.money", total=view.amount(float(funds["money"].sum())), counties=counties, over=over, parts=t.listed(parts))


def _people(view: View) -> str:
    plan, t = view.plan, view.t
    last = plan.coverage[plan.coverage["period"] == plan.data.periods[-1]]
    people, covered = float(last["people"].sum()), float(last["covered"].sum())
    if people <= 0:
        return ""
    sums = last.groupby("need")[["covered", "people"]].sum()
    shares = (sums["covered"] / sums["people"].where(sums["people"] > 0)).dropna().sort_values(kind="stable")
    spread = (
        ""
        if len(shares) < 2
        else t(
            "first.people.spread",
            least=view.names.need(str(shares.index[0])),
            low=percent(float(shares.iloc[0])),
            most=view.names.need(str(shares.index[-1])),
            high=percent(float(shares.iloc[-1])),
        )
    )
    return t(
        "first.people",
        period=view.names.period(plan.data.periods[-1]),
        covered=number(covered),
        people=number(people),
        share=percent(covered / people),
        spread=spread,
    )


def _pairs(view: View) -> str:
    pairings, t = view.plan.pairings, view.t
    if not len(pairings):
        return ""
    chosen = pairings[pairings["status"] != "ended"]
    status = pairings["status"].value_counts()
    return t(
        "first.pairs",
        pairs=t.count("pair", len(chosen)),
        donors=t.count("donor", chosen["donor"].nunique()),
        counties=t.count("county", chosen["county"].nunique()),
        money=view.amount(float(chosen["money"].sum())),
        **{name: f"{int(status.get(name, 0)):,}" for name in ("kept", "new", "ended")},
    )


def _projects(view: View) -> str:
    plan, t = view.plan, view.t
    if not len(plan.data.projects):
        return ""
    return t(
        "first.projects",
        started=t.count("project", plan.projects["project"].nunique()),
        offered=f"{len(plan.data.projects):,}",
        money=view.amount(float(plan.projects["cost"].sum())),
    )


def _poorest(view: View) -> str:
    """How the tenth of the people in the poorest counties fares beside all."""
    values = [
        view.indicator(outcome, name)[1] for outcome in ("covered_share", "money_per_head") for name in ("poorest_tenth", "mean")
    ]
    if np.isnan(values).any() or len(view.plan.data.counties) < 2:
        return ""
    known = not view.plan.data.counties["income"].isna().any()
    return view.t(
        "first.poorest.income" if known else "first.poorest.outcome",
        covered=percent(values[0]),
        mean_covered=percent(values[1]),
        head=number(values[2]),
        mean_head=number(values[3]),
        base=view.names.base,
    )


def _left(view: View) -> str:
    left = float(view.counties["gap"].sum())
    if left <= 0:
        return ""
    worst = view.counties["gap"].sort_values(ascending=False, kind="stable").head(1)
    return view.t(
        "first.left", left=number(left), county=view.counties["name"].to_dict()[worst.index[0]], most=number(float(worst.iloc[0]))
    )


def _change(view: View, which: str) -> str:
    changes = view.counties[f"{which}_change"].dropna()
    total = float(Exact.of(changes).total())
    same = abs(total) < view.plan.instance.settings.money.step / 2
    return view.t(
        "first.change.same" if same else "first.change",
        against=view.t(f"against.{which}"),
        more=view.t.count("county", int((changes > 0).sum())),
        less=f"{int((changes < 0).sum()):,}",
        **({} if same else {"total": view.amount(total, sign=True)}),
    )


def _spread(view: View) -> str:
    rows = view.counties["per_head"].dropna().sort_values(kind="stable")
    if len(rows) < 2:
        return ""
    names = view.counties["name"].to_dict()
    return view.t(
        "first.spread",
        most=names[rows.index[-1]],
        high=number(float(rows.iloc[-1])),
        least=names[rows.index[0]],
        low=number(float(rows.iloc[0])),
        base=view.names.base,
    )


def _streams(view: View) -> str:
    rows = view.plan.streams
    if not len(rows):
        return ""
    return view.t("first.streams", **{name: view.amount(float(rows[name].sum())) for name in ("budget", "spent", "lapsed")})


def _criterion(view: View) -> str:
    outcome = view.plan.outcome
    return view.t(
        "first.criterion",
        criterion=view.names.criterion(outcome.criterion),
        value=number(outcome.objective),
        unit=view.names.unit(outcome.unit),
    )


def _beside(view: View) -> Table | None:
    """The plan beside last year's money and the factor method's, each on the streams that the baseline speaks of."""
    if not view.baselines:
        return None
    column = view.column
    columns = (
        column("beside"),
        column("plan_money", "number", "money"),
        column("other_money", "number", "money"),
        column("change", "signed", "money"),
        column("change", "signed_percent"),
        column("more", "number", "counties"),
        column("less", "number", "counties"),
        column("gini_plan", "fine"),
        column("gini_other", "fine"),
    )
    rows = [_beside_row(view, which) for which in view.baselines]
    return Table(
        "beside",
        view.t("table.beside"),
        columns,
        rows,
        (view.t("note.beside"),),
        view.grounds.of("population", *(["last"] if "last" in view.baselines else [])),
    )


def _beside_row(view: View, which: str) -> list[Any]:
    data = view.plan.data
    money = compared_money(data, view.plan.funds, which)
    assert money is not None
    known = money[money["baseline"].notna()]
    plan, other = (float(Exact.of(known[name]).total()) for name in ("plan", "baseline"))
    changes = view.counties[f"{which}_change"].dropna()
    people = data.counties["population"].reindex(known.index).to_numpy(float)
    living = people > 0
    heads = [gini(known[name].to_numpy(float)[living] / people[living], people[living]) for name in ("plan", "baseline")]
    return [
        view.t(f"against.{which}"),
        plan,
        other,
        plan - other,
        100 * (plan - other) / other if other > 0 else None,
        int((changes > 0).sum()),
        int((changes < 0).sum()),
        *heads,
    ]
