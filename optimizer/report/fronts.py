"""The picture of a front as a file."""

from __future__ import annotations

from pathlib import Path

from optimizer.methods.pareto.front import Front


def draw_front(front: Front, file: str | Path, lang: str = "en") -> Path:
    """Write the picture of a front as SVG or PNG, by the ending of the name; see `optimizer.report.figures.fronts`.

    Returns
    -------
    Path : the file
    """
    from optimizer.report.figures import fronts

    place = Path(file)
    place.parent.mkdir(parents=True, exist_ok=True)
    fronts.front(front, lang=lang).savefig(place, dpi=150)
    return place
