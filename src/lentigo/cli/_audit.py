"""`lentigo audit`."""

from pathlib import Path

import click

from lentigo.cli._options import SHARING, as_json, force, print_json, progress, recipe_file, with_recipe, without_images
from lentigo.config import Config


@click.command()
@click.argument("data", type=click.Path(path_type=Path))
@click.option(
    "--out", type=click.Path(path_type=Path), help="Folder to create for audit.html (with images) and audit.json."
)
@click.option(
    "--predictions", type=click.Path(path_type=Path), help="Out-of-fold predictions; used to find label errors."
)
@click.option("--seed", type=int, help="Seed of folds and resampling.  [default: 0]")
@recipe_file
@click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="KEY=VALUE",
    help="Change one setting, such as data.task=binary; may be repeated.",
)
@without_images
@force
@as_json
@click.pass_context
def audit(
    ctx: click.Context,
    data: Path,
    *,
    out: Path | None,
    predictions: Path | None,
    seed: int | None,
    recipe: Path | None,
    overrides: tuple[str, ...],
    without_images: bool,
    force: bool,
    as_json: bool,
) -> None:
    """Find problems in a data set before training on it.

    Reports leaks between splits, duplicate images, contradicting labels, shortcuts to the class, image quality and who
    is represented. DATA is as for 'lentigo train'. Exits with 1 if any error-level problem was found.
    """
    from lentigo.stages import audit as run_audit
    from lentigo.study.reporting import audit_summary

    config = Config().overridden(with_recipe(recipe, ()))
    config = config.changed({} if seed is None else {"seed": seed}).overridden(overrides)
    with progress() as track:
        result = run_audit(
            data,
            out,
            config=config,
            predictions=predictions,
            force=force,
            with_pictures=not without_images,
            track=track,
        )
    if as_json:
        print_json(result.json())
    else:
        click.echo(audit_summary(result))
        click.echo(f"\nThe page: {out / 'audit.html'}" if out else "\nFor a page with images, add --out FOLDER")
        if out and not without_images:
            click.echo(SHARING)
    if result.worst == "error":
        ctx.exit(1)
