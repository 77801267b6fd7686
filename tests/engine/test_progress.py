"""Progress is a live line on a terminal, plain lines on request and silence in a pipe."""

from __future__ import annotations

import io
import math

import pytest

from optimizer.engine.progress import LogProgress, Progress, Quiet, TerminalProgress, figure, progress_for


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def drive(progress: Progress) -> None:
    with progress:
        progress.stage("linear program")
        progress.update(math.nan, math.nan)
        progress.note("[bold]=1+1[/bold]")
        progress.stage("pairs")
        progress.update(1250.0, math.nan)
        progress.update(1250.0, 1000.0, 3.0)


def test_a_pipe_stays_silent() -> None:
    stream = io.StringIO()
    progress = progress_for(stream)
    assert isinstance(progress, Quiet)
    drive(progress)
    assert stream.getvalue() == ""


def test_a_terminal_gets_one_line_that_goes_away_again() -> None:
    stream = Terminal()
    progress = progress_for(stream, unit="people")
    assert isinstance(progress, TerminalProgress)
    drive(progress)
    text = stream.getvalue()
    assert "best 1,000 people · bound 1,250 people · gap 25 %" in text
    assert "=1+1" not in text  # a detail nobody asked for
    assert text.rstrip().endswith("\x1b[2K")  # the line is erased


def test_details_on_a_terminal_stand_above_the_line_and_are_text() -> None:
    stream = Terminal()
    drive(progress_for(stream, verbose=True))
    assert "[bold]=1+1[/bold]" in stream.getvalue()


def test_details_in_a_pipe_are_plain_lines() -> None:
    stream = io.StringIO()
    drive(LogProgress("people", stream=stream, every=0.0))
    lines = stream.getvalue().splitlines()
    assert lines[0] == "linear program …"
    assert lines[1] == "[bold]=1+1[/bold]"
    assert lines[2].startswith("linear program · ")
    assert lines[3] == "pairs …"
    assert lines[-1].startswith("pairs · best 1,000 people · bound 1,250 people · gap 25 % · ")
    assert "\x1b" not in stream.getvalue()


def test_figures_in_a_log_wait_for_their_turn() -> None:
    stream = io.StringIO()
    progress = LogProgress(stream=stream, every=1000.0)
    progress.update(10.0, 1.0)
    progress.update(10.0, 2.0)
    assert len(stream.getvalue().splitlines()) == 1


def test_quiet_wins_over_a_terminal() -> None:
    assert isinstance(progress_for(Terminal(), quiet=True, verbose=True), Quiet)


@pytest.mark.parametrize(("value", "text"), [(12345678.4, "12,345,678"), (98.7654, "98.77"), (0.012345, "0.01235")])
def test_figures_are_for_people(value: float, text: str) -> None:
    assert figure(value) == text
