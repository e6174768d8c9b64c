"""`lentigo predict`."""

from pathlib import Path

import click

from lentigo.cli._options import (
    SHARING,
    as_json,
    computed_again,
    force,
    max_pixels,
    precision,
    prevalence,
    print_json,
    progress,
    runtime,
    without_images,
)


@click.command()
@click.argument("model", type=click.Path(path_type=Path))
@click.argument("images", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--features",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Embeddings in place of images, for a model trained on embeddings; may be repeated.",
)
@click.option("--out", type=click.Path(path_type=Path), help="CSV file to write; without it, predictions are printed.")
@click.option("--html", type=click.Path(path_type=Path), help="HTML page to write: a sortable list, one row per image.")
@click.option(
    "--columns",
    type=click.Path(path_type=Path),
    help="Table with image_id and the columns that the model uses beside the image (age, sex, ...), and patient_id.  "
    "[default: the tables among IMAGES]",
)
@click.option(
    "--by-lesion",
    is_flag=True,
    help="One answer per lesion (lesion_id of the table); the bundle must have a rule for lesions.",
)
@without_images
@prevalence
@max_pixels
@runtime
@precision
@force
@as_json
def predict(
    model: Path,
    images: tuple[Path, ...],
    features: tuple[Path, ...],
    out: Path | None,
    *,
    html: Path | None,
    columns: Path | None,
    by_lesion: bool,
    without_images: bool,
    prevalence: float | None,
    max_pixels: int | None,
    runtime: str | None,
    precision: str | None,
    force: bool,
    as_json: bool,
) -> None:
    """Predict the diagnosis of images with a trained model; one CSV row per image.

    MODEL is a run folder, a bundle folder, or 'lentigo', the bundle shipped with the package. A run and the bundle
    exported from it give the same probabilities; a bundle also reports which images it cannot assess, and needs no
    PyTorch. IMAGES are files, folders (searched recursively) and tables with a path or image_id column. A file that
    cannot be read gets a row with its error; the other images are still predicted. --html writes a list with thumbnails
    for the browser; it embeds the photographs unless --without-images is given. --prevalence shifts probabilities
    and threshold together: reported probabilities change; decisions do not. With --precision bfloat16, images near a
    threshold are computed again in float32 (docs/performance.md).

    A model trained with 'lentigo train --features' predicts from embeddings: lentigo predict BUNDLE --features
    new.parquet

    A model that uses columns beside the image ('lentigo info' names them) reads them from the tables among IMAGES, or
    from --columns. A missing value counts as the average. The answer states how much each column added, in logits.
    """
    from lentigo.stages import predict as run_prediction
    from lentigo.storage import refuse_existing

    if not images and not features:
        raise click.UsageError("Missing argument 'IMAGES...', or --features for a model of embeddings.")
    for place in (out, html):
        if place is not None:
            refuse_existing(place, force=force)
    with progress() as track:
        result = run_prediction(
            model,
            images or None,
            features=features or None,
            out=out,
            html=html,
            with_pictures=not without_images,
            prevalence=prevalence,
            columns=columns,
            by_lesion=by_lesion,
            max_pixels=max_pixels,
            runtime=runtime,
            precision=precision,
            track=track,
        )
    if out is not None:
        refused = f", {result.n_refused} that cannot be assessed" if result.n_refused else ""
        again = computed_again(result.n_again, result.computation.precision)
        kind = "lesion" if by_lesion else "image"
        counted = f"{result.n_images} {kind}{'s' * (result.n_images != 1)}"
        click.echo(f"{counted}, {result.n_errors} unreadable{refused}{again}: {out}")
    elif as_json:
        print_json([answer.json() for answer in result.answers])
    else:
        for answer in result.answers:
            click.echo(answer.sentence())
    if html is not None and not as_json:
        click.echo(f"Page: {html}")
        if not without_images and not features:
            click.echo(SHARING)
    if result.n_errors == result.n_images:
        click.get_current_context().exit(1)
