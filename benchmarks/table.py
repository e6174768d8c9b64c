"""One row a recipe: trained with several seeds, each looked at once on test, as a table for docs/benchmarks.md.

    python benchmarks/table.py DATA --out FOLDER --weights W [--recipes finetune,crossval] [--seeds 0,1,2,3,4]

`DATA` is what `lentigo train` takes. Everything is chosen on validation inside the run. Runs that are finished in
FOLDER are not trained again, so the table can be made in pieces. `NAME+distilled` trains one network that learns from
the run of the recipe NAME with the same seed. Where train or val hold lesions of test (`--set data.leaks=allow`), a
second row is of the test images whose lesion they do not hold, by id or by pixels.
"""

import argparse
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from lentigo.model.decision import Estimate
from lentigo.numbers.calibration import Calibration
from lentigo.numbers.evaluation import Evaluation, evaluate
from lentigo.numbers.predictions import Predictions
from lentigo.stages import Run
from lentigo.stages._calibrate import groups_of
from lentigo.storage import read_json

COLUMNS = ("AUROC", "accuracy", "sensitivity at the threshold", "specificity at the threshold", "ECE")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="+")
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--weights", default="imagenet")
    parser.add_argument("--recipes", default="baseline,probe,finetune,crossval,crossval+distilled")
    parser.add_argument("--seeds", default="0,1,2,3,4")
    parser.add_argument("--set", action="append", default=[], dest="settings")
    given = parser.parse_args()
    seeds = [int(seed) for seed in given.seeds.split(",")]
    print("| recipe | seed | test images | " + " | ".join(COLUMNS) + " | shortcut baseline | hardware |")
    print("|---|---|---|" + "---|" * (len(COLUMNS) + 2))
    for recipe in given.recipes.split(","):
        of_images: dict[int, list[list[float]]] = {}
        for seed in seeds:
            run = _trained(recipe, seed, given)
            for n_images, figures in _judged(run):
                cells = [f"{figure.value:.3f} [{figure.low:.3f}, {figure.high:.3f}]" for figure in figures]
                print(f"| {recipe} | {seed} | {n_images} | " + " | ".join([*cells, *_beside(run)]) + " |", flush=True)
                of_images.setdefault(n_images, []).append([figure.value for figure in figures])
        for n_images, rows in of_images.items():
            means, spreads = np.mean(rows, axis=0), np.std(rows, axis=0, ddof=1) if len(rows) > 1 else [np.nan] * 5
            cells = [f"{mean:.3f} ± {spread:.3f}" for mean, spread in zip(means, spreads, strict=True)]
            print(f"| **{recipe}** | {len(rows)}, mean ± sd | {n_images} | " + " | ".join(cells) + " | | |", flush=True)


def _trained(recipe: str, seed: int, given: argparse.Namespace) -> Run:
    folder = given.out / f"{recipe.replace('+', '-')}-{seed}"
    if not (folder / "evaluation.json").is_file():
        subprocess.run(_command(recipe, seed, folder, given), check=True)
    return Run.open(folder)


def _judged(run: Run) -> Iterator[tuple[int, list[Estimate]]]:
    """Yield the figures on all test images, then on those whose lesion was not learned from, where that is fewer."""
    whole = Evaluation.read(run.evaluation_path)
    yield whole.n_images, _figures(whole)
    manifest, calibration = run.manifest(), Calibration.read(run.calibration_path)
    groups, unit = manifest.groups()
    learned = set(groups[manifest.table["split"] != "test"])
    known = set(manifest.table.loc[[group in learned for group in groups], "image_id"])
    said = calibration.apply(Predictions.read(run.predictions_path("test")).labelled())
    rest = said.select(~np.isin(said.image, list(known)))
    if len(rest) < len(said):
        how = {"malignant": calibration.malignant_classes, "operating_points": calibration.operating_points}
        yield len(rest), _figures(evaluate(rest, groups=groups_of(manifest, rest)[0], unit=unit, **how))


def _figures(found: Evaluation) -> list[Estimate]:
    metrics, point = found.metrics, found.operating_points[0]
    return [metrics["auroc"], metrics["accuracy"], point.sensitivity, point.specificity, metrics["ece"]]


def _beside(run: Run) -> list[str]:
    audit = run.audit()
    shortcut = "n/a" if audit is None else f"{max(score.auroc.value for score in audit.shortcuts):.3f}"
    return [shortcut, str(read_json(run.environment_path)["device"])]


def _command(recipe: str, seed: int, folder: Path, given: argparse.Namespace) -> list[str]:
    base, _, kind = recipe.partition("+")
    changes = [f"seed={seed}", *given.settings]
    if kind == "distilled":
        changes += ["train.folds=0", f"train.teacher={given.out / f'{base}-{seed}'}"]
    command = [sys.executable, "-m", "lentigo", "train", *given.data, "--out", str(folder), "--recipe", base]
    if (folder / "config.toml").is_file():
        return [*command[:-2], "--resume"]
    return [*command, "--weights", given.weights, *(part for change in changes for part in ("--set", change))]


if __name__ == "__main__":
    main()
