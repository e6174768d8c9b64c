"""Which representation ranks a source that its head has not learned from: a logistic head on frozen embeddings.

    python benchmarks/left_out_probe.py TABLE NAME=EMBEDDINGS ...

TABLE has image_id, diagnosis and source; each file of embeddings comes from `lentigo embed`. For each source a head is
fitted on the others (four fifths of their images; the penalty is chosen on the last fifth), and the AUROC of malignant
against benign on the source is printed with its 95 % interval, and paired differences to the first representation
(DeLong's covariance, images taken as independent); with several representations also of their mean. Then, with the
first representation, how AUROC on the left-out source grows with the number of sources that are learned from, as many
images in all each time (mean over all choices).
"""

import itertools
import sys

import numpy as np
import pandas as pd

from lentigo.model import read_embeddings
from lentigo.numbers.heads import EmbeddingRows, fit_linear, logits_of
from lentigo.numbers.metrics import delong_aurocs
from lentigo.taxonomy import MALIGNANT, Taxonomy

PENALTIES = (1e-3, 1e-2, 1e-1, 0.3, 1.0)


def main(table: str, *named: str) -> None:
    known = pd.read_csv(table, dtype={"image_id": str})
    is_malignant = np.array([Taxonomy().side(name) == MALIGNANT for name in known.diagnosis])
    source = known.source.to_numpy()
    names = [one.partition("=")[0] for one in named]
    read = [read_embeddings([one.partition("=")[2]], list(known.image_id)) for one in named]
    values = [numbers.matrix for numbers in read]
    for left_out in np.unique(source):
        scores = [scores_without(array, is_malignant, source == left_out) for array in values]
        if len(scores) > 1:  # what a network distilled from all of them could reach at most
            scores.append(np.mean([(score - score.mean()) / score.std() for score in scores], axis=0))
        truth = is_malignant[source == left_out]
        print(f"## {left_out}: {len(truth)} images, {truth.sum()} malignant")
        for name, score in zip([*names, "mean of all"], scores, strict=False):
            found = delong_aurocs(truth, [score, scores[0]])
            gap, low, high, _ = found.difference()
            ends = "[{:.3f}, {:.3f}]".format(*found.interval())
            print(
                f"{name:24} {found.auroc[0]:.3f} {ends}   difference {gap:+.3f} [{low:+.3f}, {high:+.3f}]", flush=True
            )
        print("sources learned from, same number of images: " + by_number(values[0], is_malignant, source, left_out))


def by_number(values: np.ndarray, is_malignant: np.ndarray, source: np.ndarray, left_out: str) -> str:
    """Return the mean AUROC on a source by the number of sources that are learned from."""
    others = [name for name in np.unique(source) if name != left_out]
    n_images = min(int((source == name).sum()) for name in others)
    truth = is_malignant[source == left_out]
    told = []
    for size in range(1, len(others) + 1):
        found = []
        for chosen in itertools.combinations(others, size):
            rng = np.random.default_rng(0)
            rows = [rng.permutation(np.flatnonzero(source == name))[: n_images // size] for name in chosen]
            scores = scores_without(values, is_malignant, source == left_out, learned=np.concatenate(rows))
            found.append(delong_aurocs(truth, [scores, scores]).auroc[0])
        told.append(f"{size}: {np.mean(found):.3f} ({min(found):.3f} to {max(found):.3f})")
    return f"{', '.join(told)}; {n_images} images"


def scores_without(
    values: np.ndarray, is_malignant: np.ndarray, is_left_out: np.ndarray, learned: np.ndarray | None = None
) -> np.ndarray:
    learned = np.random.default_rng(0).permutation(np.flatnonzero(~is_left_out) if learned is None else learned)
    cut = len(learned) * 4 // 5
    parts = learned[:cut], learned[cut:]
    train, val = (EmbeddingRows(values, rows, is_malignant[rows].astype(np.int64)) for rows in parts)
    head = fit_linear(train, val, n_classes=2, penalties=PENALTIES).head
    asked = np.flatnonzero(is_left_out)
    logits = logits_of(head, EmbeddingRows(values, asked, is_malignant[asked].astype(np.int64)))
    return (logits[:, 1] - logits[:, 0]).astype(np.float64)


if __name__ == "__main__":
    main(*sys.argv[1:])
