"""Claims rules: how to share out an estate that is less than what is claimed of it, in closed form and exact.

Sources: O'Neill, "A problem of rights arbitration from the Talmud", Mathematical Social Sciences 2 (1982); Aumann &
Maschler, "Game theoretic analysis of a bankruptcy problem from the Talmud", J. of Economic Theory 36 (1985); Thomson,
"Axiomatic and game-theoretic analysis of bankruptcy and taxation problems", Mathematical Social Sciences 45 (2003). An
estate that is enough gives everyone their claim.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

Claims = Sequence[Fraction]
ZERO, HALF = Fraction(0), Fraction(1, 2)


def proportional(claims: Claims, estate: Fraction) -> list[Fraction]:
    """The same share of every claim."""
    total = sum(claims, ZERO)
    return [claim * estate / total for claim in claims] if total > estate else list(claims)


def equal_awards(claims: Claims, estate: Fraction) -> list[Fraction]:
    """Constrained equal awards: the same for all, but nobody more than the claim; min(c, λ)."""
    awards, left = [ZERO] * len(claims), estate
    order = sorted(range(len(claims)), key=lambda n: claims[n])
    for place, n in enumerate(order):
        awards[n] = min(claims[n], left / (len(order) - place))
        left -= awards[n]
    return awards


def equal_losses(claims: Claims, estate: Fraction) -> list[Fraction]:
    """Constrained equal losses: everyone falls short by the same, but nobody below nothing; max(0, c − λ)."""
    order = sorted(claims, reverse=True)
    total, loss = ZERO, ZERO
    for count, claim in enumerate(order, start=1):  # the count largest share the loss, all smaller ones get nothing
        total += claim
        loss = max(ZERO, (total - estate) / count)
        if count == len(order) or loss >= order[count]:
            break
    return [max(ZERO, claim - loss) for claim in claims]


def talmud(claims: Claims, estate: Fraction) -> list[Fraction]:
    """Equal awards of half the claims up to half of all that is claimed; from there half the claim and equal losses of it."""
    halves = [claim * HALF for claim in claims]
    middle = sum(halves, ZERO)
    if estate <= middle:
        return equal_awards(halves, estate)
    return [half + more for half, more in zip(halves, equal_losses(halves, estate - middle), strict=True)]


RULES: dict[str, Callable[[Claims, Fraction], list[Fraction]]] = {
    "proportional": proportional, "cea": equal_awards, "cel": equal_losses, "talmud": talmud,
}
