"""Textbook linear programs stated as a planner would: scalable projects, resources, and rules for what is no resource."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from optimizer.instance.instance import Instance


def stated(
    profit: Mapping[str, float], resources: Mapping[str, tuple[Mapping[str, float], float]], *, sense: str = "max",
    rules: Sequence[tuple[str, Mapping[str, float], float | None, float | None]] = (),
    most: Mapping[str, float] | None = None, labour: Mapping[str, float] | None = None, method: Mapping[str, Any] | None = None,
) -> Instance:
    """An instance with one county and a scalable project for each activity.

    Parameters
    ----------
    profit : coefficient of each activity in the criterion ``profit``
    resources : by name, what a unit of each activity uses, and the capacity
    rules : name, coefficient of each activity, min, max
    most : largest amount of an activity, where it has one
    labour : coefficient of each activity in a second criterion, ``labour``, to be made small
    method : other than ``profit`` alone
    """
    names = list(profit)
    projects = pd.DataFrame({"project": names, "county": "A", "category": "work", "scalable": 1, "cost": 0.0,
                             "most": [(most or {}).get(name, np.inf) for name in names], "profit": list(profit.values()),
                             "labour": [(labour or {}).get(name, 0.0) for name in names]})
    for rule, coefficients, _, _ in rules:
        projects[f"in_{rule}"] = [coefficients.get(name, 0.0) for name in names]
    uses = [(name, resource, amount) for resource, (used, _) in resources.items() for name, amount in used.items()]
    capacity = [(name, "all", bound) for name, (_, bound) in resources.items()]
    said: list[dict[str, Any]] = []
    for rule, _, low, high in rules:
        ends = {key: value for key, value in (("min", low), ("max", high)) if value is not None}
        said.append({"id": rule, "type": "bound", "sentence": f"{rule}.", "of": {"sum": "projects", "column": f"in_{rule}"},
                     "periods": "total", **ends})
    return Instance.from_frames(
        settings={
            "format": 1, "periods": [2026], "categories": {"work": {}}, "streams": {"central": {"budget": 1}}, "rules": said,
            "criteria": {"profit": {"sense": sense, "of": {"sum": "projects", "column": "profit"}},
                         "labour": {"sense": "min", "of": {"sum": "projects", "column": "labour"}}},
            "method": dict(method or {"type": "single", "levels": [{"criterion": "profit"}]}),
        },
        counties=pd.DataFrame({"county": ["A"]}), projects=projects,
        uses=pd.DataFrame(uses, columns=["project", "resource", "amount"]),
        resources=pd.DataFrame(capacity, columns=["resource", "scope", "capacity"]),
    )
