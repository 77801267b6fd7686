"""The engine: arrays with names, the HiGHS session, outcomes, progress, export and network rounding.

It stands on the ground: nothing here knows a county, a file format or the algebra that made the arrays.
"""

from optimizer.engine.certificate import dual_bound, implied_bounds
from optimizer.engine.outcome import Outcome, SolveError, Status, exit_status
from optimizer.engine.program import ExtraColumns, ExtraRows, Family, Linear, Program
from optimizer.engine.session import Basis, RawResult, Session

__all__ = [
    "Basis",
    "ExtraColumns",
    "ExtraRows",
    "Family",
    "Linear",
    "Outcome",
    "Program",
    "RawResult",
    "Session",
    "SolveError",
    "Status",
    "dual_bound",
    "exit_status",
    "implied_bounds",
]
