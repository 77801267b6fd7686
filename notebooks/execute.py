"""Run every notebook of this folder from its first cell to its last and keep what it shows.

    python notebooks/execute.py             # all of them
    python notebooks/execute.py 02 05       # those whose names begin so

Outputs are kept without what would differ from one run or one computer to the next for no reason: times, counters,
paths, the state of widgets. Needs ``pip install -e '.[notebook]'``.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

HERE = Path(__file__).resolve().parent
LONGEST = 300  # seconds that one cell may take
WIDGET = "application/vnd.jupyter.widget-view+json"
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def notebooks() -> list[Path]:
    """The notebooks of this folder, in order."""
    return sorted(HERE.glob("[0-9]*.ipynb"))


def executed(file: Path) -> Any:
    """A notebook run in a fresh kernel, in its own folder, and cleaned.

    Raises
    ------
    CellExecutionError : a cell fails
    """
    notebook = nbformat.read(file, as_version=4)
    NotebookClient(notebook, timeout=LONGEST, kernel_name="python3", resources={"metadata": {"path": str(HERE)}}).execute()
    return cleaned(notebook)


def cleaned(notebook: Any) -> Any:
    """The notebook with nothing in it that belongs to one run or one computer."""
    notebook.metadata = nbformat.from_dict(METADATA)
    for number, cell in enumerate(notebook.cells, 1):
        cell.id, cell.metadata = f"cell-{number:02d}", nbformat.from_dict({})
        if cell.cell_type == "code":
            cell.execution_count = None
            cell.outputs = [kept for output in cell.outputs if (kept := _output(output)) is not None]
    return notebook


def _output(output: Any) -> Any:
    """An output without counters; None for widgets, which are alive only while the notebook runs."""
    if "execution_count" in output:
        output.execution_count = None
    if "data" in output:
        if WIDGET in output.data:
            return None
        if "text/html" in output.data or "image/png" in output.data:
            output.data.pop("text/plain", None)  # the same again, worse, and often with an address in memory
        output.metadata = nbformat.from_dict({})
    return output


def main(wanted: list[str]) -> None:
    """Run the notebooks named (all by default) and write them back."""
    for file in notebooks():
        if not wanted or file.name.startswith(tuple(wanted)):
            print(file.name, flush=True)
            nbformat.write(executed(file), file)


if __name__ == "__main__":
    main(sys.argv[1:])
