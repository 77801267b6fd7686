"""The tables of an instance, column by column: what may stand in them, in which unit, and what a blank means.

One description serves reading, checking, changing, templates and documentation.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Kind = Literal[
    "id",  # identifier: letters, digits, _ and -
    "text",  # free text, shown as text
    "list",  # a;b
    "choice",  # one of Column.choices
    "number",  # any finite number
    "amount",  # a number >= 0 in a unit of its own
    "money",  # >= 0, in the instance's unit
    "people",  # >= 0, persons
    "share",  # 0 to 1
    "income",  # >= 0, yuan per person and year
    "distance",  # >= 0, km
    "longitude",  # -180 to 180
    "latitude",  # -90 to 90
    "count",  # whole number >= 0
    "flag",  # 1 or 0
    "year",  # whole number, a period label or calendar year
]
TEXT_KINDS = frozenset({"id", "text", "list", "choice"})
WHOLE_KINDS = frozenset({"count", "flag", "year"})
LIMITS: MappingProxyType[str, tuple[float, float]] = MappingProxyType(
    {
        "amount": (0.0, float("inf")),
        "money": (0.0, float("inf")),
        "people": (0.0, float("inf")),
        "share": (0.0, 1.0),
        "income": (0.0, float("inf")),
        "distance": (0.0, float("inf")),
        "longitude": (-180.0, 180.0),
        "latitude": (-90.0, 90.0),
        "count": (0.0, float("inf")),
        "flag": (0.0, 1.0),
        "year": (0.0, 9999.0),
    }
)
RESERVED = frozenset({"all", "each", "total", "other", "none", "last", "factor"})
IDENTIFIER = re.compile(r"[\w-]{1,64}")
SPLIT = re.compile(r"(?P<base>.+)@(?P<period>0|-?[1-9]\d{0,8})")
AGE = re.compile(r"cost\+(?P<age>[1-9]\d{0,3})")


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Parameters
    ----------
    required : the column must be there and filled in every row
    default : what a blank stands for; None = unknown, or said in ``note``
    split : may be given by period as ``name@2026``
    refers : the table whose identifier it names, or ``need``, ``category``, ``stream`` for those of instance.yaml
    infinite : ``inf`` may be written
    """

    name: str
    kind: Kind
    required: bool = False
    default: float | str | None = None
    split: bool = False
    refers: str | None = None
    unit: str = ""
    note: str = ""
    choices: tuple[str, ...] = ()
    infinite: bool = False

    @property
    def is_text(self) -> bool:
        """Whether cells are held as text (else as float64)."""
        return self.kind in TEXT_KINDS


@dataclass(frozen=True)
class Table:
    """One table: its columns, and those that together identify a row."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    note: str = ""

    def column(self, name: str) -> Column | None:
        """The column called ``name`` (``people@2026`` and ``cost+1`` are known too), or None for an extra one."""
        for column in self.columns:
            if column.name == name:
                return column
        split = SPLIT.fullmatch(name)
        if split:
            base = self.column(split["base"])
            return base if base is not None and base.split else None
        if self.name == "projects" and AGE.fullmatch(name):
            return LATER_COST
        return None

    @property
    def required(self) -> tuple[str, ...]:
        """Names of the columns that must be there."""
        return tuple(column.name for column in self.columns if column.required)


LATER_COST = Column(
    "cost+1", "money", default=0.0, unit="money", note="cost of one whole project that many periods after its start"
)
STATUS = ("free", "lock", "forbid")


def _county(note: str = "county", required: bool = True, refers: str | None = "counties") -> Column:
    return Column("county", "id", required=required, refers=refers, note=note)


_ALL = (
    Table(
        "counties",
        (
            _county("identifier of the county", refers=None),
            Column("name", "text", note="name to show; blank = the identifier"),
            Column("name_en", "text", note="name in English; blank = the identifier"),
            Column("province", "text", note="province"),
            Column("prefecture", "text", note="prefecture"),
            Column("region", "text", note="contiguous poor region"),
            Column("population", "people", unit="persons", note="residents"),
            Column("rural_population", "people", unit="persons", note="rural residents; the exit rule divides by them"),
            Column("income", "income", unit="yuan per person and year", note="mean income"),
            Column("claim", "money", unit="money", note="what the county claims, for claims rules and the outcome loss"),
            Column("lon", "longitude", unit="degrees", note="longitude, WGS84"),
            Column("lat", "latitude", unit="degrees", note="latitude, WGS84"),
            Column("deep_poverty", "flag", note="1 = county of deep poverty"),
            Column("ethnic", "flag", note="1 = ethnic autonomous county"),
            Column("border", "flag", note="1 = border county"),
            Column("old_base", "flag", note="1 = old revolutionary base"),
            Column("key_county", "flag", note="1 = key county for national support"),
            Column("partners_min", "count", default=0.0, unit="donors", note="least number of partners"),
            Column("partners_max", "count", default=1.0, unit="donors", note="largest number of partners"),
            Column("industries", "list", note="sectors the county builds on, a;b"),
        ),
        ("county",),
        "the recipients; the only table that must exist",
    ),
    Table(
        "needs",
        (
            _county(),
            Column("need", "id", required=True, refers="need", note="need of instance.yaml"),
            Column(
                "people",
                "people",
                required=True,
                split=True,
                unit="persons",
                note="persons in need in that period had this plan never covered anyone",
            ),
            Column(
                "relapse",
                "share",
                default=0.0,
                unit="share",
                note="share of the covered who fall back from one period to the next; lasting needs only",
            ),
            Column(
                "unit_cost",
                "money",
                split=True,
                unit="money per person",
                note="cost of direct support in the first tier; blank = no direct support",
            ),
        ),
        ("county", "need"),
        "people in need, by county and need",
    ),
    Table(
        "tiers",
        (
            _county(),
            Column("need", "id", required=True, refers="need", note="need of instance.yaml"),
            Column("tier", "count", required=True, note="1, 2, … from cheap to dear"),
            Column("width", "share", required=True, unit="share of people", note="share of the people in this tier"),
            Column("unit_cost", "money", required=True, unit="money per person", note="cost in this tier; does not fall"),
        ),
        ("county", "need", "tier"),
        "tiers of one county's need; replace those of instance.yaml",
    ),
    Table(
        "budgets",
        (
            Column("stream", "id", required=True, refers="stream", note="transfer stream of instance.yaml"),
            Column("scope", "text", required=True, note="all, a group of instance.yaml, or column=value"),
            Column("period", "year", required=True, note="period"),
            Column("amount", "money", required=True, unit="money", note="budget of that scope and period"),
            Column("least", "money", default=0.0, unit="money", note="least to be spent"),
        ),
        ("stream", "scope", "period"),
        "budgets by scope and period; replace the budget of instance.yaml",
    ),
    Table(
        "donors",
        (
            Column("donor", "id", required=True, note="identifier of the donor"),
            Column("name", "text", note="name to show; blank = the identifier"),
            Column("province", "text", note="province"),
            Column("lon", "longitude", unit="degrees", note="longitude, WGS84"),
            Column("lat", "latitude", unit="degrees", note="latitude, WGS84"),
            Column("stream", "id", refers="stream", note="its pairing stream; blank = the only one"),
            Column("money", "money", default=0.0, split=True, unit="money", note="most it gives in a period"),
            Column("least_money", "money", default=0.0, split=True, unit="money", note="least it gives in a period"),
            Column("revenue", "money", unit="money", note="its revenue, for the outcome burden"),
            Column("pairs_min", "count", default=0.0, unit="counties", note="least number of counties"),
            Column("pairs_max", "count", unit="counties", note="largest number of counties; blank = no limit"),
            Column("load_max", "amount", note="largest sum of load; blank = no limit"),
            Column("sectors", "list", note="sectors the donor is strong in, a;b"),
        ),
        ("donor",),
        "the partners",
    ),
    Table(
        "pairs",
        (
            Column("donor", "id", required=True, refers="donors", note="donor"),
            _county(),
            Column("fit", "number", default=0.0, note="how well the two fit"),
            Column("load", "amount", default=1.0, note="what the pair takes of the donor's load_max"),
            Column("distance", "distance", unit="km", note="blank = great circle"),
            Column("existing", "flag", default=0.0, note="1 = the pair exists today"),
            Column("since", "year", note="year in which the pair began"),
            Column("least_support", "money", default=0.0, split=True, unit="money", note="least per period if chosen"),
            Column("most_support", "money", split=True, unit="money", note="most per period; blank = the donor's money"),
            Column("status", "choice", default="free", choices=STATUS, note="lock = chosen, forbid = not chosen"),
        ),
        ("donor", "county"),
        "candidate pairs; a row overrides what pairs.candidates makes",
    ),
    Table(
        "projects",
        (
            Column("project", "id", required=True, note="identifier of the project"),
            _county(),
            Column("name", "text", note="name to show; blank = the identifier"),
            Column("category", "id", required=True, refers="category", note="category of instance.yaml"),
            Column("sector", "text", note="sector"),
            Column("cost", "money", required=True, unit="money", note="cost of one whole project in its start period"),
            Column("upkeep", "money", default=0.0, unit="money", note="each period from the one after the last cost"),
            Column("delay", "count", default=0.0, unit="periods", note="periods from start to effect"),
            Column("lasts", "count", unit="periods", note="periods a yearly need is served; blank = to the horizon"),
            Column("own_share", "share", default=0.0, unit="share", note="part of cost and upkeep that others pay"),
            Column("scalable", "flag", default=0.0, note="1 = any amount between least and most"),
            Column("least", "amount", default=0.0, unit="projects", note="least amount if started"),
            Column("most", "amount", default=1.0, unit="projects", infinite=True, note="most over all starts together"),
            Column("requires", "list", refers="projects", note="projects started in the same period or before, a;b"),
            Column("exclusive", "text", note="at most one project is started for each value"),
            Column("starts", "list", note="periods in which it may start, a;b; blank = all"),
            Column("partner_sector", "text", note="a sector that a chosen donor must have"),
            Column("status", "choice", default="free", choices=STATUS, note="lock = started, forbid = not started"),
        ),
        ("project",),
        "discrete things a county wants funded",
    ),
    Table(
        "effects",
        (
            Column("project", "id", required=True, refers="projects", note="project"),
            Column("need", "id", required=True, refers="need", note="need of instance.yaml"),
            _county("county it helps; blank = the project's", required=False),
            Column("people", "people", required=True, unit="persons", note="people per whole project, at most"),
        ),
        ("project", "need", "county"),
        "whom projects help",
    ),
    Table(
        "resources",
        (
            Column("resource", "id", required=True, note="identifier of the resource"),
            Column("scope", "text", default="all", note="all, county, or a text column of counties"),
            Column("of", "text", note="one value of the scope; blank = each"),
            Column("capacity", "amount", required=True, split=True, note="what there is"),
            Column(
                "per", "choice", default="horizon", choices=("horizon", "period"), note="capacity for all periods or for each"
            ),
            Column("unit", "text", note="unit to show"),
        ),
        ("resource", "scope", "of"),
        "limited things other than money",
    ),
    Table(
        "uses",
        (
            Column("project", "id", required=True, refers="projects", note="project"),
            Column("resource", "id", required=True, refers="resources", note="resource"),
            Column("amount", "number", required=True, note="per whole project, in its start period; negative = frees"),
        ),
        ("project", "resource"),
        "resources that projects use",
    ),
    Table(
        "brings",
        (
            Column("donor", "id", required=True, refers="donors", note="donor"),
            _county(),
            Column("resource", "id", required=True, refers="resources", note="resource of scope county"),
            Column("amount", "number", required=True, note="added to the county's capacity when the pair is chosen"),
        ),
        ("donor", "county", "resource"),
        "what pairs bring besides money",
    ),
    Table(
        "baseline",
        (
            _county(),
            Column("stream", "id", refers="stream", note="blank = all streams together"),
            Column("category", "id", refers="category", note="blank = all categories together"),
            Column("money", "money", required=True, unit="money per period", note="last year's money; a missing row is unknown"),
            Column("year", "year", note="year of the figure"),
        ),
        ("county", "stream", "category"),
        "last year's money",
    ),
    Table(
        "provenance",
        (
            Column("table", "text", required=True, note="table"),
            Column("key", "text", required=True, note="identifiers joined by /, or *"),
            Column("column", "text", required=True, note="column"),
            Column("status", "choice", choices=("observed", "modelled", "assumed"), note="how the figure came about"),
            Column("source", "text", note="where it comes from"),
            Column("note", "text", note="anything else"),
        ),
        ("table", "key", "column"),
        "where the figures come from",
    ),
)
TABLES: MappingProxyType[str, Table] = MappingProxyType({table.name: table for table in _ALL})

DECISIONS = Table(
    "decisions",
    (
        Column("kind", "choice", required=True, choices=("pair", "project", "money"), note="what is decided"),
        Column("donor", "id", refers="donors", note="donor of the pair"),
        _county("county of the pair or of the money", required=False),
        Column("project", "id", refers="projects", note="project"),
        Column("stream", "id", refers="stream", note="stream of the money; blank = all"),
        Column("category", "id", refers="category", note="category of the money; blank = all"),
        Column("period", "year", note="period of the money; blank = all"),
        Column(
            "decision",
            "choice",
            required=True,
            note="what was decided",
            choices=("accept", "lock", "forbid", "undecided", "set", "least", "most"),
        ),
        Column("amount", "money", unit="money", note="amount of set, least and most"),
        Column("reviewer", "text", note="who decided"),
        Column("date", "text", note="when, as 2026-05-31"),
        Column("reason", "text", note="why"),
        Column("round", "count", note="round of review; a later one replaces an earlier one"),
    ),
    (),
)
LIST_COLUMNS = frozenset(column.name for table in _ALL for column in table.columns if column.kind == "list")
