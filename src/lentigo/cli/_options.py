"""Options that several verbs share, and how they print."""

import contextlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from lentigo.errors import name_offenders
from lentigo.progress import Track, silent, terminal_tracker

if TYPE_CHECKING:
    from lentigo.config import Config

SHARING = "It holds photographs from the data: share it only as these may be shared (or use --without-images)."

F = TypeVar("F", bound=Callable[..., Any])

OF_DATA = ("data.columns.", "data.aliases.", "data.undiagnosed")
"""Settings about images that are not a run's own; all others it has itself."""

recipe_file = click.option(
    "--recipe",
    type=click.Path(path_type=Path),
    help="TOML file with settings, such as [data.aliases]; what concerns other commands has no effect, and --set comes "
    "after it.",
)
recipe_of_data = click.option(
    "--recipe",
    type=click.Path(path_type=Path),
    help="TOML file with settings about the data: [data.aliases], [data.columns], data.undiagnosed. --set comes after "
    "it.",
)

as_json = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
prevalence = click.option(
    "--prevalence",
    type=float,
    help="Share of malignant lesions where the model is used, such as 0.07.  [default: as in validation]",
)
max_pixels = click.option(
    "--max-pixels",
    type=click.IntRange(256, 1_000_000_000),
    help="Largest photograph, in pixels.  [default: that of the model, 60,000,000]",
)
runtime = click.option(
    "--runtime",
    type=click.Choice(["onnxruntime", "openvino"]),
    help="Library that computes the network of a bundle; openvino is an extra.  [default: onnxruntime]",
)
precision = click.option(
    "--precision",
    type=click.Choice(["float32", "bfloat16", "int8"]),
    help="Number format of the network. bfloat16 needs openvino; int8 is refused (docs/performance.md).  "
    "[default: float32]",
)
leaks = click.option(
    "--leaks",
    type=click.Choice(["drop", "refuse", "allow"]),
    default="drop",
    show_default=True,
    help="With --data: what to do with images the model was trained or calibrated on.",
)
without_images = click.option(
    "--without-images",
    "--no-pictures",
    "without_images",
    is_flag=True,
    help="Write the page without photographs, so that it can be shared.",
)
use_anyway = click.option(
    "--use-anyway",
    is_flag=True,
    help="Use the columns even if no gain is shown. They then change answers; model card and report warn of this.",
)
force = click.option("--force", is_flag=True, help="Overwrite existing output.")


def settings(command: F) -> F:
    """Return `command` with --recipe, --weights, --backbone, --seed and --set."""
    from lentigo.config import RECIPES  # not for the commands that have no settings

    for option in (
        click.option(
            "--set",
            "overrides",
            multiple=True,
            metavar="KEY=VALUE",
            help="Change one setting, such as train.epochs=3; may be repeated.",
        ),
        click.option("--seed", type=int, help="Seed of all random numbers.  [default: 0]"),
        click.option("--backbone", help="Name of any timm network.  [default: resnet18]"),
        click.option(
            "--weights",
            help="Initial weights: imagenet, lentigo (or lentigo@1), none, efficientnet-lite0 to 2, or a file.  "
            "[default: imagenet]",
        ),
        click.option(
            "--recipe",
            default="finetune",
            show_default=True,
            help=f"Training recipe: {', '.join(RECIPES)}, or a TOML file.",
            shell_complete=lambda _context, _option, begun: [name for name in RECIPES if name.startswith(begun)],
        ),
    ):
        command = option(command)
    return command


ALIASES = {
    "epochs": "train.epochs",
    "size": "image.size",
    "batch": "train.batch_size",
    "lr": "train.lr",
    "device": "train.device",
}
"""Options of `train`, and the setting that each is another name of."""


def aliases(command: F) -> F:
    """Return `command` with --epochs, --size, --batch, --lr and --device."""
    for option in (
        click.option("--device", help="Where to train: auto, cuda, cuda:1, mps or cpu.  [default: auto]"),
        click.option("--lr", type=float, help="Learning rate of the head.  [default: 3e-4]"),
        click.option("--batch", type=int, help="Images per step.  [default: 32]"),
        click.option("--size", type=int, help="Side of the square input, in pixels.  [default: 160]"),
        click.option("--epochs", type=int, help="Passes over the training images.  [default: 12]"),
    ):
        command = option(command)
    return command


def of_predictions(command: F) -> F:
    """Return `command` with --truth, --groups, --calibration and --prevalence of a predictions file."""
    path = click.Path(path_type=Path)
    for option in (
        click.option(
            "--prevalence",
            type=float,
            help="For a predictions file: share of malignant lesions where the model is used, such as 0.07.",
        ),
        click.option("--calibration", type=path, help="For a predictions file: file written by 'lentigo calibrate'."),
        click.option("--groups", type=path, help="For a predictions file: manifest with lesions and subgroup columns."),
        click.option("--truth", type=path, help="For a predictions file: table with the true classes."),
    ):
        command = option(command)
    return command


def computed_again(n_again: int, precision: str) -> str:
    """Return how many answers a lower precision left to float32, in words; nothing for float32.

    Example:
        >>> computed_again(12, "bfloat16")
        ', 12 computed again in float32'
    """
    return "" if precision in {"", "float32"} else f", {n_again} computed again in float32"


def make_config(
    recipe: str,
    weights: str | None,
    backbone: str | None,
    seed: int | None,
    overrides: tuple[str, ...],
    leaks: str | None = None,
    **given: Any,
) -> "Config":
    """Return the settings that the shared options describe; `--set` has the last word.

    An alias and `--set` of the same setting are refused: which of them was meant cannot be known.
    """
    from lentigo.config import load_config

    config = load_config(recipe)
    taken = {text.partition("=")[0].strip() for text in overrides}
    for option, key in ALIASES.items():
        if given.get(option) is not None and key in taken:
            raise click.UsageError(f"--{option} and --set {key} are the same setting. Give one of them.")
    named = {"model.weights": weights, "model.backbone": backbone, "seed": seed, "data.leaks": leaks}
    named |= {ALIASES[option]: value for option, value in given.items()}
    config = config.changed({key: value for key, value in named.items() if value is not None})
    return config.overridden(overrides)


def with_recipe(recipe: Path | None, overrides: tuple[str, ...], *, only_data_for: str = "") -> tuple[str, ...]:
    """Return the settings of a recipe file and then those of `--set`, as texts for `--set`.

    Args:
        recipe: of the option `--recipe`.
        overrides: of the option `--set`.
        only_data_for: what has settings of its own, such as "a run"; only those about the data are taken then.

    Raises:
        click.UsageError: the file sets anything else.
    """
    if recipe is None:
        return overrides
    from lentigo.config import recipe_overrides

    found = recipe_overrides(recipe)
    others = [text.partition("=")[0] for text in found if not text.startswith(OF_DATA)]
    if only_data_for and others:
        raise click.UsageError(
            f"{recipe} sets {name_offenders(others)}, but {only_data_for} has settings of its own. It takes only "
            "[data.aliases], [data.columns] and data.undiagnosed of a recipe; remove the rest."
        )
    return (*found, *overrides)


def print_json(payload: Any) -> None:
    """Print strict JSON to stdout."""
    from lentigo.storage import jsonable

    click.echo(json.dumps(jsonable(payload), allow_nan=False, indent=2, ensure_ascii=False))


@contextlib.contextmanager
def progress() -> Iterator[Track]:
    """Yield a tracker that draws bars on stderr, unless the user asked for quiet."""
    if click.get_current_context().find_root().obj["quiet"]:
        yield silent
    else:
        with terminal_tracker() as track:
            yield track


def column_names(text: str) -> list[str]:
    """Return the names in a list with commas.

    Example:
        >>> column_names("age, sex,site")
        ['age', 'sex', 'site']
    """
    return [name.strip() for name in text.split(",") if name.strip()]
