"""Options that several verbs share, and how they print."""

import contextlib
import json
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import click

from lentigo.config import RECIPES, Config, load_config
from lentigo.progress import Track, silent, terminal_tracker
from lentigo.storage import jsonable

__all__ = ["as_json", "force", "leaks", "make_config", "prevalence", "print_json", "progress", "settings"]

F = TypeVar("F", bound=Callable[..., Any])

as_json = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
prevalence = click.option(
    "--prevalence", type=float, help="Share of malignant lesions where you use it.  [default: that of validation]"
)
leaks = click.option(
    "--leaks",
    type=click.Choice(["drop", "refuse", "allow"]),
    default="drop",
    show_default=True,
    help="With --data: images that a run has learned from, or a bundle was calibrated to.",
)
force = click.option("--force", is_flag=True, help="Replace what stands at the place of the output.")


def settings(command: F) -> F:
    """Return `command` with --recipe, --weights, --backbone, --seed and --set."""
    for option in (
        click.option(
            "--set", "overrides", multiple=True, metavar="KEY=VALUE", help="Change one setting: train.epochs=3"
        ),
        click.option("--seed", type=int, help="Seed of everything that is drawn.  [default: 0]"),
        click.option("--backbone", help="Any network of timm.  [default: resnet18]"),
        click.option(
            "--weights",
            help="imagenet, lentigo, none, efficientnet-lite0 to -lite2, or a weights file.  [default: imagenet]",
        ),
        click.option("--recipe", default="finetune", show_default=True, help=f"{', '.join(RECIPES)}, or a TOML file."),
    ):
        command = option(command)
    return command


def make_config(
    recipe: str,
    weights: str | None,
    backbone: str | None,
    seed: int | None,
    overrides: tuple[str, ...],
    leaks: str | None = None,
) -> Config:
    """Return the settings that the shared options describe; `--set` has the last word."""
    config = load_config(recipe)
    named = {"model.weights": weights, "model.backbone": backbone, "seed": seed, "data.leaks": leaks}
    config = config.changed({key: value for key, value in named.items() if value is not None})
    return config.overridden(overrides)


def print_json(payload: Any) -> None:
    """Print strict JSON to stdout."""
    click.echo(json.dumps(jsonable(payload), allow_nan=False, indent=2, ensure_ascii=False))


@contextlib.contextmanager
def progress() -> Iterator[Track]:
    """Yield a tracker that draws bars on stderr, unless the user asked for quiet."""
    if click.get_current_context().find_root().obj["quiet"]:
        yield silent
    else:
        with terminal_tracker() as track:
            yield track
