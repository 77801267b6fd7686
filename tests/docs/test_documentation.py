"""The documentation says what the program does: made pages are whole, examples run, the site builds without a warning."""

from __future__ import annotations

import importlib.util
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

import optimizer as opt
from optimizer.cli.main import app
from optimizer.instance.settings_rules import RULE_TYPES
from optimizer.model.criteria import BUILT_IN
from optimizer.model.equity import FORMS

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
sys.path.insert(0, str(ROOT))

from docs_made import cards, clauses, commands, interface  # noqa: E402

STATUS = re.compile(r"# exit status (\d)")


def blocks(page: str, language: str) -> list[str]:
    """The examples of a page in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```", (DOCS / page).read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def lines(page: str) -> list[tuple[list[str], int]]:
    """The commands of a page with the exit status that they should have."""
    out = []
    for line in "".join(blocks(page, "sh")).splitlines():
        status = STATUS.search(line)
        out.append((shlex.split(line, comments=True)[1:], int(status[1]) if status else 0))
    return out


def run(words: list[str], status: int) -> None:
    done = CliRunner().invoke(app, words)
    assert done.exit_code == status, (words, done.output[-2000:], done.exception)


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> opt.Instance:
    folder = tmp_path_factory.mktemp("new") / "first"
    run(["new", str(folder)], 0)
    return opt.read(folder)


def changed(instance: opt.Instance, **settings: Any) -> opt.Instance:
    return opt.Instance.from_frames(settings={**instance.raw_settings, **settings}, **instance.tables)


def test_every_clause_has_a_docstring_and_stands_on_the_page() -> None:
    page, known = clauses.page(), clauses.clauses()
    assert len(known) > 40
    assert [one for one in known if not one.doc] == []
    assert [one.name for one in known if f"`{one.name}`</small>" not in page] == []
    for name in (*BUILT_IN, *FORMS):
        assert f"| `{name}` |" in page


def test_a_formula_of_the_source_is_the_formula_of_the_page() -> None:
    doc = next(one.doc for one in clauses.clauses() if one.name == "stream_budget")
    formula = doc.split("\n\n")[1].strip()
    assert "≤ amount[s,scope,t]" in formula
    assert formula in clauses.page()


def test_a_room_of_the_page_begins_with_what_it_names_first() -> None:
    page = clauses.page()
    for _, starts in clauses.ROOMS:
        at = [page.index(f"`optimizer/model/{start}") for start in starts if f"`optimizer/model/{start}" in page]
        assert at == sorted(at)
        assert at


def test_every_command_and_option_is_in_the_reference() -> None:
    page = commands.page()
    for command in app.registered_commands:
        assert command.callback is not None
        assert f"## optimizer {command.callback.__name__.replace('_', '-')}" in page
    for option in ("--set", "--scenario", "--decisions", "--time-limit", "--vary", "--against"):
        assert f"`{option}`" in page


def test_every_public_name_is_in_the_reference() -> None:
    page = interface.page()
    functions_and_classes = [name for name in opt.__all__ if callable(getattr(opt, name))]
    assert [name for name in functions_and_classes if f"### opt.{name}\n" not in page] == []


def test_cards_are_those_of_the_shipped_instances() -> None:
    assert cards.names() == ["national", "us-counties", "zhejiang-sichuan"]
    assert "](" not in re.sub(r"\]\(https?:", "", cards.page("national"))


def test_every_rule_type_has_an_example_that_is_solved(template: opt.Instance) -> None:
    rules = [rule for block in blocks("rules.md", "yaml") for rule in yaml.safe_load(block)]
    assert {rule["type"] for rule in rules} == set(RULE_TYPES)
    plan = opt.solve(changed(template, rules=rules))
    assert plan.audit is not None
    assert plan.audit.passed
    told = plan.rules.groupby("rule")["status"].agg(set)
    for rule in rules:
        assert told[rule["id"]] <= {"holds", "rounding"}, rule["id"]


def test_every_criterion_has_an_example_with_a_value(template: opt.Instance) -> None:
    read = [yaml.safe_load(block) for block in blocks("criteria.md", "yaml")]
    declared = {name: entry for block in read for name, entry in block.get("criteria", {}).items()}
    assert {entry["equity"] for entry in declared.values() if "equity" in entry} == set(FORMS)
    method = next(block["method"] for block in read if "method" in block)
    plan = opt.solve(changed(template, criteria=declared, method=method))
    values = plan.criteria.drop_duplicates("criterion").set_index("criterion")["value"]
    in_order = {name for name, entry in declared.items() if entry.get("equity") == "leximin"}
    assert values[[*(set(declared) - in_order), *BUILT_IN]].notna().all()
    page = (DOCS / "criteria.md").read_text(encoding="utf-8")
    assert all(f"| `{name}` |" in page for name in BUILT_IN)


@pytest.mark.thorough
@pytest.mark.parametrize("page", ["tutorial.md", "how-to/planner.md", "how-to/committee.md"])
def test_commands_of_a_page_do_what_it_says(page: str, room: Path) -> None:
    if "new" not in (words[0] for words, _ in lines(page)):
        run(["new", "first"], 0)
    for block in blocks(page, "csv"):
        (room / "decisions.csv").write_text(block, encoding="utf-8")
    commands_of_page = lines(page)
    assert len(commands_of_page) >= 3
    for words, status in commands_of_page:
        run(words, status)


@pytest.mark.thorough
def test_examples_for_analysts_run(room: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["new", "first"], 0)
    known: dict[str, Any] = {}
    for block in blocks("how-to/analyst.md", "python"):
        exec(compile(block, "analyst.md", "exec"), known)
    assert "central" in capsys.readouterr().out
    for words, status in lines("how-to/analyst.md"):
        run(words, status)


def test_site_builds_without_a_warning(tmp_path: Path) -> None:
    if importlib.util.find_spec("material") is None:
        pytest.skip("mkdocs-material is not installed: pip install -e '.[docs]'")
    done = subprocess.run([sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path / "site")],
                          cwd=ROOT, check=False, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    model = (tmp_path / "site" / "model.html").read_text(encoding="utf-8")
    assert "carried_out[s,t−1]" in model
    assert (tmp_path / "site" / "data" / "us-counties.html").exists()
