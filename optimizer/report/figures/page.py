"""A figure as SVG text that a page can hold: the same bytes each time, no address in it, readable in dark pages."""

from __future__ import annotations

import io
import re
from html import escape

from matplotlib.figure import Figure

from optimizer.report.figures.canvas import style
from optimizer.report.figures.fonts import STACK

MARKUP = re.compile(r"<[^<>]*>")  # letters < and > of names are escaped, so nothing else looks like it
FONT = re.compile(r"font-family: [^;\"]*(?:; ?)?")
GEOMETRY = re.compile(r' (?:d|x|y|width|height|transform)="[^"]*"')
DECIMALS = re.compile(r"(\.\d\d)\d+")
UPRIGHT = re.compile(r' transform="rotate\(-0 [^"]*\)"')
IDENTIFIER = re.compile(r'( id="|url\(#|href="#)')
#: Colours that need another shade on dark paper: the page may set these properties, else the colour stays.
SHADES = {"#0072b2": "blue", "#56b4e9": "sky", "#d9d9d9": "faint", "#bbbbbb": "grid", "#ffffff": "paper"}
SHADE = re.compile(f"(fill|stroke): ({'|'.join(SHADES)})")
SIZE = re.compile(r'viewBox="([^"]*)"')


def svg(figure: Figure) -> str:
    """The figure as one ``<svg>`` element.

    Text stays text (it can be searched and copied); lines and letters in black take the colour of the text around them;
    identifiers begin with the figure's name, so that a page may hold many; nothing refers to a network.
    """
    held = io.StringIO()
    with style():
        figure.savefig(held, format="svg", transparent=True, metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")))
    text = re.sub(r"<metadata>.*?</metadata>\s*|<style.*?</style>\s*", "", held.getvalue(), flags=re.S)
    start = text.index("<svg ")
    opening, body = text[start:].split(">", 1)
    box, title = SIZE.search(opening), escape(str(getattr(figure, "title", "")), quote=True)
    if box is None:
        raise ValueError("an SVG file has a size")
    name = re.sub(r"[^A-Za-z0-9_-]", "-", str(figure.get_label()) or "figure")
    body = MARKUP.sub(lambda found: _lean(found[0], name), body).strip()
    head = (f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="{box[1]}" '
            f'class="figure" role="img" aria-label="{title}" fill="currentColor" stroke-linejoin="round" font-family="{STACK}" '
            f'style="width:100%;max-width:{box[1].split()[2]}pt;height:auto">')
    return head + (f"<title>{title}</title>" if title else "") + body + "\n"


def _lean(tag: str, name: str) -> str:
    """One tag: black as the colour around it, shades that a page may set, own identifiers, few decimals, no families."""
    tag = IDENTIFIER.sub(rf"\g<1>{name}-", tag.replace("stroke: #000000", "stroke: currentColor"))
    tag = UPRIGHT.sub("", FONT.sub("", tag.replace("fill: #000000", "fill: currentColor")))
    tag = SHADE.sub(lambda found: f"{found[1]}: var(--figure-{SHADES[found[2]]}, {found[2]})", tag)
    return GEOMETRY.sub(lambda found: DECIMALS.sub(r"\1", found[0]), tag)
