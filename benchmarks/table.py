"""One row a recipe: trained with several seeds, each looked at once on test, as a table for docs/benchmarks.md.

    python benchmarks/table.py DATA --out FOLDER --weights W [--recipes finetune,crossval] [--seeds 0,1,2,3,4]

`DATA` is what `lentigo train` takes. Everything is chosen on validation inside the run. Runs that are finished in
FOLDER are not trained again, so the table can be made in pieces. `NAME+distilled` trains one network that learns from
the run of the recipe NAME with the same seed.
"""

import argparse
import subprocess
import sys
from pathlib import Path

import numpy as np

from lentigo.evaluation import Evaluation
from lentigo.runs import Run
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
    print("| recipe | seed | " + " | ".join(COLUMNS) + " | shortcut baseline | hardware |")
    print("|---|---|" + "---|" * (len(COLUMNS) + 2))
    for recipe in given.recipes.split(","):
        rows = [_row(recipe, seed, given) for seed in seeds]
        for seed, (cells, _) in zip(seeds, rows, strict=True):
            print(f"| {recipe} | {seed} | " + " | ".join(cells) + " |", flush=True)
        values = np.array([numbers for _, numbers in rows])
        spread = values.std(axis=0, ddof=1) if len(rows) > 1 else np.full(len(COLUMNS), np.nan)
        summary = [f"{mean:.3f} ± {deviation:.3f}" for mean, deviation in zip(values.mean(axis=0), spread, strict=True)]
        print(f"| **{recipe}** | mean ± sd of {len(seeds)} | " + " | ".join(summary) + " | | |", flush=True)


def _row(recipe: str, seed: int, given: argparse.Namespace) -> tuple[list[str], list[float]]:
    folder = given.out / f"{recipe.replace('+', '-')}-{seed}"
    if not (folder / "evaluation.json").is_file():
        subprocess.run(_command(recipe, seed, folder, given), check=True)
    run = Run.open(folder)
    evaluation = Evaluation.read(run.evaluation_path)
    metrics, point = evaluation.metrics, evaluation.operating_points[0]
    figures = [metrics["auroc"], metrics["accuracy"], point["sensitivity"], point["specificity"], metrics["ece"]]
    cells = [f"{figure.value:.3f} [{figure.low:.3f}, {figure.high:.3f}]" for figure in figures]
    audit = run.audit()
    shortcut = "n/a" if audit is None else f"{max(score.auroc.value for score in audit.shortcuts):.3f}"
    return [*cells, shortcut, str(read_json(run.environment_path)["device"])], [figure.value for figure in figures]


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
