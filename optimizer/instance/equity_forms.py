"""The equity forms by what can be done with them: every one of ``EVALUATED`` can be reported of any plan."""

from __future__ import annotations

#: Forms whose value can be worked out from a plan alone.
EVALUATED: tuple[str, ...] = (
    "maximin", "leximin", "cvar", "owa", "gini", "gini_absolute", "hoover", "mad", "range", "mcloone", "atkinson", "alpha",
    "nash", "theil", "hooker_williams", "chen_hooker",
)
#: Forms that a level of the method can make large or small.
OPTIMISED: tuple[str, ...] = ("maximin",)
#: Forms that a rule can hold to a bound.
BOUNDED: tuple[str, ...] = ("maximin",)
