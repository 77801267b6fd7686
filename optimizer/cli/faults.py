"""From what went wrong to an exit status and a sentence; a traceback only for those who ask.

0 done, 1 our fault, 2 the input's fault, 3 infeasible, 4 stopped with a plan, 5 stopped without one.
"""

from __future__ import annotations

import functools
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer

from optimizer.cli.voice import Voice, close_output, finding_lines
from optimizer.instance.findings import Finding, InstanceError, OptimizerError
from optimizer.instance.instance import Instance

OURS, INPUT, INFEASIBLE, STOPPED, STOPPED_WITHOUT_PLAN = 1, 2, 3, 4, 5
PACKAGE = Path(__file__).resolve().parent.parent
MOST_RULES = 12
TO_EXPLAIN = "'optimizer explain INSTANCE' with the same changes says what conflicts, and the cheapest ways out."


class NoPlanError(OptimizerError):
    """No plan can hold all hard rules; ``findings`` prove it in money and people, where counting could."""

    exit_status = INFEASIBLE

    def __init__(self, sentences: list[str], findings: tuple[Finding, ...] = ()) -> None:
        self.findings = findings
        super().__init__("\n".join([*sentences, *finding_lines(findings), TO_EXPLAIN]))


def refused(file: str, value: str | None, problem: str, mend: str) -> InstanceError:
    """An error about one thing that the user gave on the command line."""
    return InstanceError([Finding(file, None, None, value, problem, mend)])


def guarded(command: Callable[..., None]) -> Callable[..., None]:
    """Let a command end with the exit status that its fault deserves, and with sentences instead of a traceback."""

    @functools.wraps(command)
    def inner(**options: Any) -> None:
        voice = Voice(options.get("machine", False), options.get("verbose", False), options.get("quiet", False))
        try:
            command(**options)
            sys.stdout.flush()
        except (typer.Exit, typer.BadParameter):
            raise
        except BrokenPipeError:
            close_output()
            raise typer.Exit(OURS) from None
        except (Exception, KeyboardInterrupt) as error:
            raise typer.Exit(report(voice, error)) from error

    return inner


def report(voice: Voice, error: BaseException) -> int:
    """Say what went wrong; the exit status."""
    status, kind, sentences, findings = judge(error)
    if voice.verbose:
        traceback.print_exception(error)
    voice.fault(*sentences)
    voice.result({"status": kind, "exit": status, "message": "\n".join(sentences),
                  "findings": [finding.record() for finding in findings]})
    return status


def judge(error: BaseException) -> tuple[int, str, list[str], tuple[Finding, ...]]:
    """Exit status, one word, sentences and findings for an error."""
    from optimizer.engine import SolveError

    if isinstance(error, NoPlanError):
        return INFEASIBLE, "infeasible", str(error).splitlines(), error.findings
    if isinstance(error, InstanceError):
        return INPUT, "input", finding_lines(error.findings), error.findings
    if isinstance(error, SolveError):
        kind = "failed" if error.outcome is None else str(error.outcome.status)
        return error.exit_status, kind, [str(error)], ()
    if isinstance(error, OptimizerError):
        status = int(getattr(error, "exit_status", INPUT))
        return status, "failed" if status == OURS else "input", str(error).splitlines(), ()
    if isinstance(error, KeyboardInterrupt):
        return STOPPED_WITHOUT_PLAN, "interrupted", ["Stopped; nothing was written."], ()
    if isinstance(error, OSError) and not _of_package(error):
        return INPUT, "input", [_file_sentence(error)], ()
    sentence = f"The optimizer failed ({type(error).__name__}: {error}). This is its fault, not yours; --verbose shows where."
    return OURS, "failed", [" ".join(sentence.split())], ()


def _of_package(error: OSError) -> bool:
    name = error.filename
    return isinstance(name, str | Path) and Path(name).is_relative_to(PACKAGE)


def _file_sentence(error: OSError) -> str:
    if error.filename is None or error.strerror is None:
        return str(error)
    return f"{error.filename}: {error.strerror}. Check that the place exists, may be written and is open nowhere else."


@contextmanager
def explained(instance: Instance, stopped: Callable[[], bool] = lambda: False) -> Iterator[None]:
    """Turn "no plan exists" into `NoPlanError` with the best explanation there is: counting's, or what can be tried.

    A limit that was reached because the user ``stopped`` the run is called what it is.
    """
    from optimizer.engine import SolveError, Status

    try:
        yield
    except InstanceError as error:
        faults = tuple(finding for finding in error.findings if finding.severity == "error")
        if counted(instance, faults):
            raise NoPlanError(["No plan can hold all hard rules; counting proves it:"], faults) from error
        raise
    except SolveError as error:
        status = None if error.outcome is None else error.outcome.status
        if status == Status.LIMIT_WITHOUT_PLAN and stopped():
            raise KeyboardInterrupt from error
        if status != Status.INFEASIBLE:
            raise
        raise NoPlanError([str(error), *ways_out(instance)]) from error


def counted(instance: Instance, faults: Iterable[Finding]) -> bool:
    """Whether all of these are proofs by counting: the input is sound, but no plan can meet it."""
    from optimizer.instance.counting import count

    try:
        return set(count(instance, sound=False)).issuperset(faults)
    except InstanceError:
        return False


def ways_out(instance: Instance) -> list[str]:
    """What a planner can try where counting found no proof."""
    rules = [rule.id for rule in instance.settings.rules if rule.active and rule.hard]
    lines = ["Counting money, people and partners found no single cause; the solver proved it."]
    if rules:
        more = f" and {len(rules) - MOST_RULES} more" if len(rules) > MOST_RULES else ""
        lines.append(f"Hard rules: {', '.join(rules[:MOST_RULES])}{more}.")
    else:
        lines.append("No rule is active and hard, so look at locks, partners_min, least support and least spending.")
    return lines
