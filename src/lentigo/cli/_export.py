"""`lentigo export`."""

from pathlib import Path

import click

from lentigo.cli._options import as_json, force, print_json, progress


@click.command()
@click.argument("runs", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder to create.")
@click.option(
    "--storage",
    type=click.Choice(["float32", "float16", "int8"]),
    default="float32",
    show_default=True,
    help="Weight precision. Lower precision reports the accuracy lost.",
)
@click.option(
    "--views",
    type=click.Choice(["1", "8"]),
    help="Views of each image: 1, or 8 flips and quarter turns.  [default: as the run; 1 where it was taught to it]",
)
@click.option(
    "--references",
    type=int,
    default=1000,
    show_default=True,
    help="Number of training images stored as reference cases.",
)
@click.option(
    "--pictures", metavar="LICENCE", default="", help="Store small pictures of the reference cases, under this licence."
)
@click.option(
    "--data-licence", default="", help="Licence of the training images, if no source.json beside them states it."
)
@click.option("--weights-licence", default="", help="Licence of the initial weights file.")
@force
@as_json
def export(
    runs: tuple[Path, ...],
    *,
    out: Path,
    storage: str,
    views: str | None,
    references: int,
    pictures: str,
    data_licence: str,
    weights_licence: str,
    force: bool,
    as_json: bool,
) -> None:
    """Export a run as a bundle: one folder that predicts and explains without PyTorch.

    Several RUNS with the same split become an ensemble. The bundle is written only if its predictions match the run's
    on at least 64 images.
    """
    from lentigo.stages import export as export_run

    with progress() as track:
        bundle = export_run(
            runs,
            out,
            storage=storage,
            views=None if views is None else int(views),
            n_references=references,
            pictures_licence=pictures,
            data_licence=data_licence,
            weights_licence=weights_licence,
            force=force,
            track=track,
        )
    if as_json:
        print_json(bundle.describe())
        return
    parity = bundle.record.parity
    click.echo(f"The bundle:  {out}")
    click.echo(f"Verified on {parity.n_images} images: probabilities differ by at most {parity.probabilities:.1e}")
    click.echo(f"Licence:     {bundle.record.licence.use}")
