"""The figures of a run in folds on all images that are not test, each predicted by a network that had not seen it.

    python benchmarks/out_of_fold.py RUN

For a run with `train.folds`, where no epoch was chosen (`train.keep = "last"`). Intervals are 95 %, over lesions or
patients. Balanced accuracy is given twice: of the most probable class, and of the class that would be the most
probable if all were equally common (each probability divided by its class's share), which is what it asks about.
"""

import sys

import numpy as np

from lentigo.numbers.evaluation import evaluate
from lentigo.numbers.predictions import Predictions
from lentigo.stages import Run
from lentigo.stages._calibrate import groups_of
from lentigo.stages._run_folder import FOLD


def main(folder: str) -> None:
    run = Run.open(folder)
    manifest = run.manifest()
    said = Predictions.read(run.predictions_path("val"))
    groups, unit = groups_of(manifest, said)
    malignant = run.taxonomy().malignant(said.classes)
    found = evaluate(said, malignant=malignant, groups=groups, unit=unit, operating_points=())
    print(f"{len(said)} images in {run.config().train.folds} folds by {unit}")
    for name in ("auroc", "accuracy", "balanced_accuracy", "malignant_ece", "specificity_at_sensitivity_95"):
        if name in found.metrics:
            print(f"{name}: {found.metrics[name]}")
    shares = np.bincount(said.target, minlength=len(said.classes)) / len(said)
    even = said.probabilities / shares
    even = Predictions(said.image, said.target, even / even.sum(axis=1, keepdims=True), said.classes)
    evenly = evaluate(even, malignant=malignant, groups=groups, unit=unit, operating_points=())
    if "balanced_accuracy" in evenly.metrics:
        print(f"balanced_accuracy, classes taken as equally common: {evenly.metrics['balanced_accuracy']}")
    for name, scores in found.per_class.items():
        recall = evenly.per_class[name]["recall"]
        print(f"{name} (n = {scores['support']}): AUROC {scores['auroc']}, recall {scores['recall']}, evenly {recall}")
    print(f"macro AUROC: {np.mean([scores['auroc'].value for scores in found.per_class.values()]):.3f}")
    fold_of = dict(zip(manifest.table["image_id"], manifest.table[FOLD], strict=True))
    fold = np.array([fold_of[image] for image in said.image.tolist()])
    for k in np.unique(fold):
        part = said.select(fold == k)
        inside = evaluate(part, malignant=malignant, groups=groups[fold == k], unit=unit, operating_points=())
        macro = np.nanmean([scores["auroc"].value for scores in inside.per_class.values()])
        print(f"fold {k}: AUROC {inside.metrics['auroc'].value:.3f}, macro AUROC {macro:.3f}")


if __name__ == "__main__":
    main(sys.argv[1])
