"""The recipes that lentigo ships, and those of one's own."""

from collections.abc import Iterator, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from lentigo.config._conversion import read_toml, toml_value
from lentigo.config._records import Config
from lentigo.errors import ConfigError, suggest

RECIPES = ("finetune", "auto", "crossval", "robust", "probe", "features", "baseline")


def load_config(recipe: str = "finetune", *, overrides: Sequence[str] = ()) -> Config:
    """Return the settings of a shipped recipe or a TOML file, with `section.key=value` overrides applied.

    A file with `recipe = "probe"` builds on that recipe, any other on `finetune`. What sets nothing but `[data]` has
    the name of the recipe that it builds on, another file its own.

    Args:
        recipe: one of `RECIPES`, or the path of a TOML file.
        overrides: as given to `--set`; values are TOML, a bare word is taken as text.

    Raises:
        ConfigError: no such recipe, an unknown key, or a value of the wrong type or range.

    Example:
        >>> load_config("probe", overrides=["image.size=128"]).image.size
        128
    """
    if recipe in RECIPES:
        values = _shipped(recipe)
    else:
        path = Path(recipe)
        if not path.is_file():
            known = ", ".join(RECIPES)
            raise ConfigError(
                f"unknown recipe '{recipe}'.{suggest(recipe, RECIPES)} Known: {known}, or the path of a TOML file."
            )
        values = read_toml(recipe, path.read_bytes)
        base = values.setdefault("recipe", "finetune" if set(values) == {"data"} else path.stem)
        values = _over(_shipped(base), values) if base in RECIPES else values
    return Config.from_dict(values, source=recipe).overridden(overrides)


def recipe_overrides(path: str | Path) -> tuple[str, ...]:
    r"""Return what a TOML file sets, as texts for `--set`: for settings that start from others than the defaults.

    Raises:
        ConfigError: no such file, an unknown key, or a value of the wrong type or range.

    Example:
        >>> _ = (folder / "aliases.toml").write_text('[data.aliases]\n"blob, 1.2" = "NV"\n')
        >>> recipe_overrides(folder / "aliases.toml")
        ('data.aliases.blob, 1.2="NV"',)
    """
    path = Path(path)
    values = read_toml(str(path), path.read_bytes if path.is_file() else None)
    Config.from_dict(values, source=str(path))
    values.pop("recipe", None)  # its name, not a setting
    return tuple(_flat(values, ""))


def _shipped(recipe: str) -> dict[str, Any]:
    return read_toml(recipe, (resources.files("lentigo") / "recipes" / f"{recipe}.toml").read_bytes)


def _over(base: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return nested values over those of a base."""
    merged = dict(base)
    for key, value in values.items():
        below = base.get(key)
        merged[key] = _over(below, value) if isinstance(below, Mapping) and isinstance(value, Mapping) else value
    return merged


def _flat(values: Mapping[str, Any], prefix: str) -> Iterator[str]:
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}={toml_value(value)}"
