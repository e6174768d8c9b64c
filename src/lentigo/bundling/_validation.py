"""What a bundle keeps of the images it was calibrated on: how odd they may be, how answers about them are spread."""

import dataclasses
from collections import Counter
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lentigo.errors import ModelError
from lentigo.model import (
    BENIGN_LOOKING,
    CANNOT_ASSESS,
    REFER,
    Model,
    OodScore,
    Outputs,
    Scores,
    TypicalEmbeddings,
    describe_scores,
    fit_typical_embeddings,
)
from lentigo.model.decision import Columns, Estimate
from lentigo.numbers.metrics import wilson_estimate

ODD_SHARE: Final = 0.01  # of validation images that may score as odd
ODD_SHARE_ELSEWHERE: Final = 0.02  # of those of a source, measured from the others
LEAST_A_SOURCE: Final = 30  # images


def fit_ood_score(embedding: NDArray[np.float32], typical: TypicalEmbeddings) -> OodScore:
    """Return the out-of-distribution score with its limit, set on embeddings (N, D) of validation images.

    Raises:
        ModelError: the network's embeddings are not numbers.
    """
    scores = typical.distances(embedding)
    limit = float(np.quantile(scores, 1 - ODD_SHARE)) * 1.0001
    if not np.isfinite(limit):
        raise ModelError("the embeddings of the network contain NaN or infinite values. Train it again.")
    return OodScore(len(typical.means), limit, float((scores > limit).mean()), len(embedding))


def limit_over_sources(
    oddness: OodScore,
    embedding: NDArray[np.float32],
    source: NDArray[np.str_],
    references: tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.str_]],
) -> OodScore:
    """Return the out-of-distribution score with a limit that few photographs of a source it does not know are beyond.

    Each source is measured from reference cases of the others alone. That widens the limit and never narrows it. The
    network itself has learned from all of them, so a truly new source lies farther away than these.

    Args:
        oddness: limited on validation as a whole.
        embedding: of validation images, shape (N, D).
        source: (N,) of each; an empty one is unknown.
        references: embedding, class and source of the reference cases.
    """
    known, target, where = references
    limits = [oddness.limit]
    for name in sorted(set(source.tolist()) - {""}):
        own, others = source == name, (where != name) & (where != "")
        if own.sum() >= LEAST_A_SOURCE and others.sum() >= LEAST_A_SOURCE:
            distances = fit_typical_embeddings(known[others], target[others]).distances(embedding[own])
            limits.append(float(np.quantile(distances, 1 - ODD_SHARE_ELSEWHERE)) * 1.0001)
    return dataclasses.replace(oddness, limit=max(limits))


def loosen_oddness(oddness: OodScore, scores: NDArray[np.float32]) -> OodScore:
    """Return the out-of-distribution score with a limit that hardly any photograph of another source is beyond.

    As for `loosen_gate`: it moves where more than one in a hundred of them, and more than two, are.

    Args:
        oddness: of a bundle.
        scores: of the other photographs, shape (N,).
    """
    limit = oddness.limit
    if int((scores > limit).sum()) > max(2, ODD_SHARE * len(scores)):
        limit = float(np.quantile(scores, 1 - ODD_SHARE)) * 1.0001
    return OodScore(oddness.n_groups, limit, float((scores > limit).mean()), len(scores))


def score_validation(
    model: Model,
    said: Outputs,
    statistics: Sequence[NDArray[np.float32]],
    is_malignant: NDArray[np.bool_],
    *,
    columns: Sequence[Columns] | None = None,
    patients: Sequence[str] | None = None,
) -> Scores:
    """Return the distribution of malignant probabilities and decisions on validation images, and how many are right.

    Args:
        model: that decides.
        said: by its network of N images.
        statistics: the measures of the gate, of each.
        is_malignant: (N,) truth.
        columns: of each image, for a model that uses them.
        patients: likewise.
    """
    names = [str(row) for row in range(len(statistics))]
    answers = model.answers_from(said, statistics, names, columns=columns, patients=patients)
    decided = np.array([answer.decision for answer in answers])
    counts = dict.fromkeys((REFER, BENIGN_LOOKING, CANNOT_ASSESS), 0) | Counter(decided.tolist())
    is_judged = decided != CANNOT_ASSESS
    return dataclasses.replace(
        describe_scores(np.array([answer.malignant for answer in answers]), counts),
        sensitivity=_share((decided == REFER)[is_judged & is_malignant]),
        specificity=_share((decided == BENIGN_LOOKING)[is_judged & ~is_malignant]),
    )


def _share(is_right: NDArray[np.bool_]) -> Estimate:
    return wilson_estimate(int(is_right.sum()), len(is_right), cases="evaluated images")
