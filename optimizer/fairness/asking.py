"""The senses of a table asked side by side, each beginning with the plan known by then that is fairest in its sense."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass, field
from types import MappingProxyType

from optimizer.engine.outcome import SolveError, Status
from optimizer.engine.progress import Progress
from optimizer.fairness.clock import Part
from optimizer.fairness.question import Sense
from optimizer.instance.findings import InstanceError
from optimizer.instance.instance import Instance
from optimizer.plan.choices import Choices
from optimizer.plan.criteria import equity
from optimizer.plan.measure import Measures
from optimizer.plan.plan import Plan
from optimizer.solve import solve

REFUSED = "refused: "
NO_PLAN: Mapping[Status, str] = MappingProxyType({
    Status.INFEASIBLE: "no plan: none holds all hard rules", Status.UNBOUNDED: "no plan: it has no limit",
    Status.LIMIT_WITHOUT_PLAN: "no plan was found in the time given", Status.INTERRUPTED: "no plan: interrupted",
})


@dataclass(frozen=True, eq=False)
class Question:
    """One sense, the instance that asks for it, and its part of the time."""

    sense: Sense
    instance: Instance
    part: Part


@dataclass(frozen=True, eq=False)
class Known:
    """The plans found so far."""

    plans: list[tuple[Plan, Measures]] = field(default_factory=list)

    def add(self, plan: Plan) -> None:
        """One more."""
        self.plans.append((plan, Measures(plan.data, plan.tables)))

    def fairest(self, sense: Sense) -> Plan:
        """The plan that is best in a sense; the first one where the sense has no value."""
        first = self.plans[0][0]
        values = [(_badness(measures, sense), n) for n, (_, measures) in enumerate(self.plans)]
        least, n = min(values)
        return self.plans[n][0] if math.isfinite(least) else first


def _badness(measures: Measures, sense: Sense) -> float:
    """The value of a sense, small where it is good; inf where it has none."""
    try:
        value = equity(measures, sense.parsed)
    except ValueError:  # a form that no plan has a value of: asking for it will say so
        return math.inf
    number = -value.number if value.sense == "max" else value.number
    return math.inf if math.isnan(number) else number


def answers_of(
    questions: Sequence[Question], first: Plan, executor: Executor | None, workers: int,
    progress: Progress | None = None, should_stop: Callable[[], bool] | None = None,
) -> list[Plan | str]:
    """For each question its plan, or why there is none; in an executor so many at a time, in the order of the questions."""
    known = Known()
    known.add(first)
    answers: dict[int, Plan | str] = {}

    def take(n: int, answer: Plan | str) -> None:
        answers[n] = answer
        if isinstance(answer, Plan):
            known.add(answer)

    if executor is None:
        for n, question in enumerate(questions):
            take(n, answer_of(question, known.fairest(question.sense).choices, progress, should_stop))
        return [answers[n] for n in range(len(questions))]
    running: dict[Future[Plan | str], int] = {}
    waiting = list(range(len(questions)))
    while waiting or running:
        while waiting and len(running) < workers:
            n = waiting.pop(0)
            running[executor.submit(answer_of, questions[n], known.fairest(questions[n].sense).choices)] = n
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            take(running.pop(future), future.result())
    return [answers[n] for n in range(len(questions))]


def answer_of(
    question: Question, start: Choices, progress: Progress | None = None, should_stop: Callable[[], bool] | None = None
) -> Plan | str:
    """The plan of a question, or why there is none."""
    seconds, instance = question.part.seconds(), question.instance
    if math.isfinite(seconds):
        own = instance.settings.settings.time_limit
        instance = instance.with_({"settings.time_limit": seconds if own is None else min(float(own), seconds)})
    try:
        return solve(instance, progress=progress, should_stop=should_stop, start=start)
    except SolveError as error:
        return NO_PLAN.get(error.outcome.status if error.outcome is not None else Status.FAILED, "no plan: solving failed")
    except InstanceError as error:
        return REFUSED + "; ".join(finding.sentence() for finding in error.findings)
