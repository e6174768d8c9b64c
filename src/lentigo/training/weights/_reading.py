"""Weights files, whole or in shards, as one flat table of tensors.

Weights are never unpickled: safetensors files are plain tensors, everything else is read with `weights_only=True` and
nothing else is tried when that fails (falling back to a full unpickle is the classic hole). Containers that training
scripts wrap the tensors in ({"state_dict": ...}, {"teacher": ...}) become the first part of the names, so that the
search for the network's prefix sees them like any other prefix.
"""

import pickle
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from lentigo.errors import CheckpointError
from lentigo.model import SHIPPED, all_versions
from lentigo.storage import read_json
from lentigo.training._lite import LITE

SAFETENSORS: Final = ".safetensors"
INDEX: Final = ".index.json"  # which shard holds which tensor, as Hugging Face writes it
IN_FOLDER: Final = (  # what a published folder calls its weights, in the order in which they are looked for
    "model.safetensors",
    "open_clip_model.safetensors",
    "model.safetensors.index.json",
    "pytorch_model.bin",
    "open_clip_pytorch_model.bin",
    "pytorch_model.bin.index.json",
)
# What is not a path, even where a folder has the name.
NAMED: Final = frozenset({"imagenet", "none", SHIPPED, *(version.name for version in all_versions()), *LITE})
DEEPEST: Final = 6  # containers within containers


def read_weights(path: Path) -> dict[str, Tensor]:
    """Return the named tensors of a weights file or folder as float32 (integers stay).

    Args:
        path: a .safetensors, .pth, .pt, .bin or .ckpt file, the .index.json of shards, or a folder with one of these.

    Raises:
        CheckpointError: a file is missing, damaged, or holds more than tensors.
    """
    tensors: dict[str, Tensor] = {}
    for part in _parts(path):
        tensors |= _read(part)
    if not tensors:
        raise CheckpointError(f"{path} does not contain a table of tensors.")
    return {name: tensor.float() if tensor.is_floating_point() else tensor for name, tensor in tensors.items()}


def tensor_names(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """Return the tensors whose names begin with a prefix, without it.

    Example:
        >>> list(tensor_names({"model.fc.bias": torch.zeros(1), "loss.weight": torch.zeros(1)}, "model."))
        ['fc.bias']
    """
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}


def _parts(path: Path) -> list[Path]:
    """Return the files that hold the tensors.

    Raises:
        CheckpointError: the path, or a shard, does not exist.
    """
    if path.is_dir():
        found = next((path / name for name in IN_FOLDER if (path / name).is_file()), None)
        if found is None:
            raise CheckpointError(f"{path} holds none of {', '.join(IN_FOLDER)}. Name the weights file itself.")
        path = found
    if not path.is_file():
        choices = f"Give imagenet, lentigo, none, {', '.join(LITE)}, or the path of a .safetensors or .pth file."
        raise CheckpointError(f"the weights file {path} does not exist. {choices}")
    if not path.name.endswith(INDEX):
        return [path]
    listed = read_json(path, error=CheckpointError).get("weight_map")
    if not isinstance(listed, dict) or not listed or not all(isinstance(name, str) for name in listed.values()):
        raise CheckpointError(f"{path} lists no shards under weight_map. Download it again.")
    shards = sorted({path.parent / name for name in listed.values()})
    if any(shard.parent != path.parent for shard in shards):
        raise CheckpointError(f"{path} lists shards outside of its own folder. Download it again.")
    missing = [shard.name for shard in shards if not shard.is_file()]
    if missing:
        raise CheckpointError(
            f"{path.parent} holds {len(shards) - len(missing)} of {len(shards)} shards; {missing[0]} is missing. "
            "Download the others into the same folder."
        )
    return shards


def _read(path: Path) -> dict[str, Tensor]:
    try:
        if path.suffix == SAFETENSORS:
            return load_file(path)
        content = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise CheckpointError(
            f"{path} is a pickle that holds more than tensors, and loading it could run its code. Ask its author for a "
            ".safetensors file, or, if you trust it, keep its tensors alone: docs/weights.md has the line."
        ) from error
    except (SafetensorError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise CheckpointError(f"{path} is not an intact weights file: {error}. Download it again.") from error
    return dict(_flat(content, "", DEEPEST))


def _flat(content: object, prefix: str, depth: int) -> Iterator[tuple[str, Tensor]]:
    if isinstance(content, Tensor):
        yield prefix.removesuffix("."), content
    elif isinstance(content, Mapping) and depth:
        for name, item in content.items():
            if isinstance(name, str):  # an optimizer's state is numbered
                yield from _flat(item, f"{prefix}{name}.", depth - 1)
