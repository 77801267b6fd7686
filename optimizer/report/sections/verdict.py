"""The verdict: what the audit found, how good the plan is proved to be, and what a reader must be warned of."""

from __future__ import annotations

from optimizer.plan.indicators import at_guarantee
from optimizer.report.text import number
from optimizer.report.view import View

NOISE = 1e-9  # percent below which a gap is rounding of floating-point numbers


def verdict(view: View) -> list[str]:
    """Audit and proof in sentences."""
    return [_audit(view), *_proof(view), *_leximin(view)]


def _audit(view: View) -> str:
    plan, t = view.plan, view.t
    if plan.audit is None:
        return t("verdict.unaudited")
    facts = sum(check.count for check in plan.audit.checks)
    if not plan.audit.passed:
        return t("verdict.fails", clauses=t.count("clause", len(plan.audit.failures)), all=f"{len(plan.audit.checks):,}")
    return t("verdict.passed", facts=f"{facts:,}", clauses=t.count("clause", len(plan.audit.checks)))


def _proof(view: View) -> list[str]:
    plan, t = view.plan, view.t
    outcome = plan.outcome
    status = outcome.status
    if status == "optimal" and len(plan.claims.levels) > 1:
        status = "optimal_levels"
    out = [t(f"proof.{status}") if t.known(f"proof.{status}") else t("proof.other", status=status)]
    if outcome.bound is not None and outcome.objective is not None and outcome.gap_percent is not None:
        out.append(
            t(
                "proof.exceeds" if outcome.sense == "max" else "proof.below",
                criterion=view.names.criterion(outcome.criterion),
                value=number(outcome.objective),
                unit=view.names.unit(outcome.unit),
                bound=number(outcome.bound),
                gap=f"{outcome.gap_percent if outcome.gap_percent > NOISE else 0.0:.3g}",
            )
        )
    return out


def _leximin(view: View) -> list[str]:
    """How many of the worst levels were settled, and how well each is proved."""
    out, t = [], view.t
    for name, levels in view.plan.claims.leximin.items():
        proved = [float(level.get("gap", 0.0)) for level in levels if level["proved"]]
        near = [gap for gap in proved if gap > 0]
        parts = [t("leximin.proved", n=len(proved) - len(near))]
        parts += [t("leximin.near", n=len(near), gap=f"{100 * max(near):.2g}")] if near else []
        parts += [t("leximin.open", n=len(levels) - len(proved))] if len(proved) < len(levels) else []
        out.append(
            t("leximin", criterion=view.names.criterion(name), levels=t.count("level", len(levels)), parts=t.listed(parts))
        )
    return out


def warnings(view: View) -> list[str]:
    """Soft rules that are broken, rows that rounding misses, advice, and what the audit does not know."""
    plan, t = view.plan, view.t
    out = []
    broken = plan.rules[plan.rules["status"] == "broken"]
    if len(broken):
        out.append(t("warning.broken", rules=t.count("soft_rule", broken["rule"].nunique()), rows=t.count("place", len(broken))))
    rounded = plan.rules[plan.rules["status"] == "rounding"]
    if len(rounded):
        out.append(t("warning.rounding", rows=t.count("place", len(rounded))))
    out += _at_guarantee(view)
    return out + [t("warning.unaudited", what=what) for what in plan.claims.unaudited]


def _at_guarantee(view: View) -> list[str]:
    """Needs that sit at their guarantee in more than half of the counties."""
    t, known = view.t, view.plan.data.settings.needs
    return [
        t(
            "warning.guarantee_cost" if all(known[need].weight == "cost" for need in needs or known) else "warning.guarantee",
            need=t.listed([view.names.need(need) for need in needs]) or t("outcome.covered_share"),
            sentence=view.names.sentence(rule.id),
            tight=f"{tight:,}",
            rows=f"{rows:,}",
        )
        for rule, needs, tight, rows in at_guarantee(view.plan)
    ]
