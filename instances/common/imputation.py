"""Rural disposable income where no figure of 2019 or later was found.

Two steps. A figure of 2015 to 2018 is carried forward by the median growth of the counties that have both
years. Where there is none, a ridge regression on the logarithm of income predicts it from what is known of
every county. Both errors are measured on counties held out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

REFERENCE_YEAR = 2020
RIDGE = 3.0


@dataclass(frozen=True)
class IncomeModel:
    """Imputed income and the errors of the two steps.

    Attributes
    ----------
    income : pandas.Series
        Yuan per person and year, by county, complete.
    status : pandas.Series
        ``observed``, ``carried`` or ``regression``, by county.
    errors : dict
        Mean absolute percentage errors on held-out counties (0.1 = 10 %).
    growth : dict
        Growth factor from each older year to 2020.
    """

    income: pd.Series
    status: pd.Series
    errors: dict[str, float]
    growth: dict[int, float]


def features(counties: pd.DataFrame) -> np.ndarray:
    """Return the standardised design matrix: money per head, terrain, place, history, province."""
    def log(values: pd.Series) -> pd.Series:
        return np.log(values.where(values > 0))

    columns: dict[str, pd.Series] = {
        "revenue": log(counties["revenue_10k_yuan"] / counties["population"]),
        "expenditure": log(counties["expenditure_10k_yuan"] / counties["population"]),
        "gdp": log(counties["gdp_10k_yuan"] / counties["population"]),
        "savings": log(counties["savings_10k_yuan"] / counties["population"]),
        "relief": counties["terrain_relief"],
        "lon": counties["lon"],
        "lat": counties["lat"],
        "delisted": counties["year_delisted"],
        "last_52": counties["last_52"],
        "three_regions": counties["three_regions"],
        "ethnic": counties["ethnic"],
    }
    for name in ("gdp", "revenue", "savings"):
        columns[f"{name}_unknown"] = columns[name].isna().astype(float)
    matrix = pd.DataFrame(columns).astype(float)
    matrix = matrix.fillna(matrix.mean())
    matrix = (matrix - matrix.mean()) / matrix.std().replace(0, 1)
    dummies = pd.get_dummies(counties[["macro_region", "province"]]).astype(float)
    return np.column_stack([np.ones(len(matrix)), matrix.to_numpy(), dummies.to_numpy()])


def ridge(matrix: np.ndarray, target: np.ndarray, penalty: float = RIDGE) -> np.ndarray:
    """Solve the ridge normal equations; the constant (first column) is not shrunk."""
    shrink = penalty * np.eye(matrix.shape[1])
    shrink[0, 0] = 0
    return np.linalg.solve(matrix.T @ matrix + shrink, matrix.T @ target)


def carry_forward(panel: pd.DataFrame) -> tuple[pd.Series, dict[int, float], float]:
    """Return the newest figure of 2015 to 2018 grown to 2020, the growth factors and the held-out error of 2016.

    Nearly all carried figures are of 2016; each tenth of the counties that have both years is grown by the median
    of the others.

    Parameters
    ----------
    panel : pandas.DataFrame
        Index county, one column a year (2015 to 2020), yuan per person.
    """
    growth: dict[int, float] = {}
    carried = pd.Series(np.nan, index=panel.index)
    for year in (2015, 2016, 2017, 2018):
        both = panel[[year, REFERENCE_YEAR]].dropna()
        ratio = both[REFERENCE_YEAR] / both[year]
        growth[year] = round(float(ratio.median()), 4)
        carried = (panel[year] * growth[year]).combine_first(carried)
    both = panel[[2016, REFERENCE_YEAR]].dropna()
    ratio = (both[REFERENCE_YEAR] / both[2016]).to_numpy()
    tenth = np.arange(len(ratio)) % 10
    others = np.array([np.median(ratio[tenth != own]) for own in tenth])
    return carried, growth, float(np.abs(others / ratio - 1).mean())


def held_out_error(matrix: np.ndarray, target: pd.Series, folds: pd.Series, judged: pd.Series) -> float:
    """Mean absolute percentage error when each fold is predicted by the others; `judged` rows count."""
    known = target.notna().to_numpy()
    predicted = np.full(len(target), np.nan)
    for fold in sorted(folds.unique()):
        inside = (folds == fold).to_numpy()
        train = known & ~inside
        predicted[inside] = matrix[inside] @ ridge(matrix[train], target.to_numpy()[train])
    wrong = np.abs(np.exp(predicted - target.to_numpy()) - 1)[judged.to_numpy() & known]
    return float(wrong.mean())


def impute_income(counties: pd.DataFrame, panel: pd.DataFrame) -> IncomeModel:
    """Complete `income` for every county (index county) and measure how far off the method is."""
    observed = panel[2020].combine_first(panel[2019])
    carried, growth, carried_error = carry_forward(panel)
    known = observed.combine_first(carried).reindex(counties.index)
    matrix, target = features(counties), np.log(known)
    predicted = pd.Series(np.exp(matrix @ ridge(matrix[target.notna()], target.dropna().to_numpy())),
                          index=counties.index)
    judged = observed.reindex(counties.index).notna()
    tenths = pd.Series(np.arange(len(counties)) % 10, index=counties.index)
    plain = np.column_stack([np.ones(len(counties)), pd.get_dummies(counties["macro_region"]).to_numpy(float)])
    status = pd.Series("regression", index=counties.index)
    status[known.notna()] = "carried"
    status[judged] = "observed"
    return IncomeModel(
        income=known.combine_first(predicted).round(0),
        status=status,
        errors={
            "carried": carried_error,
            "regression_tenths": held_out_error(matrix, target, tenths, judged),
            "regression_provinces": held_out_error(matrix, target, counties["province"], judged),
            "macro_region_mean_provinces": held_out_error(plain, target, counties["province"], judged),
        },
        growth=growth,
    )


def neighbours_mean(counties: pd.DataFrame, column: str) -> pd.Series:
    """Fill a column by the mean of its prefecture, else of its province."""
    values = counties[column]
    prefecture = values.groupby([counties["province"], counties["prefecture"]]).transform("mean")
    province = values.groupby(counties["province"]).transform("mean")
    return values.combine_first(prefecture).combine_first(province)
