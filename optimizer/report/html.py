"""``report.html``: one page that needs nothing else, every text escaped, allowed to fetch nothing."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from optimizer.plan.files import hashes
from optimizer.plan.plan import Plan
from optimizer.plan.reading import INPUTS
from optimizer.report.blocks import ON_PAPER, Table
from optimizer.report.given import Given
from optimizer.report.messages import NAMES
from optimizer.report.sections.order import sections
from optimizer.report.view import View

STYLE, SCRIPT = "style.css.j2", "script.js.j2"
MARKS = {"modelled": "ᵐ", "assumed": "ᵃ", "observed": "ᵒ"}


def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("optimizer.report", "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=select_autoescape(default=True, default_for_string=True, enabled_extensions=("html", "j2")),
    )


def _own(environment: Environment, name: str) -> Markup:
    """Style or script of the package, as it stands: nothing from a plan is in it."""
    assert environment.loader is not None
    return Markup(environment.loader.get_source(environment, name)[0].strip())  # noqa: S704


def context(view: View) -> dict[str, Any]:
    """Everything the template shows."""
    plan, t = view.plan, view.t
    made = sections(view)
    scenario = plan.claims.scenario or plan.instance.scenario_name
    under = [t.listed([view.names.period(period) for period in plan.data.periods]), view.money]
    under += [t("page.scenario", name=view.names.scenario(scenario))] if scenario else []
    return {
        "title": view.names.title,
        "under": under,
        "t": t,
        "lang": NAMES[t.lang],
        "sections": made,
        "marks": MARKS,
        "on_paper": ON_PAPER,
        "cut": any(isinstance(block, Table) and block.cut for section in made for block in section.blocks),
        "version": plan.claims.versions.get("optimizer", ""),
    }


def render(plan: Plan, *, lang: str = "en", given: Given | None = None, known: dict[str, str] | None = None) -> str:
    """The page as text.

    Parameters
    ----------
    lang : ``en`` or ``zh``
    given : results and other plans that are shown beside the plan, see `optimizer.report.given.read_given`
    known : file of the inputs → SHA-256; else those that the plan itself holds

    Raises
    ------
    InstanceError : there is no such language
    """
    environment, view = _environment(), View(plan, lang, given, known)
    script = _own(environment, SCRIPT)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return environment.get_template("report.html.j2").render(
        **context(view), style=_own(environment, STYLE), script=script, digest=digest
    )


def write_report(plan: Plan, path: Path, *, lang: str = "en", given: Given | None = None) -> None:
    """Write the page; what lies in ``inputs`` beside it is what the plan was made from."""
    inputs = path.parent / INPUTS
    known = None if plan.info.get("inputs") or not inputs.is_dir() else hashes(inputs)
    path.write_text(render(plan, lang=lang, given=given, known=known), encoding="utf-8", newline="")
