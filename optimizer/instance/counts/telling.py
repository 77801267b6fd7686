"""Conflicts of money in words: what is demanded, what can be paid, and who gives way."""

from __future__ import annotations

import numpy as np

from optimizer.instance.counts.bounds import HORIZON
from optimizer.instance.counts.case import RULE, Case, largest
from optimizer.instance.counts.network import Conflict
from optimizer.instance.findings import Finding


def told(case: Case, conflict: Conflict, period: int) -> Finding:
    """The finding on a conflict of money in a period, or over the horizon."""
    data = case.data
    when = f" in {period}" if period != HORIZON and len(data.periods) > 1 else " over all periods" if period == HORIZON else ""
    label, floors, ceilings = largest(conflict), conflict.floors, conflict.ceilings
    counties = [a for a in floors["about"] if a in case.county_at.index]
    who = f" to {case.places(counties)}" if counties else ""
    if conflict.crossed:
        worst = int(np.argmax(floors["amount"].to_numpy() - ceilings["amount"].to_numpy()))
        among = f"{case.places(counties)}: " if len(counties) > 1 else ""
        of = f" for county {counties[worst]}" if counties else ""
        problem = (f"{among}{floors['label'].iloc[worst]} demands at least {case.money(floors['amount'].iloc[worst])}{of}{when}, "
                   f"but {ceilings['label'].iloc[worst]} allows at most {case.money(ceilings['amount'].iloc[worst])}")
        return case.located(label, problem, "Lower the first or raise the second")
    problem = (f"at least {case.money(conflict.least)} must be paid{who}{when} ({case.summed(floors)}), but at most "
               f"{case.money(conflict.most)} can be ({case.summed(ceilings)}): "
               f"{case.money(conflict.missing)} too much is demanded")
    rules = {m.group(1) for text in floors["label"] if (m := RULE.search(str(text)))}
    mend = f"Lower {' or '.join(sorted(rules))}, or" if rules else "Lower what is demanded, or"
    return case.located(label, problem, f"{mend} raise what can be paid by {case.money(conflict.missing)}")
