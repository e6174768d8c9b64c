"""Train, val and test (or folds) that keep groups together and classes in proportion.

splitting   which parts: train, val and test; validation alone; folds
pool        what stays together, and the one step that does all of it: *cut* a wanted number of images out of the rest

scikit-learn's StratifiedGroupKFold knows equal folds only, and takes four times as long for folds that are as even
(10,015 images of HAM10000, five folds). The result depends on the ids, the targets and the seed, never on the order of
the rows.
"""

from typing import TYPE_CHECKING

from lentigo.lazy import lazy_names

if TYPE_CHECKING:
    from lentigo.data.splits._splitting import cut_fold, cut_validation, k_folds, split_manifest

__all__ = [
    "cut_fold",
    "cut_validation",
    "k_folds",
    "split_manifest",
]

_WHERE = {
    "_splitting": ("cut_fold", "cut_validation", "k_folds", "split_manifest"),
}
__getattr__ = lazy_names(__name__, {name: f"{__name__}.{module}" for module, names in _WHERE.items() for name in names})
