"""Pages read as a reader sees them, and small plans to make them from."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import pandas as pd

from optimizer.instance.instance import Instance
from optimizer.plan import Choices, Claims, Level, Plan, assemble

SCRIPT = "<script>alert(1)</script>"
VOID = {"meta", "br", "link", "img", "input"}


def frame(text: str) -> pd.DataFrame:
    """A table from ``a,b|1,2``: cells as text."""
    header, *lines = text.split("|")
    return pd.DataFrame([line.split(",") for line in lines], columns=header.split(","))


def hostile() -> Plan:
    """Two counties, a donor and names that are code, formulas or another script."""
    settings: dict[str, Any] = {
        "title": f"Plan {SCRIPT}", "periods": [1], "categories": {"c": {}},
        "needs": {"n": {"category": "c", "label": "水 & water"}},
        "streams": {"s": {"budget": 100, "label": "=central"}},
        "rules": [{"id": "r", "type": "bound", "sentence": f"No more {SCRIPT}", "of": {"sum": "money"}, "max": 90}],
    }
    instance = Instance.from_frames(
        settings=settings,
        counties=frame("county,name,province,population,partners_max,lon,lat|"
                       f"A,{SCRIPT},甲省,100,1,100,30|B,@\u202e乙县,+乙省,200,1,101,31"),
        needs=frame("county,need,people,unit_cost|A,n,50,1|B,n,50,1"),
        donors=frame(f"donor,name,money,lon,lat|D,{SCRIPT},10,120,30"),
        pairs=frame("donor,county,fit|D,A,0.5"), baseline=frame("county,stream,money|A,s,20|B,s,40"),
        provenance=frame(f"table,key,column,status,source|needs,*,people,modelled,{SCRIPT}|needs,A/n,people,observed,survey|"
                         "pairs,*,fit,assumed,"),
    )
    choices = Choices.of(transfers=[("s", "A", "c", 1, 30), ("s", "B", "c", 1, 30)],
                         direct=[("A", "n", 1, 40), ("B", "n", 1, 30)],
                         support=[("D", "A", 1, 10)], placed=[("collaboration", "A", "c", 1, 10)], pairs=[("D", "A")])
    claims = Claims("within_gap", levels=(Level("coverage", "max", 71.0, 72.0),), unaudited=(f"own row {SCRIPT}",))
    return assemble(instance, choices, claims).audited()


def small(without: str = "") -> Plan:
    """Two counties over two periods, less one thing; without ``all``: one county and money alone."""
    gone = without == "all"
    settings: dict[str, Any] = {
        "title": "Small", "periods": [2026] if gone else [2026, 2027], "categories": {"c": {}}, "streams": {"s": {"budget": 100}},
        "settings": {"unspent": "allow"},
    }
    tables = {"counties": "county,province,population,income,lon,lat|A,甲省,100,900,100,30|B,乙省,200,800,101,31"}
    if without in ("income", "all"):
        tables["counties"] = "county|A" if gone else "county,province,population|A,甲省,100|B,乙省,200"
    if not gone:
        tables["baseline"] = "county,stream,money|A,s,20|B,s,40"
        settings["needs"] = {"n": {"category": "c"}}
        tables["needs"] = "county,need,people,unit_cost|A,n,50,1|B,n,50,1"
        tables["donors"], tables["pairs"] = "donor,money,lon,lat|D,10,120,30", "donor,county,existing|D,A,1|D,B,0"
        tables["projects"] = "project,county,category,cost|P,A,c,30|Q,B,c,20"
        tables["effects"] = "project,need,people|P,n,9|Q,n,4"
    together = {"pairs": ["pairs", "donors"], "projects": ["projects", "effects"], "needs": ["needs", "effects"]}
    for name in together.get(without, [without]):
        tables.pop(name, None)
    if without == "needs":
        del settings["needs"]
    instance = Instance.from_frames(settings=settings, **{name: frame(text) for name, text in tables.items()})
    needs, pairs, projects = "needs" in tables, "pairs" in tables, "projects" in tables
    money = 30 if projects else 20
    choices = Choices.of(
        transfers=[("s", "A", "c", 2026, money)], direct=[("A", "n", 2026, 20)] if needs and not projects else [],
        support=[("D", "A", 2026, 10)] if pairs and needs else [], pairs=[("D", "A")] if pairs else [],
        placed=[("collaboration", "A", "c", 2026, 10)] if pairs and needs else [], starts=[("P", 2026, 1)] if projects else [],
    )
    return assemble(instance, choices, Claims("limit", levels=(Level("coverage", "max", 60.0, 90.0),)))


@dataclass
class Shown:
    """A table as it is shown: heads (text, unit on a line of its own) and rows of text."""

    heads: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    totals: list[int] = field(default_factory=list)

    def _values(self, head: str) -> list[float]:
        at = next(n for n, each in enumerate(self.heads) if each.split("\n")[0] == head)
        return [float("nan") if row[at] in ("–", "") else float(row[at].replace(",", "").replace("−", "-")) for row in self.rows]

    def sum(self, head: str, last: bool = True) -> float:
        """The sum of a column without rows that are sums themselves."""
        return sum(value for n, value in enumerate(self._values(head)) if n not in self.totals and value == value)

    def total(self, head: str, first: bool = False) -> float:
        """The row that is a sum."""
        assert self.totals == [0 if first else len(self.rows) - 1]
        return self._values(head)[self.totals[0]]


class Page(HTMLParser):
    """A page: its tags, its text, tables by name, downloads by name, lists, and what tables rest on."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.html, self.text = "", ""
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.scripts: list[str] = []
        self.sections: list[str] = []
        self.tables: dict[str, Shown] = {}
        self.downloads: dict[str, str] = {}
        self.lists: list[list[str]] = []
        self.grounds: dict[str, str] = {}
        self._part = ""

    @classmethod
    def of(cls, html: str) -> Page:
        """Parse a page; every tag must be closed in order."""
        page = cls()
        page.html = html
        page.feed(html)
        page.close()
        assert page.open == []
        return page

    def frame(self, name: str) -> pd.DataFrame:
        """A download as a table of text."""
        return pd.read_csv(io.StringIO(self.downloads[name].removeprefix("\ufeff")), dtype=str)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self.tags.append((tag, attributes))
        if tag not in VOID:
            self.open.append(tag)
        if tag in ("td", "th", "li", "p", "h1", "h2", "h3", "text", "small", "span"):
            self.text += " "
        if tag == "section":
            self.sections.append(attributes["id"])
        elif tag == "div" and attributes.get("id", "").startswith("table-"):
            self._part = attributes["id"].removeprefix("table-")
            self.tables[self._part] = Shown()
        elif tag == "th":
            self.tables[self._part].heads.append("")
        elif tag == "small" and self.open[-2] == "th":
            self.tables[self._part].heads[-1] = self.tables[self._part].heads[-1].strip() + "\n"
        elif tag == "tr" and "tbody" in self.open:
            shown = self.tables[self._part]
            shown.totals += [len(shown.rows)] if attributes.get("class") == "total" else []
            shown.rows.append([])
        elif tag == "td":
            self.tables[self._part].rows[-1].append("")
        elif tag == "ul":
            self.lists.append([])
        elif tag == "li":
            self.lists[-1].append("")
        elif tag == "p" and attributes.get("class") == "grounds":
            self.grounds[self._part] = ""
        elif tag == "a" and attributes.get("class") == "save":
            encoded = attributes["href"].partition("base64,")[2]
            self.downloads[attributes["download"].removesuffix(".csv")] = base64.b64decode(encoded).decode("utf-8")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "script" in self.open:
            self.scripts.append(data)
            return
        if "style" in self.open:
            return
        self.text += data
        if "th" in self.open:
            self.tables[self._part].heads[-1] += data
        elif "td" in self.open:
            self.tables[self._part].rows[-1][-1] += data
        elif "li" in self.open:
            self.lists[-1][-1] += data
        elif "p" in self.open and self.tags and self._part in self.grounds and any(
                attributes.get("class") == "grounds" for _, attributes in self.tags[-9:]):
            self.grounds[self._part] += data
