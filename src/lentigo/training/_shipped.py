"""The backbone of a shipped bundle, as weights to start from.

The bundle holds each convolution with its batch normalisation folded in, which trains badly: a step needs the two
apart. So the normalisations lie beside it, 80 kB, and the convolutions are unfolded on the way in. Only rounding to
float16 stands between the result and the network that was exported.
"""

from pathlib import Path
from typing import Final

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from lentigo.errors import CheckpointError, MissingExtraError
from lentigo.model import RECORD, SHIPPED, ShippedVersion, version_named
from lentigo.storage import read_json

MODEL: Final = "model.onnx"  # in a bundle
EPS: Final = 1e-5  # of batch normalisation in timm's ResNet
PREFIX: Final = "networks.0."


def write_normalisations(network: nn.Module, path: Path) -> None:
    """Write what `shipped_weights` needs beside the bundle of a ResNet."""
    kept = {name: tensor for name, tensor in network.state_dict().items() if _is_normalisation(name)}
    save_file({name: tensor.contiguous() for name, tensor in kept.items()}, path)


def version_to_start_from(name: str = SHIPPED) -> tuple[ShippedVersion, str]:
    """Return the shipped model that training is to start from, and its backbone's name in timm.

    Raises:
        CheckpointError: that version does not come with what training needs.
        ModelError: there is no such version.

    Example:
        >>> version_to_start_from("lentigo@1")[1]
        'resnet18'
    """
    version = version_named(name)
    if version is None or not version.normalisations.is_file():
        raise CheckpointError(
            f"'{name}' cannot be trained further: its normalisations are not in this installation. Give another "
            f"version, such as {SHIPPED}@1, imagenet, or a file."
        )
    about = read_json(version.folder / RECORD, error=CheckpointError)
    return version, str(about["network"]["backbone"])


def shipped_weights(place: Path, beside: Path) -> dict[str, Tensor]:
    """Return the tensors of the backbone of a bundle, named as timm names them, without its head.

    Args:
        place: of the bundle.
        beside: what `write_normalisations` wrote.

    Raises:
        CheckpointError: the files are not there or do not fit each other.
        MissingExtraError: onnx is not installed.
    """
    try:
        import onnx
        from onnx import numpy_helper
    except ImportError as error:
        raise MissingExtraError("onnx", extra="train", purpose="start from the shipped model") from error
    if not (place / MODEL).is_file() or not beside.is_file():
        raise CheckpointError(f"{place} or {beside.name} is missing from this installation. Install lentigo again.")
    initializers = {
        tensor.name.removeprefix(PREFIX).removesuffix("__float16"): numpy_helper.to_array(tensor)
        for tensor in onnx.load_model(str(place / MODEL)).graph.initializer
    }
    tensors = load_file(beside)
    for name in [name for name in tensors if name.endswith("running_var")]:
        layer = name.removesuffix(".running_var")
        convolution = f"{_convolution_before(layer)}.weight"
        if convolution not in initializers:
            raise CheckpointError(f"{place / MODEL} has no {convolution}; {beside.name} belongs to another bundle.")
        gain = tensors[f"{layer}.weight"] / torch.sqrt(tensors[name] + EPS)
        folded = torch.from_numpy(initializers[convolution].astype(np.float32))
        # a channel that is switched off has gain 0 and folded weights 0: any weights do
        safe = torch.where(gain.abs() < 1e-12, torch.ones_like(gain), gain)
        tensors[convolution] = folded / safe.view(-1, 1, 1, 1)
    return tensors


def _convolution_before(layer: str) -> str:
    """Return the name of the convolution that a normalisation of a ResNet follows."""
    if layer.endswith("downsample.1"):
        return layer.removesuffix("1") + "0"
    stem, _, last = layer.rpartition(".")
    return f"{stem}.{last.replace('bn', 'conv')}" if stem else last.replace("bn", "conv")


def _is_normalisation(name: str) -> bool:
    layer = name.rpartition(".")[0].rpartition(".")
    return layer[2].startswith("bn") or name.rpartition(".")[0].endswith("downsample.1")
