"""Columns of a table beside image scores: as numbers, and as terms of a model that is fitted late.

design      a column as centred numbers, and the term that their weights make
fitting     image and columns in a logistic model: out of fold, and the one that is deployed
"""

from typing import TYPE_CHECKING

from lentigo.lazy import lazy_names

if TYPE_CHECKING:
    from lentigo.numbers.columns._design import Block, column_block, context_blocks
    from lentigo.numbers.columns._fitting import N_INNER, fit_fusion, fused, image_score, out_of_fold

__all__ = [
    "N_INNER",
    "Block",
    "column_block",
    "context_blocks",
    "fit_fusion",
    "fused",
    "image_score",
    "out_of_fold",
]

_WHERE = {
    "_design": ("Block", "column_block", "context_blocks"),
    "_fitting": ("N_INNER", "fit_fusion", "fused", "image_score", "out_of_fold"),
}
__getattr__ = lazy_names(__name__, {name: f"{__name__}.{module}" for module, names in _WHERE.items() for name in names})
