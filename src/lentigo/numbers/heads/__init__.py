"""Heads on embeddings: a regularised logistic head or boosted trees, fitted without torch.

weights     how much each row counts, and what that does to probabilities
fitted      what a head is fitted on, and what fitting brings back
linear      the logistic head
boosting    the trees
"""

from typing import TYPE_CHECKING

from lentigo.lazy import lazy_names

if TYPE_CHECKING:
    from lentigo.numbers.heads._boosting import fit_boosting
    from lentigo.numbers.heads._fitted import EmbeddingRows, FittedHead, logits_of
    from lentigo.numbers.heads._linear import fit_linear
    from lentigo.numbers.heads._weights import class_weights, draw_shares, logit_shift, row_weights, source_log_odds

__all__ = [
    "EmbeddingRows",
    "FittedHead",
    "class_weights",
    "draw_shares",
    "fit_boosting",
    "fit_linear",
    "logit_shift",
    "logits_of",
    "row_weights",
    "source_log_odds",
]

_WHERE = {
    "_boosting": ("fit_boosting",),
    "_fitted": ("FittedHead", "EmbeddingRows", "logits_of"),
    "_linear": ("fit_linear",),
    "_weights": ("class_weights", "draw_shares", "logit_shift", "row_weights", "source_log_odds"),
}
__getattr__ = lazy_names(__name__, {name: f"{__name__}.{module}" for module, names in _WHERE.items() for name in names})
