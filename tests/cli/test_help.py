"""Every command explains itself, and a wrong command line is a fault of the input."""

import subprocess
import sys

import pytest

COMMANDS = ["new", "check", "solve", "alternatives", "weights", "weight-ranges", "pareto", "curve", "sensitivity", "sweep",
            "tornado", "uncertainty", "robust", "fairness", "recommend", "decisions", "explain", "audit", "compare", "report",
            "convert", "export"]
OF_INSTANCES = ["check", "solve", "convert", "export"]


def test_the_list_of_commands_is_complete(optimizer):
    ran = optimizer("--help")
    assert ran.status == 0
    assert [line.split()[0] for line in ran.out.split("Commands:")[1].strip().splitlines()] == COMMANDS


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(optimizer, command):
    ran = optimizer(command, "--help")
    assert ran.status == 0
    assert f"optimizer {command}" in ran.out
    assert all(option in ran.out for option in ("--json", "--verbose", "--quiet"))


@pytest.mark.parametrize("command", OF_INSTANCES)
def test_commands_on_instances_share_their_options(optimizer, command):
    ran = optimizer(command, "--help")
    assert all(option in ran.out for option in ("--out", "--scenario NAME", "--set KEY=VALUE", "--decisions FILE"))


def test_version(optimizer):
    from importlib.metadata import version

    ran = optimizer("--version")
    assert (ran.status, ran.out.strip()) == (0, f"optimizer {version('optimizer')}")


@pytest.mark.parametrize("arguments", [["fly"], ["solve"], ["solve", "x", "--fast"], ["solve", "x", "--threads", "many"]])
def test_a_wrong_command_line_is_a_fault_of_the_input(optimizer, arguments):
    ran = optimizer(*arguments)
    assert ran.status == 2
    assert "Traceback" not in ran.err
    assert ran.err.strip()


def test_the_module_is_the_command_and_no_console_encoding_breaks_it(two):
    (two / "counties.csv").write_text("county,name,population\n甲 县,甲县,-5\n", encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, "-m", "optimizer", "check", str(two)], capture_output=True, check=False,
        env={"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "SYSTEMROOT": "C:\\Windows"},
    )
    assert ran.returncode == 2
    assert b"Traceback" not in ran.stderr
    assert b"'? ?'" in ran.stdout
