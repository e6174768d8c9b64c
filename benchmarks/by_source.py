"""The test figures of a run on pooled data sets, for each set apart.

    python benchmarks/by_source.py RUN

AUROC of malignant against benign, macro AUROC over the diagnoses that a set has, of each diagnosis, balanced accuracy,
sensitivity and specificity at the threshold that was chosen on validation, each with its 95 % interval over lesions.
"""

import sys

import numpy as np

from lentigo.numbers.calibration import Calibration
from lentigo.numbers.evaluation import evaluate
from lentigo.numbers.predictions import Predictions
from lentigo.stages import Run
from lentigo.stages._calibrate import groups_of


def main(folder: str) -> None:
    run = Run.open(folder)
    manifest, calibration = run.manifest(), Calibration.read(run.calibration_path)
    said = calibration.apply(Predictions.read(run.predictions_path("test")))
    source_of = dict(zip(manifest.table["image_id"], manifest.table["source"], strict=True))
    sources = np.array([source_of[image] for image in said.image])
    groups, unit = groups_of(manifest, said)
    for source in np.unique(sources):
        here = sources == source
        part = Predictions(said.image[here], said.target[here], said.probabilities[here], said.classes)
        found = evaluate(
            part, malignant=calibration.malignant_classes, groups=groups[here], unit=unit,
            operating_points=calibration.operating_points,
        )  # fmt: skip
        point = found.operating_points[0]
        print(f"## {source}: {len(part)} images")
        for name in ("auroc", "accuracy", "balanced_accuracy", "ece", "malignant_ece", "specificity_at_sensitivity_95"):
            if name in found.metrics:
                print(f"{name}: {found.metrics[name]}")
        sensitivity, specificity = point.sensitivity, point.specificity
        print(f"{point.name}: sensitivity {sensitivity}, specificity {specificity} at {point.threshold:.3f}")
        for name, scores in found.per_class.items():
            print(f"{name} (n = {scores['support']}): AUROC {scores['auroc']}, recall {scores['recall']}")
        present = [scores for scores in found.per_class.values() if scores["auroc"].is_defined]
        print(f"macro AUROC of {len(present)}: {np.mean([scores['auroc'].value for scores in present]):.3f}\n")


if __name__ == "__main__":
    main(sys.argv[1])
