"""The arrays are those of Pyomo's own compiler, and those of the clauses as numbers alone."""

from __future__ import annotations

import numpy as np
import pyomo.environ as pyo
import pytest
from pyomo.repn.plugins.standard_form import LinearStandardFormCompiler
from small_cases import case, rows

from optimizer.model.build import build
from optimizer.model.compile import compile_model, compile_numbers

RICH = {
    "counties": rows("county,province,population,rural_population,partners_min", "A,P,1000,500,1", "B,Q,800,400,0"),
    "needs": rows("county,need,people,relapse,unit_cost", "A,water,100,0.1,1", "A,work,40,,1", "B,water,60,0,2"),
    "donors": rows("donor,money,pairs_max,sectors", "D,40,1,tea", "E,30,,"),
    "pairs": rows("donor,county,fit,existing,least_support", "D,A,0.5,1,5", "D,B,0.7,0,", "E,A,0.1,0,"),
    "projects": rows("project,county,category,cost,scalable,least,most,requires,partner_sector", "X,A,infra,30,,,,,",
                     "Y,A,industry,20,,,,X,tea", "Z,B,infra,10,1,0.5,2,,"),
    "effects": rows("project,need,people", "X,water,20", "Y,work,10", "Z,water,5"),
    "resources": rows("resource,scope,capacity", "land,all,3"), "uses": rows("project,resource,amount", "X,land,2", "Z,land,-1"),
}
RULES = [
    {"id": "floor", "type": "bound", "of": {"sum": "money"}, "each": "county", "min": 5, "or_zero": 1},
    {"id": "soft", "type": "bound", "of": {"sum": "covered"}, "per": ["people"], "min": "20%", "max": "90%", "price": 2},
    {"id": "part", "type": "share", "part": {"sum": "money", "category": "industry"}, "whole": {"sum": "money"}, "min": "10%"},
    {"id": "out", "type": "exit", "threshold": 0.05, "at_least": 1},
]


@pytest.fixture(scope="module", params=[[2026], [2026, 2027]], ids=["one period", "two periods"])
def algebra(request):
    return build(case(RICH, periods=request.param, rules=RULES).data)


def test_the_matrix_is_that_of_pyomos_standard_form(algebra):
    ours = compile_model(algebra).program
    form = LinearStandardFormCompiler().write(algebra.pyomo, mixed_form=True, set_sense=None)
    place = {id(variable): n for n, variable in enumerate(algebra.variables)}
    columns = [place[id(variable)] for variable in form.columns]
    theirs: dict[str, list[tuple[dict[int, float], float, int]]] = {}
    matrix = form.A.tocsr()
    for n, row in enumerate(form.rows):
        span = slice(matrix.indptr[n], matrix.indptr[n + 1])
        entries = {columns[j]: v for j, v in zip(matrix.indices[span], matrix.data[span], strict=True)}
        theirs.setdefault(row.constraint.name, []).append((entries, float(form.rhs[n]), row.bound_type))
    names = [name for component in algebra.pyomo.component_objects(pyo.Constraint) for name in
             (component[key].name for key in component)]
    assert len(names) == ours.n_rows
    low, high = np.full(ours.n_rows, -np.inf), np.full(ours.n_rows, np.inf)
    for n, name in enumerate(names):
        mine = dict(zip(ours.matrix[n].indices.tolist(), ours.matrix[n].data.tolist(), strict=True))
        for entries, limit, kind in theirs.get(name, []):
            assert entries == pytest.approx(mine), name
            if kind >= 0:
                high[n] = limit
            if kind <= 0:
                low[n] = limit
    filled = np.diff(ours.matrix.indptr) > 0  # Pyomo leaves out rows without a variable
    assert np.allclose(np.where(filled, ours.row_lower, low), low)
    assert np.allclose(np.where(filled, ours.row_upper, high), high)


def test_the_objective_is_pyomos(algebra):
    ours = compile_model(algebra).program
    form = LinearStandardFormCompiler().write(algebra.pyomo, mixed_form=True, set_sense=None)
    place = {id(variable): n for n, variable in enumerate(algebra.variables)}
    theirs = np.zeros(ours.n_columns)
    costs = form.c.tocoo()
    for j, value in zip(costs.col, costs.data, strict=True):
        theirs[place[id(form.columns[j])]] += value
    assert np.allclose(theirs, ours.criteria["coverage"].vector)


def test_numbers_alone_give_the_same_program(algebra):
    periods = [int(t) for t in algebra.columns["transfer"].keys["period"].unique()]
    alone = build(case(RICH, periods=periods, rules=RULES).data, pyomo=False)
    assert alone.pyomo is None
    ours, theirs = compile_model(algebra), compile_numbers(alone)
    a, b = ours.program, theirs.program
    assert a.column_names() == b.column_names()
    assert a.row_names() == b.row_names()
    assert (abs(a.matrix - b.matrix)).max() == 0
    for name in ("row_lower", "row_upper", "col_lower", "col_upper", "integer", "col_block", "row_block", "col_stage", "switch"):
        assert np.array_equal(getattr(a, name), getattr(b, name)), name
    assert ours.role == theirs.role
    assert np.array_equal(ours.money, theirs.money)
    for name, criterion in a.criteria.items():
        assert np.allclose(criterion.vector, b.criteria[name].vector), name
        assert criterion.constant == b.criteria[name].constant


def test_names_are_planners_identifiers(algebra):
    program = compile_model(algebra).program
    assert "stream_budget[central,all,2026]" in program.row_names()
    assert "prerequisite[Y,X,2026]" in program.row_names()
    assert "support[D,A,2026]" in program.column_names()


def test_blocks_are_counties_and_linking_rows_have_none(algebra):
    program = compile_model(algebra).program
    block = {name: int(b) for name, b in zip(program.column_names(), program.col_block, strict=True)}
    assert block["transfer[central,A,infra,2026]"] == block["start[X,2026]"] == block["pair[E,A]"] == 0
    assert block["transfer[central,B,infra,2026]"] == 1
    rows_of = {name: int(b) for name, b in zip(program.row_names(), program.row_block, strict=True)}
    assert rows_of["account[A,infra,2026]"] == 0
    assert rows_of["stream_budget[central,all,2026]"] == rows_of["donor_money[D,2026]"] == -1


def test_an_analysts_rows_and_columns_are_compiled_too():
    algebra = build(case(RICH, rules=RULES).data)
    model = algebra.pyomo
    model.extra = pyo.Var(bounds=(0, 3))
    model.cap = pyo.Constraint(expr=model.transfer["central", "A", "infra", 2026] + 2 * model.extra + 5 <= 25)
    compiled = compile_model(algebra)
    assert compiled.unknown == ("cap",)
    at = [n for n, name in enumerate(compiled.program.row_names()) if name.startswith("cap")]
    assert len(at) == 1
    row = compiled.program.matrix[at[0]]
    assert sorted(row.data) == [1, 2]
    assert compiled.program.row_upper[at[0]] == 20
    assert compiled.program.col_upper[-1] == 3


def test_a_row_that_is_not_linear_is_refused():
    algebra = build(case(RICH).data)
    start = algebra.pyomo.start["X", 2026]
    algebra.pyomo.bad = pyo.Constraint(expr=start * algebra.pyomo.transfer["central", "A", "infra", 2026] <= 1)
    with pytest.raises(ValueError, match="bad is not linear"):
        compile_model(algebra)
