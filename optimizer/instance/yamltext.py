"""YAML as this format reads and writes it: safe, no duplicate keys, no surprises with dates, octals or ``no``.

Reading follows the YAML 1.2 core schema: only ``true`` and ``false`` are truth values, ``062901`` and ``1:30`` are
text, ``1e5`` is a number. Writing quotes whatever any YAML version would read as something else than text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from optimizer.instance.findings import Finding

MOST_NODES = 2_000_000  # aliases of aliases may stand for more than any memory holds
Path = tuple[str | int, ...]
_FLOAT = re.compile(
    r"[-+]?(?:(?:0|[1-9][0-9]*)?\.[0-9]+(?:[eE][-+]?[0-9]+)?|(?:0|[1-9][0-9]*)\.?(?:[eE][-+]?[0-9]+)|(?:0|[1-9][0-9]*)\."
    r"|\.(?:inf|Inf|INF)|(?<![-+])\.(?:nan|NaN|NAN))$",
    re.X,
)
_INT = re.compile(r"[-+]?(?:0|[1-9][0-9]*)$")
_BREAKS = re.compile("[\n\r\t\x85\u2028\u2029]")
_RULES: tuple[tuple[str, re.Pattern[str], str | None], ...] = (
    ("tag:yaml.org,2002:bool", re.compile(r"(?:true|True|TRUE|false|False|FALSE)$"), "tTfF"),
    ("tag:yaml.org,2002:int", _INT, "-+0123456789"),
    ("tag:yaml.org,2002:float", _FLOAT, "-+.0123456789"),
    ("tag:yaml.org,2002:null", re.compile(r"(?:~|null|Null|NULL|)$"), "~nN\0"),
    ("tag:yaml.org,2002:merge", re.compile(r"<<$"), "<"),
)


class _Loader(yaml.SafeLoader):
    """A safe loader with the scalars of YAML 1.2 that refuses duplicate keys."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012  (so declared by the package)

    def construct_yaml_int(self, node: yaml.ScalarNode) -> int:
        return int(str(self.construct_scalar(node)))

    def construct_yaml_float(self, node: yaml.ScalarNode) -> float:
        text = str(self.construct_scalar(node)).lower()
        return float(text.replace(".inf", "inf").replace(".nan", "nan"))


class _Dumper(yaml.SafeDumper):
    """A safe dumper that never writes anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def represent_text(self, data: str) -> yaml.ScalarNode:
        """Texts of several lines as one line with escapes."""
        return self.represent_scalar("tag:yaml.org,2002:str", data, style='"' if _BREAKS.search(data) else None)


for _tag, _pattern, _first in _RULES:
    _Loader.add_implicit_resolver(_tag, _pattern, [c if c != "\0" else "" for c in _first or ""])
    _Dumper.add_implicit_resolver(_tag, _pattern, [c if c != "\0" else "" for c in _first or ""])
_Dumper.add_representer(str, _Dumper.represent_text)
_Loader.add_constructor("tag:yaml.org,2002:int", _Loader.construct_yaml_int)
_Loader.add_constructor("tag:yaml.org,2002:float", _Loader.construct_yaml_float)


def load_yaml(text: str, file: str, row: int | str | None = None) -> tuple[Any, dict[Path, int], list[Finding]]:
    """Read one YAML text.

    Returns
    -------
    value : what it says, or None where it cannot be read
    lines : line of each key and item, by its path
    findings : faults of syntax and duplicate keys
    """
    try:
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
            if node is None:
                return None, {}, []
            findings = [*_too_large(node, file, row), *_unsafe(node, file, row)]
            if findings:
                return None, {}, findings
            findings = list(_duplicates(node, file, row, set()))
            return loader.construct_document(node), dict(_lines(node, ())), findings
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = row if row is not None or mark is None else mark.line + 1
        problem = " ".join(part for part in (error.context, error.problem) if part)
        return None, {}, [_fault(file, line, f"cannot be read as YAML: {problem}")]
    except (yaml.YAMLError, ValueError) as error:
        return None, {}, [_fault(file, row, f"cannot be read as YAML: {str(error).splitlines()[0]}")]
    except RecursionError:
        return None, {}, [_fault(file, row, "is nested too deeply", "Write it with fewer levels")]


def dump_yaml(value: Any) -> str:
    """A readable document: blocks, own order of keys, no anchors."""
    return str(yaml.dump(value, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=110, default_flow_style=None))


def dump_flow(value: Any) -> str:
    """One line of YAML flow text, ``{unit: 10k_yuan, step: 1}``."""
    text = str(yaml.dump(value, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=float("inf"), default_flow_style=True))
    return text.removesuffix("\n").removesuffix("\n...")


def _fault(
    file: str,
    row: int | str | None,
    problem: str,
    mend: str = "Mend the YAML there; mind quotes, colons and the same indentation for all entries of a block",
) -> Finding:
    return Finding(file, row, None, None, problem, mend)


def _too_large(node: yaml.Node, file: str, row: int | str | None) -> list[Finding]:
    """Aliases may make a short text stand for a huge one, or for an endless one."""
    sizes: dict[int, int] = {}
    open_nodes: set[int] = set()

    def size(at: yaml.Node) -> int:
        if id(at) in open_nodes:
            return MOST_NODES + 1
        if id(at) not in sizes:
            open_nodes.add(id(at))
            sizes[id(at)] = 1 + sum(size(child) for child in _children(at))
            open_nodes.discard(id(at))
        return sizes[id(at)]

    if size(node) <= MOST_NODES:
        return []
    return [_fault(file, row, "repeats itself by aliases without end", "Write the parts out instead of using & and *")]


def _unsafe(node: yaml.Node, file: str, row: int | str | None) -> Iterator[Finding]:
    """Tags such as ``!!python/object`` ask for more than data."""
    stack, seen = [node], set()
    while stack:
        at = stack.pop()
        if id(at) in seen:
            continue
        seen.add(id(at))
        if (
            not at.tag.startswith("tag:yaml.org,2002:")
            or "python" in at.tag
            or at.tag.rsplit(":")[-1] in ("binary", "set", "omap", "pairs")
        ):
            yield Finding(
                file,
                row or at.start_mark.line + 1,
                None,
                at.tag,
                "is a tag that this format does not know",
                "Remove the part that begins with '!'",
            )
        stack.extend(_children(at))


def _children(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [part for pair in node.value for part in pair]
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def _duplicates(node: yaml.Node, file: str, row: int | str | None, seen: set[int]) -> Iterator[Finding]:
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        first: dict[tuple[str, str], int] = {}
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                yield _fault(
                    file,
                    row or key.start_mark.line + 1,
                    "has a key that is not a plain word",
                    "Write a plain word before the colon",
                )
                continue
            name = (key.tag, key.value)
            if name in first:
                yield Finding(
                    file,
                    row or key.start_mark.line + 1,
                    None,
                    key.value,
                    f"stands twice in the same block (first in line {first[name]})",
                    "Remove one of the two",
                )
            first.setdefault(name, key.start_mark.line + 1)
    for child in _children(node):
        yield from _duplicates(child, file, row, seen)


def _lines(node: yaml.Node, path: Path) -> Iterator[tuple[Path, int]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode):
                name: str | int = int(key.value) if key.tag.endswith(":int") else key.value
                yield (*path, name), key.start_mark.line + 1
                yield from _lines(value, (*path, name))
    elif isinstance(node, yaml.SequenceNode):
        for n, value in enumerate(node.value):
            yield (*path, n), value.start_mark.line + 1
            yield from _lines(value, (*path, n))
