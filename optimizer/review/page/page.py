"""Template, script, style and data put together into one file."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
from functools import cache
from importlib.resources import files

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from optimizer.review.page.data import page_data
from optimizer.review.page.messages import LANGUAGES, message, messages
from optimizer.review.recommendations import Recommendations

#: Parts of the script in the order in which they stand; they share one scope of their own.
SCRIPTS = ("text", "data", "table", "store", "list", "card", "map", "overview", "decided", "print", "main")
#: What would end the script element, or is no character that a page can hold.
UNSAFE = re.compile("[<>&\u007f-\u009f\u2028\u2029\ud800-\udfff\ufffe\uffff]")


def review_page(
    recommendations: Recommendations, lang: str = "en", decisions: pd.DataFrame | str | os.PathLike[str] | None = None
) -> str:
    """The page as text: everything a committee needs to review the pairings, in one file.

    Parameters
    ----------
    lang : ``en`` or ``zh``, the language it opens in; both are on the page
    decisions : decisions to begin with; those of the plan's instance where none are given

    Raises
    ------
    ValueError : another language
    InstanceError : the decisions cannot be read
    """
    if lang not in LANGUAGES:
        raise ValueError(f"'{lang}' is not a language of the page; use one of {', '.join(LANGUAGES)}")
    script, style = _script(), asset("page.css")
    return _environment().get_template("page.html.j2").render(
        lang="zh-CN" if lang == "zh" else "en", title=message("page_title", lang), noscript=message("no_script", lang),
        script=script, script_hash=_digest(script), style=style, style_hash=_digest(style),
        messages=as_script(messages()), data=as_script(page_data(recommendations, decisions)),
    )


def as_script(value: object) -> str:
    """JSON that may stand in a script element whatever its texts hold."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def asset(name: str) -> str:
    """A file of the page as it stands in the package."""
    return files(__package__).joinpath("assets", name).read_text(encoding="utf-8")


def _script() -> str:
    return "(() => {\n\"use strict\";\n" + "\n".join(asset(f"{name}.js") for name in SCRIPTS) + "})();\n"


def _digest(text: str) -> str:
    """What the page's security policy lets through: this text and no other."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")


@cache
def _environment() -> Environment:
    return Environment(loader=PackageLoader("optimizer.review.page", "assets"), undefined=StrictUndefined,
                       autoescape=select_autoescape(default=True, default_for_string=True, enabled_extensions=("html", "j2")))
