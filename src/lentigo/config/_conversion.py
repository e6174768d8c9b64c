"""Between plain values, as TOML has them, and frozen records with annotated fields."""

import dataclasses
import json
import tomllib
import typing
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal

from lentigo.errors import ConfigError, suggest

OF_NAMES: Final = ("data.aliases.", "data.columns.")
"""Tables whose keys and values are a user's own words, which are never numbers and may hold points."""


def parse_override(text: str) -> tuple[str, Any]:
    """Return the key and the value of a `section.key=value` text; a value that is not TOML is taken as a bare word.

    Raises:
        ConfigError: there is no `=`.

    Example:
        >>> parse_override("train.epochs=3")
        ('train.epochs', 3)
    """
    # An alias may hold "=" and its meaning does not; a column's name may, and the field it is for does not.
    key, separator, value = text.rpartition("=") if text.startswith(OF_NAMES[0]) else text.partition("=")
    if not separator or not key.strip():
        raise ConfigError(f"--set {text}: expected section.key=value, for example --set train.epochs=3.")
    try:
        parsed = tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        parsed = value.strip()
    if key.startswith(OF_NAMES) and not isinstance(parsed, str):
        parsed = value.strip()
    return key.strip(), parsed


def read_toml(name: str, read: Callable[[], bytes] | None) -> dict[str, Any]:
    """Return the content of a TOML file; `read` gives its bytes, or is None when there is no such file.

    Raises:
        ConfigError: no such file, or no TOML.
    """
    if read is None:
        raise ConfigError(f"{name} does not exist.")
    try:
        return tomllib.loads(read().decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{name} is not valid TOML: {error}.") from error


def build(cls: type[Any], values: Mapping[str, Any], *, source: str, prefix: str) -> Any:
    """Return the record `cls` made from nested `values`, every type checked.

    Raises:
        ConfigError: an unknown key (the nearest is suggested) or a value of the wrong type.
    """
    hints = typing.get_type_hints(cls)
    unknown = [key for key in values if key not in hints]
    if unknown:
        key = unknown[0]
        known = ", ".join(hints)
        raise ConfigError(f"{source}: unknown key '{prefix}{key}'.{suggest(key, list(hints))} Known here: {known}.")
    return cls(**{key: _convert(value, hints[key], source, prefix + key) for key, value in values.items()})


def _convert(value: Any, hint: Any, source: str, name: str) -> Any:
    origin = typing.get_origin(hint)
    if origin is Literal:
        choices = [str(choice) for choice in typing.get_args(hint)]
        if isinstance(value, bool) or value not in typing.get_args(hint):
            near = suggest(str(value), choices)
            raise ConfigError(f"{source}: {name} is {value!r}.{near} Choose from: {', '.join(choices)}.")
        return value
    if isinstance(value, Mapping) and dataclasses.is_dataclass(hint):
        return build(typing.cast("type[Any]", hint), value, source=source, prefix=f"{name}.")
    if isinstance(value, Mapping) and origin is dict:
        return {str(key): str(item) for key, item in value.items()}
    if isinstance(value, list | tuple) and origin is tuple:
        return tuple(_convert(item, typing.get_args(hint)[0], source, name) for item in value)
    if isinstance(value, bool) == (hint is bool) and isinstance(hint, type):
        if hint is float and isinstance(value, int):
            return float(value)
        if isinstance(value, hint):
            return value
    expected = "a table" if dataclasses.is_dataclass(hint) else str(hint).removeprefix("<class '").removesuffix("'>")
    raise ConfigError(f"{source}: {name} is {value!r}; expected {expected}.")


def toml_value(value: Any) -> str:
    """Return a plain value as TOML.

    Example:
        >>> toml_value((0.5, True))
        '[0.5, true]'
    """
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {toml_value(item)}" for key, item in value.items()) + "}"
    return json.dumps(list(value) if isinstance(value, tuple) else value)
