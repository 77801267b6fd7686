"""A bound on a quotient by the linear relaxation: Dinkelbach's sequence on one loaded program, rows added on demand.

min numerator − q·denominator = F over the relaxation, F no more than 0 where q is the quotient of some point of it; the
point's own quotient is the next q. No plan has a smaller quotient than q + F / least denominator.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from optimizer.engine.program import Floats, Program
from optimizer.engine.ratio import Ratio
from optimizer.methods.refining import Refining

ROUNDS = 20
FAR = 0.1  # share of F to which it is asked: far from 0 only the next quotient matters
ENOUGH = 1e-7  # F, as a share of the denominator, that counts as 0


def relaxed_quotient(relaxation: Refining, program: Program, ratio: Ratio, start: Floats | None, gap: float = 0.0) -> float:
    """The least value that a quotient to be made small can have in the linear relaxation; 0 if that is not known in time.

    Parameters
    ----------
    relaxation : of the program
    start : a point whose quotient the sequence begins with (None: with the least numerator)
    gap : share of the quotient by which the bound may lie below it
    """
    quotient = np.nan if start is None else ratio.at(start)
    if np.isnan(quotient):  # the least numerator has a far smaller quotient than the largest denominator
        narrow = relaxation.optimum(ratio.numerator(program.n_columns), share=FAR)
        quotient = np.nan if narrow is None else ratio.at(narrow.x)
    if not quotient > ENOUGH:
        return 0.0
    least = relaxation.optimum(replace(ratio.divisor(program.n_columns), sense="min"))
    if least is None or least.bound <= 0:
        return 0.0
    best = 0.0
    for _ in range(ROUNDS):
        found = relaxation.optimum(ratio.less(quotient), worth=0.5 * gap * quotient * least.bound, share=FAR)
        if found is None:
            return best
        best = max(best, quotient + min(found.bound, 0.0) / least.bound)
        new = ratio.at(found.x)
        if -found.value <= max(ENOUGH, 0.5 * gap * quotient) * ratio.under(found.x) or not new < quotient:
            return max(0.0, best - ENOUGH)
        quotient = new
        if quotient <= ENOUGH:
            return best
    return best
