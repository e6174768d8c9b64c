"""Convolutional networks of torchvision whose modules stand in the order of timm's under other numbers.

MobileNets and EfficientNets of both libraries list, block by block, the same layers in the order in which they run. So
the blocks are matched by their place, the layers by their place within a block, and every shape is compared; a network
of another depth or width cannot pass.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from torch import Tensor

from lentigo.errors import CheckpointError

_THEIRS: Final = re.compile(r"features\.(\d+)\.(?:(\d+)\.(?=block)|)")  # EfficientNet numbers blocks within stages
_OURS: Final = re.compile(r"blocks\.(\d+)\.(\d+)\.")
_COUNTER: Final = "num_batches_tracked"
EPS: Final = 1e-5  # of batch normalisation in timm's networks without tf_
WIDE_EPS: Final = 1e-3  # in torchvision's EfficientNetV2 and B5 to B7, and in MobileNetV3
WIDEST_NARROW: Final = 1792  # channels after the last convolution of B4


def in_order(tensors: Mapping[str, Tensor], wanted: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the tensors under timm's names.

    Args:
        tensors: as torchvision names them.
        wanted: of timm's network.

    Raises:
        CheckpointError: the two have other blocks, layers or shapes.
    """
    theirs, ours = _blocks(tensors, _THEIRS), _blocks(wanted, _OURS)
    if len(theirs) != len(ours) or any(len(a) != len(b) for a, b in zip(theirs, ours, strict=True)):
        raise CheckpointError(
            f"the weights hold {sum(map(len, theirs))} layers in {len(theirs)} blocks and the backbone has "
            f"{sum(map(len, ours))} in {len(ours)}. Name the right one with --backbone."
        )
    layers = {a: b for ones, others in zip(theirs, ours, strict=True) for a, b in zip(ones, others, strict=True)}
    found = {}
    for name, tensor in tensors.items():
        layer, _, part = name.rpartition(".")
        if layer in layers:
            place = f"{layers[layer]}.{part}"
            shape = wanted[place].shape if place in wanted else None
            # MobileNetV3's first layer after pooling is linear in torchvision and a convolution in timm
            is_linear = shape is not None and len(shape) == 4 and tensor.ndim == 2
            found[place] = tensor[:, :, None, None] if is_linear else tensor
    if _has_wide_eps(tensors):
        # in evaluation a variance and its epsilon count as one number, so that the difference can move into the first
        found |= {name: tensor + (WIDE_EPS - EPS) for name, tensor in found.items() if name.endswith("running_var")}
    wrong = [name for name, tensor in found.items() if name not in wanted or tensor.shape != wanted[name].shape]
    if wrong:
        raise CheckpointError(
            f"the weights are of another width than the backbone: {wrong[0]}. Name the right one with --backbone."
        )
    return found


def _has_wide_eps(tensors: Mapping[str, Tensor]) -> bool:
    if "features.1.block.0.0.weight" in tensors:
        return True  # MobileNetV3
    first = tensors.get("features.1.0.block.0.0.weight")
    is_fused = first is not None and first.shape[1] > 1  # EfficientNetV2 begins with whole convolutions
    widest = max((len(tensor) for name, tensor in tensors.items() if re.match(r"features\.\d+\.0\.weight", name)))
    return is_fused or (first is not None and widest > WIDEST_NARROW)


def _blocks(names: Iterable[str], pattern: re.Pattern[str]) -> list[list[str]]:
    """Return the layers of each block in order: stem and last convolution are blocks of their own."""
    blocks: dict[tuple[str, ...], dict[str, None]] = {}
    for name in names:
        layer, _, part = name.rpartition(".")
        if part == _COUNTER:
            continue
        inside = pattern.match(name)
        if inside is not None:
            key = tuple(str(part) for part in inside.groups())
        elif layer in {"conv_stem", "bn1"}:
            key = ("stem",)
        elif layer in {"conv_head", "bn2"} or layer == "classifier.0":
            key = ("head", layer) if layer == "classifier.0" else ("head",)
        else:
            continue
        blocks.setdefault(key, {})[layer] = None
    return [list(block) for block in blocks.values()]
