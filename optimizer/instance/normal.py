"""The normal form of plain settings: what says nothing is left out, so that every form of an instance is equal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

FREE_TEXT = frozenset({"title", "source", "label", "sentence"})
ENTRY_SECTIONS = ("needs", "categories", "streams", "groups", "outcomes", "criteria", "scenarios")
FIELD_SECTIONS = ("money", "labels", "pairs", "factor", "method", "settings")


def normal_settings(raw: Mapping[Any, Any]) -> dict[Any, Any]:
    """Plain settings without blank fields and empty sections; an entry without fields is ``{}``."""
    out: dict[Any, Any] = {}
    for key, value in raw.items():
        if key in ENTRY_SECTIONS and isinstance(value, Mapping):
            value = {name: {} if entry is None else _fields(entry) for name, entry in value.items()}
        elif key in FIELD_SECTIONS and isinstance(value, Mapping):
            value = _fields(value)
        elif key == "rules" and isinstance(value, (list, tuple)):
            value = [_fields(rule) for rule in value]
        if value is None or (isinstance(value, (dict, list, tuple)) and not value) or (key in FREE_TEXT and value == ""):
            continue
        out[key] = plain(value)
    return out


def _fields(entry: Any) -> Any:
    if not isinstance(entry, Mapping):
        return entry
    return {key: value for key, value in entry.items() if value is not None and not (key in FREE_TEXT and value == "")}


def plain(value: Any) -> Any:
    """Mappings, sequences and numbers as the plain types of YAML."""
    if isinstance(value, Mapping):
        return {plain(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    return value
