"""How commands speak, and Ctrl-C."""

import signal

import numpy as np
import pytest

from optimizer.cli.options import instance_name
from optimizer.cli.stop import Stop
from optimizer.cli.voice import finding_lines, plain, table
from optimizer.instance.findings import Finding


def test_values_for_machines():
    assert plain({1: np.float64("nan"), "b": (np.int64(3), np.bool_(True), float("inf"))}) == {"1": None, "b": [3, True, None]}


def test_wide_characters_count_twice():
    lines = table(["county", "money"], [["甲县", "5"], ["A", "1,200"]])
    assert lines == ["  county  money", "  甲县        5", "  A       1,200"]


def test_long_lists_are_cut():
    found = [Finding("a.csv", n, "b", None, "is wrong", "Mend it") for n in range(500)]
    lines = finding_lines(found)
    assert len(lines) == 201
    assert "300 more" in lines[-1]


def test_names_of_plans(tmp_path):
    assert instance_name(tmp_path / "a b.xlsx") == "a_b.xlsx", "a folder may be called so"
    (tmp_path / "book.xlsx").write_text("", encoding="utf-8")
    assert instance_name(tmp_path / "book.xlsx", "less/more") == "book-less_more"


def test_the_first_ctrl_c_is_a_wish_and_the_second_ends(capfd):
    given = signal.signal(signal.SIGINT, signal.default_int_handler)  # in the background it would be ignored
    try:
        with pytest.raises(KeyboardInterrupt), Stop() as stop:
            assert not stop()
            signal.raise_signal(signal.SIGINT)
            assert stop()
            signal.raise_signal(signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, given)
    assert "best plan so far" in capfd.readouterr().err
