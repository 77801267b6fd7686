"""Faults of ``instance.yaml`` in plain words: where they stand, what is wrong, what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeGuard, get_args, get_origin

from pydantic import BaseModel, ValidationError

from optimizer.instance.findings import Finding, listed, near
from optimizer.instance.settings_rules import RULE_TYPES
from optimizer.instance.yamltext import Path

UNION_MARKS = ("[key]", "filters", "word", "list", "number")  # what pydantic adds to a place: keys and branches of a union


def findings_of(
    error: ValidationError, model: type[BaseModel], raw: Mapping[str, Any], file: str, lines: Mapping[Path, int | str]
) -> list[Finding]:
    """One finding for each fault that pydantic reports, without repetitions."""
    out: dict[tuple[Path, str], Finding] = {}
    for fault in error.errors(include_url=False):
        path, found = _path(fault["loc"], raw)
        problem, mend, value = _words(fault["type"], fault["msg"], fault.get("ctx", {}), path, model, raw, found)
        line = next((lines[path[:n]] for n in range(len(path), 0, -1) if path[:n] in lines), None)
        where = ".".join(str(part) for part in _named(path, raw)) or None
        out.setdefault((path, problem), Finding(file, line, where, value, problem, mend))
    return list(out.values())


def _path(loc: tuple[str | int, ...], raw: Any) -> tuple[Path, Any]:
    """The path within the YAML, without what pydantic adds for unions and keys, and what stands there."""
    path: list[str | int] = []
    at = raw
    for n, part in enumerate(loc):
        if part in UNION_MARKS or (n == 2 and loc[0] == "rules" and part in RULE_TYPES):
            continue
        if isinstance(at, Mapping):
            key: str | int = int(part) if isinstance(part, str) and part.lstrip("-").isdigit() and part not in at else part
            path.append(key)
            at = at.get(key)
        elif _is_item(at, part):
            path.append(part)
            at = at[int(part)]
    return tuple(path), at


def _named(path: Path, raw: Any) -> Iterator[str | int]:
    """``rules.industry.min`` rather than ``rules.3.min``."""
    for n, part in enumerate(path):
        if n == 1 and path[0] == "rules" and isinstance(part, int):
            rule = raw["rules"][part]
            name = rule.get("id") if isinstance(rule, Mapping) else None
            yield name if isinstance(name, str) else part + 1
        else:
            yield part


def _words(
    kind: str, message: str, ctx: Mapping[str, Any], path: Path, model: type[BaseModel], raw: Any, found: Any
) -> tuple[str, str, str | None]:
    """Problem, mend and value of one fault."""
    value = None if isinstance(found, (Mapping, list, tuple)) or found is None else str(found)
    if kind == "extra_forbidden":
        fields = _fields(model, path[:-1], raw)
        return (
            f"'{path[-1]}' is not known here",
            near(str(path[-1]), fields, f"Remove it, or write one of {listed(fields, 20)}"),
            None,
        )
    if kind == "missing":
        return (f"'{path[-1]}' is missing", "Write it", None)
    if kind == "value_error":
        return (str(ctx.get("error", message)), "Write another value there", None)
    if kind in ("literal_error", "union_tag_invalid"):
        expected = str(ctx.get("expected") or ctx.get("expected_tags", "")).replace("'", "").replace(" or ", ", ")
        words = [word.strip() for word in expected.split(",")]
        return ("is not one of the values offered", near(str(found), words, "Write one of " + listed(words, 20)), value)
    if kind == "union_tag_not_found":
        return ("'type' is missing", f"Write one of {listed(RULE_TYPES)}", None)
    if kind in ("model_type", "dict_type", "model_attributes_type", "mapping_type"):
        return ("should be a block of 'key: value' entries", "Write each entry on a line of its own, indented", value)
    if kind in ("tuple_type", "list_type"):
        return ("should be a list", "Write [a, b]", value)
    if kind == "too_short":
        return ("is empty", "Write at least one entry", None)
    return (message[:1].lower() + message[1:], "Write another value there", value)


def _fields(model: type[BaseModel], path: Path, raw: Any) -> list[str]:
    """The keys that may stand at ``path``."""
    at: Any = model
    value: Any = raw
    for part in path:
        value = value.get(part) if isinstance(value, Mapping) else value[int(part)] if _is_item(value, part) else None
        if isinstance(at, type) and issubclass(at, BaseModel):
            at = next((field.annotation for name, field in at.model_fields.items() if part in (name, field.alias)), None)
            if not _is_container(at):
                at = next(_models(at), None)
        elif path[0] == "rules":
            at = RULE_TYPES.get(str(value.get("type"))) if isinstance(value, Mapping) else None
        else:
            at = next(_models(at), None)
    if not (isinstance(at, type) and issubclass(at, BaseModel)):
        return []
    return sorted(field.alias or name for name, field in at.model_fields.items() if name != "filters")


def _is_item(value: Any, part: str | int) -> TypeGuard[list[Any]]:
    return isinstance(value, list | tuple) and isinstance(part, int) and part < len(value)


def _is_container(annotation: Any) -> bool:
    """Whether an annotation is a mapping or a list of something."""
    return get_origin(annotation) in (dict, tuple) or any(_is_container(part) for part in get_args(annotation))


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """Every model inside an annotation."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
        return
    for part in get_args(annotation):
        yield from _models(part)
