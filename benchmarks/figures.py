"""Figures drawn from what a worker measured."""

from __future__ import annotations

from typing import Any

SOLVING = ("linear relaxation", "bound", "pairs", "projects", "polish", "integer program")


def seconds_of(answer: dict[str, Any], name: str) -> float:
    """Seconds of a stage; 0 if it was not run."""
    return float(next((stage["seconds"] for stage in answer["stages"] if stage["name"] == name), 0.0))


def rest_seconds(answer: dict[str, Any]) -> float:
    """Everything but solving: the sum of all other stages, starting Python included."""
    return float(sum(stage["seconds"] for stage in answer["stages"] if stage["name"] not in SOLVING))


def search_seconds(answer: dict[str, Any]) -> float:
    """All of solving."""
    return float(sum(stage["seconds"] for stage in answer["stages"] if stage["name"] in SOLVING))


def lp_floor(answer: dict[str, Any]) -> tuple[float, bool]:
    """Seconds of the quicker raw linear program, and whether it ended (if not, it takes at least so long)."""
    lps = answer["floor"]["lp"]
    done = [lp["seconds"] for lp in lps if lp["done"]]
    return (min(done), True) if done else (max(lp["seconds"] for lp in lps), False)


def stage_ratio(answer: dict[str, Any], stage: dict[str, Any]) -> tuple[float, str]:
    """A stage's seconds over the floor's, and the mark ("<") of a floor that did not end.

    Solving is compared with HiGHS's linear program on the same arrays, the rest with handing these arrays over.
    """
    if stage["name"] in SOLVING:
        floor, ended = lp_floor(answer)
        return stage["seconds"] / max(floor, 1e-9), "" if ended else "<"
    return stage["seconds"] / max(answer["floor"]["handing_over"]["arrays"], 1e-9), ""
