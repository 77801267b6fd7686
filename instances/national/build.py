"""Build the national instance: 832 counties, reference year 2021.

    python instances/national/build.py [--out DIR] [--periods 3] [--scale 10]
"""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from common.assembly import Recipe, build_tables, write_instance  # noqa: E402
from common.pipeline import arguments, build_base  # noqa: E402
from common.settings import settings_text  # noqa: E402
from common.tables import Provenance, read_source  # noqa: E402

SOURCE = HERE / "source"
SHARE_OF_FUND = 0.60
"""Assumed share of the central fund that reaches the 832 counties."""
LAST_NOTE = "total: published fund of 2019 x 0.60 (assumed)"
PROPOSALS = 17.0
"""Proposals of a county of 300,000 people (assumed)."""


def central_total(year: int) -> int:
    """Central money for these counties, 10,000 yuan: the published total times the assumed share."""
    rows = read_source(SOURCE, "central_fund_totals")
    rows = rows[rows["scope"] == "national total"].set_index("year")
    return round(float(rows.at[str(year), "amount_100m_yuan"]) * 10_000 * SHARE_OF_FUND)


def main() -> None:
    """Build and write the instance."""
    options = arguments(HERE)
    periods = list(range(2021, 2021 + options.periods))
    provenance = Provenance()
    recipe = Recipe(SOURCE, periods, central_total(2020), central_total(2019), LAST_NOTE, PROPOSALS)
    built = build_tables(recipe, build_base(SOURCE, provenance), provenance)
    text = settings_text(SOURCE / "instance.template.yaml", built.tables, central=recipe.central,
                         key_share=built.key_share, periods=periods, scale=options.scale)
    write_instance(options.out, built, text, provenance, periods, options.scale)


if __name__ == "__main__":
    main()
