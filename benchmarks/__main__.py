"""``python -m benchmarks [--case small,national,three,free,tenfold] [--json FILE] [--quick]``."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from dataclasses import asdict
from importlib import metadata
from pathlib import Path
from typing import Any

from benchmarks.bars import bars_of
from benchmarks.cases import CASES, ROOT, Case, case_of, prepared
from benchmarks.table import text_of

PACKAGES = ("pyomo", "highspy", "numpy", "pandas", "scipy")


def main() -> int:
    """Measure the cases asked for, one after another; 1 if one of them could not be measured."""
    options = _arguments()
    failed = False
    report: dict[str, Any] = {"machine": _machine(), "quick": options.quick, "cases": []}
    print(" · ".join(f"{name} {value}" for name, value in report["machine"].items()), end="\n\n", flush=True)
    for case in options.case:
        print(f"measuring {case.name} ...", file=sys.stderr, flush=True)
        try:
            answer = _measured(case, options.quick)
        except subprocess.CalledProcessError as error:
            print(f"== {case.label}\ncould not be measured (exit status {error.returncode})\n", flush=True)
            failed = True
            continue
        bars = bars_of(case, answer)
        report["cases"].append({"case": case.name, "label": case.label, **answer, "bars": [asdict(bar) for bar in bars]})
        print(text_of(case.label, answer, bars), flush=True)
        if options.json is not None:  # after each case, so that a long run leaves what it has
            options.json.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return int(failed)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Speed as ratios to the floor of the same run.")
    parser.add_argument("--case", type=_cases, default=list(CASES.values()), metavar="NAMES",
                        help=f"which, separated by commas: {', '.join(CASES)}, or instance folders (default: all five)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything measured to a file too")
    parser.add_argument("--quick", action="store_true", help="measure once, and give HiGHS alone a few seconds only")
    return parser.parse_args()


def _cases(text: str) -> list[Case]:
    try:
        return [case_of(name) for name in text.split(",")]
    except KeyError as error:
        raise argparse.ArgumentTypeError(f"{error.args[0]!r} is none of {', '.join(CASES)} and no instance folder") from None


def _measured(case: Case, quick: bool) -> dict[str, Any]:
    """What a process of its own measures of a case."""
    with tempfile.TemporaryDirectory() as name:
        spare = Path(name)
        request, answer = spare / "request.json", spare / "answer.json"
        folder = prepared(case, spare)
        asked = {"case": asdict(case) | {"folder": None}, "folder": str(folder), "quick": quick, "answer": str(answer)}
        request.write_text(json.dumps(asked), encoding="utf-8")
        path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
        subprocess.run([sys.executable, "-m", "benchmarks.worker", str(request)], check=True,
                       env={**os.environ, "PYTHONPATH": path}, stdout=sys.stderr)
        measured: dict[str, Any] = json.loads(answer.read_text(encoding="utf-8"))
        return measured


def _machine() -> dict[str, str]:
    versions = {name: metadata.version(name) for name in PACKAGES}
    return {"python": platform.python_version(), "system": platform.system(), "processors": str(os.cpu_count()),
            **versions}


if __name__ == "__main__":
    sys.exit(main())
