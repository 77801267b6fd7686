"""A bound on a quotient by the linear relaxation: Dinkelbach's sequence on one loaded program, rows added on demand.

min numerator − q·denominator = F over the relaxation gives the next q, numerator / denominator at its optimum; at F = 0
no point of the relaxation, and so no plan, has a smaller quotient than q. Where a row is added F may rise above 0: the
sequence comes back from the other side.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import sparse

from optimizer.engine.cutting import Cutting
from optimizer.engine.outcome import Status
from optimizer.engine.program import Floats, Program
from optimizer.engine.ratio import Ratio
from optimizer.engine.session import Method, Session
from optimizer.search.limits import Limits

ROUNDS = 200
ENOUGH = 1e-7  # F, as a share of the denominator, that counts as 0


def relaxed_quotient(program: Program, ratio: Ratio, cutting: Sequence[Cutting], limits: Limits, start: Floats | None) -> float:
    """The least value that a quotient to be made small can have in the linear relaxation; 0 if that is not known in time.

    Parameters
    ----------
    start : a point whose quotient the sequence begins with (None: with the largest denominator)
    """
    session = Session(program, threads=limits.threads, seed=limits.seed)
    quotient = np.nan if start is None else ratio.at(start)
    for first in (True, *[False] * ROUNDS):
        linear = ratio.divisor(program.n_columns) if np.isnan(quotient) else ratio.less(quotient)
        cost = np.append(linear.vector, np.zeros(program.n_columns - len(linear.vector)))
        session.set_objective(cost, linear.sense, linear.constant)
        method: Method = "ipx" if first else "choose"  # nothing to start from: the simplex method takes twice as long
        result = session.solve("lp", method=method, time_limit=limits.left, should_stop=limits.stop)
        if result.status is not Status.OPTIMAL or result.x is None:
            return 0.0
        new = [rows for one in cutting if (rows := one.cut(result.x)) is not None]
        for rows in new:
            wide = sparse.csr_matrix((rows.matrix.data, rows.matrix.indices, rows.matrix.indptr),
                                     shape=(rows.matrix.shape[0], program.n_columns))
            session.add_rows(wide, rows.lower, rows.upper)
        under = ratio.under(result.x)
        if under <= 0:
            return 0.0
        if not (np.isnan(quotient) or new) and abs(result.objective) <= ENOUGH * under:
            return max(0.0, quotient - ENOUGH)
        quotient = ratio.at(result.x)
    return 0.0
