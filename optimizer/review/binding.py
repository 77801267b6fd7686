"""What keeps a pair's money from being more: the donor's limits, its money, what the county can take."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from optimizer.engine.program import Ints
from optimizer.review.moves import Moves
from optimizer.review.standing import Standing

TIGHT = 1e-6  # share of a limit within which a value counts as at it
COUNTED = {"counties_of_donor": "donor_limit", "load_of_donor": "donor_load"}


class Binding:
    """Limits at which a pair stands, as codes.

    ``locked``; ``only_candidate``; ``donor_limit`` and ``donor_load`` (the donor has as many counties, as much load, as it may);
    ``donor_money`` (all of it is given); ``most_support`` (of the pair); ``absorption`` (a rule's ceiling on the county);
    ``least_support`` (the money is the least that a pair or a rule asks for).
    """

    def __init__(self, at: Standing, moves: Moves) -> None:
        self.at, self.moves = at, moves
        program = at.problem.program
        self._family = np.full(program.n_rows, "", dtype=object)
        for family in program.rows:
            self._family[family.start : family.stop] = family.name

    def of(self, pair: int, support: Ints, change: Mapping[int, float] | None = None) -> str:
        """The codes of a pair, joined by ``;``.

        Parameters
        ----------
        support : its columns
        change : by how much columns differ from the optimum
        """
        moved = change or {}
        out = []
        if self.moves.must[pair]:
            out.append("locked")
        elif len(self.moves.open_to.get(self.moves.county[pair], [])) + len(
                self.moves.of_county.get(self.moves.county[pair], [])) == 1:
            out.append("only_candidate")
        rows = self.at.problem.columns[:, np.append(support, self.at.pairs[pair])].indices
        names = {str(self._family[row]): row for row in np.unique(rows).tolist()}
        full = [COUNTED[name] for name, row in names.items() if name in COUNTED and self._side(row, moved) == "most"]
        out += sorted(full)
        money = {row: side for row in names.values() if (side := self._side(row, moved)) and len(support)}
        if any(self._family[row] == "donor_money" and side == "most" for row, side in money.items()):
            out.append("donor_money")
        if any(self._family[row] == "support_most" for row in money):
            out.append("most_support")
        rules = {side for row, side in money.items() if str(self._family[row]).startswith("rule_")}
        if "most" in rules:
            out.append("absorption")
        if "least" in rules or any(self._family[row] == "support_least" for row in money):
            out.append("least_support")
        return ";".join(out)

    def _side(self, row: int, change: Mapping[int, float]) -> str:
        """Which of its limits a row stands at: ``most``, ``least`` or neither; both at once count as ``most``."""
        p, rows = self.at.problem.program, self.at.problem.rows
        part = slice(rows.indptr[row], rows.indptr[row + 1])
        value = float(self.at.activity[row]) + sum(
            float(entry) * change.get(int(column), 0.0)
            for column, entry in zip(rows.indices[part], rows.data[part], strict=True))
        for side, limit in (("most", p.row_upper[row]), ("least", p.row_lower[row])):
            if np.isfinite(limit) and abs(value - limit) <= TIGHT * max(1.0, abs(float(limit))):
                return side
        return ""
