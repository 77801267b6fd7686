"""`plan.plot`: the figures of a plan, drawn when asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from optimizer.plan.plan import Plan

if TYPE_CHECKING:
    from optimizer.methods.pareto.front import Front
    from optimizer.report.figures.canvas import Picture
    from optimizer.report.figures.results import Curve, Swings


class Figures:
    """Figures of one plan; each is a matplotlib figure with ``name``, ``title`` and ``data``, in ``en`` or ``zh``.

    An `EmptyFigureError` says what is missing where a plan has nothing to show.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan

    def all(self, *, lang: str = "en") -> dict[str, Picture]:
        """Every figure that this plan has something for, by name; see `drawn`."""
        from optimizer.report.figures import drawn

        return drawn(self._plan, lang=lang)

    def funds_by_region(self, *, lang: str = "en", level: str | None = None) -> Picture:
        """Money by place and stream; see `optimizer.report.figures.funds`."""
        from optimizer.report.figures.funds import funds_by_region

        return funds_by_region(self._plan, lang=lang, level=level)

    def funds_per_head(self, *, lang: str = "en") -> Picture:
        """Money per inhabitant, county by county; see `optimizer.report.figures.per_head`."""
        from optimizer.report.figures.per_head import funds_per_head

        return funds_per_head(self._plan, lang=lang)

    def winners_losers(self, *, lang: str = "en", against: str | None = None) -> Picture:
        """Changes against last year or the factor method; see `optimizer.report.figures.changes`."""
        from optimizer.report.figures.changes import winners_losers

        return winners_losers(self._plan, lang=lang, against=against)

    def coverage_by_need(self, *, lang: str = "en") -> Picture:
        """People covered and left, need by need; see `optimizer.report.figures.coverage`."""
        from optimizer.report.figures.coverage import coverage_by_need

        return coverage_by_need(self._plan, lang=lang)

    def lorenz(self, *, lang: str = "en") -> Picture:
        """Lorenz curves of coverage and money; see `optimizer.report.figures.evenness`."""
        from optimizer.report.figures.evenness import lorenz

        return lorenz(self._plan, lang=lang)

    def indicators(self, *, lang: str = "en") -> Picture:
        """Indices of inequality and covered shares; see `optimizer.report.figures.inequality`."""
        from optimizer.report.figures.inequality import indicators

        return indicators(self._plan, lang=lang)

    def pairings_map(self, *, lang: str = "en") -> Picture:
        """Pairs as lines between dots; see `optimizer.report.figures.pairings`."""
        from optimizer.report.figures.pairings import pairings_map

        return pairings_map(self._plan, lang=lang)

    def donor_capacity(self, *, lang: str = "en") -> Picture:
        """What donors have and use; see `optimizer.report.figures.capacity`."""
        from optimizer.report.figures.capacity import donor_capacity

        return donor_capacity(self._plan, lang=lang)

    def projects_by_sector(self, *, lang: str = "en") -> Picture:
        """Projects proposed and paid for; see `optimizer.report.figures.sectors`."""
        from optimizer.report.figures.sectors import projects_by_sector

        return projects_by_sector(self._plan, lang=lang)

    def rules_slack(self, *, lang: str = "en") -> Picture:
        """How each rule stands; see `optimizer.report.figures.standing`."""
        from optimizer.report.figures.standing import rules_slack

        return rules_slack(self._plan, lang=lang)

    def scenarios(self, others: Mapping[str, Plan], *, lang: str = "en", name: str | None = None) -> Picture:
        """This plan (called ``name``) beside others; see `optimizer.report.figures.side_by_side`."""
        from optimizer.report.figures.side_by_side import scenarios
        from optimizer.report.figures.words import say

        return scenarios({name or say(lang, "figure.scenarios.this"): self._plan, **others}, lang=lang)

    def budget_curve(self, found: Curve, *, lang: str = "en") -> Picture:
        """A budget curve of this plan's instance; see `optimizer.report.figures.results`."""
        from optimizer.report.figures.results import budget_curve

        return budget_curve(found, lang=lang)

    def tornado(self, found: Swings, *, lang: str = "en") -> Picture:
        """A tornado of this plan's instance; see `optimizer.report.figures.results`."""
        from optimizer.report.figures.results import tornado

        known = self._plan.criteria.set_index("criterion")["unit"]
        return tornado(found, lang=lang, unit=str(known.get(found.criterion, "")))

    def front(self, found: Front, *, lang: str = "en") -> Picture:
        """A front of this plan's instance; see `optimizer.report.figures.fronts`."""
        from optimizer.report.figures.fronts import front

        return front(found, lang=lang)


Plan.plot = property(Figures)
