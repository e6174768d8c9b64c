"""`lentigo export`."""

from pathlib import Path
from typing import Any

import click

from lentigo.cli._options import as_json, force, print_json, progress, recipe_file, with_recipe
from lentigo.config import Config
from lentigo.wording import counted


@click.command()
@click.argument("runs", metavar="RUN...|MODEL", nargs=-1, required=True, type=click.Path(path_type=Path))
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
    help="Views of each image: 1, or 8 flips and quarter turns.  [default: as in the run; 1 if train.view_epochs "
    "made one view as good]",
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
@click.option("--weights-licence", default="", help="Licence of the initial weights file, or of MODEL.")
@click.option("--classes", help="For MODEL: classes of its outputs, in order, such as NV,MEL,BKL.")
@click.option("--val", help="For MODEL: labelled images it was not trained on, a folder or table as for 'train'.")
@click.option("--backbone", default="", help="For MODEL: name of the network in timm; not for an ONNX file.")
@click.option(
    "--normalise",
    default="",
    help="For MODEL: scaling of its input: imagenet, half, clip, none, or mean,mean,mean/std,std,std in 0..1.",
)
@recipe_file
@click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="KEY=VALUE",
    help="For MODEL: change one setting, such as image.fit=crop.",
)
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
    classes: str | None,
    val: str | None,
    backbone: str,
    normalise: str,
    recipe: Path | None,
    overrides: tuple[str, ...],
    force: bool,
    as_json: bool,
) -> None:
    """Export a run as a bundle: one folder that predicts and explains without PyTorch.

    Several RUNs with the same split become an ensemble. The bundle is written only if its predictions match the run's
    on at least 64 images.

    MODEL is a finished model of your own: an ONNX file, or weights (.safetensors, .pth, .ckpt) with --backbone. It
    needs --classes and --val, on which it is calibrated.
    """
    from lentigo.stages import MODELS, OwnModel, export_own
    from lentigo.stages import export as export_run

    of_model = {
        "--classes": classes,
        "--val": val,
        "--backbone": backbone,
        "--normalise": normalise,
        "--set": overrides,
        "--recipe": recipe,
    }
    common: dict[str, Any] = {
        "storage": storage,
        "n_references": references,
        "pictures_licence": pictures,
        "force": force,
    }
    is_model = len(runs) == 1 and runs[0].suffix in MODELS and not runs[0].is_dir()
    if not is_model and (given := [name for name, value in of_model.items() if value]):
        raise click.UsageError(f"{', '.join(given)}: only for one MODEL, a file such as model.onnx, not for runs.")
    if is_model and (classes is None or val is None):
        raise click.UsageError("MODEL needs --classes and --val.")
    with progress() as track:
        if is_model and classes is not None and val is not None:
            named = tuple(one.strip() for one in classes.split(",") if one.strip())
            own = OwnModel(runs[0], named, backbone, normalise, weights_licence)
            settings = Config().overridden(with_recipe(recipe, overrides))
            bundle = export_own(own, val, out, config=settings, data_licence=data_licence, track=track, **common)
        else:
            common |= {"views": None if views is None else int(views)}
            bundle = export_run(
                runs, out, data_licence=data_licence, weights_licence=weights_licence, track=track, **common
            )
    if as_json:
        print_json(bundle.describe())
        return
    parity = bundle.record.parity
    click.echo(f"The bundle:  {out}")
    click.echo(
        f"Verified on {counted(parity.n_images, 'image')}: probabilities differ by at most {parity.probabilities:.1e}"
    )
    click.echo(f"Licence:     {bundle.record.licence.use}")
