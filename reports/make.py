"""Make the reports of the shipped instances from their plans in `plans/`, and the pictures of the README.

    python reports/make.py [NAME ...]        (make reports solves first what has no plan yet)
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import optimizer as opt
from optimizer.plan.audit import audit_folder
from optimizer.report import write_report
from optimizer.report.figures import EmptyFigureError
from optimizer.report.sections.first import told
from optimizer.report.view import View

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
LARGEST = 3_000_000
"""Bytes of a report that is kept in the repository; a larger one is told of, and its summary stands alone."""
TITLES = {"national": "China, 832 counties", "zhejiang-sichuan": "Zhejiang and Sichuan, 66 counties",
          "us-counties": "United States, 353 counties"}
SHOWN = ("pairings_map", "lorenz", "coverage_by_need", "funds_by_region")
README = (("zhejiang-sichuan", "pairings_map"), ("zhejiang-sichuan", "lorenz"))
BY_HAND = "Each is made from a plan by `make reports`; nothing is written by hand."


def make(name: str) -> str:
    """Write the page and the summary of one plan; return its entry of the index."""
    folder = ROOT / "plans" / name
    plan = replace(opt.Plan.read(folder), audit=audit_folder(folder))
    page = HERE / f"{name}.html"
    write_report(plan, page)
    size = page.stat().st_size
    if size > LARGEST:
        page.unlink()
    sentences = told(View(plan))
    pictures = [drawn for drawn in (_picture(plan, name, figure) for figure in SHOWN) if drawn]
    links = f"[The whole report]({page.name}) ({size / 1e6:.1f} MB, opens in any browser)" if size <= LARGEST else (
        f"The whole report has {size / 1e6:.1f} MB and is not kept here: "
        f"`optimizer report plans/{name} --out {name}.html` writes it")
    said = "\n".join(f"- {sentence}" for sentence in sentences)
    text = [f"# {TITLES[name]}", f"Summary of one plan. {links}.", said, *pictures]
    (HERE / f"{name}.md").write_text("\n\n".join(text) + "\n", encoding="utf-8", newline="\n")
    return f"## [{TITLES[name]}]({name}.md)\n\n{sentences[0]} {sentences[1]}\n\n{links}."


def _picture(plan: opt.Plan, name: str, figure: str) -> str:
    """Draw a figure beside the summary; nothing where the plan has nothing for it."""
    try:
        drawn = getattr(plan.plot, figure)()
    except EmptyFigureError:
        return ""
    file = HERE / "pictures" / f"{name}-{figure}.svg"
    _draw(drawn, file)
    if (name, figure) in README:
        _draw(drawn, ROOT / "docs" / "pictures" / file.name)
    return f"![{drawn.title}](pictures/{file.name})"


def _draw(drawn: object, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    drawn.set_facecolor("white")  # a page in the dark would else swallow the axes
    drawn.savefig(file, format="svg", facecolor="white", metadata={"Date": None})


def main(names: list[str]) -> None:
    """Make what is asked for, and the index of all that is there."""
    entries = {name: make(name) for name in names}
    if list(entries) == list(TITLES):
        text = ["# Reports of the shipped instances", BY_HAND, *entries.values()]
        (HERE / "README.md").write_text("\n\n".join(text) + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(sys.argv[1:] or list(TITLES))
