"""`lentigo stress`."""

from pathlib import Path
from typing import Any

import click

from lentigo.cli.options import OF_DATA, as_json, force, print_json, progress
from lentigo.config import Config


@click.command()
@click.argument("model", type=click.Path(path_type=Path))
@click.argument("data", required=False, type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="Folder to make.  [default: stress in the run]")
@click.option("--images", "n_images", type=click.IntRange(min=1), default=200, show_default=True, help="Sample size.")
@click.option("--only", metavar="NAMES", default="", help="Some corruptions, by comma: hair,blur,warmer.")
@click.option("--point", metavar="NAME", help="Operating point to judge by.  [default: its first]")
@click.option("--views", type=click.Choice(["1", "8"]), help="Of a run: 1 is faster than 8.  [default: its own]")
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of sample, corruptions and resamples.")
@click.option("--pictures", "with_pictures", is_flag=True, help="Show them on an image of DATA, not on a drawn one.")
@click.option("--set", "overrides", multiple=True, metavar="KEY=VALUE", help="For a bundle: data.aliases.NAME=CODE")
@force
@as_json
def stress(
    model: Path,
    data: Path | None,
    *,
    only: str,
    views: str | None,
    overrides: tuple[str, ...],
    as_json: bool,
    **options: Any,
) -> None:
    """Ask a model again about hairy, blurred, dark and tilted copies of its test images.

    MODEL is a run folder, a bundle's, or 'lentigo', the bundle that is shipped. DATA is as for 'lentigo train' (its
    test split where it has one); without it a run's own test images are taken, while a bundle needs DATA and --out.
    Fifteen corruptions, each in five strengths: hair, ruler, pen marks, dark corners, blur, noise, JPEG, darker,
    brighter, warmer and cooler light, zoom in and out, shift, rotation. Prints what each costs in sensitivity and
    specificity at the stored threshold, in AUROC and in changed decisions, the worst first; stress.html shows it with
    pictures.
    """
    from lentigo.bundle import is_bundle
    from lentigo.report import stress_summary
    from lentigo.runs import stress as run_stress

    if not (is_bundle(model) or all(text.startswith(OF_DATA) for text in overrides)):
        raise click.UsageError(f"A run has its own settings; --set takes {', '.join(OF_DATA)}, about other images.")
    config = Config().overridden(overrides)
    with progress() as track:
        keys = [key.strip() for key in only.split(",") if key.strip()]
        how = {"only": keys, "views": int(views) if views else None, "config": config, **options}
        report = run_stress(model, data, **how, track=track)
    if as_json:
        print_json(report.json())
        return
    click.echo(stress_summary(report))
    click.echo(f"\nWith pictures: {(options['out'] or model / 'stress') / 'stress.html'}")
