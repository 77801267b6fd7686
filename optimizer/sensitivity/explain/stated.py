"""An instance stated as a program, with what explaining it asks of its clauses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from optimizer.engine.arrays import Floats
from optimizer.engine.program import Program
from optimizer.instance.data import rebudgeted
from optimizer.instance.instance import Instance
from optimizer.instance.settings import ShareRule
from optimizer.model.algebra import Algebra
from optimizer.model.build import build
from optimizer.model.ceilings import ceiling
from optimizer.model.compile import Compiled, compile_numbers
from optimizer.model.patch import with_budgets
from optimizer.model.rules.every import STATED
from optimizer.search.drive import SMALL
from optimizer.sensitivity.explain.clauses import Named

STEPS = (1.0, 0.1, 0.01)  # by which budgets are raised, to see what is stated in them; rules can begin above a budget
SPENT = 1e-6  # of a whole, from which on it has a share


@dataclass(frozen=True, eq=False)
class Stated:
    """An instance, its algebra and its program; ``small``: the solver alone settles its whole numbers."""

    instance: Instance
    algebra: Algebra
    compiled: Compiled
    program: Program

    @classmethod
    def of(cls, instance: Instance) -> Stated:
        """State an instance, without looking for faults."""
        algebra = build(instance.data, pyomo=False)
        compiled = compile_numbers(algebra)
        return cls(instance, algebra, compiled, compiled.program)

    @property
    def small(self) -> bool:
        """Whether the solver alone settles its whole numbers."""
        p = self.program
        return int((p.integer & (p.col_upper > p.col_lower)).sum()) <= SMALL

    @property
    def threads(self) -> int:
        """Threads of the solver, as the instance asks."""
        return int(self.instance.settings.settings.threads)

    def with_cuts(self, point: Floats) -> Stated | None:
        """The program with rows of equity rules that a point breaks; None if it breaks none."""
        rules = {rule.id for rule in self.instance.settings.rules if rule.active and rule.hard}
        cuts = []
        for condition in self.compiled.cutting:
            found = condition.cut(point) if condition.name in rules else None
            if found is not None:
                cuts.append(replace(found, name=f"rule_{condition.name}_cut"))
        return replace(self, program=self.program.extended(rows=cuts)) if cuts else None

    def moves(self, named: Sequence[Named]) -> dict[str, tuple[Floats, Floats]]:
        """By budget, what doubling it adds to the bounds of rows of rules that are stated in it."""
        out: dict[str, tuple[Floats, Floats]] = {}
        low, high = self.program.row_lower, self.program.row_upper
        for one in named:
            if not one.name.startswith("budget.") or one.keep:
                continue
            step, patched = self._raised(one.name)
            if patched is None:
                continue
            count = len(patched.program.row_lower)
            shift_low, shift_high = np.zeros(len(low)), np.zeros(len(high))
            for shift, now, was in ((shift_low, patched.program.row_lower, low), (shift_high, patched.program.row_upper, high)):
                finite = np.isfinite(was[:count]) & np.isfinite(now)
                shift[:count][finite] = (now[finite] - was[:count][finite]) / step
            own = one.clause.row_upper
            shift_low[own], shift_high[own] = 0.0, 0.0
            if shift_low.any() or shift_high.any():
                out[one.name] = (shift_low, shift_high)
        return out

    def _raised(self, budget: str) -> tuple[float, Compiled | None]:
        """The program under a larger budget and by what share it is larger; None if no step leaves the same rows.

        Large steps first: the factor method pays whole units, and a small step shows their rounding.
        """
        for step in STEPS:
            changed = self.instance.with_({budget: f"x{1 + step}"})
            patched = with_budgets(self.algebra, self.compiled, rebudgeted(self.instance.data, changed))
            if patched is not None:
                return step, patched
        return 0.0, None

    def sizes(self, named: Sequence[Named], point: Floats | None = None) -> dict[str, Floats]:
        """By clause of a share rule, share × whole of each row: of the whole at a point, else of all there could be."""
        out = {}
        for one in named:
            if one.kind == "share":
                rule = self._share(one)
                if point is None:
                    whole = np.full(len(one.clause), max(ceiling(self.instance.data, rule.whole), 1.0))
                else:
                    whole = self._split(one, point)[1]
                    whole = np.maximum(whole, max(float(whole.max(initial=0.0)) * SPENT, SPENT))
                out[one.name] = whole * float(getattr(rule, one.field))
        return out

    def level(self, one: Named, point: Floats) -> float:
        """The share that a point keeps in every row of a share rule: its new least or largest level."""
        part, whole = self._split(one, point)
        spent = whole > SPENT * max(1.0, float(whole.max(initial=0.0)))
        if not spent.any():
            return 0.0 if one.field == "min" else 1.0
        share = part[spent] / whole[spent]
        return float(share.min() if one.field == "min" else share.max())

    def _share(self, one: Named) -> ShareRule:
        rule = next(rule for rule in self.instance.settings.rules if rule.id == one.rule)
        assert isinstance(rule, ShareRule)
        return rule

    def _split(self, one: Named, point: Floats) -> tuple[Floats, Floats]:
        """Part and whole of each row of a share rule at a point."""
        rule = self._share(one)
        base = self.algebra
        again = Algebra(pyomo=None, width=base.width, blocks=base.blocks, home=base.home)
        again.columns.update(base.columns)
        STATED["share"](again, self.instance.data, rule.model_copy(update={one.field: 0.0, _other(one.field): None}))
        rows = again.rows[f"rule_{rule.id}_{one.field}"]
        matrix = sparse.csr_matrix((rows.value, rows.column.astype(np.int64), rows.start), shape=(len(rows.keys), base.width))
        part = np.asarray(matrix @ point[: base.width])
        at = np.concatenate([one.clause.row_lower, one.clause.row_upper])
        left = np.asarray(self.program.matrix[at][:, : base.width] @ point[: base.width])
        return part, (part - left) / float(getattr(rule, one.field))


def _other(field: str) -> str:
    return "max" if field == "min" else "min"
