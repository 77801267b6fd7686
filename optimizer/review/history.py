"""A log of review rounds in words."""

from __future__ import annotations

from typing import Any

import pandas as pd

from optimizer.review.decisions import bracket, named
from optimizer.review.log import THING, Entry, Log

CHANGE = {"new": "", "changed": "changed: ", "same": "as before: ", "withdrawn": "withdrawn: "}


def history(log: Log) -> list[str]:
    """Every round: when, what was decided by whom, why, what it overruled and at what price."""
    if not log.entries:
        return ["The log is empty."]
    lines: list[str] = []
    for number in sorted({int(entry["round"]) for entry in log.entries}):
        plan = next((e for e in log.entries if e["round"] == number and e["entry"] == "plan"), None)
        lines.append(_headline(number, plan))
        lines += [f"  {_decision(entry)}" for entry in log.of(number)]
    verdict = "No line was changed since it was written." if not log.faults else "This log is not what was written:"
    return [*lines, f"{log.rounds} round{'s' if log.rounds != 1 else ''}; the seal of the last is {log.seal[:16]}. {verdict}"]


def _headline(number: int, plan: Entry | None) -> str:
    if plan is None:
        return f"Round {number}, without its plan"
    title = f" – {plan['title']}" if plan.get("title") else ""
    value = "" if plan.get("objective") is None else f"; {plan['criterion']} {plan['objective']:,.10g}"
    price = "" if plan.get("price_low") is None else f"; all decisions together cost {_price(plan)}"
    return f"Round {number}, {plan.get('time', '')}{title}{value}{price}; plan in {plan.get('plan', '')}"


def _decision(entry: Entry) -> str:
    row = pd.Series({name: entry.get(name) for name in (*THING, "decision", "amount")}, dtype="object")
    details: list[Any] = [entry.get("reviewer"), entry.get("date"), entry.get("reason") and f"“{entry['reason']}”"]
    by = ", ".join(str(one) for one in details if one)
    over = f"; overrules {entry['overrules']}" if entry.get("overrules") else ""
    price = "" if entry.get("price_low") is None else f"; costs {_price(entry)}"
    return f"{CHANGE.get(str(entry.get('change')), '')}{named(row)}{f' ({by})' if by else ''}{over}{price}"


def _price(entry: Entry) -> str:
    high = entry.get("price_high")
    return bracket(float(entry["price_low"]), float("nan") if high is None else float(high))


__all__ = ["history"]
