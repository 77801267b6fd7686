"""What mkdocs calls: it adds the pages that are made from the program."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from docs_made import cards, clauses, commands, interface


def on_files(files: Any, *, config: Any) -> Any:
    """Add the made pages to those that lie in `docs/`."""
    made = {"model.md": clauses.page, "commands.md": commands.page, "python.md": interface.page}
    for name, page in made.items():
        files.append(File.generated(config, name, content=page()))
    for name in cards.names():
        files.append(File.generated(config, f"data/{name}.md", content=cards.page(name)))
    return files
