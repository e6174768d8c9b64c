"""`lentigo score`."""

from pathlib import Path

import click

from lentigo.cli.options import as_json, force, max_pixels, prevalence, print_json, progress


@click.command()
@click.argument("bundle", type=click.Path(path_type=Path))
@click.argument("source", type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder of tables to make.")
@click.option(
    "--engine", type=click.Choice(["local", "ray"]), default="local", show_default=True, help="Processes here, or Ray."
)
@click.option("--workers", type=int, help="Processes or Ray actors.  [default: one a core]")
@click.option("--ray-address", help="A running cluster; auto for the one here.  [default: Ray is started here]")
@click.option("--format", "table_format", type=click.Choice(["csv", "parquet"]), default="csv", show_default=True)
@click.option("--shard-size", type=int, default=2000, show_default=True, help="Images a table.")
@prevalence
@max_pixels
@click.option("--resume", is_flag=True, help="Go on with the scores at --out, begun by the same bundle and images.")
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
    resume: bool,
    force: bool,
    as_json: bool,
) -> None:
    """Ask a bundle about any number of images, on all cores or on a Ray cluster.

    SOURCE is a folder (searched to the bottom; DICOM, too), a table with a path or image_id column, or a .txt file with
    a path a line. The rows are those of 'lentigo predict', in numbered tables that are complete or absent; score.json
    comes last. A kill costs the table in work: --resume goes on. An image that cannot be read, or that ends the
    process that reads it, gets a row with its error (docs/scoring.md).
    """
    from lentigo.scoring import score as run_scoring

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
            resume=resume,
            force=force,
            track=track,
        )
    if as_json:
        print_json({"out": out, **scored.summary})
    else:
        refused = f", {scored.n_refused} that cannot be assessed" if scored.n_refused else ""
        click.echo(f"{scored.n_images} images, {scored.n_errors} of them unreadable{refused}: {out}")
    if scored.n_errors == scored.n_images:
        click.get_current_context().exit(1)
