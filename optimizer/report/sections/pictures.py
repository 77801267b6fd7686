"""Pictures of a section: a figure of the package as a block, with its numbers to download; nothing where it shows nothing."""

from __future__ import annotations

from collections.abc import Callable

from optimizer.report import figures
from optimizer.report.blocks import Picture, csv_address
from optimizer.report.view import View


def picture(view: View, name: str, *grounds: str) -> list[Picture]:
    """A figure of the plan."""
    return drawn(view, lambda: getattr(figures, name)(view.plan, lang=view.t.lang), *grounds)


def drawn(view: View, draw: Callable[[], figures.Picture], *grounds: str, prefix: str = "") -> list[Picture]:
    """A figure as a block; ``prefix`` tells figures of one kind apart on a page."""
    try:
        made = draw()
    except figures.EmptyFigureError:
        return []
    if prefix:
        made.set_label(f"{made.name}-{prefix}")
    rows = [list(row) for row in made.data.itertuples(index=False)]
    return [
        Picture(
            f"{made.name}{prefix}",
            made.title,
            figures.svg(made),
            csv_address([str(head) for head in made.data.columns], rows),
            (),
            view.grounds.of(*grounds),
        )
    ]
