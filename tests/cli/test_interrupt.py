"""Ctrl-C for real: on a run of the small instance in a process of its own."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

INSTANCE = Path(__file__).parents[2] / "instances" / "zhejiang-sichuan"


@pytest.mark.skipif(os.name == "nt", reason="another process cannot press Ctrl-C there")
def test_ctrl_c_ends_with_the_best_plan_so_far(tmp_path):
    command = [sys.executable, "-m", "optimizer", "solve", str(INSTANCE), "--gap", "0", "--time-limit", "300", "--verbose",
               "--json", "--out", str(tmp_path / "plan")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8") as run:
        assert run.stderr is not None
        for line in run.stderr:
            if "best " in line and "best 0 " not in line:  # points of soft rules can be 0 before there is a plan
                run.send_signal(signal.SIGINT)
                break
        out, err = run.communicate(timeout=240)
    assert run.returncode == 4, err
    assert "Stopping: the best plan so far will be written" in err
    told = json.loads(out)
    assert (told["status"], told["exit"], told["audit"]["passed"]) == ("interrupted", 4, True)
    assert told["objective"] < told["bound"]
    assert (tmp_path / "plan" / "report.html").is_file()
