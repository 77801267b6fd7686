"""A log of review rounds in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from optimizer.review.decisions import bracket, figure, named, promise
from optimizer.review.log import NAMES, THING, Entry, Log

CHANGE = {"new": "", "changed": "changed: ", "same": "as before: ", "withdrawn": "withdrawn: "}


def history(log: Log) -> list[str]:
    """Every round: when, what was decided by whom, why, what it overruled and at what price."""
    if not log.entries:
        return ["The log is empty."]
    lines: list[str] = []
    for number in sorted({int(entry["round"]) for entry in log.entries}):
        plan = next((e for e in log.entries if e["round"] == number and e["entry"] == "plan"), None)
        lines.append(_headline(number, plan))
        unit = "" if plan is None or not plan.get("unit") else f" {plan['unit']}"
        lines += [f"  {_decision(entry, unit)}" for entry in log.of(number)]
    verdict = "No line was changed since it was written." if not log.faults else "This log is not what was written:"
    return [*lines, f"{log.rounds} round{'s' if log.rounds != 1 else ''}; the seal of the last is {log.seal[:16]}. {verdict}"]


def _headline(number: int, plan: Entry | None) -> str:
    if plan is None:
        return f"Round {number}, without its plan"
    title = f" – {plan['title']}" if plan.get("title") else ""
    unit = f" {plan['unit']}" if plan.get("unit") else ""
    value = "" if plan.get("objective") is None else f"; {plan['criterion']} {plan['objective']:,.10g}{unit}"
    lost = "" if plan.get("lost") is None else (
        f", {figure(abs(plan['lost']))} {'worse' if plan['lost'] > 0 else 'better'} than the plan reviewed")
    price = "" if plan.get("price_low") is None else f"; all decisions together cost {_price(plan)}{unit}"
    return f"Round {number}, {plan.get('time', '')}{title}{value}{lost}{price}; plan in {plan.get('plan', '')}"


def _decision(entry: Entry, unit: str) -> str:
    row = pd.Series({name: entry.get(name) for name in (*THING, "decision", "amount")}, dtype="object")
    details: list[Any] = [entry.get("reviewer"), entry.get("date"), entry.get("reason") and f"“{entry['reason']}”"]
    by = ", ".join(str(one) for one in details if one)
    over = f"; overrules {entry['overrules']}" if entry.get("overrules") else ""
    told = "" if entry.get("promised_high") is None else f"; promised {_price(entry, 'promised', promise)}{unit}"
    price = "" if entry.get("price_low") is None else f"; costs {_price(entry)}{unit}"
    held = "" if entry.get("price_held") is None else f", {figure(entry['price_held'])} with the other pairs held"
    names = {(kind, str(entry[kind])): str(entry[name]) for kind, name in NAMES.items() if entry.get(name)}
    return f"{CHANGE.get(str(entry.get('change')), '')}{named(row, names)}{f' ({by})' if by else ''}{over}{told}{price}{held}"


def _price(entry: Entry, what: str = "price", words: Callable[[float, float], str] = bracket) -> str:
    high = entry.get(f"{what}_high")
    return words(float(entry[f"{what}_low"]), float("nan") if high is None else float(high))


__all__ = ["history"]
