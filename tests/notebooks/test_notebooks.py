"""The notebooks run from their first cell to their last, and what is kept of them is what a reader should see."""

from __future__ import annotations

import ast
import importlib.util
import re
from pathlib import Path

import pytest

nbformat = pytest.importorskip("nbformat", reason="notebooks need the extra 'notebook' (or 'test')")
pytest.importorskip("nbclient", reason="notebooks need the extra 'notebook' (or 'test')")
pytest.importorskip("ipykernel", reason="notebooks need the extra 'notebook' (or 'test')")
pytest.importorskip("ipywidgets", reason="notebooks need the extra 'notebook' (or 'test')")

FOLDER = Path(__file__).parents[2] / "notebooks"
FILES = sorted(FOLDER.glob("*.ipynb"))
LARGEST = 500_000  # bytes
PUBLIC = {"optimizer", "optimizer.instance.template"}
#: Paths of a computer, addresses in memory, and what a failed cell leaves.
NOISE = re.compile(r"/(?:home|root|tmp|work|Users|var|usr)/|[A-Z]:\\\\|site-packages| at 0x[0-9a-f]{6}|Traceback|Warning:")


def _script():
    spec = importlib.util.spec_from_file_location("execute_notebooks", FOLDER / "execute.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


execute = _script()


def _shown(notebook) -> list[list[str]]:
    """What each code cell shows: kinds of output in order."""
    return [[kind for output in cell.outputs for kind in sorted(output.get("data", {output.output_type: ""}))]
            for cell in notebook.cells if cell.cell_type == "code"]


def _html(notebook) -> str:
    return "".join(output.get("data", {}).get("text/html", "") for cell in notebook.cells if cell.cell_type == "code"
                   for output in cell.outputs)


def test_all_that_were_promised_are_there():
    assert [file.stem for file in FILES] == [
        "01-solve-an-instance", "02-what-if-budgets", "03-fairness-and-pareto", "04-pairing-recommendations",
        "05-sensitivity-and-uncertainty", "06-from-your-own-spreadsheet",
    ]
    assert execute.notebooks() == FILES


@pytest.mark.parametrize("file", [*(pytest.param(file, marks=pytest.mark.thorough) for file in FILES[:-1]), FILES[-1]],
                         ids=lambda file: file.stem)
def test_a_notebook_runs_and_shows_what_is_kept_of_it(file, tmp_path, monkeypatch):
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    before = file.read_bytes()
    ran = execute.executed(file)
    assert _shown(ran) == _shown(nbformat.read(file, as_version=4))
    assert not NOISE.findall(nbformat.writes(ran))
    assert file.read_bytes() == before


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_what_is_kept_is_small_and_clean(file):
    text = file.read_text(encoding="utf-8")
    assert len(text.encode()) < LARGEST
    assert not NOISE.findall(text)
    notebook = nbformat.read(file, as_version=4)
    nbformat.validate(notebook)
    assert notebook.metadata == execute.METADATA
    assert 'class="optimizer-card' in _html(notebook)
    assert nbformat.writes(execute.cleaned(nbformat.read(file, as_version=4))) == nbformat.writes(notebook)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_notebook_uses_what_is_public(file):
    for cell in nbformat.read(file, as_version=4).cells:
        if cell.cell_type != "code":
            continue
        for node in ast.walk(ast.parse(cell.source)):
            names = {node.module} if isinstance(node, ast.ImportFrom) else (
                {name.name for name in node.names} if isinstance(node, ast.Import) else set())
            assert {name for name in names if name.split(".")[0] == "optimizer"} <= PUBLIC
            assert not (isinstance(node, ast.Attribute) and node.attr.startswith("_")), ast.unparse(node)


def test_the_sliders_answer_before_a_plan_and_say_what_cannot_be():
    kept = nbformat.read(FOLDER / "02-what-if-budgets.ipynb", as_version=4)
    told = re.findall(r"<p>(.*?): at most <b>([\d,]+)</b> .*?\(([+-][\d.]+) %", _html(kept))
    assert [changes for changes, _, _ in told] == [
        "budget.central = -10%", "budget.central = -10%, rule.fair_floor.min = 70%", "rule.fair_floor.min = 70%",
        "need.water.weight = 0.8"]
    worth = [int(value.replace(",", "")) for _, value, _ in told]
    assert worth[1] <= worth[0]  # a rule that asks for more leaves no more,
    assert worth[1] <= worth[2]  # and so does less money
    assert all(float(change) < 0 for _, _, change in told[:3])
    assert "No plan:" in _html(kept)


def test_cleaning_leaves_nothing_of_one_run():
    cell = nbformat.v4.new_code_cell("f()", execution_count=7, metadata={"execution": {"iopub.execute_input": "2026-01-01"}})
    cell.outputs = [
        nbformat.v4.new_output("execute_result", {"text/html": "<p>a</p>", "text/plain": "<object at 0x7f00aa11bb>"},
                               execution_count=7),
        nbformat.v4.new_output("display_data", {execute.WIDGET: {"model_id": "5"}, "text/plain": "VBox()"}),
        nbformat.v4.new_output("stream", name="stdout", text="b\n"),
    ]
    notebook = nbformat.v4.new_notebook(cells=[cell], metadata={
        "widgets": {"state": {}}, "kernelspec": {"name": "mine", "display_name": "Mine"}})
    made = execute.cleaned(notebook)
    assert made.metadata == execute.METADATA
    assert _shown(made) == [["text/html", "stream"]]
    assert made.cells[0].outputs[0].data == {"text/html": "<p>a</p>"}
    assert made.cells[0].outputs[1].text == "b\n"
    assert "execution" not in made.cells[0].metadata
    assert made.cells[0].execution_count is None
