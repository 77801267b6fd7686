"""Ways out as repaired instances, each proved: by its plan, or by a point of its program."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from optimizer.engine.arrays import Floats
from optimizer.engine.elastic import first_method
from optimizer.engine.mirror import Mirror
from optimizer.engine.outcome import SolveError, Status
from optimizer.engine.session import Basis, Session
from optimizer.instance.changes import apply_changes
from optimizer.instance.findings import InstanceError
from optimizer.instance.instance import Instance
from optimizer.plan.plan import Plan
from optimizer.sensitivity.explain.candidates import of_all, of_parts
from optimizer.sensitivity.explain.changes import Change, changes_of
from optimizer.sensitivity.explain.clauses import Named, named_clauses
from optimizer.sensitivity.explain.eased import can_be_eased, few, with_rules
from optimizer.sensitivity.explain.explanation import WayOut
from optimizer.sensitivity.explain.lowered import softer
from optimizer.sensitivity.explain.parted import TOGETHER, Parted, cut_moves, cut_sizes, widened, within
from optimizer.sensitivity.explain.stated import Stated
from optimizer.sensitivity.explain.ways import Loosened, Loosening, by_one_scalar
from optimizer.solve import solve

HELD = 1e-6  # scaled residual of a point that shows that an instance has one
ROUNDS, SHARES, CUTS = 8, 4, 50
SOFTER = 0.3  # of the time left, to look for the level of a rule that would be switched off
FURTHER = 0.1  # what one more rule counts: each has to be agreed on
WIDER = 1e-3  # more loosening, where whole steps need it; twice as much each time


def ways_out(stated: Stated, named: Sequence[Named], *, most: int, plans: int | None, deadline: float,
             should_stop: Callable[[], bool] | None = None, parted: Parted | None = None) -> tuple[WayOut, ...]:
    """Ways out of an instance's conflicts, cheapest first; fewer where no more exist or time ran out.

    ``parted``: conflicts of a large instance by its parts; ways are looked for there and proved for the whole, two at a
    time where no plan is made.
    """
    parts = parted if parted is not None and parted.left is not None else None
    ways = of_all(stated, named, most, deadline) if parts is None else of_parts(stated, named, parts, most, deadline)
    out: list[WayOut] = []

    def way_out(way: Loosening) -> WayOut | None:
        return _way_out(stated, named, way, stated.small if plans is None else len(out) < plans, parts, deadline, should_stop)

    try:
        with ThreadPoolExecutor(TOGETHER) as pool:
            while len(out) < most:
                alike = 1 if parts is None or len(out) < (plans or 0) else min(TOGETHER, most - len(out))
                batch = list(itertools.islice(ways, alike))
                if not batch:
                    break
                for found in pool.map(way_out, batch) if len(batch) > 1 else map(way_out, batch):
                    if found is not None and not any(_more_of_the_same(found, other) for other in out):
                        out = [other for other in out if not _more_of_the_same(other, found)] + [found]
    except TimeoutError:
        pass
    return tuple(sorted(out, key=lambda way: _rank(named, way)))


def _more_of_the_same(way: WayOut, other: WayOut) -> bool:
    """Whether a way out does all that another one does, as once what was switched off stays at a lower level."""
    return all(pair in way.sets for pair in other.sets) and all(rule in way.rules for rule in other.rules)


def _way_out(stated: Stated, named: Sequence[Named], way: Loosening, with_plan: bool, parts: Parted | None, deadline: float,
             should_stop: Callable[[], bool] | None) -> WayOut | None:
    """A loosening as a way out: in few counties where that does, rules lowered rather than switched off."""
    narrow = _narrowed(stated, named, way, parts, deadline)
    found = None if narrow is None else _mended(stated, named, narrow, None, with_plan, deadline, should_stop)
    if found is None:
        near: Near | None = None
        if parts is not None and not with_plan:
            way, near = _measured(stated, named, way, deadline)
        found = _mended(stated, named, way, near, with_plan, deadline, should_stop)
    return None if found is None else _softened(stated, found, with_plan, deadline, should_stop)


@dataclass(frozen=True, eq=False)
class Near:
    """A point that a repaired instance should have, and the basis that it was found with, if any."""

    point: Floats
    basis: Basis | None = None


def _measured(stated: Stated, named: Sequence[Named], way: Loosening, deadline: float) -> tuple[Loosening, Near | None]:
    """How far what gives way in the parts must do so in the whole, with a point that shows it; the way as it is if unknown.

    Shares of a whole that is chosen are no linear bounds and are left to later rounds.
    """
    if any(one.kind == "share" for one in named if one.name in way.by):
        return way, None
    found, basis = _in_whole(stated, named, set(way.by), deadline)
    return (way, None) if found is None or not found.by else (found, Near(found.point, basis))


def _in_whole(stated: Stated, named: Sequence[Named], names: set[str], deadline: float,
              start: Basis | None = None) -> tuple[Loosening | None, Basis | None]:
    """How far these clauses must give way in the whole program while all others hold; None if that is not enough."""
    held = [replace(one, keep=one.keep or one.name not in names) for one in named]
    loosened = Loosened(stated.program, held, size=stated.sizes(held), moves=stated.moves(held), whole=stated.small,
                        deadline=deadline, threads=stated.threads, broad=not stated.small, start=start)
    return loosened.cheapest(frozenset()), None if stated.small else loosened.basis


def _rank(named: Sequence[Named], way: WayOut) -> tuple[float, ...]:
    """Costs of a way out by the priority of what gives way, highest first."""
    of = {one.rule: one.priority for one in named}
    return tuple(_cost([change for change in way.changes if of.get(change.rule) == priority])
                 for priority in sorted(set(of.values()), reverse=True))


def _mended(stated: Stated, named: Sequence[Named], way: Loosening, near: Near | None, with_plan: bool, deadline: float,
            should_stop: Callable[[], bool] | None) -> WayOut | None:
    """A loosening as a change of the instance, widened until the repaired instance has a plan; None if it never has.

    ``near``: a point that the repaired instance should have, if one is known.
    """
    by_name = {one.name: one for one in named}
    by, levels = dict(way.by), _levels(stated, named, way, deadline)
    wider, quick = WIDER, not stated.small and not with_plan
    for _ in range(ROUNDS):
        changes = changes_of(stated.instance, stated.program, by_name, replace(way, by=by), levels)
        written = [change.rule for change in changes if change.rules]
        if len(set(written)) < len(written):
            return None  # both ends of one rule in some counties alone: the whole rule gives way instead
        try:
            repaired = _repaired(stated.instance, changes)
            again = Stated.of(repaired)
            at_once = _holds(again, near)  # a large program is asked what it lacks at once: nothing is a proof too
            proof, plan = ("relaxation", None) if at_once else ("", None) if quick else _proved(
                repaired, with_plan, deadline, should_stop)
        except InstanceError:
            return None  # a change that the instance's own checks refuse
        if proof:
            return WayOut(tuple(changes), repaired, _cost(changes), proof, plan)
        more = _more(again, named, set(by), deadline, near)
        if more is None:
            return None
        near = Near(more.point) if quick else None
        if quick and not more.by:
            if _holds(again, near):
                return WayOut(tuple(changes), repaired, _cost(changes), "relaxation", None)
            quick, near = False, None
            continue
        if not more.by:  # what is missing is whole steps
            by = {name: _wider(by_name[name], value, wider) for name, value in by.items()}
            levels = {name: _wider_share(by_name[name], level, wider) for name, level in levels.items()}
            wider *= 2
            continue
        known = {one.name: one for one in named_clauses(repaired, again.program)}
        for name, value in more.by.items():
            if name not in by_name or len(value) != len(by_name[name].clause):
                return None
            by[name] = _added(by_name[name], by.get(name, np.zeros(len(value))), value)
            if by_name[name].kind == "share":
                levels[name] = again.level(known[name], more.point)
    return None


def _repaired(instance: Instance, changes: Sequence[Change]) -> Instance:
    """The instance with the changes of a way out."""
    rewritten = with_rules(instance, [(change.rule, change.rules) for change in changes if change.rules])
    return apply_changes(rewritten, [pair for change in changes for pair in change.changes], "way out")


def _softened(stated: Stated, way: WayOut, with_plan: bool, deadline: float, should_stop: Callable[[], bool] | None) -> WayOut:
    """The way out with rules held to a lower level in the place of switched off, where that is proved as the way itself is."""
    for change in way.changes:
        left = SOFTER * (deadline - time.monotonic())
        found = softer(stated.instance, way.instance, change, whole=stated.small or with_plan, time_limit=left,
                       should_stop=should_stop)
        for one in () if found is None else (found.change, found.easier):
            changes = tuple(one if other is change else other for other in way.changes)
            try:
                repaired = _repaired(stated.instance, changes)
                proof, plan = _proved(repaired, with_plan, deadline, should_stop)
            except (InstanceError, TimeoutError):
                continue
            if proof:
                way = WayOut(changes, repaired, _cost(changes), proof, plan)
                break
    return way


def _holds(stated: Stated, near: Near | None) -> bool:
    """Whether a point keeps every row and bound of an instance's program, equity rules too, as closely as a solver would."""
    p = stated.program
    return (near is not None and len(near.point) == p.n_columns and Mirror.of(p, None).residual(near.point) <= HELD
            and stated.with_cuts(near.point) is None)


def _narrowed(stated: Stated, named: Sequence[Named], way: Loosening, parted: Parted | None, deadline: float) -> Loosening | None:
    """The same rules giving way county by county, where that is in few of them; None if it is in many.

    ``parted``: look for the counties in the parts in conflict only.
    """
    apart = {one.name for one in named if one.name in way.by and can_be_eased(stated.instance, one)}
    if not apart:
        return None
    held = [one if one.name in way.by else replace(one, keep=True) for one in named]
    sizes, moves = stated.sizes(held, way.point), stated.moves(held)
    if parted is None or parted.left is None:
        found = Loosened(stated.program, held, size=sizes, moves=moves, whole=stated.small, deadline=deadline,
                         threads=stated.threads, apart=apart).cheapest(frozenset())
    else:
        left = parted.left
        found = Loosened(left.program, within(left, held), size=cut_sizes(left, sizes), moves=cut_moves(left, moves), whole=False,
                         deadline=deadline, threads=stated.threads, apart=apart, broad=True).cheapest(frozenset())
        together = [one.name for one in held if by_one_scalar(one, one.name in moves, True) and one.name not in apart]
        found = None if found is None else widened(left, named, found, stated.program.n_columns, together)
    if found is None or not any(one.name in found.by and few(one, found.by[one.name]) for one in named if one.name in apart):
        return None
    many = {one.name for one in named if one.name in apart and one.name in found.by and not few(one, found.by[one.name])}
    return None if many else found


def _more(again: Stated, named: Sequence[Named], names: set[str], deadline: float, near: Near | None) -> Loosening | None:
    """What a repaired instance still lacks: of what gave way already, else of anything that may."""
    keep = {one.name for one in named if one.keep}
    clauses = [replace(one, keep=one.keep or one.name in keep) for one in named_clauses(again.instance, again.program)]
    found = _in_whole(again, clauses, names, deadline, None if near is None else near.basis)[0]
    return found if found is not None else _in_whole(again, clauses, {one.name for one in clauses}, deadline)[0]


def _levels(stated: Stated, named: Sequence[Named], way: Loosening, deadline: float) -> dict[str, float]:
    """New levels of the share rules that give way.

    A share times a whole that is chosen is no linear bound, so it is loosened by shares of the whole last seen, again and
    again while the levels get better.
    """
    mine = [one for one in named if one.name in way.by]
    shares = [one for one in mine if one.kind == "share"]
    if not shares:
        return {}
    best = {one.name: stated.level(one, way.point) for one in shares}
    point = way.point
    for _ in range(SHARES):
        held = [one if one.name in way.by else replace(one, keep=True) for one in named]
        found = Loosened(stated.program, held, size=stated.sizes(shares, point), moves=stated.moves(mine), whole=stated.small,
                         deadline=deadline, threads=stated.threads).cheapest(frozenset())
        if found is None or set(found.by) - set(way.by):
            break
        new = {one.name: stated.level(one, found.point) for one in shares}
        lost = sum(_loss(one, new[one.name]) - _loss(one, best[one.name]) for one in shares)
        if len(mine) > len(shares) or lost >= -1e-9:
            break
        best, point = new, found.point
    return best


def _loss(one: Named, level: float) -> float:
    return -level if one.field == "min" else level


def _proved(repaired: Instance, with_plan: bool, deadline: float,
            should_stop: Callable[[], bool] | None) -> tuple[str, Plan | None]:
    """How the repaired instance is known to have a plan, and that plan; an empty word if it has none."""
    if with_plan:
        try:
            plan = solve(repaired, should_stop=should_stop)
            return ("plan", plan) if plan.audit is not None and plan.audit.passed else ("", None)
        except SolveError as error:
            if error.outcome is not None and error.outcome.status is Status.INFEASIBLE:
                return "", None
            raise TimeoutError from error
    stated = Stated.of(repaired)
    for _ in range(CUTS):
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        session = Session(stated.program, threads=stated.threads)
        result = (session.solve("mip", time_limit=left) if stated.small else
                  session.solve("lp", method=first_method(stated.program), time_limit=left))
        if result.x is None:
            if result.status is Status.INFEASIBLE:
                return "", None
            raise TimeoutError
        cut = stated.with_cuts(result.x)
        if cut is None:
            return "whole" if stated.small else "relaxation", None
        stated = cut
    return "", None


def _added(one: Named, first: Floats, second: Floats) -> Floats:
    """Two loosenings, one after the other, as one."""
    if one.kind == "count":
        return first + second
    if one.kind == "switch":
        return np.maximum(first, second)
    low = not len(one.clause.row_upper)
    return 1 - (1 - first) * (1 - second) if low else (1 + first) * (1 + second) - 1


def _wider(one: Named, value: Floats, share: float) -> Floats:
    """A loosening with a little more of it, where it may be had in any amount."""
    if one.kind != "scale":
        return value
    more = np.where(value > 0, value + share, 0.0)
    return np.minimum(more, 1.0) if not len(one.clause.row_upper) else more


def _wider_share(one: Named, level: float, share: float) -> float:
    return level * (1 - share) if one.field == "min" else min(1.0, level * (1 + share))


def _cost(changes: Sequence[Change]) -> float:
    """Sum of the relative changes, each of the part that it is about, and a little for every rule beyond the first."""
    rules = len({change.rule for change in changes})
    return float(sum(change.cost for change in changes)) + FURTHER * max(rules - 1, 0)
