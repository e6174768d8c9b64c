"""`lentigo embed`."""

from pathlib import Path

import click

from lentigo.cli._options import as_json, force, print_json, progress, recipe_file, with_recipe
from lentigo.wording import counted


@click.command()
@click.argument("model")
@click.argument("data", type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="File to write: .parquet, .npz or .csv.")
@click.option("--weights", help="Weights of a timm backbone: as for 'train'.  [default: imagenet]")
@click.option("--output", default="", help="Output of an ONNX file to store.  [default: 'embedding', or its only one]")
@click.option("--licence", default="", help="Licence of the model, if the model does not state one.")
@recipe_file
@click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="KEY=VALUE",
    help="Change one setting, such as image.size=224; may be repeated.",
)
@force
@as_json
def embed(
    model: str,
    data: Path,
    *,
    out: Path,
    weights: str | None,
    output: str,
    licence: str,
    recipe: Path | None,
    overrides: tuple[str, ...],
    force: bool,
    as_json: bool,
) -> None:
    """Compute embeddings: one row of numbers per image, for 'lentigo train --features'.

    MODEL is a run folder, a bundle folder, 'lentigo' (the shipped model), the name of a timm backbone, or an ONNX file
    that takes pictures. DATA is the same as for 'train', or a folder of images without labels. Origin and licence of
    the model are stored in the file (a CSV cannot hold them) and repeated by every model trained on it.
    """
    from lentigo.config import Config
    from lentigo.model import kind_of
    from lentigo.stages import embed as run_embedding

    kind = kind_of(model)
    config = Config().overridden(with_recipe(recipe, (), only_data_for=f"a {kind}" if kind else ""))
    config = config.changed({} if weights is None else {"model.weights": weights}).overridden(overrides)
    with progress() as track:
        made = run_embedding(model, data, out, config=config, output=output, licence=licence, force=force, track=track)
    if as_json:
        about = {"n_images": made.n_images, "width": made.width, "origin": made.origin, "licence": made.licence}
        print_json({"out": made.path, **about, "left_out": list(made.left_out)})
        return
    click.echo(f"{counted(made.n_images, 'image')}, {made.width} numbers each: {made.path}")
    click.echo(f"Origin: {made.origin}. Licence: {made.licence or 'not stated'}.")
    click.echo(f"Train on them with: lentigo train {data} --features {made.path} --out RUN")
