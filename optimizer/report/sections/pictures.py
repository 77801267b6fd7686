"""Pictures of a section: a figure of the package as a block, with its numbers to download; nothing where it shows nothing."""

from __future__ import annotations

from collections.abc import Callable

from optimizer.report import figures
from optimizer.report.blocks import Picture, Table, csv_address
from optimizer.report.sections.numbers import numbers
from optimizer.report.view import View


def picture(view: View, name: str, *grounds: str) -> list[Picture]:
    """A figure of the plan."""
    return drawn(view, lambda: getattr(figures, name)(view.plan, lang=view.t.lang), *grounds)


def drawn(
    view: View, draw: Callable[[], figures.Picture], *grounds: str, prefix: str = "", table: Table | None = None
) -> list[Picture]:
    """A figure as a block.

    Parameters
    ----------
    prefix : tells figures of one kind apart on a page
    table : the table that holds the same numbers, where the page has one: then it is what is downloaded
    """
    try:
        made = draw()
    except figures.EmptyFigureError:
        return []
    if prefix:
        made.set_label(f"{made.name}-{prefix}")
    return [
        Picture(
            f"{made.name}{prefix}",
            made.title,
            figures.svg(made),
            csv_address(*numbers(view, made.name, made.data)) if table is None else table.download,
            (),
            view.grounds.of(*grounds),
        )
    ]
