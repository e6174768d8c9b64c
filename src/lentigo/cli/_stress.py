"""`lentigo stress`."""

from pathlib import Path
from typing import Any

import click

from lentigo.cli._options import OF_DATA, as_json, force, print_json, progress, recipe_of_data, with_recipe
from lentigo.config import Config


@click.command()
@click.argument("model", type=click.Path(path_type=Path))
@click.argument("data", required=False, type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="Folder to create.  [default: 'stress' in the run]")
@click.option(
    "--images", "n_images", type=click.IntRange(min=1), default=200, show_default=True, help="Number of images sampled."
)
@click.option(
    "--only", metavar="NAMES", default="", help="Only these corruptions, separated by commas: hair,blur,warmer."
)
@click.option("--point", metavar="NAME", help="Operating point to evaluate at.  [default: the first]")
@click.option(
    "--views",
    type=click.Choice(["1", "8"]),
    help="Number of views per image, for a run; 1 is faster.  [default: as in the run]",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of sample, corruptions and resampling.")
@click.option(
    "--pictures",
    "with_pictures",
    is_flag=True,
    help="Show the corruptions on an image of DATA instead of a synthetic one.",
)
@recipe_of_data
@click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="KEY=VALUE",
    help="For a bundle: change one setting, such as data.aliases.NAME=CODE.",
)
@force
@as_json
def stress(
    model: Path,
    data: Path | None,
    *,
    only: str,
    views: str | None,
    recipe: Path | None,
    overrides: tuple[str, ...],
    as_json: bool,
    **options: Any,
) -> None:
    """Measure how hair, blur, poor light and other image corruptions change a model's results.

    MODEL is a run folder, a bundle folder, or 'lentigo', the shipped bundle. DATA is as for 'lentigo train'; its test
    split is used if there is one. Without DATA, a run uses its own test images; a bundle needs DATA and --out. There
    are fifteen corruptions in five strengths each: hair, ruler, pen marks, dark corners, blur, noise, JPEG, darker,
    brighter, warmer and cooler light, zoom in and out, shift, rotation. Prints the loss of sensitivity, specificity and
    AUROC and the share of changed decisions for each, worst first; stress.html shows them with images.
    """
    from lentigo.model import kind_of
    from lentigo.stages import describe_test_looks
    from lentigo.stages import stress as run_stress
    from lentigo.study.reporting import stress_summary

    kind = kind_of(model) or "model"
    overrides = with_recipe(recipe, overrides, only_data_for=f"a {kind}")
    if kind == "run" and not all(text.startswith(OF_DATA) for text in overrides):
        raise click.UsageError(f"--set cannot change the settings of a run; for DATA it takes {', '.join(OF_DATA)}.")
    config = Config().overridden(overrides)
    with progress() as track:
        keys = [key.strip() for key in only.split(",") if key.strip()]
        how = {"only": keys, "views": int(views) if views else None, "config": config, **options}
        report = run_stress(model, data, **how, track=track)
    if as_json:
        print_json(report.json())
        return
    click.echo(stress_summary(report))
    if data is None:
        click.echo(f"\n{describe_test_looks(model)}")
    click.echo(f"\nWith pictures: {(options['out'] or model / 'stress') / 'stress.html'}")
