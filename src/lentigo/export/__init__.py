"""From trained runs to a bundle: graph, parity, gate, reference cases, licence and card. Needs torch and onnx.

graph       networks as one module: 8-bit pixels in; logits, map and embedding out
onnx_file   that module as ONNX, at full, half or eight-bit storage
proof       the same answers as torch, or no bundle
licences    what the weights may be used for
inputs      what a bundle is built from: photographs, facts of the run, choices
network     the networks as one, proven, as small as was asked for
building    the folder, all of it or nothing
"""

from lentigo.errors import MissingExtraError

try:
    import onnx as _onnx
    import torch as _torch
except ImportError as error:  # pragma: no cover - the test environment has the extra
    raise MissingExtraError(str(error.name), extra="train", purpose="export a run") from error

del _onnx, _torch
