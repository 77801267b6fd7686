"""Equity forms: what makes one number of the outcomes of all units, to be optimised or held to a bound.

A form is a function that takes the model, a name for what it adds, an outcome and the fields of its criterion or rule,
and gives a linear expression: at most the true value where it is made large, at least the true value where it is made
small, and equal to it at its best (to the stated tolerance where the form is approximated from outside, see `Cutting`).
Further forms are added to ``FORMS``; everything else reads that table.
"""

from __future__ import annotations

from collections.abc import Callable

from optimizer.instance.data import Data
from optimizer.instance.equity_forms import INDICES
from optimizer.instance.settings import EquityFields, EquityRule
from optimizer.model.algebra import Algebra, Linear, Terms
from optimizer.model.counted import count_in_full
from optimizer.model.equity import bargaining, deviation, median, ordered, thresholds, welfare
from optimizer.model.equity.maximin import bound_maximin, maximin
from optimizer.model.equity.units import NO_KEYS
from optimizer.model.outcomes import BUILT_IN, Outcome, loss_no_larger, outcome
from optimizer.model.rules.common import state_rule

Form = Callable[[Algebra, str, Outcome, EquityFields], Linear]

FORMS: dict[str, Form] = {
    "maximin": maximin, "leximin": maximin, "cvar": ordered.cvar, "owa": ordered.owa,
    "mad": deviation.mad, "range": deviation.range_, "hoover": deviation.hoover,
    "gini": deviation.gini, "gini_absolute": deviation.gini_absolute,
    "alpha": welfare.alpha, "nash": welfare.nash, "atkinson": welfare.atkinson, "theil": welfare.theil,
    "hooker_williams": thresholds.hooker_williams, "chen_hooker": thresholds.chen_hooker, "mcloone": median.mcloone,
    "kalai": bargaining.kalai,
}
#: Forms that may want fewer people covered in a unit than its money and projects reach.
UNDERCOUNTING = (*INDICES, "mcloone")
LOSSES_SMALL = ("maximin", "leximin", "cvar", "owa")  # the others may want a loss to be larger than it is


def equity_criterion(model: Algebra, data: Data, name: str, fields: EquityFields) -> Linear:
    """The expression of an equity criterion; 0 where no unit has the outcome."""
    of = _outcome(model, data, name, fields)
    if not len(of.units):
        high = fields.equity in ("mcloone", "kalai") or (of.better == "high" and fields.equity not in INDICES)
        return Linear(name, "max" if high else "min", Terms.concat([]), of.measured_in)
    return FORMS[str(fields.equity)](model, name, of, fields)


def ask_ideals(model: Algebra, data: Data, name: str, fields: EquityFields) -> None:
    """Ask for the ideals of a criterion that is only reported."""
    of = _outcome(model, data, name, fields)
    if len(of.units):
        model.shares.append(bargaining.Share(name, bargaining.key_of(fields), of))
        model.reads_budgets = True


def state_bound(model: Algebra, data: Data, rule: EquityRule) -> None:
    """The value of the form lies between ``min`` and ``max``; a soft rule is broken once, in the form's unit.

    Σ terms − max·Σ below ≤ 0 for an index relative to the mean (≥ 0 with ``min`` for one to be made large).
    """
    of = _outcome(model, data, rule.id, rule)
    if not len(of.units):
        return
    if rule.equity == "maximin":
        bound_maximin(model, data, rule, of)
        return
    bound_form(model, rule, of)


def bound_form(model: Algebra, rule: EquityRule, of: Outcome) -> None:
    """A form other than maximin held to a bound over the outcome ``of``."""
    linear = FORMS[str(rule.equity)](model, f"{rule.id}~bound", of, rule)
    if linear.below is not None:
        limit = rule.max if linear.sense == "min" else rule.min
        assert limit is not None
        ends = {"upper": 0.0} if linear.sense == "min" else {"lower": 0.0}
        model.state(f"rule_{rule.id}", NO_KEYS, [linear.terms, linear.below.times(-limit)], role="rule", **ends)
        return
    low, high = (rule.min, None) if linear.sense == "max" else (None, rule.max)
    state_rule(model, rule, "", NO_KEYS, [linear.terms], lower=low, upper=high)


def _counts_people(data: Data, fields: EquityFields) -> bool:
    """Whether the outcome is one of people covered, or left."""
    name = fields.outcome or "covered_share"
    declared = data.settings.outcomes.get(name) or BUILT_IN.get(name)
    return declared is not None and declared.of.sum in ("covered", "gap")


def _outcome(model: Algebra, data: Data, name: str, fields: EquityFields) -> Outcome:
    """The outcome that a criterion or a rule names (share of need covered over counties by default)."""
    of = outcome(model, data, fields.outcome or "covered_share", fields.over or "counties", fields.weight)
    if fields.outcome == "loss" and "loss" not in data.settings.outcomes and fields.equity not in LOSSES_SMALL:
        loss_no_larger(model, data)
    if fields.equity in UNDERCOUNTING and _counts_people(data, fields):
        count_in_full(model, data)
    model.outcomes[name] = of
    return of
