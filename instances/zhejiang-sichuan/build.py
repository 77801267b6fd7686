"""Build the small instance: Sichuan's 66 counties and Zhejiang's county-level units, reference year 2021.

    python instances/zhejiang-sichuan/build.py [--out DIR] [--periods 3] [--scale 10]

Counties and needs come from the same steps as the national instance, run over all 832 counties and cut to
Sichuan: no county of Sichuan has a published rural income, so the others have to teach the model.
"""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from common.assembly import Recipe, build_tables, write_instance  # noqa: E402
from common.pipeline import Base, arguments, build_base, only_province  # noqa: E402
from common.settings import settings_text  # noqa: E402
from common.tables import Provenance, read_source  # noqa: E402

SHARED = HERE.parent / "national" / "source"
SOURCE = HERE / "source"
PROVINCE, DONOR_PROVINCE = "四川省", "浙江省"
SHARE_OF_BATCH = 0.80
"""Assumed part of the prefectures' money that goes to the counties of the 832."""
LAST_NOTE = "total: Sichuan's first batch of 2016 grown with the national fund to 2019, x 0.80 (assumed)"
PROPOSALS = 17.0
"""Proposals of a county of 300,000 people (assumed)."""


def central_total(year: int) -> int:
    """Central money, 10,000 yuan: Sichuan's first batch of 2016 grown with the national fund, times the share."""
    funds = read_source(SOURCE, "central_fund_totals").set_index("year")["amount_100m_yuan"].astype(float)
    batch = float(read_source(SOURCE, "sichuan_2016_total").at[0, "amount_10k_yuan"])
    return round(batch * funds[str(year)] / funds["2016"] * SHARE_OF_BATCH)


def main() -> None:
    """Build and write the instance."""
    options = arguments(HERE)
    periods = list(range(2021, 2021 + options.periods))
    provenance = Provenance()
    base: Base = only_province(build_base(SHARED, provenance), PROVINCE, provenance)
    recipe = Recipe(SHARED, periods, central_total(2020), central_total(2019), LAST_NOTE, PROPOSALS,
                    DONOR_PROVINCE, keep_small=True, partners_max=2)
    built = build_tables(recipe, base, provenance)
    text = settings_text(SOURCE / "instance.template.yaml", built.tables, central=recipe.central,
                         key_share=built.key_share, periods=periods, scale=options.scale)
    write_instance(options.out, built, text, provenance, periods, options.scale)


if __name__ == "__main__":
    main()
