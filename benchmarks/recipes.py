"""Recipes compared on what they were not fitted on: folds of the training images, or whole sources.

    python benchmarks/recipes.py DATA... --recipes recipes.toml --out results.jsonl [--folds 5 --use 0,1 | --sources]

The test split is never read. `recipes.toml` holds one table a recipe, of settings that are laid over `finetune`:

    [plain]
    [mixup]
    "augment.mixup" = 0.2

With `--folds` the images of train (and val) are shared out into grouped folds, and the folds in `--use` are held out
one after the other. With `--sources` each source (or those named in `--use`) is held out in turn and the others are
trained on. The weights after the last epoch are judged: no epoch is chosen. One line of JSON a recipe, part held out
and seed; lines that are there already are not computed again, so a run can be killed and started anew.
"""

import argparse
import json
import tempfile
import time
import tomllib
from pathlib import Path

import numpy as np

from lentigo.config import load_config
from lentigo.data.manifest import Manifest
from lentigo.data.splits import k_folds
from lentigo.images import Preprocess, cached_pixels
from lentigo.numbers.metrics import auroc
from lentigo.stages._prepare import prepare
from lentigo.stages._run_folder import taxonomy_of
from lentigo.training import Classifier, Examples, finetune, starting_network

MOST_WATCHED = 256  # held-out images that the loop validates on after each epoch; nothing is chosen by them


def main() -> None:
    parser = judging_parser(__doc__)
    parser.add_argument("--recipes", required=True, type=Path)
    parser.add_argument("--use", default="", help="folds or sources to hold out; all when left out")
    parser.add_argument("--sources", action="store_true")
    parser.add_argument("--seeds", default="0")
    given = parser.parse_args()
    recipes = tomllib.loads(given.recipes.read_text())
    base = load_config(overrides=[f"model.weights={given.weights}"])
    if given.sources:
        manifest, parts = whole_sources(given.data, base, use=given.use)
    else:
        manifest, parts = open_folds(given.data, base, n_folds=given.folds, use=given.use)
    done = {_key(json.loads(line)) for line in given.out.read_text().splitlines()} if given.out.exists() else set()
    for seed in map(int, given.seeds.split(",")):
        for part, is_held in parts.items():
            for name, changes in recipes.items():
                if (name, part, seed) not in done:
                    config = base.changed({"seed": seed, **changes})
                    record = {"recipe": name, "part": part, "seed": seed, **judge(manifest, is_held, config, given)}
                    with given.out.open("a") as stream:
                        stream.write(json.dumps(record) + "\n")
                    print(record, flush=True)


def _key(record: dict) -> tuple:
    return record["recipe"], record["part"], record["seed"]


def judging_parser(description: str | None) -> argparse.ArgumentParser:
    """Return a parser with the options that `open_folds` and `judge` read, and `--out`."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="+")
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--weights", default="imagenet")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--most-judged", type=int, default=3000)
    return parser


def open_folds(data: list[str], config, *, n_folds: int, use: str) -> tuple[Manifest, dict[str, np.ndarray]]:
    """Return the images that are not test, and for each fold of `use` (all when empty) which of them it holds out."""
    prepared = prepare(data, config, track=lambda items, *_, **__: items).manifest
    manifest = prepared.select((prepared.table["split"] != "test").to_numpy())
    fold = k_folds(manifest, n_folds, seed=0)
    return manifest, {f"fold {k}": fold == k for k in map(int, use.split(",") if use else range(n_folds))}


def whole_sources(data: list[str], config, *, use: str) -> tuple[Manifest, dict[str, np.ndarray]]:
    """Return all images, and for each source of `use` (all when empty) which of them are its own."""
    manifest = prepare(data, config, track=lambda items, *_, **__: items).manifest
    source = manifest.table["source"].to_numpy()
    return manifest, {str(name): source == name for name in (use.split(",") if use else np.unique(source))}


def judge(manifest: Manifest, is_held: np.ndarray, config, given) -> dict:
    started = time.monotonic()
    pixels = cached_pixels(manifest.paths, Preprocess(config.image)).array
    rng = np.random.default_rng(0)
    held = np.flatnonzero(is_held)
    held = np.sort(rng.permutation(held)[: given.most_judged])
    watched = np.sort(rng.permutation(held)[:MOST_WATCHED])
    targets, malignant = manifest.targets, taxonomy_of(config).malignant(manifest.classes)
    network = starting_network(config, len(manifest.classes), is_resumed=False)
    sources = (
        np.unique(manifest.table["source"].astype(str), return_inverse=True)[1] if "source" in manifest.table else None
    )
    train = Examples(
        pixels, np.flatnonzero(~is_held), targets[~is_held], None if sources is None else sources[~is_held]
    )
    with tempfile.TemporaryDirectory() as folder:
        finetune(
            train, Examples(pixels, watched, targets[watched]), network=network, classes=manifest.classes,
            malignant=malignant, config=config, folder=Path(folder), report=lambda r: print(r, flush=True),
        )  # fmt: skip
        classifier = Classifier.load(Path(folder) / "checkpoint" / "last", views=config.predict.views)
        from_one = Classifier.load(Path(folder) / "checkpoint" / "last", views=1)
    truth = targets[held]
    columns = np.isin(manifest.classes, malignant)
    is_malignant = columns[truth]
    chances, of_one = (
        np.concatenate([asked.probabilities(pixels[held[i : i + 64]]) for i in range(0, len(held), 64)])
        for asked in (classifier, from_one)
    )
    said = chances[:, columns].sum(axis=1)
    present = [k for k in range(len(manifest.classes)) if 0 < (truth == k).sum() < len(truth)]
    return {
        "n": len(held),
        "auroc": auroc(is_malignant, said),
        "auroc_one_view": auroc(is_malignant, of_one[:, columns].sum(axis=1)),
        "macro_auroc": float(np.mean([auroc(truth == k, chances[:, k]) for k in present])),
        "each": {manifest.classes[k]: round(auroc(truth == k, chances[:, k]), 4) for k in present},
        "balanced_accuracy": float(np.mean([(chances.argmax(axis=1) == k)[truth == k].mean() for k in present])),
        "nll": float(-np.log(chances[np.arange(len(held)), truth].clip(1e-12)).mean()),
        "brier": float(np.square(said - is_malignant).mean()),
        "specificity_at_95": float((said[~is_malignant] < np.quantile(said[is_malignant], 0.05)).mean()),
        "best_accuracy": float(
            max(((said >= t) == is_malignant).mean() for t in np.quantile(said, np.linspace(0, 1, 201)))
        ),
        "minutes": round((time.monotonic() - started) / 60, 2),
    }


if __name__ == "__main__":
    main()
