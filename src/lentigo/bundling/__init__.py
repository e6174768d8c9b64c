"""From trained runs to a bundle: graph, parity, gate, reference cases, licence and card. Needs torch and onnx.

graph       networks as one module: 8-bit pixels in; logits, map and embedding out
onnx_file   that module as ONNX, at full, half or eight-bit storage
head_file, head_bundle    a head on embeddings as ONNX, and its bundle
proof       the same answers as torch, or no bundle
own_onnx    an ONNX file of the user's as the same graph
licences    what the weights may be used for
one_view    whether one view of an image is as good as eight
inputs      what a bundle is built from: photographs, facts of the run, choices
network     the networks as one, proven, as small as was asked for
building    the folder, all of it or nothing
"""

from typing import TYPE_CHECKING

from lentigo.lazy import lazy_names

if TYPE_CHECKING:
    from lentigo.bundling._building import build_bundle, build_from_network
    from lentigo.bundling._embedder import embedder
    from lentigo.bundling._folder import write_bundle
    from lentigo.bundling._head_bundle import EmbeddedCases, build_head_bundle
    from lentigo.bundling._inputs import Cases, ExportFacts, ExportOptions, GateCases
    from lentigo.bundling._licences import combine_licences, data_sources, stated_source, weights_source
    from lentigo.bundling._network import own_network
    from lentigo.bundling._one_view import measure_one_view
    from lentigo.bundling._own_onnx import OwnOnnx
    from lentigo.bundling._proof import mean_logits
    from lentigo.bundling._validation import loosen_oddness, score_validation

from lentigo.errors import MissingExtraError

try:
    import onnx as _onnx
    import torch as _torch
except ImportError as error:  # pragma: no cover - the test environment has the extra
    raise MissingExtraError(str(error.name), extra="train", purpose="export a run") from error

del _onnx, _torch

__all__ = [
    "Cases",
    "EmbeddedCases",
    "ExportFacts",
    "ExportOptions",
    "GateCases",
    "OwnOnnx",
    "build_bundle",
    "build_from_network",
    "build_head_bundle",
    "combine_licences",
    "data_sources",
    "embedder",
    "loosen_oddness",
    "mean_logits",
    "measure_one_view",
    "own_network",
    "score_validation",
    "stated_source",
    "weights_source",
    "write_bundle",
]

_WHERE = {
    "_building": ("build_bundle", "build_from_network"),
    "_embedder": ("embedder",),
    "_folder": ("write_bundle",),
    "_head_bundle": ("EmbeddedCases", "build_head_bundle"),
    "_inputs": ("Cases", "GateCases", "ExportFacts", "ExportOptions"),
    "_licences": ("data_sources", "combine_licences", "stated_source", "weights_source"),
    "_network": ("own_network",),
    "_one_view": ("measure_one_view",),
    "_own_onnx": ("OwnOnnx",),
    "_proof": ("mean_logits",),
    "_validation": ("loosen_oddness", "score_validation"),
}
__getattr__ = lazy_names(__name__, {name: f"{__name__}.{module}" for module, names in _WHERE.items() for name in names})
