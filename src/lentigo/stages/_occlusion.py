"""After training, a second look: what the network still says when it cannot see the lesion, or sees nothing else.

A network that keeps a high AUROC on images without their lesion has learned the place, the device or the hospital. The
answers are predictions like any other, in files of their own; evaluation turns them into figures.

Each image is asked in one view. Eight change an AUROC by some thousandths, and cost a third of a small training; the
interval of 300 images is ten times as wide.
"""

import dataclasses

import numpy as np

from lentigo.numbers.predictions import Predictions
from lentigo.progress import Track
from lentigo.stages._prepare import PreparedImages
from lentigo.stages._run_folder import Run
from lentigo.study.auditing import only_centre, without_lesion
from lentigo.training import Classifier

VIEWS = {"test-masked": without_lesion, "test-centre": only_centre}


def predict_occluded(run: Run, classifier: Classifier, prepared: PreparedImages, *, track: Track) -> None:
    """Write predictions on up to `evaluate.second_look` test images, with the lesion masked and with the centre only.

    Args:
        run: where to.
        classifier: the network.
        prepared: the images.
        track: draws progress.
    """
    config = run.config()
    examples, part = prepared.examples("test"), prepared.manifest.subset("test")
    n_wanted = min(config.evaluate.second_look, len(examples))
    if n_wanted == 0:
        return
    rows = np.sort(np.random.default_rng(config.seed).permutation(len(examples))[:n_wanted])
    size = config.predict.batch_size
    plainly = dataclasses.replace(classifier, views=1)
    for name, change in VIEWS.items():
        starts = track(range(0, n_wanted, size), "Without the lesion", n_wanted, unit=size)
        batches = [plainly.probabilities(change(examples.take(rows[start : start + size]))) for start in starts]
        Predictions(
            image=part.table["image_id"].to_numpy(dtype=str)[rows],
            target=examples.targets[rows],
            probabilities=np.concatenate(batches),
            classes=classifier.classes,
        ).write(run.predictions_path(name))
