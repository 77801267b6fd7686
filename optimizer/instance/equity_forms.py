"""The equity forms by what can be done with them: every one of ``EVALUATED`` can be reported of any plan."""

from __future__ import annotations

#: Forms whose value can be worked out from a plan (of kalai: with the ideals that it records).
EVALUATED: tuple[str, ...] = (
    "maximin", "leximin", "cvar", "owa", "gini", "gini_absolute", "hoover", "mad", "range", "mcloone", "atkinson", "alpha",
    "nash", "theil", "hooker_williams", "chen_hooker", "kalai",
)
#: Indices of inequality that the model knows: made small, or held below a bound.
INDICES: tuple[str, ...] = ("mad", "range", "hoover", "gini", "gini_absolute", "atkinson", "theil")
#: Relative to the mean, or to the median: quotients, which no weighted sum can hold and no price can soften.
QUOTIENTS: tuple[str, ...] = ("range", "hoover", "gini", "atkinson", "theil", "mcloone")
#: Forms that can be optimised and bounded only where all units count alike.
ALIKE: tuple[str, ...] = ("mcloone",)
#: Forms that a rule can hold to a bound; all but maximin from one side only.
BOUNDED: tuple[str, ...] = ("maximin", "cvar", "owa", "alpha", "nash", "mcloone", "kalai", "hooker_williams", "chen_hooker",
                            *INDICES)
#: Forms that a level of the method can make large or small; leximin is an order, and no bound can be set on an order.
OPTIMISED: tuple[str, ...] = ("maximin", "leximin", *BOUNDED[1:])
