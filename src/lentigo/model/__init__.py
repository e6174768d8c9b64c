"""The model that answers, and all that it needs: numpy, Pillow and onnxruntime; never torch, pandas or SciPy.

opening     `open_model`: which kinds of model there are, and who opens them
runtime     `Model`: from images to probabilities to decisions
decision    the decision itself, from calibrated probabilities; no files, no images
outputs     what a network says, and what every network has to be able to do
decoding, look, gate    one photograph decoded, measured, and whether it can be judged
oddness     photographs unlike all that was learned from
references  cases to compare with
answer      what a model says about one image; how many are asked
rows        an answer as a row of a table
explain, sanity, overlay    where the network looks, and whether that map can be believed

The bundle, a portable folder:

bundle      opened, as a model
strict      JSON from strangers, within limits
files       the folder: which files, verified before anyone looks into them
parts, record, scores    what bundle.json says
session     the network under onnxruntime
known_answer    a picture that can be computed, asked at every load
calibrated_on   which photographs it was calibrated to, elsewhere
"""

from typing import TYPE_CHECKING

from lentigo.lazy import lazy_names

if TYPE_CHECKING:
    from lentigo.model.answer import Answer
    from lentigo.model.opening import kind_of, open_model
    from lentigo.model.record import BundleRecord
    from lentigo.model.runtime import Model

__all__ = ["Answer", "BundleRecord", "Model", "kind_of", "open_model"]

_WHERE = {
    "answer": ("Answer",),
    "opening": ("kind_of", "open_model"),
    "record": ("BundleRecord",),
    "runtime": ("Model",),
}
__getattr__ = lazy_names(__name__, {name: f"{__name__}.{module}" for module, names in _WHERE.items() for name in names})
