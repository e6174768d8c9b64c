"""`lentigo phantom`."""

import os
from pathlib import Path

import click

from lentigo.cli.options import as_json, force, print_json, progress


@click.command()
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder to make.")
@click.option("--images", "n_images", default=400, show_default=True, help="How many.")
@click.option("--size", default=224, show_default=True, help="Side of the square images in pixels.")
@click.option("--seed", default=0, show_default=True, help="Another seed, other patients.")
@click.option("--diagnoses", default="MEL,NV,BCC,BKL", show_default=True, help="Which, separated by commas.")
@click.option("--malignant", "malignant_fraction", default=0.35, show_default=True, help="Share of malignant images.")
@click.option("--devices", "n_devices", default=3, show_default=True, help="How many different dermatoscopes, 1 to 6.")
@click.option("--views", type=(int, int), default=(1, 3), show_default=True, help="Fewest and most images of a lesion.")
@click.option("--difficulty", default="normal", show_default=True, help="easy, normal or hard.")
@click.option("--split/--no-split", default=True, show_default=True, help="Give patients to train, val and test.")
@click.option("--leaks", default=0, show_default=True, help="Copies of training images to put into the test set.")
@click.option("--hide-ids", is_flag=True, help="Give the copies ids of their own, so that only pixels tell.")
@click.option("--shortcut", help="What betrays the class: ruler, ink, border, device or filesize.")
@click.option("--shortcut-strength", default=0.9, show_default=True, help="On which share of the images it does.")
@click.option("--conflicts", default=0, show_default=True, help="Lesions to write down under two diagnoses.")
@click.option("--blurred", default=0.0, show_default=True, help="Share of images out of focus.")
@force
@as_json
def phantom(out: Path, *, diagnoses: str, force: bool, as_json: bool, **options: object) -> None:
    """Draw dermatoscopic images with known truth, for trying things out.

    They are procedural: no patient, no licence, the same for the same seed. Leaks, shortcuts, wrong labels and
    blur can be put in on purpose, to see whether an audit finds them.
    """
    from lentigo.phantom import draw_phantom
    from lentigo.storage import read_json

    codes = tuple(code.strip() for code in diagnoses.split(","))
    with progress() as track:
        folder = draw_phantom(out, diagnoses=codes, force=force, track=track, workers=os.cpu_count() or 1, **options)
    about = read_json(folder / "phantom.json")
    if as_json:
        print_json({"folder": folder, "options": about["options"]})
        return
    click.echo(f"{options['n_images']} images: {folder}")
    click.echo(f"Train on them with: lentigo train {folder} --out RUN --weights none")
