"""`lentigo predict`."""

from pathlib import Path

import click

from lentigo.cli._options import (
    as_json,
    computed_again,
    force,
    max_pixels,
    precision,
    prevalence,
    print_json,
    progress,
    runtime,
)


@click.command()
@click.argument("model", type=click.Path(path_type=Path))
@click.argument("images", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="CSV file to write; without it, predictions are printed.")
@prevalence
@max_pixels
@runtime
@precision
@force
@as_json
def predict(
    model: Path,
    images: tuple[Path, ...],
    out: Path | None,
    *,
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
    cannot be read gets a row with its error; the other images are still predicted. --prevalence shifts probabilities
    and threshold together: reported probabilities change; decisions do not. With --precision bfloat16, images near a
    border are computed again in float32 (docs/performance.md).
    """
    from lentigo.stages import predict as run_prediction
    from lentigo.storage import refuse_existing

    if out is not None:
        refuse_existing(out, force=force)
    with progress() as track:
        result = run_prediction(
            model,
            images,
            out=out,
            prevalence=prevalence,
            max_pixels=max_pixels,
            runtime=runtime,
            precision=precision,
            track=track,
        )
    if out is not None:
        refused = f", {result.n_refused} that cannot be assessed" if result.n_refused else ""
        again = computed_again(result.n_again, result.computation.precision)
        click.echo(f"{result.n_images} images, {result.n_errors} of them unreadable{refused}{again}: {out}")
    elif as_json:
        print_json([answer.json() for answer in result.answers])
    else:
        for answer in result.answers:
            click.echo(answer.sentence())
    if result.n_errors == result.n_images:
        click.get_current_context().exit(1)
