"""The senses of a table asked side by side, each beginning with the plan known by then that is fairest in its sense."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass, field
from types import MappingProxyType

from optimizer.beginning import Start
from optimizer.engine.outcome import SolveError, Status
from optimizer.engine.progress import Progress
from optimizer.fairness.clock import Part
from optimizer.fairness.question import Sense
from optimizer.instance.findings import InstanceError
from optimizer.instance.instance import Instance
from optimizer.plan.criteria import equity
from optimizer.plan.measure import Measures
from optimizer.plan.plan import Plan
from optimizer.solve import Session

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

    plans: list[tuple[Measures, Start]] = field(default_factory=list)

    def add(self, plan: Plan, start: Start) -> None:
        """One more, with what another search may begin with."""
        self.plans.append((Measures(plan.data, plan.tables), start))

    def fairest(self, sense: Sense) -> Start:
        """What the plan was that is best in a sense; of the first one where the sense has no value."""
        values = [(_badness(measures, sense), n) for n, (measures, _) in enumerate(self.plans)]
        least, n = min(values)
        return self.plans[n if math.isfinite(least) else 0][1]


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
    known.add(first, first.choices)
    answers: dict[int, Plan | str] = {}

    def take(n: int, answer: Answer) -> None:
        if answer.start is not None and isinstance(answer.plan, Plan):
            known.add(answer.plan, answer.start)
        answers[n] = answer.plan

    if executor is None:
        for n, question in enumerate(questions):
            take(n, answer_of(question, known.fairest(question.sense), progress, should_stop))
        return [answers[n] for n in range(len(questions))]
    running: dict[Future[Answer], int] = {}
    waiting = list(range(len(questions)))
    while waiting or running:
        while waiting and len(running) < workers:
            n = waiting.pop(0)
            running[executor.submit(answer_of, questions[n], known.fairest(questions[n].sense))] = n
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            take(running.pop(future), future.result())
    return [answers[n] for n in range(len(questions))]


@dataclass(frozen=True, eq=False)
class Answer:
    """The plan of a question, or why there is none; and what the plan was before whole steps."""

    plan: Plan | str
    start: Start | None = None


def answer_of(
    question: Question, start: Start, progress: Progress | None = None, should_stop: Callable[[], bool] | None = None
) -> Answer:
    """Ask a question, beginning with what is known."""
    seconds, instance = question.part.seconds(), question.instance
    if math.isfinite(seconds):
        own = instance.settings.settings.time_limit
        instance = instance.with_({"settings.time_limit": seconds if own is None else min(float(own), seconds)})
    try:
        session = Session(instance, progress=progress)
        session.begin_with(start)
        return Answer(session.solve(progress=progress, should_stop=should_stop), session.modelled)
    except SolveError as error:
        return Answer(NO_PLAN.get(error.outcome.status if error.outcome is not None else Status.FAILED,
                                  "no plan: solving failed"))
    except InstanceError as error:
        return Answer(REFUSED + "; ".join(finding.sentence() for finding in error.findings))
