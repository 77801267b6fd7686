"""A case as text: the stages, the floor, the what-ifs, the bars."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from benchmarks.bars import Bar
from benchmarks.figures import SOLVING, rest_seconds, search_seconds, stage_ratio

MET = {True: "met", False: "MISSED", None: "not measured"}


def text_of(label: str, answer: dict[str, Any], bars: Sequence[Bar]) -> str:
    """The tables of one case."""
    parts = [f"== {label}", _size(answer["size"]), "", _stages(answer), "", _ending(answer), "", _floor(answer)]
    if answer["whatif"]:
        parts += ["", _what_if(answer["whatif"])]
    return "\n".join([*parts, "", _bars(bars), ""])


def _size(size: dict[str, int]) -> str:
    return (f"{size['counties']:,} counties, {size['candidates']:,} candidate pairs, {size['projects']:,} projects, "
            f"{size['periods']} period(s): {size['rows']:,} rows × {size['columns']:,} columns, {size['entries']:,} entries, "
            f"{size['integers']:,} integers")


def _stages(answer: dict[str, Any]) -> str:
    rows = []
    for stage in answer["stages"]:
        ratio, mark = stage_ratio(answer, stage)
        times = f"median of {stage['times']}" if stage["times"] > 1 else ""
        beside = "linear program" if stage["name"] in SOLVING else "arrays"
        rows.append([stage["name"], _seconds(stage["seconds"]), f"{stage['peak']:,.0f}", f"{mark}{ratio:,.3g} × {beside}", times])
    rows.append(["solving", _seconds(search_seconds(answer)), "", "", ""])
    rows.append(["all the rest", _seconds(rest_seconds(answer)), "", "", ""])
    return _table(["stage", "seconds", "peak MiB", "ratio to the floor", ""], rows, "<>><<")


def _ending(answer: dict[str, Any]) -> str:
    within = ", ".join(f"within {percent} %: {_seconds(at)} s" for percent, at in answer["point_within"].items())
    gap = "none" if answer["gap_percent"] is None else f"{answer['gap_percent']:.3g} %"
    audit = {True: "passed", False: "FAILED", None: "not run"}[answer["audit_passed"]]
    return "\n".join([
        f"whole points, seconds from the start: first {_seconds(answer['first_point'])} s, {within}",
        f"plan: {answer['status']}, gap {gap} (asked {answer['gap_asked']:.3g} %), audit {audit}, "
        f"ready after {_seconds(answer['plan'])} s, all done after {_seconds(answer['total'])} s",
    ])


def _floor(answer: dict[str, Any]) -> str:
    floor, rows = answer["floor"], []
    rows.append(["arrays → HighsLp → passModel", _seconds(floor["handing_over"]["arrays"]), "the floor of all but solving"])
    rows.append(["arrays → passModel, buffers", _seconds(floor["handing_over"]["buffers"]), ""])
    for lp in floor["lp"]:
        rows.append([f"linear program, {lp['method']}", _seconds(lp["seconds"]), "" if lp["done"] else "stopped at its limit"])
    if floor["lp_apart"] is not None:
        rows[-1][-1] = "; ".join(filter(None, [rows[-1][-1], f"our value is {floor['lp_apart']:.1g} apart"]))
    if "mip" in floor:
        mip = floor["mip"]
        gap = "no plan" if mip["gap_percent"] is None else f"gap {mip['gap_percent']:.3g} %"
        rows.append(["integer program", _seconds(mip["seconds"]), gap + ("" if mip["done"] else ", stopped at its limit")])
    return _table(["HiGHS by hand, same arrays", "seconds", ""], rows, "<><")


def _what_if(found: dict[str, Any]) -> str:
    rows = [["linear, afresh", _seconds(found["afresh_seconds"]), "", f"median of {found['afresh_times']}"],
            ["linear, loaded", _seconds(found["relax_seconds"]), f"{found['linear_ratio']:,.3g} × quicker",
             f"median of {found['relax_times']}; values {found['linear_apart']:.1g} apart"]]
    if "by_hand_ratio" in found:
        rows.append(["linear, HiGHS by hand", _seconds(found["by_hand_seconds"]),
                     f"loaded takes {found['by_hand_ratio']:,.3g} ×",
                     f"changed in a warm model; values {found['by_hand_apart']:.1g} apart"])
    if "integers_ratio" in found:
        for name, key in (("whole plan, afresh", "solve_afresh"), ("whole plan, loaded", "solve")):
            gap = found[f"{key}_gap_percent"]
            ratio = f"{found['integers_ratio']:,.3g} × quicker" if key == "solve" else ""
            ended = found[f"{key}_status"] + ("" if gap is None else f", gap {gap:.3g} %")
            rows.append([name, _seconds(found[f"{key}_seconds"]), ratio, ended])
    return _table([f"what if {found['change']}", "seconds", "", ""], rows, "<><<")


def _bars(bars: Sequence[Bar]) -> str:
    rows = []
    for bar in bars:
        sign = "≥" if bar.figure.startswith("whatif") else "≤"
        measured = "–" if bar.measured is None else f"{bar.measured:,.3g} {bar.unit}"
        rows.append([bar.what, measured, f"{sign} {bar.bar:,.3g} {bar.unit}", MET[bar.met], bar.note])
    return _table(["bar", "measured", "wanted", "", ""], rows, "<>><<")


def _table(header: Sequence[str], rows: Sequence[Sequence[str]], align: str) -> str:
    widths = [max(len(row[n]) for row in [header, *rows]) for n in range(len(header))]
    lines = ["  ".join(f"{cell:{side}{width}}" for cell, side, width in zip(row, align, widths, strict=True)).rstrip()
             for row in [header, *rows]]
    return "\n".join([lines[0], "-" * max(map(len, lines)), *lines[1:]])


def _seconds(value: float | None) -> str:
    """Three figures; a dash where there is nothing."""
    if value is None:
        return "–"
    return f"{value:,.1f}" if value >= 10 else f"{value:.3f}" if value >= 0.01 else f"{value:.5f}"
