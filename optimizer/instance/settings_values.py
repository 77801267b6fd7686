"""The plain values of ``instance.yaml``: numbers with ``%``, shares, texts, identifiers, groups."""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Discriminator

from optimizer.instance.findings import shown
from optimizer.instance.schema import IDENTIFIER, RESERVED


class Part(BaseModel):
    """A mapping of the settings: unknown keys are errors, nothing changes once read."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


def to_number(value: object) -> float:
    """A number as settings and changes write it: ``0.55``, ``55%``.

    Raises
    ------
    ValueError : for truth values, words, NaN and infinities
    """
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise ValueError(f"{shown(value)} is not a number")
    text = str(value).strip()
    try:
        number = Decimal(text.removesuffix("%").strip()) if "_" not in text else None
    except InvalidOperation:
        number = None
    if number is None or not number.is_finite():
        raise ValueError(f"{shown(value)} is not a finite number")
    result = float(number / 100) if text.endswith("%") else float(number)
    if not math.isfinite(result):
        raise ValueError(f"{shown(value)} is too large")
    return result


def to_text(value: object) -> str:
    """Free text; a bare number is taken as its text."""
    if isinstance(value, str):
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    raise ValueError(f"{shown(value)} is not a text; write it in quotes")


def to_flag(value: object) -> bool:
    """1/0, true/false or yes/no."""
    text = str(value).strip().lower()
    if text in ("1", "1.0", "true", "yes"):
        return True
    if text in ("0", "0.0", "false", "no"):
        return False
    raise ValueError(f"{shown(value)} is neither 1 nor 0")


def to_whole(value: object) -> int:
    """A whole number."""
    number = to_number(value)
    if number != int(number):
        raise ValueError(f"{shown(value)} is not a whole number")
    return int(number)


def to_identifier(value: object) -> str:
    """An identifier: 1 to 64 letters, digits, ``_`` or ``-``; not a reserved word."""
    fault = identifier_fault(value)
    if fault:
        raise ValueError(f"{shown(value)} {fault}")
    return str(value)


def identifier_fault(value: object) -> str | None:
    """What is wrong with an identifier, or None."""
    if not isinstance(value, str):
        return "is not a text; identifiers are texts, so write it in quotes"
    if value in RESERVED:
        return "is a reserved word; choose another identifier"
    if not IDENTIFIER.fullmatch(value):
        return "is not an identifier; use 1 to 64 letters, digits, _ or -"
    return None


def _at_least(lowest: float, strict: bool = False) -> AfterValidator:
    def check(value: float) -> float:
        if value < lowest or (strict and value == lowest):
            raise ValueError(f"{value:g} is not {'more than' if strict else 'at least'} {lowest:g}")
        return value

    return AfterValidator(check)


def _share(value: float) -> float:
    if not 0 <= value <= 1:
        raise ValueError(f"{value:g} is not a share between 0 and 1 (0 % and 100 %)")
    return value


def to_strings(value: object) -> tuple[str, ...]:
    """One text or a list of texts."""
    items = value if isinstance(value, (list, tuple)) else [value]
    return tuple(to_text(item) for item in items)


def to_whole_list(value: object) -> tuple[int, ...]:
    """One whole number or a list of them."""
    return tuple(to_whole(item) for item in (value if isinstance(value, (list, tuple)) else [value]))


def to_filter(value: object) -> dict[str, Any]:
    """A FILTER: columns with a value, a list of values, or ``{min:, max:}``; ``unknown`` yes or no."""
    if not isinstance(value, Mapping) or not value:
        raise ValueError(f"{shown(value)} is not a filter such as {{province: [A, B], income: {{max: 9000}}}}")
    out: dict[str, Any] = {}
    for column, wanted in value.items():
        if not isinstance(column, str):
            raise ValueError(f"column {shown(column)} of the filter is not a text; write it in quotes")
        if column == "unknown":
            out[column] = "yes" if to_flag(wanted) else "no"
        else:
            out[column] = _wanted(column, wanted)
    if set(out) == {"unknown"}:
        raise ValueError("the filter names no column")
    return out


def _wanted(column: str, wanted: object) -> Any:
    if isinstance(wanted, Mapping):
        if not wanted or set(wanted) - {"min", "max"}:
            raise ValueError(f"filter on {column}: only min and max are known inside")
        return {str(end): to_number(number) for end, number in wanted.items()}
    if isinstance(wanted, (list, tuple)):
        if not wanted:
            raise ValueError(f"filter on {column}: the list is empty")
        return [_scalar(column, item) for item in wanted]
    return _scalar(column, wanted)


def _scalar(column: str, value: object) -> str | float | int:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"filter on {column}: {value} is not a finite number")
    if isinstance(value, (str, int, float)):
        return value
    raise ValueError(f"filter on {column}: {shown(value)} is neither a text nor a number")


def to_group(value: object) -> str | dict[str, Any] | None:
    """A GROUP: the name of one in ``groups``, a FILTER, or ``column=value``; ``all`` becomes None."""
    if value is None or value == "all":
        return None
    return to_filter(value) if isinstance(value, Mapping) else to_text(value)


def to_measure_filter(value: object) -> Any:
    """What a filter inside a measure may be: a scalar, a list, ``{min:, max:}`` or a FILTER."""
    if isinstance(value, Mapping):
        return to_filter(value) if set(value) - {"min", "max"} else _wanted("measure", value)
    return _wanted("measure", value)


def to_periods(value: object) -> str | tuple[int, ...]:
    """``each``, ``total``, ``last`` or a list of periods."""
    if isinstance(value, str) and value in ("each", "total", "last"):
        return value
    if isinstance(value, (list, tuple)) and value:
        return to_whole_list(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return (value,)
    raise ValueError(f"{shown(value)} is none of each, total, last or a list of periods")


def list_or(other: str) -> Discriminator:
    """Tell a list from another form, so that only the faults of the form meant are told."""
    return Discriminator(lambda value: "list" if isinstance(value, list | tuple) else other)


Number = Annotated[float, BeforeValidator(to_number)]
Amount = Annotated[float, _at_least(0.0), BeforeValidator(to_number)]
Positive = Annotated[float, _at_least(0.0, strict=True), BeforeValidator(to_number)]
Share = Annotated[float, AfterValidator(_share), BeforeValidator(to_number)]
Whole = Annotated[int, BeforeValidator(to_whole)]
Count = Annotated[int, _at_least(0.0), BeforeValidator(to_whole)]
Text = Annotated[str, BeforeValidator(to_text)]
Flag = Annotated[bool, BeforeValidator(to_flag)]
Ident = Annotated[str, BeforeValidator(to_identifier)]
Strings = Annotated[tuple[str, ...], BeforeValidator(to_strings)]
Wholes = Annotated[tuple[int, ...], BeforeValidator(to_whole_list)]
Filter = Annotated[dict[str, Any], BeforeValidator(to_filter)]
Group = Annotated[str | dict[str, Any] | None, BeforeValidator(to_group)]
MeasureFilter = Annotated[Any, BeforeValidator(to_measure_filter)]
Periods = Annotated[Literal["each", "total", "last"] | tuple[int, ...], BeforeValidator(to_periods)]
