"""The bars of a case beside what was measured. Nothing is asserted: a bar is met, missed, or was not measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from benchmarks.cases import Case
from benchmarks.figures import rest_seconds, seconds_of

SPEED_UPS = {"whatif_lp", "whatif_integers"}


@dataclass(frozen=True)
class Bar:
    """One bar: ``met`` is None where there is nothing to compare."""

    figure: str
    what: str
    measured: float | None
    bar: float
    unit: str
    met: bool | None
    note: str = ""


def bars_of(case: Case, answer: dict[str, Any]) -> list[Bar]:
    """Every bar of a case with its measured figure."""
    return [_bar(figure, most, case, answer) for figure, most in case.bars.items()]


def _bar(figure: str, bar: float, case: Case, answer: dict[str, Any]) -> Bar:
    what, unit, measured, note = _measured(figure, case, answer)
    if measured is None:
        return Bar(figure, what, None, bar, unit, None, note)
    met = measured >= bar if figure in SPEED_UPS else measured <= bar
    if figure == "plan":
        gap = answer["gap_percent"]
        met = met and gap is not None and gap <= answer["gap_asked"] + 1e-9
    return Bar(figure, what, measured, bar, unit, met, note)


def _measured(figure: str, case: Case, answer: dict[str, Any]) -> tuple[str, str, float | None, str]:
    """What a figure is called, its unit, its value and a remark."""
    building = seconds_of(answer, "build") + seconds_of(answer, "compile")
    floor, whatif = answer["floor"]["handing_over"], answer["whatif"]
    if figure == "first_plan":
        return "first audited plan", "s", answer["first_plan"], "first whole point + whole steps + plan + audit of this run"
    if figure == "plan":
        gap = answer["gap_percent"]
        return (f"audited plan within {answer['gap_asked']:.3g} % of the bound", "s", answer["plan"],
                "no plan" if gap is None else f"its gap {gap:.3g} %")
    if figure == "rest":
        return "everything but solving", "s", rest_seconds(answer), "whole steps included"
    if figure == "memory":
        return "peak memory of the job", "GiB", answer["peak"] / 1024, ""
    if figure == "build_floor":
        return "build + compile, times HighsLp by hand", "×", building / floor["arrays"], ""
    if figure == "build_buffers":
        return "build + compile, times array buffers by hand", "×", building / floor["buffers"], "a lower floor: no HighsLp"
    if figure == "whatif_lp":
        return "what-if, linear: afresh / loaded", "×", whatif.get("linear_ratio"), ""
    return "what-if, whole plans: afresh / loaded", "×", whatif.get("integers_ratio"), _ended(whatif)


def _ended(whatif: dict[str, Any]) -> str:
    """The gaps at which the two plans of a what-if ended."""
    if "integers_ratio" not in whatif:
        return ""
    gaps = [whatif[f"{name}_gap_percent"] for name in ("solve_afresh", "solve")]
    return "gaps " + " and ".join("none" if gap is None else f"{gap:.3g} %" for gap in gaps)


