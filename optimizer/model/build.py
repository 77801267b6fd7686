"""The whole algebra of an instance, clause by clause."""

from __future__ import annotations

from optimizer.instance.data import Data
from optimizer.model.accounts import state_accounts
from optimizer.model.algebra import Algebra, collection_paused
from optimizer.model.coverage import state_coverage
from optimizer.model.criteria import linear_criterion, wanted_criteria
from optimizer.model.decisions import declare_decisions
from optimizer.model.equity import ask_ideals
from optimizer.model.pairing import state_pairing
from optimizer.model.projects import state_projects
from optimizer.model.rules.every import state_rules


def build(data: Data, *, pyomo: bool = True) -> Algebra:
    """State the decisions, clauses, rules and criteria of an instance in one Pyomo model.

    Without ``pyomo`` the same clauses give numbers only, for a program that is loaded already (`model.numbers`).
    """
    with collection_paused():
        model = Algebra() if pyomo else Algebra(pyomo=None)
        declare_decisions(model, data)
        state_accounts(model, data)
        state_coverage(model, data)
        state_pairing(model, data)
        state_projects(model, data)
        state_rules(model, data)
        for name in wanted_criteria(data):
            model.criteria[name] = linear_criterion(model, data, name)
        for name, criterion in data.settings.criteria.items():
            if criterion.equity == "kalai" and name not in model.criteria:
                ask_ideals(model, data, name, criterion)
        model.set_objective(data.settings.method.levels[0].criterion)
    return model
