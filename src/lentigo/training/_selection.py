"""How an epoch is judged on validation: the figures of its history record, by one of which the best is chosen."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lentigo.numbers.metrics import auroc


def figures_of(
    probabilities: NDArray[np.float64], targets: NDArray[np.int64], classes: tuple[str, ...], malignant: tuple[str, ...]
) -> dict[str, Any]:
    """Return NLL, AUROC and accuracy of validation probabilities (N, K); the highest AUROC is the best epoch.

    `val_auroc_of` says which: "malignant" against benign for two classes, else the "macro" mean over the classes.

    Example:
        >>> said = np.array([[0.8, 0.2], [0.5, 0.5], [0.1, 0.9]])
        >>> figures_of(said, np.array([0, 1, 1]), ("benign", "malignant"), ("malignant",))["val_auroc"]
        1.0
    """
    chosen = probabilities[np.arange(len(targets)), targets]
    return {
        "val_loss": float(-np.log(chosen.clip(1e-300)).mean()),
        "val_auroc": _selection_auroc(probabilities, targets, classes, malignant),
        "val_auroc_of": "malignant" if _is_one_against_other(classes, malignant) else "macro",
        "val_accuracy": float((probabilities.argmax(axis=1) == targets).mean()),
    }


def _is_one_against_other(classes: tuple[str, ...], malignant: tuple[str, ...]) -> bool:
    return len(classes) == 2 and len(malignant) == 1


def _selection_auroc(
    probabilities: NDArray[np.float64], targets: NDArray[np.int64], classes: tuple[str, ...], malignant: tuple[str, ...]
) -> float:
    """Return AUROC of malignant against benign for two classes, else the macro mean over the classes present."""
    if _is_one_against_other(classes, malignant):
        column = classes.index(malignant[0])
        return auroc(targets == column, probabilities[:, column])
    values = [auroc(targets == k, probabilities[:, k]) for k in range(len(classes))]
    return float(np.nanmean(values))
