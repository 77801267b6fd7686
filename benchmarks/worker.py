"""One case in a process of its own, so that its peak memory is its own: ``python -m benchmarks.worker REQUEST``."""

from __future__ import annotations

import time

BEGAN = time.monotonic()

import json  # noqa: E402
import sys  # noqa: E402
from dataclasses import asdict  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any  # noqa: E402

from benchmarks import floor, whatif  # noqa: E402
from benchmarks.cases import Case  # noqa: E402
from benchmarks.clock import Recorder, Stage, peak_mib  # noqa: E402
from benchmarks.stages import Job, in_order, main_job, repeat_short  # noqa: E402

QUICK_LIMIT = 5.0  # seconds for HiGHS alone when only the shape of the answer is wanted


def measure(case: Case, folder: Path, *, quick: bool, began: float = BEGAN) -> dict[str, Any]:
    """Everything measured of one case, as plain values."""
    recorder = Recorder(began)
    recorder.stages["start"] = Stage("start", recorder.now(), peak_mib())
    job = main_job(case, folder, recorder)
    total = recorder.now()
    out = _outcome(job, total)
    times = 1 if quick else 5
    if not quick:
        repeat_short(job, case, folder)
    out["stages"] = [asdict(stage) for stage in in_order(recorder.stages)]
    out["floor"], warm = _floor(job, case, quick, times)
    out["whatif"] = whatif.what_if(job, case, folder, warm, integers=True, times=times) if case.afresh else {}
    out["peak_all"] = peak_mib()
    return out


def _outcome(job: Job, total: float) -> dict[str, Any]:
    """Size, times of points and how the plan ended."""
    recorder, program, instance = job.recorder, job.program, job.session.instance
    after = sum(recorder.stages[name].seconds for name in ("whole steps", "plan", "audit") if name in recorder.stages)
    written = recorder.stages["write"].seconds if "write" in recorder.stages else 0.0
    plan = job.plan
    return {
        "size": {
            "counties": len(instance.data.counties), "candidates": len(instance.data.pairs),
            "projects": len(instance.data.projects), "periods": len(instance.data.periods), "rows": program.n_rows,
            "columns": program.n_columns, "entries": int(program.matrix.nnz), "integers": int(program.integer.sum()),
        },
        "first_point": recorder.first,
        "first_plan": None if recorder.first is None or plan is None else recorder.first + after,
        "point_within": {percent: recorder.reached(float(percent)) for percent in ("0.2", "0.1")},
        "plan": None if plan is None else total - written,
        "total": total,
        "peak": job.peak,
        "gap_asked": 100 * instance.settings.settings.gap,
        "gap_percent": None if plan is None else plan.outcome.gap_percent,
        "status": job.failure if plan is None else plan.outcome.status,
        "audit_passed": None if plan is None or plan.audit is None else plan.audit.passed,
        "trace": [[_number(value) for value in sample] for sample in recorder.trace],
    }


def _number(value: float) -> float | None:
    return value if abs(value) < float("inf") else None


def _floor(job: Job, case: Case, quick: bool, times: int) -> tuple[dict[str, Any], Any]:
    """HiGHS by hand on the same arrays, and its warm linear program."""
    settings = job.session.instance.settings.settings
    out: dict[str, Any] = {"handing_over": floor.handing_over(job.program, job.linear, times)}
    lp_limit, mip_limit = ((QUICK_LIMIT, min(QUICK_LIMIT, case.mip_limit)) if quick else (case.lp_limit, case.mip_limit))
    answers, warm = floor.quickest(job.program, job.linear, lp_limit, settings.threads, times)
    out["lp"] = [asdict(answer) for answer in answers]
    values = [answer.value for answer in answers if answer.value is not None]
    out["lp_apart"] = whatif.apart(job.session.relax().value, values[0]) if values else None
    if mip_limit:
        answer = floor.integer_program(job.program, job.linear, settings.gap, mip_limit, settings.threads, settings.seed)
        out["mip"] = asdict(answer) | {"gap_percent": answer.gap_percent, "limit": mip_limit}
    return out, warm


def main(request: str) -> None:
    """Measure what the request file names and write the answer beside it."""
    asked = json.loads(Path(request).read_text(encoding="utf-8"))
    case = Case(**asked["case"])
    answer = measure(case, Path(asked["folder"]), quick=asked["quick"])
    Path(asked["answer"]).write_text(json.dumps(answer), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
