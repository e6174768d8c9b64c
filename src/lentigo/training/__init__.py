"""Everything that needs torch: backbones, weights, training, probing, and asking a trained network.

Only this package (and `export`) imports torch and timm; the command line loads it when a verb needs it.
"""

from typing import TYPE_CHECKING

from lentigo.lazy import lazy_names

if TYPE_CHECKING:
    from lentigo.training._backbones import IMAGENET_TAGS, finished_network, head_of, starting_network
    from lentigo.training._classifier import (
        Classifier,
        choose_device,
        describe,
        describe_device,
        name_of,
        write_checkpoint,
    )
    from lentigo.training._examples import Examples
    from lentigo.training._final_predictions import predict_finally
    from lentigo.training._joining import joined
    from lentigo.training._lite import LITE, LITE_LICENCE
    from lentigo.training._one_view import teach_one_view
    from lentigo.training._probe import fit_head, frozen_features, probe
    from lentigo.training._ranks import Ranks, refuse_share
    from lentigo.training._sampling import example_weights, prior_shift
    from lentigo.training._shipped import write_normalisations
    from lentigo.training._source_settings import with_source
    from lentigo.training._speed import Speed, measure_speed
    from lentigo.training._trainer import finetune
    from lentigo.training.weights import NAMED

from lentigo.errors import MissingExtraError
from lentigo.training._compiler import put_off_compiler

put_off_compiler()  # before timm imports torchvision, which would bring all of it
try:
    import timm as _timm
    import torch as _torch
except ImportError as error:  # pragma: no cover - the test environment has the extra
    raise MissingExtraError(str(error.name), extra="train", purpose="train, or to predict with a run folder") from error

del _timm, _torch

__all__ = [
    "IMAGENET_TAGS",
    "LITE",
    "LITE_LICENCE",
    "NAMED",
    "Classifier",
    "Examples",
    "Ranks",
    "Speed",
    "choose_device",
    "describe",
    "describe_device",
    "example_weights",
    "finetune",
    "finished_network",
    "fit_head",
    "frozen_features",
    "head_of",
    "joined",
    "measure_speed",
    "name_of",
    "predict_finally",
    "prior_shift",
    "probe",
    "refuse_share",
    "starting_network",
    "teach_one_view",
    "with_source",
    "write_checkpoint",
    "write_normalisations",
]

_WHERE = {
    "_backbones": ("IMAGENET_TAGS", "finished_network", "head_of", "starting_network"),
    "_classifier": (
        "Classifier",
        "choose_device",
        "describe",
        "describe_device",
        "name_of",
        "write_checkpoint",
    ),
    "_examples": ("Examples",),
    "_final_predictions": ("predict_finally",),
    "_lite": ("LITE", "LITE_LICENCE"),
    "_one_view": ("teach_one_view",),
    "_probe": ("fit_head", "frozen_features", "probe"),
    "_joining": ("joined",),
    "_ranks": ("Ranks", "refuse_share"),
    "_sampling": ("example_weights", "prior_shift"),
    "_shipped": ("write_normalisations",),
    "_source_settings": ("with_source",),
    "_speed": ("Speed", "measure_speed"),
    "weights": ("NAMED",),
    "_trainer": ("finetune",),
}
__getattr__ = lazy_names(__name__, {name: f"{__name__}.{module}" for module, names in _WHERE.items() for name in names})
