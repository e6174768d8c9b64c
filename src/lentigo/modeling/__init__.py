"""Everything that needs torch: backbones, weights, training, probing, and asking a trained network.

Only this package (and `export`) imports torch and timm; the command line loads it when a verb needs it.
"""

from lentigo.errors import MissingExtraError

try:
    import timm as _timm
    import torch as _torch
except ImportError as error:  # pragma: no cover - the test environment has the extra
    raise MissingExtraError(str(error.name), extra="train", purpose="train or to ask a run folder") from error

del _timm, _torch
