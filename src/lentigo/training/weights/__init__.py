"""Weights of others: from a file as some library has written it to the tensors of a timm network.

reading     files, shards and containers to one flat table of tensors; nothing is unpickled
layouts     how libraries name the tensors of the networks that timm has too: the table
finding     which layout a file has, and under which prefix the network lies
ordered     convolutional networks whose blocks are numbered differently, matched block by block
fitting     what is laid out differently: joined attention, layer scale, positions, pooling
source      what the files beside the weights say: mean, std, size, activation, heads
example     a stored answer of the original, which the network has to repeat
"""

from typing import TYPE_CHECKING

from lentigo.lazy import lazy_names

if TYPE_CHECKING:
    from lentigo.training.weights._example import check_example, head_tensors
    from lentigo.training.weights._finding import find_layout, rename
    from lentigo.training.weights._fitting import fit_tensors
    from lentigo.training.weights._reading import NAMED, read_weights, tensor_names
    from lentigo.training.weights._source import read_source

__all__ = [
    "NAMED",
    "check_example",
    "find_layout",
    "fit_tensors",
    "head_tensors",
    "read_source",
    "read_weights",
    "rename",
    "tensor_names",
]

_WHERE = {
    "_example": ("check_example", "head_tensors"),
    "_fitting": ("fit_tensors",),
    "_finding": ("find_layout", "rename"),
    "_reading": ("NAMED", "read_weights", "tensor_names"),
    "_source": ("read_source",),
}
__getattr__ = lazy_names(__name__, {name: f"{__name__}.{module}" for module, names in _WHERE.items() for name in names})
