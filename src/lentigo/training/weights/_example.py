"""A stored answer of the original, which the network has to repeat: what no list of names can tell is measured.

Beside `weights.safetensors` it lies as `weights.example.npz` (in a folder: `example.npz`) and holds `pixels`
(N, S, S, 3) in eight bits, or `input` (N, 3, S, S) as the network takes it, and `features` (N, D) or `logits` (N, K).
"""

import re
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from lentigo.config import ImageConfig
from lentigo.errors import CheckpointError
from lentigo.training.weights._layouts import CLIP, HALF, IMAGENET

# Of the largest feature: float32 in another order differs by 1e-5 of it, another epsilon of a normalisation by 1e-4,
# another activation, pooling or mean by 1e-2 and more.
TOLERANCE: Final = 1e-3
_HEAD: Final = re.compile(
    r"(?:.*\.)?(?:classifier|head|fc|_fc|heads\.head|(?:classifier|fc|head)\.\d|head\.fc)\.weight"
)
Arrays = Mapping[str, NDArray[Any]]


def example_path(weights: Path) -> Path:
    """Return where the example of some weights lies, if there is one.

    Example:
        >>> example_path(Path("panderm.pth")).name
        'panderm.example.npz'
    """
    return weights / "example.npz" if weights.is_dir() else weights.with_name(f"{weights.stem}.example.npz")


def check_example(weights: Path, tensors: Mapping[str, Tensor], network: nn.Module, settings: ImageConfig) -> bool:
    """Return whether there is an example; its answers are those of the network, or an error says what differs.

    Args:
        weights: the file or folder they came from.
        tensors: of the file, whose head gives logits.
        network: filled with them.
        settings: mean and std for `pixels`.

    Raises:
        CheckpointError: the file cannot be used, or the network answers differently.
    """
    path = example_path(weights)
    if not path.is_file():
        return False
    arrays = _read(path)
    is_training = network.training
    network.eval()
    try:
        _compare(path, arrays, _head_of(tensors, arrays), network, settings)
    finally:
        network.train(is_training)
    return True


def _read(path: Path) -> Arrays:
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise CheckpointError(f"{path} cannot be read: {error}. Write it with numpy.savez.") from error
    if not {"pixels", "input"} & set(arrays) or not {"features", "logits"} & set(arrays):
        raise CheckpointError(
            f"{path} holds {', '.join(arrays) or 'nothing'}. It needs pixels or input, and features or logits."
        )
    return arrays


def _head_of(tensors: Mapping[str, Tensor], arrays: Arrays) -> tuple[Tensor, Tensor] | None:
    """Return weight and bias of the head that the file's own logits come from."""
    if "logits" not in arrays:
        return None
    weight, bias = head_tensors(tensors)
    if weight is None or len(weight) != arrays["logits"].shape[-1]:
        return None
    return weight, torch.zeros(len(weight)) if bias is None else bias


def head_tensors(tensors: Mapping[str, Tensor], n_features: int | None = None) -> tuple[Tensor | None, Tensor | None]:
    """Return weight and bias of the layer that makes classes, the last one named like a head; None where there is none.

    Args:
        tensors: of a file, as their library names them.
        n_features: that the layer reads; any number when left out.

    Example:
        >>> head_tensors({"fc.weight": torch.zeros(2, 8)}, 8)[0].shape
        torch.Size([2, 8])
    """
    for name, tensor in reversed(list(tensors.items())):
        if _HEAD.fullmatch(name) and tensor.ndim == 2 and n_features in {None, tensor.shape[1]}:
            return tensor, tensors.get(name.removesuffix("weight") + "bias")
    return None, None


@torch.inference_mode()
def _compare(
    path: Path, arrays: Arrays, head: tuple[Tensor, Tensor] | None, network: nn.Module, settings: ImageConfig
) -> None:
    key = "features" if "features" in arrays else "logits"
    if key == "logits" and head is None:
        raise CheckpointError(
            f"{path} holds logits, but the weights have no head that computes them. Store features instead."
        )
    truth = torch.from_numpy(np.asarray(arrays[key], dtype=np.float32))

    def difference(mean: tuple[float, ...], std: tuple[float, ...], pooled: str) -> float:
        embedding = _embedding(network, _input(arrays, mean, std), pooled)
        if key == "logits" and head is not None and head[0].shape[1] == embedding.shape[1]:
            embedding = nn.functional.linear(embedding, *head)
        if embedding.shape != truth.shape:
            return float("inf")
        return float((embedding - truth).abs().max() / truth.abs().max().clamp_min(1e-6))

    try:
        found = difference(settings.mean, settings.std, "")
    except (RuntimeError, AssertionError) as error:
        raise CheckpointError(
            f"{path} does not fit the backbone: {str(error)[:150]}. Set image.size to its image size."
        ) from error
    if found <= TOLERANCE:
        return
    why = _remedy(difference, arrays, settings)
    raise CheckpointError(
        f"the {key} of the network differ from those in {path} by {found:.2g} of the largest, so backbone, pooling or "
        f"normalisation is wrong. {why}"
    )


def _remedy(difference: Callable[..., float], arrays: Arrays, settings: ImageConfig) -> str:
    """Return the setting with which network and example agree, if there is one."""
    why = "Name another backbone with --backbone, or correct the example."
    for pooled in ("token", "avg"):
        if difference(settings.mean, settings.std, pooled) <= TOLERANCE:
            why = f"With other pooling they agree: --set model.pooling={pooled}"
    for mean, std in (IMAGENET, HALF, CLIP) if "input" not in arrays else ():
        if difference(mean, std, "") <= TOLERANCE:
            why = f"With other normalisation they agree: --set image.mean={list(mean)} --set image.std={list(std)}"
    return why


def _input(arrays: Arrays, mean: tuple[float, ...], std: tuple[float, ...]) -> Tensor:
    if "input" in arrays:
        return torch.from_numpy(np.asarray(arrays["input"], dtype=np.float32))
    unit = torch.from_numpy(np.asarray(arrays["pixels"])).permute(0, 3, 1, 2).float() / 255
    return (unit - torch.tensor(mean).view(1, 3, 1, 1)) / torch.tensor(std).view(1, 3, 1, 1)


def _embedding(network: Any, batch: Tensor, pooled: str) -> Tensor:
    features: Tensor = network.forward_features(batch)
    if not pooled or features.ndim != 3:
        whole: Tensor = network.forward_head(features, pre_logits=True)
        return whole
    return features[:, 0] if pooled == "token" else features[:, getattr(network, "num_prefix_tokens", 1) :].mean(1)
