"""The bundle: a portable folder that predicts and explains with onnxruntime, numpy and Pillow; never torch.

strict      JSON from strangers, within limits
files       the folder: which files, verified before anyone looks into them
parts, record    what bundle.json says
mapping     from logits to calibrated probabilities, and to another prevalence
look, gate  which photographs cannot be judged
oddness     photographs unlike all that was learned from
references  cases to compare with
session     the network under onnxruntime
known_answer    a picture that can be computed, asked at every load
answer      what a model says about one image; how many are asked
rows        an answer as a row of a table
calibrated_on   which photographs it was calibrated to, elsewhere
runtime     `Bundle`
explain, sanity, overlay    where the network looks, and whether that map can be believed
"""

from typing import TYPE_CHECKING

from lentigo.lazy import lazy_names

if TYPE_CHECKING:
    from lentigo.bundle.answer import Answer
    from lentigo.bundle.files import is_bundle
    from lentigo.bundle.record import BundleRecord
    from lentigo.bundle.runtime import Bundle

__all__ = ["Answer", "Bundle", "BundleRecord", "is_bundle"]

_WHERE = {
    "answer": ("Answer",),
    "files": ("is_bundle",),
    "record": ("BundleRecord",),
    "runtime": ("Bundle",),
}
__getattr__ = lazy_names(__name__, {name: f"{__name__}.{module}" for module, names in _WHERE.items() for name in names})
