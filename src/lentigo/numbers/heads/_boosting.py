"""Boosted trees on embeddings: scikit-learn's histogram boosting, as plain arrays that need no scikit-learn to answer.

How many rounds are kept is decided by the NLL on validation images, whole patients or lesions that were not learned
from; scikit-learn's own early stopping would draw images of the same lesions.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lentigo.model import TreeHead
from lentigo.numbers.heads._fitted import EmbeddingRows, FittedHead, figures_of_logits

LEAVES: Final = 16
LEARNING_RATE: Final = 0.06
EVERY: Final = 10  # rounds: after so many the NLL on validation is looked at


def fit_boosting(
    train: EmbeddingRows, val: EmbeddingRows, *, n_classes: int, n_rounds: int, seed: int = 0
) -> FittedHead:
    """Return boosted trees, cut after the round with the lowest NLL on validation.

    Args:
        train: what is learned from; every class 0..K-1 must occur.
        val: what the number of rounds is chosen on.
        n_classes: K.
        n_rounds: at most.
        seed: of the numbers that each split looks at.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier

    rarest = int(np.bincount(train.targets, minlength=n_classes).min())
    model = HistGradientBoostingClassifier(
        max_iter=n_rounds, max_leaf_nodes=LEAVES, learning_rate=LEARNING_RATE, l2_regularization=1.0,
        max_features=0.3,  # of 768 numbers a split looks at 230: a third of the time, and no worse on validation
        early_stopping=False, min_samples_leaf=max(2, min(20, rarest // 2)), random_state=seed,
    )  # fmt: skip
    model.fit(train.values[train.rows], train.targets, sample_weight=train.weights)
    history: list[dict[str, Any]] = []
    best, best_loss = n_rounds, np.inf
    staged = model.staged_decision_function(val.values[val.rows]) if hasattr(model, "staged_decision_function") else ()
    shift = np.zeros(n_classes) if train.shift is None else train.shift
    for number, raw in enumerate(staged, start=1):
        if number % EVERY and number != n_rounds:
            continue
        about = figures_of_logits(_as_logits(raw, n_classes) + shift, val.targets)
        history.append({"trees": number, **about})
        if about["val_loss"] < best_loss:
            best, best_loss = number, about["val_loss"]
    head = _plain(model, best, n_classes, int(train.values.shape[1])).shifted(shift)
    return FittedHead(head, history, float(best))


def _as_logits(raw: NDArray[np.float64], n_classes: int) -> NDArray[np.float64]:
    return np.column_stack([-raw.ravel() / 2, raw.ravel() / 2]) if n_classes == 2 else raw


def _plain(model: Any, n_rounds: int, n_classes: int, width: int) -> TreeHead:
    """Return the first rounds of a fitted model as arrays, with the same decisions for every float32."""
    parts: dict[str, list[NDArray[Any]]] = {name: [] for name in ("feature", "threshold", "left", "right", "value")}
    root, output, at = [], [], 0
    for trees in model._predictors[:n_rounds]:
        for place, tree in enumerate(trees):
            nodes = tree.nodes
            is_leaf = nodes["is_leaf"].astype(bool)
            own = np.arange(len(nodes)) + at
            root.append(at)
            output.append(place)
            parts["feature"].append(np.where(is_leaf, 0, nodes["feature_idx"]))
            parts["threshold"].append(_at_or_below(np.where(is_leaf, 0.0, nodes["num_threshold"])))
            for side in ("left", "right"):
                parts[side].append(np.where(is_leaf, own, nodes[side].astype(np.int64) + at))
            parts["value"].append(np.where(is_leaf, nodes["value"], 0.0))
            at += len(nodes)
    flat = {name: np.concatenate(some) for name, some in parts.items()}
    mix = np.array([[-0.5, 0.5]]) if n_classes == 2 else np.eye(n_classes)
    return TreeHead(
        width=width,
        root=np.array(root, np.int32),
        output=np.array(output, np.int32),
        base=np.ravel(model._baseline_prediction).astype(np.float32),
        mix=mix.astype(np.float32),
        bias=np.zeros(n_classes, np.float32),
        feature=flat["feature"].astype(np.int32),
        threshold=flat["threshold"].astype(np.float32),
        left=flat["left"].astype(np.int32),
        right=flat["right"].astype(np.int32),
        value=flat["value"].astype(np.float32),
    )


def _at_or_below(threshold: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return the largest float32 that is not above each threshold: x <= t holds for the same float32 x."""
    near = threshold.astype(np.float32)
    return np.where(near > threshold, np.nextafter(near, np.float32(-np.inf)), near).astype(np.float32)
