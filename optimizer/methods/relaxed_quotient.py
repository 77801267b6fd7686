"""A bound on a quotient by the linear relaxation: Dinkelbach's sequence on one loaded program, rows added on demand.

min numerator − q·denominator = F over the relaxation, F no more than 0 where q is the quotient of some point of it; the
point's own quotient is the next q. No plan has a smaller quotient than q + F / least denominator.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from optimizer.engine.program import Floats, Program
from optimizer.engine.ratio import Ratio
from optimizer.methods.refining import Refining

ROUNDS = 20
FAR = 0.1  # share of F to which it is asked: far from 0 only the next quotient matters
ENOUGH = 1e-7  # F, as a share of the denominator, that counts as 0


@dataclass(frozen=True, eq=False)
class Least:
    """No point has a smaller quotient than ``bound``; ``x`` is the best point met (None: none was)."""

    bound: float = 0.0
    x: Floats | None = None


@dataclass(frozen=True, eq=False)
class Met:
    """The best point met; no point makes numerator − ``asked`` · denominator less than ``short`` (-inf: not known)."""

    x: Floats | None
    asked: float = 0.0
    short: float = -math.inf


def relaxed_quotient(relaxation: Refining, program: Program, ratio: Ratio, start: Floats | None = None, gap: float = 0.0,
                     until: float = 0.0) -> Least:
    """The least value that a quotient to be made small can have over a linear program; bound 0 if that is not known in time.

    Parameters
    ----------
    relaxation : of the program
    start : a point whose quotient the sequence begins with (None: with the least numerator)
    gap : share of the quotient by which the bound may lie below it
    until : seconds of the time left that must remain
    """
    met = least_met(relaxation, program, ratio, start, gap, until)
    if not math.isfinite(met.short):
        return Least(0.0, met.x)
    least = relaxation.optimum(replace(ratio.divisor(program.n_columns), sense="min"), until=until)
    if least is None or least.bound <= 0:
        return Least(0.0, met.x)
    return Least(max(0.0, met.asked + met.short / least.bound - ENOUGH), met.x)


def least_met(relaxation: Refining, program: Program, ratio: Ratio, start: Floats | None = None, gap: float = 0.0,
              until: float = 0.0) -> Met:
    """The point of least quotient over a linear program; parameters as in `relaxed_quotient`."""
    best, quotient = start, math.nan if start is None else ratio.at(start)
    if math.isnan(quotient):  # the least numerator has a far smaller quotient than the largest denominator
        narrow = relaxation.optimum(ratio.numerator(program.n_columns), share=FAR, until=until)
        best, quotient = (None, math.nan) if narrow is None else (narrow.x, ratio.at(narrow.x))
    asked, short = 0.0, -math.inf
    for _ in range(ROUNDS):
        if not quotient > ENOUGH:
            return Met(best)
        worth, asked = 0.5 * gap * quotient * (0.0 if best is None else ratio.under(best)), quotient
        found = relaxation.optimum(ratio.less(quotient), worth=worth, share=FAR, until=until)
        if found is None:
            return Met(best)
        new, short = ratio.at(found.x), min(found.bound, 0.0)
        if not new < quotient:
            break
        best, quotient = found.x, new
        if -found.value <= max(ENOUGH, 0.5 * gap * asked) * ratio.under(found.x):
            break
    return Met(best, asked, short)
