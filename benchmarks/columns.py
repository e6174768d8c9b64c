"""Are columns and patient context that carry signal used, and those that do not refused? Twenty seeds of each.

    nice -n 5 python benchmarks/columns.py [--seeds 20] [--images 3000] [--resamples 500]

Everything is drawn, so that the truth is known: image scores of a middling model; age, sex and site with or without an
effect on the log odds; patients of 12 lesions whose scores have a level of their own (context tells) or not. Each case
goes through `NestedScores.ablate` as in `lentigo fuse`; used is what is shown to add. Prints one row per case.
"""

import argparse
import sys
from typing import Any

import numpy as np
import pandas as pd

from lentigo.data.manifest import Manifest
from lentigo.model import patient_context
from lentigo.numbers.columns import column_block, context_blocks
from lentigo.numbers.evaluation import NestedScores
from lentigo.numbers.predictions import Predictions

A_PATIENT = 12
CASES = {
    "columns, effect": {"effect": 1.0},
    "columns, weak effect": {"effect": 0.4},
    "columns, none": {},
    "patient context, effect": {"level": 1.5},
    "patient context, none": {"is_context": True},
}


def draw(seed: int, n_images: int, *, effect: float = 0.0, level: float = 0.0) -> tuple[Predictions, Manifest, Any]:
    """Return image scores, the table and embeddings of drawn images."""
    rng = np.random.default_rng(seed)
    patient = np.arange(n_images) // A_PATIENT
    age, site = rng.normal(55, 15, n_images).round().clip(1, 99), rng.choice(["back", "face", "leg"], n_images)
    odds = effect * ((age - 55) / 15 + (site == "face")) - 1
    target = (rng.random(n_images) < 1 / (1 + np.exp(-odds))).astype(np.int64)
    base = level * rng.normal(size=patient.max() + 1)[patient]
    chance = 1 / (1 + np.exp(-(1.5 * target - 1 + base + rng.normal(size=n_images))))
    ids = np.array([f"I{k:06}" for k in range(n_images)])
    columns = {"age": np.where(rng.random(n_images) < 0.1, np.nan, age), "site": site}
    sides = np.where(target == 1, "malignant", "benign")
    table = {
        "image_id": ids,
        "path": np.char.add("/", ids),
        "target": sides,
        "patient_id": [f"P{k}" for k in patient],
        **columns,
    }
    table["sex"] = rng.choice(["female", "male"], n_images)
    said = Predictions(ids, target, np.column_stack([1 - chance, chance]), ("benign", "malignant"))
    return said, Manifest(pd.DataFrame(table), origin="drawn"), rng.normal(size=(n_images, 16)).astype(np.float32)


def judged(seed: int, n_images: int, n_resamples: int, *, is_context: bool, **how: float) -> tuple[str, float]:
    """Return the verdict on one drawn set, and the gain."""
    said, manifest, embedding = draw(seed, n_images, **how)
    groups, unit = manifest.groups()
    nested = NestedScores.of(said, ["malignant"], manifest, groups, unit=unit, seed=seed)
    if is_context:
        patient = manifest.table["patient_id"].tolist()
        names, blocks = ["patient_context"], context_blocks(patient_context(nested.score[:, 0], embedding, patient))
    else:
        names = ["age", "sex", "site"]
        blocks = [column_block(name, manifest.table[name].tolist()) for name in names]
    found = nested.ablate(blocks, names, n_resamples=n_resamples)
    return found.verdict, found.gain.value


def main() -> None:
    """Print how often each case is used."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seeds", type=int, default=20)
    asked.add_argument("--images", type=int, default=3000)
    asked.add_argument("--resamples", type=int, default=500)
    given = asked.parse_args()
    for name, how in CASES.items():
        options = {"is_context": "context" in name, **{key: value for key, value in how.items() if key != "is_context"}}
        found = [judged(seed, given.images, given.resamples, **options) for seed in range(given.seeds)]
        verdicts = [verdict for verdict, _ in found]
        counts = ", ".join(f"{word} {verdicts.count(word)}" for word in ("add", "add nothing", "undecided"))
        gains = np.array([gain for _, gain in found])
        sys.stdout.write(f"{name}: {counts}; gain {gains.mean():+.4f} ({gains.min():+.4f} to {gains.max():+.4f})\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
