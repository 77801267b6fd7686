"""The sheets that say why and against what: reasons of each pair, today's partnerships, swaps by fit, what continuity costs."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from xlsxwriter.worksheet import Worksheet

from optimizer.report.figures.words import term
from optimizer.review.page.data import PEOPLE, foremost, in_order, parts_of, told_unit
from optimizer.review.page.messages import message, worded
from optimizer.review.page.words import amount
from optimizer.review.workbook.content import Content
from optimizer.review.workbook.looks import Looks

Cells = Sequence[str | float]
WIDE = {"county_name": 18, "donor_name": 18, "binding": 100, "displaces": 28, "moves": 28, "status": 20, "price_today": 46,
        "kind": 56}


def fact_sheets(content: Content) -> dict[str, Callable[[Worksheet, Looks], None]]:
    """The sheets in order, by the name of their message; those that would have no row are left out."""
    made = content.made
    rows = {"reasons": len(made.table), "today": len(made.today), "swaps": len(made.stability), "changes": len(made.changes)}
    makers = {"reasons": _reasons, "today": _today, "swaps": _swaps, "changes": _changes}
    return {name: lambda sheet, looks, make=make: _table(sheet, looks, *make(content))  # type: ignore[misc]
            for name, make in makers.items() if rows[name]}


def _table(sheet: Worksheet, looks: Looks, names: Sequence[str], heads: Sequence[str], rows: Sequence[Cells]) -> None:
    looks.headed(sheet, heads)
    for number, cells in enumerate(rows, start=1):
        looks.cells(sheet, number, cells)
    for column, name in enumerate(names):
        sheet.set_column(column, column, WIDE.get(name, 13))
    looks.placed(sheet, len(rows), len(names), frozen=2)


def _reasons(content: Content) -> tuple[list[str], list[str], list[Cells]]:
    """Parts of the fit, what changes with a pair, what binds it and how sure it is."""
    made, lang = content.made, content.lang
    parts = parts_of(made)
    shares = [name for name in ("frequency", "runs_frequency") if made.table[name].notna().any()]
    names = ["county_name", "donor_name", "recommended", "fit", *(f"fit_{part['key']}" for part in parts), "replaces",
             "money_change", "fit_change", "displaces", "moves", "kind", "binding", *shares]
    heads = {f"fit_{part['key']}": _part(part, lang) for part in parts}
    rows: list[Cells] = []
    for pair in in_order(made).to_dict("records"):
        one, chosen = {str(name): value for name, value in pair.items()}, bool(pair["chosen"])
        told: dict[str, str | float] = dict(content.told(one)) | {
            **{f"fit_{part['key']}": float(one[f"fit_{part['key']}"]) for part in parts},
            "money_change": math.nan if chosen else float(one["money_change"]),
            "fit_change": math.nan if chosen else float(one["fit_change"]), "moves": content.pairs(one["moves"]),
            "kind": "" if chosen or math.isnan(one["price_low"]) else _kind(one, lang),
            "binding": _sentences([worded("binding_", word, lang) for word in one["binding"].split(";") if word], lang),
            **{name: 100 * float(one[name]) for name in shares}}
        rows.append([told[name] for name in names])
    return names, [heads.get(name) or content.head(name) for name in names], rows


def _part(part: dict[str, Any], lang: str) -> str:
    name = worded("part_", part["key"], lang)
    return name if part["weight"] is None else message("workbook_part", lang, part=name, weight=f"{part['weight']:g}")


def _kind(pair: dict[str, Any], lang: str) -> str:
    return message("part_mark", lang).join([message(f"price_kind_{'exact' if pair['price_kind'] == 'exact' else 'bound'}", lang),
                                            worded("held_", pair["held"], lang)])


def _today(content: Content) -> tuple[list[str], list[str], list[Cells]]:
    """Partnerships that end, begin and stay."""
    lang, names = content.lang, ["county_name", "donor_name", "status", "fit", "money", "price_today"]
    heads = [content.head(name) if name not in ("status", "price_today") else message(f"head_{name}", lang) for name in names]
    rows: list[Cells] = [[content.county(row["county"]), content.donor(row["donor"]), worded("today_", row["status"], lang),
                          float(row["fit"]), float(row["money"]),
                          "" if row["status"] == "kept" else content.words(float(row["price"]), float(row["price"]))]
                         for row in content.made.today.to_dict("records")]
    return names, heads, rows


def _swaps(content: Content) -> tuple[list[str], list[str], list[Cells]]:
    """Pairs that both sides, or the county alone, would rather have by fit, those that gain most of each donor."""
    lang, names = content.lang, ["county_name", "donor_name", "kind", "donor_gain", "county_gain"]
    heads = [content.head(name) if name in ("county_name", "donor_name") else message(f"head_{name}", lang) for name in names]
    rows: list[Cells] = [[content.county(row["county"]), content.donor(row["donor"]), worded("stability_", row["kind"], lang),
                          float(row["donor_gain"]), float(row["county_gain"])]
                         for row in foremost(content.made.stability).to_dict("records")]
    return names, heads, rows


def _changes(content: Content) -> tuple[list[str], list[str], list[Cells]]:
    """The best plan for each number of partnerships that may end."""
    names = ["changes", "value", "bound", "ended", "new"]
    heads = [message(f"head_{name}", content.lang, unit=content.unit_word) for name in names]
    rows: list[Cells] = []
    for row in content.made.changes.to_dict("records"):
        none = worded("changes_", str(row.get("status") or "none"), content.lang)
        rows.append([float(row["n"]), none, "", "", ""] if math.isnan(row["value"]) else
                    [float(row[name]) for name in ("n", *names[1:])])
    return names, heads, rows


def headlines(content: Content) -> list[str]:
    """What holds for the whole, as the page says it."""
    made, lang, told = content.made, content.lang, content.made.settings
    chosen, verdicts = made.table[made.table["chosen"]], made.counties["verdict"].value_counts()
    count = {word: int(verdicts.get(word, 0)) for word in ("settled", "clear", "toss_up", "unpriced")}
    outcome, money = made.plan.outcome, made.plan.instance.settings.money.label
    kind, unit = "people" if outcome.unit in PEOPLE else "other", told_unit(made, outcome.unit, lang)
    lines = [message("head_pairs", lang, pairs=len(chosen), donors=chosen["donor"].nunique(),
                     counties=chosen["county"].nunique(), money=f"{amount(float(chosen['money'].sum()), False)} {money}"),
             _sentences([message("head_verdicts", lang, settled=count["settled"], clear=count["clear"], close=count["toss_up"]),
                         *([message("head_unpriced", lang, n=count["unpriced"])] if count["unpriced"] else [])], lang)]
    if outcome.objective is not None:
        gap = [] if outcome.gap_percent is None else [message("head_gap", lang, gap=f"{outcome.gap_percent:.3g}")]
        lines.append(_sentences([message(f"head_objective_{kind}", lang, n=amount(outcome.objective, True), unit=unit,
                                         criterion=term(lang, "criterion", outcome.criterion)), *gap], lang))
    made_words = [message(f"made_{key}", lang, n=int(told[key])) for key in ("exchanges", "renewals") if told.get(key)]
    if made_words:
        both, gain = message("and_mark", lang).join(made_words), amount(float(told.get("gain") or 0.0), True)
        lines.append(_sentences([message(f"head_improved_{kind}", lang, made=both, unit=unit, n=gain),
                                 message("head_exhausted" if told.get("exhausted") else "head_not_exhausted", lang)], lang))
    return [*lines, _sentences(_stable(content), lang)]


def _stable(content: Content) -> list[str]:
    """How far the pairing is from one that nobody would rather leave, judged by fit alone."""
    told, lang = content.made.settings, content.lang
    many = content.made.stability["kind"].value_counts()
    blocking, envy = int(many.get("blocking", 0)), int(many.get("envy", 0))
    if not blocking and not envy:
        return [message("stability_none", lang)]
    out = [message("stability_sentence", lang, n=blocking)]
    if blocking and told.get("blocking_share") is not None:
        share = message("percent", lang, n=amount(100 * float(told["blocking_share"]), False))
        out.append(message("stability_share", lang, share=share))
    if envy:
        out.append(message("stability_envies", lang, n=envy))
    if told.get("stable_fit") is not None:
        out.append(message("stability_fit", lang, fit=f"{told['fit']:,.1f}", stable=f"{told['stable_fit']:,.1f}"))
    return [*out, message("stability_why", lang)]


def _sentences(parts: Sequence[str], lang: str) -> str:
    """Sentences one after another: Chinese ones have no blank between them."""
    return ("" if lang == "zh" else " ").join(parts)


__all__ = ["fact_sheets", "headlines"]
