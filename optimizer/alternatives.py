"""Near-optimal alternatives: plans at a stated distance from the best that differ from it, and from each other, as much
as they can, each of them whole, audited and with its loss.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import sparse

from optimizer.engine.outcome import SolveError
from optimizer.engine.program import ExtraRows, Floats, Linear, Program
from optimizer.engine.progress import Progress
from optimizer.engine.ratio import Ratio
from optimizer.instance.findings import Finding, InstanceError
from optimizer.instance.groups import select
from optimizer.instance.instance import Instance
from optimizer.instance.settings import Level
from optimizer.methods.differing import MANY_COLUMNS, differing_amounts, differing_choices, priced_choices, toward
from optimizer.methods.levels import Ask, Reached, held, room_of
from optimizer.methods.run import with_composite
from optimizer.model.compile import Compiled
from optimizer.plan.differences import differs
from optimizer.plan.plan import Plan
from optimizer.remembered import Remembered
from optimizer.search.drive import Found
from optimizer.search.limits import Limits
from optimizer.solve import Session

Differ = Literal["pairs", "projects", "money"]
FAMILIES: dict[str, tuple[str, ...]] = {
    "pairs": ("pair",), "projects": ("start", "started"), "money": ("transfer", "placed"),
}
SAME = 1e-6  # largest difference of a column in which a point is one of those known
DEARER = (1.0, 5.0, 25.0)  # what a choice may cost, as multiples of its part of what may be lost in all
ENOUGH = 0.5  # share of what may be lost from which on dearer choices are not looked for
ENOUGH_DIFFERENT = 0.9  # share of the choices of a plan that are made otherwise, from which on the same
TRIES = 3  # a plan in whole steps that lost more than asked for is looked for again nearer the best, this often in all


@dataclass(frozen=True, eq=False)
class Alternatives:
    """The best plan and plans nearly as good.

    Attributes
    ----------
    best : the plan that the instance's own method finds
    plans : the alternatives, in the order found
    table : a row for each plan, the best first (``alternative`` 0): value of each criterion held and what it ``loss``-es
        against the best (in its unit and in percent), shares of ``money``, ``pairs`` and ``projects`` that differ from the
        best, ``nearest`` (the least share by which it differs from any plan before it, in what was asked to differ), status
    ended : why there are fewer alternatives than asked for; empty if there are not
    """

    best: Plan
    plans: tuple[Plan, ...]
    table: pd.DataFrame
    ended: str


def alternatives(
    instance: Instance, within: str | float = "1%", count: int = 5, differ: Differ = "pairs",
    directions: Sequence[str] | None = None, *, progress: Progress | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Alternatives:
    """Plans within a distance of the best that differ from it as much as possible.

    Parameters
    ----------
    within : how much of each level's criterion an alternative may lose against the best plan: ``"1%"`` or an amount
    count : how many to look for
    differ : what should differ: pairs, projects started, or money by county and category
    directions : for money: ``"+province=Yunnan"`` (as much money there as can be) or ``"-category=industry"`` (as little), one
        alternative each, in place of those that differ most. For pairs and projects: groups of which the choices should
        differ, one alternative each. Columns are those of counties and projects, and county, donor, stream, category

    Raises
    ------
    InstanceError : the instance has errors, or nothing that could differ
    SolveError : there is no plan
    """
    session = Session(instance, progress=progress)
    held_levels = _Held(Level.model_validate({"criterion": "best", "tolerance": within}))
    hunt = _Hunt(session, held_levels, differ, Remembered(session))
    best = hunt.first(progress, should_stop)
    wanted: list[str | None] = [None] * count if not directions else list(directions)
    for direction in wanted:
        if (should_stop is not None and should_stop()) or not hunt.another(direction, progress, should_stop):
            break
    plans = tuple(hunt.plans[1:])
    ended = hunt.ended or ("stopped" if len(plans) < len(wanted) else "")
    return Alternatives(best, plans, hunt.table(), ended)


@dataclass
class _Held:
    """How far from the best plan, and what that is for each criterion."""

    level: Level
    tightened: float = 1.0

    def room(self, value: float) -> float:
        return self.tightened * room_of(self.level, value)


@dataclass(eq=False)
class _Hunt:
    session: Session
    held: _Held
    differ: Differ
    best: Remembered
    plans: list[Plan] = field(default_factory=list)
    points: list[Floats] = field(default_factory=list)
    ended: str = ""
    direction: str | None = None
    nothing: bool = False

    def first(self, progress: Progress | None, stop: Callable[[], bool] | None) -> Plan:
        """The best plan."""
        self._movable()
        self.plans.append(self.best.solve(progress, stop))
        self.points.append(self._point())
        return self.plans[0]

    def another(self, direction: str | None, progress: Progress | None, stop: Callable[[], bool] | None) -> bool:
        """One more plan; False if there is none."""
        self.direction, self.held.tightened = direction, 1.0
        for _ in range(TRIES):
            self.nothing = False
            try:
                plan = self.session.solve(progress=progress, should_stop=stop, method=self._other)
            except SolveError as error:
                self.ended = f"no further plan was found: {error}"
                return False
            if self.nothing:
                self.ended = f"no plan this near the best differs in {self.differ} from those before"
                return False
            rooms = {name: self._room(name) for name in self._names()}
            excess = max((self._loss(plan, name) / room for name, room in rooms.items() if room > 0), default=0.0)
            if excess <= 1 + 1e-6:
                self.plans.append(plan)
                self.points.append(self._point())
                return True
            self.held.tightened /= 1.2 * excess
        self.ended = "whole steps of money cost the next plan more than the distance asked for"
        return False

    # -- methods, as a session takes them --------------------------------------------------------------------------

    def _other(
        self, instance: Instance, built: Compiled, ask: Ask, start: Floats | None, limits: Limits, whole: bool
    ) -> Reached:
        """As different as can be with every level of the best plan held near it."""
        program = self._near(with_composite(instance.settings, built.program, self._ranges()), built, self._names())
        ends = [np.concatenate([point, np.zeros(program.n_columns - len(point))]) for point in self.points]
        start = ends[-1] if program.n_columns == built.program.n_columns else None
        mask = self._asked(instance, built.program)
        if self.differ != "money":
            wide, linear, found = self._other_choices(instance, built, program, mask, ends, ask, start)
        elif self.direction is not None:
            sign = -1.0 if self.direction.startswith("-") else 1.0
            linear = toward(program, sparse.csr_matrix(mask[None, :].astype(float)), np.array([sign]))
            wide, found = program, ask(program, linear, start)
        else:
            wide, linear, found = differing_amounts(program, _cells(built.program), ends, ask, start)
        if found.x is not None and not whole:
            self.nothing = self._known(found.x, mask)
        return self.best.answered(wide, linear, found)

    def _other_choices(
        self, instance: Instance, built: Compiled, near: Program, mask: np.ndarray, ends: Sequence[Floats], ask: Ask,
        start: Floats | None,
    ) -> tuple[Program, Linear, Found]:
        """Other pairs or projects: of a large program by what they may cost, else, or where that finds none, with levels held."""
        best: tuple[Program, Linear, Found] | None = None
        for dearer in DEARER:
            priced = self._priced(instance, built, mask, dearer)
            if priced is None:
                break
            program, linear, room = priced
            point = start if best is None else best[2].x
            found = ask(program, linear, point if point is not None and len(point) == program.n_columns else None)
            lost = np.inf if found.x is None else self._lost(program, found.x)
            if found.x is None or lost > room or self._known(found.x, mask):
                break
            best = program, linear, found
            if lost > ENOUGH * room or self._all_differ(found.x, mask):
                break
        if best is not None:
            return best
        chosen = np.concatenate([mask, np.zeros(near.n_columns - len(mask), bool)])
        return differing_choices(near, chosen, ends, ask, start)

    def _known(self, x: Floats, mask: np.ndarray) -> bool:
        """Whether a point makes the choices of one that is known already."""
        return min(float((np.abs(x[: len(mask)] - point) * mask).max(initial=0.0)) for point in self.points) <= SAME

    def _lost(self, program: Program, x: Floats) -> float:
        """What a point loses of the last level against the best plan."""
        name = self._names()[-1]
        less = self._value(self.plans[0], name) - program.criteria[name].at(x)
        return less if program.criteria[name].sense == "max" else -less

    def _all_differ(self, x: Floats, mask: np.ndarray) -> bool:
        """Whether next to none of the choices of the plans known is made again."""
        again = max(float((x[: len(mask)] * point)[mask].sum()) / max(1.0, float(point[mask].sum())) for point in self.points)
        return again < 1 - ENOUGH_DIFFERENT

    def _priced(
        self, instance: Instance, built: Compiled, mask: np.ndarray, dearer: float
    ) -> tuple[Program, Linear, float] | None:
        """For large programs, what stands in the place of the last level that is held, and how much of that may be lost.

        None for small programs, and where the last level is not linear or nothing of it may be lost. ``dearer``: how much more
        than its part of that a choice may cost.
        """
        *first, last = self._names()
        if built.program.n_columns <= MANY_COLUMNS:
            return None
        program = with_composite(instance.settings, built.program, self._ranges())
        linear = program.criteria.get(last)
        room = self.held.room(self._value(self.plans[0], last))
        if linear is None or isinstance(linear, Ratio) or room <= 0:
            return None
        program = self._near(program, built, first)
        wider = np.zeros(program.n_columns - built.program.n_columns)
        known = [np.concatenate([point, wider]) for point in self.points]
        chosen = np.concatenate([mask, wider > 0])
        return program, priced_choices(program.criteria[last], chosen, known, dearer * room), room

    # -- what is held and what may differ --------------------------------------------------------------------------

    def _near(self, program: Program, built: Compiled, names: Sequence[str]) -> Program:
        for name in names:
            value = self._value(self.plans[0], name)
            if name in program.criteria:
                program = held(program, name, program.criteria[name], value, self.held.room(value))
                continue
            units = built.outcomes[name]  # leximin: nobody falls below the worst outcome of the best plan by more than that
            sign = 1.0 if units.better == "high" else -1.0
            least = sign * value - self.held.room(value) - sign * units.constant
            keys = pd.DataFrame({"unit": list(units.labels)})
            row = ExtraRows(f"level_{name}", keys, sparse.csr_matrix(sign * units.matrix), least - 1e-9)
            program = program.extended(rows=[row])
        return program

    def _ranges(self) -> Mapping[str, float]:
        assert self.best.reached is not None
        return self.best.reached.ranges

    def _names(self) -> list[str]:
        assert self.best.reached is not None
        return [level.criterion for level in self.best.reached.levels]

    def _value(self, plan: Plan, name: str) -> float:
        return float(plan.criteria.set_index("criterion")["value"].loc[[name]].iloc[0])

    def _room(self, name: str) -> float:
        return room_of(self.held.level, self._value(self.plans[0], name))

    def _loss(self, plan: Plan, name: str) -> float:
        sense = plan.criteria.set_index("criterion")["sense"].loc[[name]].iloc[0]
        lost = self._value(self.plans[0], name) - self._value(plan, name)
        return lost if sense == "max" else -lost

    def _point(self) -> Floats:
        point = self.session.last_point
        assert point is not None
        return point

    def _movable(self) -> None:
        program = self.session.compiled.program
        mask = _families(program, FAMILIES[self.differ])
        if not (mask & (program.col_lower < program.col_upper)).any():
            problem = f"has no {self.differ} left to choose, so that no plan can differ in them"
            raise InstanceError([Finding("instance", None, None, None, problem, "Ask for plans that differ in something else")])

    def _asked(self, instance: Instance, program: Program) -> np.ndarray:
        """The columns that may differ, or those that the direction speaks of."""
        mask = _families(program, FAMILIES[self.differ])
        if self.direction is None:
            return mask
        text = self.direction.removeprefix("+").removeprefix("-") if self.differ == "money" else self.direction
        for family in program.columns:
            if mask[family.start : family.stop].any():
                mask[family.start : family.stop] = select(_described(instance, family.keys), text, instance.settings.groups,
                                                          where="directions")
        return mask

    def table(self) -> pd.DataFrame:
        """A row for each plan."""
        rows: list[dict[str, Any]] = []
        for number, plan in enumerate(self.plans):
            row: dict[str, Any] = {"alternative": number}
            for name in self._names():
                value, loss = self._value(plan, name), self._loss(plan, name)
                best = abs(self._value(self.plans[0], name))
                row |= {name: value, f"loss.{name}": loss, f"loss_percent.{name}": 100 * loss / best if best else np.nan}
            row |= {what: differs(self.plans[0], plan, what) for what in FAMILIES}
            before = [differs(other, plan, self.differ) for other in self.plans[:number]]
            rows.append(row | {"nearest": min(before, default=np.nan), "status": plan.outcome.status})
        return pd.DataFrame(rows)


def _families(program: Program, names: tuple[str, ...]) -> np.ndarray:
    mask = np.zeros(program.n_columns, bool)
    for family in program.columns:
        if family.name in names:
            mask[family.start : family.stop] = True
    return mask


def _cells(program: Program) -> sparse.csr_matrix:
    """Money by county and category: cells × columns, whatever stream pays and in whatever period."""
    families = [family for family in program.columns if family.name in FAMILIES["money"] and len(family.keys)]
    keys = pd.concat([family.keys[["county", "category"]] for family in families])
    at = np.concatenate([np.arange(family.start, family.stop) for family in families])
    code = keys.groupby(["county", "category"], sort=True).ngroup().to_numpy()
    return sparse.csr_matrix((np.ones(len(at)), (code, at)), shape=(int(code.max(initial=-1)) + 1, program.n_columns))


def _described(instance: Instance, keys: pd.DataFrame) -> pd.DataFrame:
    """Keys with the columns of their projects and counties beside them."""
    data, frame = instance.data, keys.reset_index(drop=True)
    if "project" in frame:
        frame = frame.join(data.projects.drop(columns=[c for c in data.projects if c in frame]), on="project")
    if "county" in frame:
        frame = frame.join(data.counties.drop(columns=[c for c in data.counties if c in frame]), on="county")
    return frame
