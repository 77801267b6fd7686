"""The paper that figures are drawn on: style, size, fonts, and what a figure knows of itself."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

import matplotlib
import pandas as pd
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.transforms import Bbox

from optimizer.instance.findings import OptimizerError
from optimizer.report.figures.fonts import families, hint

# Okabe & Ito, "Color universal design" (2008): eight colours that the colour-blind tell apart.
BLUE, ORANGE, GREEN, RED = "#0072B2", "#E69F00", "#009E73", "#D55E00"
SKY, PURPLE, YELLOW, GREY = "#56B4E9", "#CC79A7", "#F0E442", "#999999"
PALETTE = (BLUE, ORANGE, GREEN, PURPLE, SKY, RED, YELLOW, GREY)
LIGHT = "#D9D9D9"
WIDTH = 7.2  # inches: two columns of a journal, the width of a page with margins
HALF = 36  # letters in a line below one of two panels
STYLE: dict[str, Any] = {
    "font.size": 9, "axes.titlesize": 10.5, "axes.titleweight": "bold", "axes.titlelocation": "left", "axes.labelsize": 9,
    "xtick.labelsize": 8, "ytick.labelsize": 8, "legend.fontsize": 8, "legend.frameon": False, "axes.spines.top": False,
    "axes.spines.right": False, "axes.linewidth": 0.7, "axes.axisbelow": True, "grid.color": "#BBBBBB", "grid.linewidth": 0.4,
    "lines.linewidth": 1.6, "figure.dpi": 100, "savefig.dpi": 200, "text.parse_math": False, "axes.unicode_minus": True,
    "svg.fonttype": "none", "svg.hashsalt": "figure", "figure.facecolor": "white", "savefig.facecolor": "auto",
    "figure.constrained_layout.use": True, "axes.prop_cycle": cycler(color=PALETTE), "pdf.fonttype": 42,
}
GLYPH = re.compile(r"Glyph (\d+) ")
WIDE = "\u2e80"  # letters from here on take two columns


class EmptyFigureError(OptimizerError):
    """The plan or result holds nothing that this figure could show; the message says what is missing."""

    exit_status = 2


@contextmanager
def style() -> Iterator[None]:
    """Everything drawn inside looks like the figures of this package."""
    with matplotlib.rc_context(STYLE | {"font.family": list(families())}):  # type: ignore[arg-type]  # its keys are literals
        yield


class Picture(Figure):
    """A figure that keeps its style, its name, what it shows in words and the numbers drawn.

    Attributes
    ----------
    name : short name, such as ``lorenz``
    title : what it shows, in the language of the figure
    data : the numbers drawn, to be saved beside the picture
    """

    name: str = "figure"
    title: str = ""
    data: pd.DataFrame
    _starts: dict[Axes, Bbox]
    _saving: bool = False

    def draw(self, renderer: RendererBase) -> None:
        """Draw in the style of the package; letters without a font are said once, not drawn as silent boxes."""
        self._begin()
        with style(), warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            if self._saving and isinstance(self.get_layout_engine(), ConstrainedLayoutEngine):
                self._lay_out()
            else:
                super().draw(renderer)
        for one in said:
            missing = GLYPH.match(str(one.message))
            if missing is None:
                warnings.warn_explicit(one.message, one.category, one.filename, one.lineno)
            elif "SVG" not in type(getattr(renderer, "_vector_renderer", renderer)).__name__:
                _say(int(missing[1]))

    def _begin(self) -> None:
        """Put the panels where they were before any layout, since a layout goes on from where it finds them."""
        if not isinstance(self.get_layout_engine(), ConstrainedLayoutEngine):
            return  # the drawing itself, its layout done
        for axes in self.axes:
            axes.set_position(self._starts.setdefault(axes, axes.get_position(original=True).frozen()))
            axes.set_in_layout(True)

    def _lay_out(self) -> None:
        """Find the layout only: matplotlib draws a figure that it saves twice, first unseen and for the sake of the layout."""
        for axes in self.axes:
            axes.apply_aspect()
        layout = self.get_layout_engine()
        assert layout is not None
        layout.execute(self)

    def savefig(self, fname: Any, **options: Any) -> None:
        """As matplotlib's; the same figure gives the same bytes."""
        kind = str(options.get("format") or (str(fname).rpartition(".")[2] if "." in str(fname) else "png")).lower()
        undated = {"svg": {"Date": None}, "png": {"Software": None}, "pdf": {"CreationDate": None, "Creator": None}}
        options.setdefault("metadata", undated.get(kind))
        self._saving = True
        try:
            with style():
                super().savefig(fname, **options)
        finally:
            self._saving = False

    def _repr_png_(self) -> bytes:
        """How a notebook shows the figure."""
        held = io.BytesIO()
        self.savefig(held, format="png", dpi=130)
        return held.getvalue()


_said: set[str] = set()


def _say(letter: int) -> None:
    if "glyph" not in _said:
        _said.add("glyph")
        hint(letter)


def paper(name: str, title: str, data: pd.DataFrame, height: float, width: float = WIDTH) -> Picture:
    """An empty figure; ``width`` and ``height`` in inches."""
    picture = Picture(figsize=(width, height), layout="constrained")
    picture.name, picture.title, picture.data = name, title, data.reset_index(drop=True)
    picture.set_label(name)
    picture._starts = {}
    return picture


P = ParamSpec("P")
S = TypeVar("S")
Drawing = Callable[Concatenate[S, P], Picture]


def styled(function: Drawing[S, P]) -> Drawing[S, P]:
    """Let a function draw in the style of the package."""

    @wraps(function)
    def inside(subject: S, /, *args: P.args, **options: P.kwargs) -> Picture:
        with style():
            return function(subject, *args, **options)

    return inside


def headed(picture: Picture) -> None:
    """The title over a figure of several panels, at the left edge of the paper."""
    picture.suptitle(picture.title, fontsize=10.5, fontweight="bold", x=0.01, ha="left")


def beside(axes: Axes, text: str, x: float, y: float, right: bool = True) -> None:
    """A small figure beside the end of a bar."""
    axes.annotate(text, (x, y), xytext=(3 if right else -3, 0), textcoords="offset points", va="center",
                  ha="left" if right else "right", fontsize=7)


def grid(axes: Axes, axis: str = "x") -> None:
    """Fine lines along one axis, and no ticks on the other."""
    axes.grid(axis=axis)  # type: ignore[arg-type]
    axes.tick_params(axis="y" if axis == "x" else "x", length=0)


def thousands(axes: Axes, axis: str = "x") -> None:
    """Numbers of an axis as people write them: ``1,200,000``."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    ruler = axes.xaxis if axis == "x" else axes.yaxis
    ruler.set_major_locator(MaxNLocator(nbins=6 if axis == "x" else 7, steps=[1, 2, 2.5, 5, 10]))
    ruler.set_major_formatter(FuncFormatter(lambda value, _: short(value)))


def short(value: float) -> str:
    """A number with thousands parted and no more decimals than it needs."""
    if value == round(value) or abs(value) >= 1000:
        return f"{value:,.0f}".replace("-", "\u2212")
    return f"{value:.3g}".replace("-", "\u2212")


def percents(axes: Axes, axis: str = "x") -> None:
    """Shares of an axis as percent."""
    from matplotlib.ticker import FuncFormatter

    ruler = axes.xaxis if axis == "x" else axes.yaxis
    ruler.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:.3g} %".replace("-", "\u2212")))


def wrapped(text: str, width: int, lines: int = 2) -> str:
    """Text in lines of at most ``width`` letters (a Chinese one counts for two), cut with an ellipsis after ``lines``."""
    out, line, size = [], "", 0
    for word in _pieces(" ".join(text.split())):
        length = sum(1 + (letter > WIDE) for letter in word)
        if size and size + length > width:
            out.append(line.rstrip())
            line, size, word = "", 0, word.lstrip()
            length = sum(1 + (letter > WIDE) for letter in word)
        line, size = line + word, size + length
    out.append(line.rstrip())
    return "\n".join(out if len(out) <= lines else [*out[: lines - 1], out[lines - 1] + "…"])


def _pieces(text: str) -> list[str]:
    """Places where a line may break: after a blank but not before %, beside a Chinese letter, inside a very long word."""
    return re.findall(rf"[{WIDE}-\U0010ffff]|[^{WIDE}-\U0010ffff\s]{{1,18}}(?: %(?!\w))?\s?|\s", text)
