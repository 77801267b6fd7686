"""Locks and forbids against one limit each, in words: a donor's counties, load and money, a county's partners."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd

from optimizer.instance.checks.words import amount, counted, some
from optimizer.instance.counts.case import Case
from optimizer.instance.decisions import STATUS
from optimizer.instance.findings import Finding

ENOUGH = 1e-9
WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def check(case: Case) -> Iterator[Finding]:
    """Every limit that locks or forbids break by themselves."""
    pairs = case.data.pairs
    locked = pairs[(pairs["status"] == "lock").to_numpy()]
    if len(locked):
        yield from _donors(case, locked)
        yield from _counties(case, locked)
    forbidden = pairs[(pairs["status"] == "forbid").to_numpy()]
    if len(forbidden):
        yield from _forbidden(case, forbidden)


def _donors(case: Case, locked: pd.DataFrame) -> Iterator[Finding]:
    data = case.data
    for donor, own in locked.groupby("donor", sort=True):
        name, load = called(case, "donors", str(donor)), float(own["load"].sum())
        limit, most_load = _number(data.donors, str(donor), "pairs_max"), _number(data.donors, str(donor), "load_max")
        counties = some(those(case, "counties", own["county"]))
        if len(own) > limit:
            yield _told(case, own, f"give {name} {spelled(len(own), 'county', 'counties')} ({counties}), "
                        f"its limit is {spelled(limit)}",
                        f"Take back {spelled(len(own) - limit)} of them, or raise pairs_max of {donor}")
        if load > most_load * (1 + ENOUGH) + ENOUGH:
            yield _told(case, own, f"give {name} a load of {amount(load)} ({counties}), its limit is "
                        f"{amount(most_load)}", f"Take some of them back, or raise load_max of {donor}")
        yield from _money(case, own, str(donor), name)


def _money(case: Case, own: pd.DataFrame, donor: str, name: str) -> Iterator[Finding]:
    """Least support of locked pairs above the donor's money, told for the period in which most is missing."""
    data = case.data
    least = data.pair_money[data.pair_money["pair"].isin(own.index)].groupby("period")["least"].sum()
    means = data.donor_money[(data.donor_money["donor"] == donor).to_numpy()].set_index("period")["money"].astype(float)
    short = least - means
    if short.max() > ENOUGH * (1 + float(least.max())):
        period = data.periods[int(np.argmax([short.get(p, -np.inf) for p in data.periods]))]
        when = f" in {period}" if len(data.periods) > 1 else ""
        yield _told(case, own, f"oblige {name} to give at least {case.money(float(least[period]))}{when} (least_support of "
                    f"{some(those(case, 'counties', own['county']))}), its money is {case.money(float(means[period]))}",
                    f"Take some of them back, lower their least_support, or raise money of {donor}")


def _counties(case: Case, locked: pd.DataFrame) -> Iterator[Finding]:
    for county, own in locked.groupby("county", sort=True):
        limit = _number(case.data.counties, str(county), "partners_max")
        if len(own) > limit:
            yield _told(case, own, f"give {called(case, 'counties', str(county))} {spelled(len(own), 'partner')} "
                        f"({some(those(case, 'donors', own['donor']))}), its limit is {spelled(limit)}",
                        f"Take back {spelled(len(own) - limit)} of them, or raise partners_max of {county}")


def _forbidden(case: Case, forbidden: pd.DataFrame) -> Iterator[Finding]:
    """Counties and donors that must have partners and are left with too few candidates."""
    data = case.data
    for side, other, table, least, most in (("county", "donor", "counties", "partners_min", "partners"),
                                            ("donor", "county", "donors", "pairs_min", "counties")):
        frame: pd.DataFrame = getattr(data, table)
        all_of, gone = data.pairs[side].value_counts(), forbidden[side].value_counts()
        for name in sorted(gone.index):
            need, left = _number(frame, str(name), least), int(all_of[name] - gone[name])
            if left < need <= all_of[name]:
                own = forbidden[(forbidden[side] == name).to_numpy()]
                leave = f"{spelled(left)} candidate{'' if left == 1 else 's'}"
                others = some(those(case, "donors" if other == "donor" else "counties", own[other]))
                yield _told(case, own, f"leave {called(case, table, name)} {leave} ({spelled(len(own))} forbidden: "
                            f"{others}), it must have at least {spelled(need)} {most if need != 1 else other}",
                            f"Free {spelled(need - left)} of them, or lower {least} of {name}", "forbids")


def _told(case: Case, rows: pd.DataFrame, problem: str, mend: str, what: str = "locks") -> Finding:
    return case.located("decisions" if _decided(case, rows) else "locked pairs", f"{what} {problem}", mend)


def _decided(case: Case, rows: pd.DataFrame) -> bool:
    """Whether one of these pairs has its status from a decision."""
    decisions = case.data.instance.decisions
    if decisions is None:
        return False
    own = decisions[(decisions["kind"] == "pair") & decisions["decision"].isin(list(STATUS))]
    here, there = (pd.MultiIndex.from_frame(frame[["donor", "county"]]) for frame in (rows, own))
    return bool(here.isin(there).any())


def _number(frame: pd.DataFrame, key: str, column: str) -> float:
    return float(frame[column].to_numpy(float)[frame.index.get_loc(key)])


def called(case: Case, table: str, key: str) -> str:
    """``Suzhou (320500)``, or the identifier where there is no other name."""
    name = str(getattr(case.data, table).loc[key, "name"])
    return key if name == key else f"{name} ({key})"


def those(case: Case, table: str, keys: Iterable[str]) -> list[str]:
    """Each of several places by its name and identifier, ``苍溪县 510824``, or by that alone."""
    names = getattr(case.data, table)["name"]
    return [key if str(names[key]) == key else f"{names[key]} {key}" for key in keys]


def spelled(number: float, one: str = "", many: str | None = None) -> str:
    """``nine counties``; figures from thirteen on."""
    count = int(np.floor(number))
    word = WORDS[count] if 0 <= count < len(WORDS) else f"{count:,}"
    return f"{word} {counted(count, one, many).split(' ', 1)[1]}" if one else word


def excused(case: Case) -> tuple[np.ndarray, np.ndarray]:
    """Locked pairs of each donor and of each county: what the counting of partners lets pass, for it is told here."""
    pairs = case.data.pairs
    locked = pairs[(pairs["status"] == "lock").to_numpy()]
    return (np.bincount(locked["donor"].map(case.donor_at).to_numpy(int), minlength=len(case.donor_at)).astype(float),
            np.bincount(locked["county"].map(case.county_at).to_numpy(int), minlength=len(case.county_at)).astype(float))
