"""What is measured: the shipped instances, their larger editions, and what each must reach."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
INSTANCES = ROOT / "instances"
NATIONAL_BUILD = INSTANCES / "national" / "build.py"

GENERAL = {"build_floor": 60.0, "build_buffers": 60.0, "memory": 4.0}
"""Bars of every case: build + compile as multiples of the array floor, peak memory in GiB."""


@dataclass(frozen=True)
class Case:
    """One instance to measure.

    Parameters
    ----------
    folder : the instance; None = the national build script makes it with ``edition``
    edition : options of the build script
    scenario : applied after reading
    gap, time_limit : what solving is asked for (percent, seconds); None = as the instance says
    first_only : stop at the first plan
    lp_limit, mip_limit : seconds that the solver alone gets for the same arrays; 0 = it is not asked
    afresh : the what-ifs asked: "lp", "integers", or none
    bars : figure → the most (the least, for speed-ups) that it may be; see `bars`
    """

    name: str
    label: str
    folder: Path | None = None
    edition: tuple[str, ...] = ()
    scenario: str | None = None
    gap: float | None = None
    time_limit: float | None = None
    first_only: bool = False
    lp_limit: float = 300.0
    mip_limit: float = 0.0
    afresh: tuple[str, ...] = ("lp",)
    bars: Mapping[str, float] = field(default_factory=lambda: dict(GENERAL))


CASES = {
    case.name: case
    for case in (
        Case("small", "Zhejiang to Sichuan, 66 counties", INSTANCES / "zhejiang-sichuan", mip_limit=60.0,
             afresh=("lp", "integers")),
        Case("national", "National, 832 counties, one period", INSTANCES / "national", gap=0.1, time_limit=300.0,
             mip_limit=180.0, afresh=("lp", "integers"),
             bars={"first_plan": 90.0, "plan": 180.0, "rest": 30.0, "whatif_lp": 10.0, "whatif_integers": 3.0, **GENERAL}),
        Case("three", "National, three periods", edition=("--periods", "3"), gap=0.2, time_limit=600.0,
             bars={"plan": 360.0, **GENERAL}),
        Case("free", "National, every donor a candidate of every county", INSTANCES / "national", scenario="free_pairing",
             gap=0.2, time_limit=600.0, bars={"plan": 300.0, **GENERAL}),
        Case("tenfold", "National × 10, 8,320 counties: linear program and first plan", edition=("--scale", "10"),
             time_limit=3600.0, first_only=True, lp_limit=900.0, afresh=()),
    )
}


def case_of(text: str) -> Case:
    """A case by its name, or an instance folder of the user's own.

    Raises
    ------
    KeyError : it is neither
    """
    if text in CASES:
        return CASES[text]
    folder = Path(text)
    if not (folder / "instance.yaml").is_file():
        raise KeyError(text)
    return Case(folder.resolve().name, str(folder), folder.resolve(), mip_limit=60.0, afresh=("lp", "integers"))


def prepared(case: Case, spare: Path) -> Path:
    """The folder of a case's instance, built inside ``spare`` if it is an edition that is not shipped."""
    if case.folder is not None:
        return case.folder
    out = spare / case.name
    subprocess.run([sys.executable, str(NATIONAL_BUILD), "--out", str(out), *case.edition], check=True,
                   stdout=subprocess.DEVNULL)
    return out
