"""`lentigo phantom`."""

import os
from pathlib import Path

import click

from lentigo.cli._options import as_json, force, print_json, progress
from lentigo.wording import counted


@click.command()
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder to create.")
@click.option("--images", "n_images", default=400, show_default=True, help="Number of images.")
@click.option("--size", default=224, show_default=True, help="Side of the square images in pixels.")
@click.option("--seed", default=0, show_default=True, help="Seed of all random numbers.")
@click.option(
    "--diagnoses", default="MEL,NV,BCC,BKL", show_default=True, help="Diagnoses to draw, separated by commas."
)
@click.option("--malignant", "malignant_fraction", default=0.35, show_default=True, help="Share of malignant images.")
@click.option("--devices", "n_devices", default=3, show_default=True, help="Number of different dermatoscopes, 1 to 6.")
@click.option("--views", type=(int, int), default=(1, 3), show_default=True, help="Fewest and most images per lesion.")
@click.option(
    "--difficulty",
    default="normal",
    show_default=True,
    help="How hard the classes are to tell apart: easy, normal or hard.",
)
@click.option("--split/--no-split", default=True, show_default=True, help="Assign patients to train, val and test.")
@click.option("--leaks", default=0, show_default=True, help="Number of training images copied into the test set.")
@click.option("--hide-ids", is_flag=True, help="Give these copies new ids, so that only pixels reveal them.")
@click.option("--shortcut", help="Add a shortcut to the class: ruler, ink, border, device or filesize.")
@click.option("--shortcut-strength", default=0.9, show_default=True, help="Fraction of images with the shortcut.")
@click.option("--conflicts", default=0, show_default=True, help="Number of lesions recorded with two diagnoses.")
@click.option("--blurred", default=0.0, show_default=True, help="Fraction of images out of focus.")
@force
@as_json
def phantom(out: Path, *, diagnoses: str, force: bool, as_json: bool, **options: object) -> None:
    """Draw synthetic dermatoscopic images with known truth, to try lentigo out.

    The images are procedural: they show no patient, need no licence, and are the same for the same seed. Leaks,
    shortcuts, wrong labels and blur can be added on purpose, to see whether an audit finds them.
    """
    from lentigo.phantoms import draw_phantom
    from lentigo.storage import read_json

    codes = tuple(code.strip() for code in diagnoses.split(","))
    with progress() as track:
        folder = draw_phantom(out, diagnoses=codes, force=force, track=track, workers=os.cpu_count() or 1, **options)
    about = read_json(folder / "phantom.json")
    if as_json:
        print_json({"folder": folder, "options": about["options"]})
        return
    click.echo(f"{counted(int(str(options['n_images'])), 'image')}: {folder}")
    click.echo(f"Train on them with: lentigo train {folder} --out RUN --weights none")
