"""The grid of a sweep: values of settings out of text, and the checked settings of each run."""

import itertools
import re
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any, Final

from lentigo.config import Config
from lentigo.errors import ConfigError
from lentigo.launch import launch

SWEPT: Final = ("train", "augment", "model", "image", "probe", "features", "predict")
MOST_RUNS: Final = 200
Values = Mapping[str, Sequence[Any]]


def combinations(grid: Values, config: Config) -> dict[str, dict[str, Any]]:
    """Return the settings of each run of a grid by its name, after checking every one of them.

    Raises:
        ConfigError: a setting does not exist or cannot be swept, or there are fewer than two or too many combinations.

    Example:
        >>> from lentigo.config import load_config
        >>> list(combinations({"train.lr": [1e-4, 3e-4], "image.size": [96]}, load_config()))
        ['lr=0.0001_size=96', 'lr=0.0003_size=96']
    """
    if launch().size > 1:
        raise ConfigError("a sweep runs in one process. Start it without torchrun.")
    if config.recipe == "auto":
        raise ConfigError("--recipe auto chooses the settings itself. Name another recipe to sweep.")
    for key in grid:
        if key.partition(".")[0] not in SWEPT:
            raise ConfigError(
                f"{key} cannot be swept: runs are ranked on the same validation images, by what the networks say of "
                f"them. Sweep settings of {', '.join(SWEPT)}."
            )
    rows = [dict(zip(grid, values, strict=True)) for values in itertools.product(*grid.values())]
    if not 2 <= len(rows) <= MOST_RUNS:
        few = "two combinations or more" if len(rows) < 2 else f"at most {MOST_RUNS} combinations"
        raise ConfigError(f"a sweep needs {few}; this one has {len(rows)}. Change its values.")
    named: dict[str, dict[str, Any]] = {}
    for row in rows:
        config.changed(row)  # a value that is out of range is told before the first run is trained
        name = "_".join(f"{key.rpartition('.')[2]}={_plain(value)}" for key, value in row.items())
        if name in named:
            raise ConfigError(f"two runs of the sweep would both be called {name}. Give each value once.")
        named[name] = row
    return named


def parse_sweep(text: str) -> tuple[str, list[Any]]:
    """Return the setting and the values of a text such as "train.lr=1e-4,3e-4".

    Raises:
        ConfigError: it has no `=`.

    Example:
        >>> parse_sweep("train.imbalance=none,root")
        ('train.imbalance', ['none', 'root'])
    """
    key, separator, values = text.partition("=")
    if not separator or not key.strip() or not values.strip():
        raise ConfigError(f"--sweep {text}: expected section.key=value,value, such as --sweep train.lr=1e-4,3e-4.")
    try:
        return key.strip(), list(tomllib.loads(f"values = [{values}]")["values"])
    except tomllib.TOMLDecodeError:
        return key.strip(), [_value(part) for part in values.split(",")]


def _value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text.strip()


def _plain(value: object) -> str:
    text = "-".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return re.sub(r"[^A-Za-z0-9.+-]+", "-", text)[-40:].strip("-") or "empty"
