"""`lentigo score`."""

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
@click.argument("bundle", type=click.Path(path_type=Path))
@click.argument("source", type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder to create for the result tables.")
@click.option(
    "--engine",
    type=click.Choice(["local", "ray"]),
    default="local",
    show_default=True,
    help="Where to run: processes on this machine, or Ray.",
)
@click.option("--workers", type=int, help="Number of processes or Ray actors.  [default: one per core]")
@click.option("--ray-address", help="Address of a running Ray cluster, or auto.  [default: start Ray here]")
@click.option(
    "--format",
    "table_format",
    type=click.Choice(["csv", "parquet"]),
    default="csv",
    show_default=True,
    help="Format of the tables.",
)
@click.option("--shard-size", type=int, default=2000, show_default=True, help="Number of images per table.")
@prevalence
@max_pixels
@runtime
@precision
@click.option("--resume", is_flag=True, help="Continue interrupted scoring at --out with the same bundle and images.")
@force
@as_json
def score(
    bundle: Path,
    source: Path,
    *,
    out: Path,
    engine: str,
    workers: int | None,
    ray_address: str | None,
    table_format: str,
    shard_size: int,
    prevalence: float | None,
    max_pixels: int | None,
    runtime: str | None,
    precision: str | None,
    resume: bool,
    force: bool,
    as_json: bool,
) -> None:
    """Predict any number of images, on all cores or on a Ray cluster.

    SOURCE is a folder (searched recursively, DICOM included), a table with a path or image_id column, or a .txt file
    with one path per line. The rows are those of 'lentigo predict', in numbered tables that are either complete or
    absent; score.json is written last. If interrupted, only the current table is lost; continue with --resume. An image
    that cannot be read, or that crashes its reader process, gets a row with its error (docs/scoring.md).
    """
    from lentigo.service.scoring import score as run_scoring

    with progress() as track:
        scored = run_scoring(
            bundle,
            source,
            out,
            engine=engine,
            workers=workers,
            ray_address=ray_address,
            shard_size=shard_size,
            table_format=table_format,
            prevalence=prevalence,
            max_pixels=max_pixels,
            runtime=runtime,
            precision=precision,
            resume=resume,
            force=force,
            track=track,
        )
    if as_json:
        print_json({"out": out, **scored.summary})
    else:
        refused = f", {scored.n_refused} that cannot be assessed" if scored.n_refused else ""
        again = computed_again(scored.summary.get("n_computed_again", 0), scored.summary.get("precision", ""))
        images = f"{scored.n_images} image{'s' * (scored.n_images != 1)}"
        click.echo(f"{images}, {scored.n_errors} unreadable{refused}{again}: {out}")
    if scored.n_errors == scored.n_images:
        click.get_current_context().exit(1)
