"""The page docs/settings.md: every setting, from the fields and comments of the config records.

`make docs` writes it, a test keeps it current.
"""

import ast
import dataclasses
import inspect
import io
import sys
import tokenize
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from lentigo.config import RANGES, RECIPES, Config, load_config, toml_value

HEADER = """# Settings

Written by `make docs` from `src/lentigo/config`. `train`, `audit`, `split`, `calibrate`, `evaluate` and `compare` take
settings by `--set`, which may be repeated; `train` also takes a recipe:

```console
lentigo train photos/ --out run --recipe finetune --set train.epochs=30 --set image.size=224
lentigo train photos/ --out run --recipe mine.toml --set 'calibrate.sensitivities=[0.9,0.95]' --set data.aliases.mole=NV
```

Values are TOML; a bare word is taken as text. `--set` takes precedence over `--weights`, `--backbone`, `--seed` and
`--leaks`, these over the recipe, and the recipe over the defaults below. An unknown key, a wrong type or a value out of
range is refused before any image is read, with the nearest key or the range. A run stores its settings in
`config.toml`, which is a recipe file itself; `calibrate` starts from them.

A recipe file is TOML, one table per section; a missing key keeps the default below, which is that of `finetune`:

```toml
[image]
size = 224

[train]
epochs = 30
imbalance = "root"

[data.aliases]
mole = "NV"
```

With `recipe = "probe"` in its first line, a file changes that recipe instead of `finetune`. A file that sets only
`[data]` is not a recipe of its own: the run has the name of the recipe that it builds on.
"""

RECIPES_INTRO = """## The built-in recipes

`finetune` is the default.

{headlines}

What each changes (empty: the default):
"""

HEADLINES = {
    "finetune": "trains the whole network, slowly at the bottom and faster at the top",
    "auto": "chooses size, epochs, folds and method for a time budget (`--time-budget 30m`), measured by real training "
    "steps on this machine",
    "crossval": "trains five such networks on grouped folds and averages them: five times as long, five times as large",
    "robust": "is for photographs from devices that are not in the data",
    "probe": "learns only a logistic head on a frozen backbone, in minutes on a CPU",
    "features": "learns a head on embeddings of your own (`--features`), in seconds to minutes, without pixels",
    "baseline": "is the project's first, plain recipe, kept for comparison",
}

IMBALANCE = """## What `train.imbalance` does

It sets how often the images of a class are drawn in training, or how much they count in the loss:

| value | rare classes |
|---|---|
| `none` | as frequent as they are |
| `weights` | as frequent as they are; the loss of an image is weighted by the inverse frequency of its class |
| `sampler` | drawn as often as the others: each class has the same share of the images drawn |
| `root` | drawn more often, by the root of the inverse frequency: half-way between `none` and `sampler` |

Under `train.method = "probe"` and `"features"`, which draw nothing, images are weighted by the same amounts. All but
`none` teach the network that rare classes are more frequent than they are. With `train.priors = "data"`, the default,
the logits are shifted back, so that probabilities hold for the shares in the training data; `"drawn"` leaves them as
learned.
Calibration on validation follows in both cases. `weights` is refused together with `train.label_smoothing` above 0:
both at once distort probabilities.
"""

TYPES = {int: "whole number", float: "number", bool: "`true`, `false`", str: "text"}


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting.

    Args:
        key: as given to `--set`; of the first level, or `section.name`.
        hint: type of its values.
        default: its value where neither a recipe nor the user says otherwise.
        comment: what stands beside it in the source; empty where nothing does.

    Example:
        >>> Setting("seed", int, 0, "of everything that is drawn").key
        'seed'
    """

    key: str
    hint: Any
    default: Any
    comment: str


def list_settings() -> list[Setting]:
    """Return every setting there is, in the order of the records.

    Example:
        >>> next(setting.default for setting in list_settings() if setting.key == "train.epochs")
        12
    """
    return list(_settings_of(Config(), ""))


def settings_page() -> str:
    """Return all settings, what they are for, and the built-in recipes as Markdown.

    Example:
        >>> "| `train.epochs` | whole number, 1 to 10,000 | `12` |" in settings_page()
        True
    """
    settings = list_settings()
    whole = Config()
    parts = [HEADER, _recipes(settings), IMBALANCE]
    parts.append("## Of the whole run\n\n" + _table([entry for entry in settings if "." not in entry.key]))
    for entry in dataclasses.fields(whole):
        record = getattr(whole, entry.name)
        if dataclasses.is_dataclass(record):
            intro = (inspect.getdoc(type(record)) or "").splitlines()[0]
            here = [setting for setting in settings if setting.key.startswith(f"{entry.name}.")]
            parts.append(f"## {entry.name}\n\n{intro}\n\n{_table(here)}")
    return "\n".join(parts)


def _settings_of(record: Any, prefix: str) -> Iterator[Setting]:
    hints = typing.get_type_hints(type(record))
    comments = _comments(type(record))
    for entry in dataclasses.fields(record):
        value = getattr(record, entry.name)
        if dataclasses.is_dataclass(value):
            yield from _settings_of(value, f"{entry.name}.")
        else:
            yield Setting(prefix + entry.name, hints[entry.name], value, comments.get(entry.name, ""))


def _comments(cls: type) -> dict[str, str]:
    """Return the comment on the lines of each field."""
    source = inspect.getsource(cls)
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    at_line = {token.start[0]: token.string.lstrip("# ") for token in tokens if token.type == tokenize.COMMENT}
    comments = {}
    for node in typing.cast("ast.ClassDef", ast.parse(source).body[0]).body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            lines = range(node.lineno, (node.end_lineno or node.lineno) + 1)
            comments[node.target.id] = " ".join(at_line[line] for line in lines if line in at_line)
    return comments


def _recipes(settings: list[Setting]) -> str:
    made = {recipe: load_config(recipe) for recipe in RECIPES}
    headlines = "\n".join(f"- `{recipe}` {HEADLINES[recipe]}." for recipe in RECIPES)
    lines = [f"| key | default | {' | '.join(RECIPES)} |", "|---" * (len(RECIPES) + 2) + "|"]
    for setting in settings:
        values = [_value_at(config, setting.key) for config in made.values()]
        if setting.key != "recipe" and any(value != setting.default for value in values):
            cells = [f"`{toml_value(value)}`" if value != setting.default else "" for value in values]
            lines.append(f"| `{setting.key}` | `{toml_value(setting.default)}` | {' | '.join(cells)} |")
    return RECIPES_INTRO.format(headlines=headlines) + "\n" + "\n".join(lines) + "\n"


def _value_at(config: Config, key: str) -> Any:
    value: Any = config
    for name in key.split("."):
        value = getattr(value, name)
    return value


def _table(settings: list[Setting]) -> str:
    lines = ["| key | values | default | what |", "|---|---|---|---|"]
    for setting in settings:
        comment = setting.comment.replace("|", "\\|")
        values = _values(setting.hint) + _range(setting.key)
        lines.append(f"| `{setting.key}` | {values} | `{toml_value(setting.default)}` | {comment} |")
    return "\n".join(lines) + "\n"


def _values(hint: Any) -> str:
    origin = typing.get_origin(hint)
    if origin is Literal:
        return ", ".join(f"`{toml_value(choice)}`" for choice in typing.get_args(hint))
    if origin is tuple:
        return {int: "list of whole numbers", str: "list of texts"}.get(typing.get_args(hint)[0], "list of numbers")
    return "table of texts" if origin is dict else TYPES[hint]


def _range(key: str) -> str:
    section, _, name = key.rpartition(".")
    limits = RANGES.get(section, {}).get(name)
    return "" if limits is None else f", {limits[0]:,} to {limits[1]:,}"


if __name__ == "__main__":
    sys.stdout.write(settings_page())
