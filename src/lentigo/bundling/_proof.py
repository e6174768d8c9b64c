"""Proof before publication: the exported network answers as torch does, and what a smaller form of it loses."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray

from lentigo.bundling._graph import BundleGraph
from lentigo.errors import ParityError
from lentigo.model import Network, Outputs, Parity, run_batches
from lentigo.model.decision import Columns, DecisionRule, ProbabilityMap
from lentigo.numbers.metrics import auroc
from lentigo.training import Classifier
from lentigo.wording import counted

LEAST_IMAGES: Final = 64
# float32 sums in another order: 18 layers differ by 1e-6 of the largest logit; 1e-4 in a probability is what users
# may compare.
MOST_PROBABILITY: Final = 1e-4
MOST_RELATIVE: Final = 1e-3

Lost = tuple[float | None, float | None, float]


def compare(
    classifiers: Sequence[Classifier],
    graph: BundleGraph,
    network: Network,
    pixels: NDArray[np.uint8],
    calibration: ProbabilityMap,
    *,
    batch_size: int,
) -> Parity:
    """Return the largest differences between torch and the exported network.

    Logits are compared with those of the classifiers as `lentigo predict RUN` asks them, not with the graph's own.

    Args:
        classifiers: the members of the ensemble.
        graph: what was exported.
        network: the export, as a bundle loads it.
        pixels: fitted, shape (N, S, S, 3), at least `LEAST_IMAGES`.
        calibration: from logits to probabilities.
        batch_size: images at once.

    Raises:
        ParityError: there are too few images, or the answers differ.
    """
    if len(pixels) < LEAST_IMAGES:
        raise ParityError(
            f"{counted(len(pixels), 'image is', 'images are')} too "
            f"few to compare answers on. Give {LEAST_IMAGES} or more."
        )
    found = run_batches(network, pixels, batch_size, with_maps=True)
    truth = mean_logits(classifiers, pixels, batch_size=batch_size)
    maps = 0.0
    if found.maps is not None:
        with torch.inference_mode():
            expected = np.concatenate(
                [
                    graph(torch.from_numpy(pixels[i : i + batch_size]))[1].numpy()
                    for i in range(0, len(pixels), batch_size)
                ]
            )
        maps = _relative(found.maps, expected)
    parity = Parity(
        n_images=len(pixels),
        logits=_relative(found.logits, truth),
        probabilities=float(np.abs(calibration.of_logits(found.logits) - calibration.of_logits(truth)).max()),
        maps=maps,
    )
    if parity.probabilities > MOST_PROBABILITY or max(parity.logits, parity.maps) > MOST_RELATIVE:
        raise ParityError(
            f"the exported network answers differently from torch on {counted(len(pixels), 'image')}: probabilities by "
            f"up to {parity.probabilities:.2g}, logits by {parity.logits:.2g} and maps by {parity.maps:.2g} of the "
            "largest. No bundle was written; choose another backbone, or report this one."
        )
    return parity


def compare_logits(
    truth: NDArray[np.floating[Any]], found: Outputs, calibration: ProbabilityMap, *, source: str
) -> Parity:
    """Return the largest differences between a file of the user's, run as it is, and the bundle.

    Args:
        truth: logits (N, K) of the file.
        found: what the bundle's network says of the same images.
        calibration: from logits to probabilities.
        source: name of the file.

    Raises:
        ParityError: the answers differ.
    """
    parity = Parity(
        n_images=len(truth),
        logits=_relative(found.logits, truth),
        probabilities=float(np.abs(calibration.of_logits(found.logits) - calibration.of_logits(truth)).max()),
        maps=0.0,
    )
    if parity.probabilities > MOST_PROBABILITY or parity.logits > MOST_RELATIVE:
        raise ParityError(
            f"the bundle answers differently from {source} on {counted(len(truth), 'image')}: probabilities by up to "
            f"{parity.probabilities:.2g}, logits by {parity.logits:.2g} of the largest. No bundle was written."
        )
    return parity


def loss_of(
    small: NDArray[np.floating[Any]],
    full: NDArray[np.floating[Any]],
    decision: DecisionRule,
    truth: NDArray[np.bool_],
    columns: Sequence[Columns] | None = None,
) -> tuple[Lost, float]:
    """Return what smaller weights lose on validation, and the largest difference of a probability.

    Args:
        small: logits (N, K) of the smaller form.
        full: the same of float32.
        decision: that is made of them.
        truth: which images are malignant, shape (N,).
        columns: of each image, for a model that uses them.

    Returns:
        AUROC lost, sensitivity lost and share of changed decisions; None where undefined.
    """
    nothing = np.zeros((len(full), 0), np.float32)
    before, after = (decision.decide(Outputs(logits, None, nothing), columns=columns) for logits in (full, small))
    changed = float((before.is_referred != after.is_referred).mean())
    difference = float(np.abs(before.calibrated - after.calibrated).max())
    if truth.all() or not truth.any():
        return (None, None, changed), difference
    lost = auroc(truth, before.score) - auroc(truth, after.score)
    missed = float(before.is_referred[truth].mean() - after.is_referred[truth].mean())
    return (float(lost), missed, changed), difference


def mean_logits(
    classifiers: Sequence[Classifier], pixels: NDArray[np.uint8], *, batch_size: int
) -> NDArray[np.floating[Any]]:
    """Return the mean logits (N, K) of the members of an ensemble, computed as by `lentigo predict RUN`, in batches."""
    batches = (pixels[i : i + batch_size] for i in range(0, len(pixels), batch_size))
    return np.concatenate([np.mean([member.logits(batch) for member in classifiers], axis=0) for batch in batches])


def _relative(found: NDArray[np.floating[Any]], truth: NDArray[np.floating[Any]]) -> float:
    return float(np.abs(found - truth).max() / max(float(np.abs(truth).max()), 1e-6))
