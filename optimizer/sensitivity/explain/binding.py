"""Why did nothing move? What binds in the best plan, by the prices of the linear relaxation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from optimizer.engine.elastic import first_method
from optimizer.engine.program import Linear
from optimizer.engine.ratio import Ratio
from optimizer.engine.session import Session
from optimizer.instance.instance import Instance
from optimizer.sensitivity.explain.clauses import Named
from optimizer.sensitivity.explain.explanation import BINDING_COLUMNS
from optimizer.sensitivity.explain.stated import Stated
from optimizer.sensitivity.explain.telling import index_text
from optimizer.sensitivity.figures import figure

PRICED = 1e-7


def binding(stated: Stated, named: Sequence[Named]) -> pd.DataFrame:
    """Clauses with a price, dearest first: what one more unit of their tightest bound is worth in the first criterion.

    Empty where the first criterion is no linear one.
    """
    name = stated.instance.settings.method.levels[0].criterion
    linear = stated.program.criteria.get(name)
    if linear is None or isinstance(linear, Ratio):
        return pd.DataFrame(columns=BINDING_COLUMNS)
    session = Session(stated.program, name, threads=stated.threads)
    result = session.solve("lp", method=first_method(stated.program))
    if result.row_dual is None or result.col_dual is None:
        return pd.DataFrame(columns=BINDING_COLUMNS)
    rows = [_row(stated, one, result.row_dual, result.col_dual, name, linear) for one in named]
    told = sorted((row for row in rows if row is not None), key=lambda row: -row["_stake"])
    return pd.DataFrame([{key: row[key] for key in BINDING_COLUMNS} for row in told], columns=BINDING_COLUMNS)


def _row(stated: Stated, one: Named, row_dual: np.ndarray, col_dual: np.ndarray, name: str,
         linear: Linear) -> dict[str, Any] | None:
    """The dearest bound of a clause and how many of its bounds have a price."""
    clause, sign = one.clause, 1.0 if linear.sense == "max" else -1.0
    prices = np.concatenate([
        np.maximum(-sign * row_dual[clause.row_lower], 0.0), np.maximum(sign * row_dual[clause.row_upper], 0.0),
        np.maximum(-sign * col_dual[clause.col_lower], 0.0), np.maximum(sign * col_dual[clause.col_upper], 0.0)])
    used = np.flatnonzero(prices > PRICED * max(1.0, float(np.abs(row_dual).max(initial=0.0))))
    if not len(used):
        return None
    program = stated.program
    bound = np.concatenate([program.row_lower[clause.row_lower], program.row_upper[clause.row_upper],
                            program.col_lower[clause.col_lower], program.col_upper[clause.col_upper]])
    best = used[int(np.argmax(prices[used]))]
    where = index_text(one.index.iloc[[best]]) if len(bound) > 1 else ""
    places = f" in {len(used)} of {len(bound)} places" if len(bound) > 1 else ""
    unit, words = linear.unit or name, one.sentence.rstrip(".")
    sentence = f"{words[:1].upper()}{words[1:]} ({one.rule}): binds{places}"
    if one.kind in ("scale", "share", "count"):
        more = "more" if len(clause.row_upper) else "less"
        at = f", most of all at {where}" if where else ""
        sentence += f"; one {_of(stated.instance, one)} {more} would be worth up to {figure(float(prices[best]), 4)} {unit}{at}"
    stake = float(np.sum(prices[used] * np.maximum(np.abs(bound[used]), 1e-9)))
    return {"rule": one.rule, "index": where, "worth": float(prices[best]), "unit": linear.unit or name, "sentence": sentence,
            "_stake": stake}


def _of(instance: Instance, one: Named) -> str:
    """What one unit of a clause's bounds is."""
    money = instance.settings.money.label or instance.settings.money.unit
    rule = next((rule for rule in instance.settings.rules if rule.id == one.rule), None)
    of = getattr(rule, "of", None) or getattr(rule, "part", None)
    if of is not None:
        return {"money": money, "support": money, "covered": "person", "gap": "person", "pairs": "pair"}.get(of.sum, "unit")
    if one.kind == "count":
        return "partner" if one.name.startswith("counties") else "county"
    return "unit" if one.name.startswith("resources") or one.name == "donors.load_max" else money
