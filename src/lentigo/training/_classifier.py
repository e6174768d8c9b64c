"""A trained network with all it needs to be asked: classes, preprocessing, device and views.

A checkpoint is a folder: tensors in safetensors files and, written last, `checkpoint.json` with everything else and the
hash of every tensor file. No pickle anywhere.
"""

import dataclasses
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save
from torch import Tensor, nn

from lentigo.config import BEFORE_PROFILES, Config, ImageConfig
from lentigo.errors import CheckpointError, ModelError
from lentigo.images import Preprocess
from lentigo.model.decision import softmax
from lentigo.storage import new_folder, read_json, sha256_of, write_json
from lentigo.training._backbones import build_network

SCHEMA_VERSION = 1
PACKAGES = ("torch", "torchvision", "timm", "numpy", "pandas", "Pillow", "scikit-learn")


@dataclass(frozen=True, slots=True)
class Classifier:
    """A trained network that predicts.

    Args:
        network: backbone and head, in evaluation mode, on `device`.
        classes: what the outputs mean, in order.
        preprocess: from file to pixels.
        device: where the network lies.
        views: 8 averages the logits over the eight flips and quarter turns.
    """

    network: nn.Module
    classes: tuple[str, ...]
    preprocess: Preprocess
    device: torch.device
    views: int = 1

    @classmethod
    def load(cls, folder: Path | Sequence[Path], *, device: str = "auto", views: int = 1) -> "Classifier":
        """Return the classifier kept in a checkpoint folder, or in several: the mean of their logits.

        Raises:
            CheckpointError: a folder is incomplete, altered, of an unknown version, or of other classes or pixels.
        """
        if isinstance(folder, Path):
            return cls._load_one(folder, device=device, views=views)
        members = [cls._load_one(path, device=device, views=views) for path in folder]
        first = members[0]
        for member, path in zip(members, folder, strict=True):
            if (member.classes, member.preprocess) != (first.classes, first.preprocess):
                raise CheckpointError(f"{path} has other classes or image settings than {folder[0]}. Train it again.")
        if len(members) == 1:
            return first
        return dataclasses.replace(first, network=_Mean([member.network for member in members]).eval())

    @classmethod
    def _load_one(cls, folder: Path, *, device: str, views: int) -> "Classifier":
        about, tensors = read_checkpoint(folder, ["model"])
        config = Config.from_dict(
            {
                "image": {**BEFORE_PROFILES, **about["image"]},
                "model": {
                    "backbone": about["backbone"],
                    "weights": "none",
                    "pooling": about.get("pooling", "auto"),
                },
            }
        )
        image = config.image
        network = build_network(config.model, len(about["classes"]), image_size=image.size)
        try:
            network.load_state_dict(tensors["model"])
        except RuntimeError as error:
            raise CheckpointError(f"{folder} does not match its backbone {config.model.backbone}: {error}") from error
        place = choose_device(device)
        return cls(network.eval().to(place), tuple(about["classes"]), Preprocess(image), place, views)

    @torch.inference_mode()
    def logits(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return logits (N, K) for one batch of fitted pixels (N, size, size, 3)."""
        batch = to_input(torch.from_numpy(np.ascontiguousarray(pixels)), self.preprocess.settings, self.device)
        outputs = [self.network(view) for view in (_eight_views(batch) if self.views == 8 else [batch])]
        answer: NDArray[np.float32] = torch.stack(outputs).mean(dim=0).float().cpu().numpy()
        return answer

    def probabilities(self, pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
        """Return uncalibrated class probabilities (N, K), rows summing to one, for one batch of fitted pixels."""
        return softmax(self.logits(pixels))


class _Mean(nn.Module):
    """Several networks that answer with the mean of their logits."""

    def __init__(self, networks: Sequence[nn.Module]) -> None:
        super().__init__()
        self.networks = nn.ModuleList(networks)

    def forward(self, batch: Tensor) -> Tensor:
        return torch.stack([network(batch) for network in self.networks]).mean(dim=0)


def to_input(pixels: Tensor, settings: ImageConfig, device: torch.device) -> Tensor:
    """Return network input (N, 3, S, S) on `device` from uint8 pixels (N, S, S, 3): `Preprocess.normalize` in torch."""
    return normalize(to_unit(pixels, device), settings)


def to_unit(pixels: Tensor, device: torch.device) -> Tensor:
    """Return pixels as float32 in 0..1, shape (N, 3, S, S), channels-last in memory."""
    return pixels.to(device, non_blocking=True).permute(0, 3, 1, 2).float() / 255


def normalize(batch: Tensor, settings: ImageConfig) -> Tensor:
    """Return `batch` (N, 3, S, S) in 0..1 with the mean subtracted, divided by the standard deviation."""
    mean = torch.tensor(settings.mean, device=batch.device).view(1, 3, 1, 1)
    std = torch.tensor(settings.std, device=batch.device).view(1, 3, 1, 1)
    return ((batch - mean) / std).contiguous(memory_format=torch.channels_last)


def choose_device(name: str = "auto") -> torch.device:
    """Return the device asked for; auto takes cuda, then mps, then cpu.

    Raises:
        ModelError: the device is not there.
    """
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise ModelError(f"device '{name}' is not available here. Use --set train.device=cpu.") from error
    return device


def write_checkpoint(folder: Path, tables: Mapping[str, Mapping[str, Tensor]], about: Mapping[str, Any]) -> None:
    """Replace `folder` by one safetensors file per table and, last, `checkpoint.json`.

    A kill at any moment leaves the old checkpoint or the new one (after `storage.recover_folder`).
    """
    with new_folder(folder, force=True) as partial:
        for name, tensors in tables.items():
            plain = {key: tensor.detach().cpu().contiguous() for key, tensor in tensors.items()}
            # Written by Python, because safetensors' own writer reports a full disk by an error of its own kind.
            (partial / f"{name}.safetensors").write_bytes(save(plain))
        hashes = {f"{name}.safetensors": sha256_of(partial / f"{name}.safetensors") for name in tables}
        write_json(partial / "checkpoint.json", {"schema_version": SCHEMA_VERSION, **about, "sha256": hashes})


def read_checkpoint(folder: Path, names: list[str]) -> tuple[dict[str, Any], dict[str, dict[str, Tensor]]]:
    """Return `checkpoint.json` and the named tables of tensors, after checking every hash.

    Raises:
        CheckpointError: the folder is incomplete, altered, or of an unknown version.
    """
    about = read_json(folder / "checkpoint.json", error=CheckpointError)
    if about.get("schema_version") != SCHEMA_VERSION:
        version = about.get("schema_version")
        raise CheckpointError(
            f"{folder} has schema_version {version}; this lentigo reads {SCHEMA_VERSION}. Update lentigo."
        )
    tables = {}
    for name in names:
        path = folder / f"{name}.safetensors"
        if not path.is_file() or sha256_of(path) != about["sha256"].get(path.name):
            raise CheckpointError(f"{path} is missing or was altered since it was written. Train again, or restore it.")
        tables[name] = load_file(path)
    return about, tables


def describe_device(name: str) -> dict[str, Any]:
    """Return what a run records of the hardware and of the packages that train."""
    return {
        "packages": {package: metadata.version(package) for package in PACKAGES},
        "device": name_of(choose_device(name)),
        "n_threads": torch.get_num_threads(),
    }


def name_of(device: torch.device) -> str:
    """Return what a device is, in words: "cuda (NVIDIA H100)"."""
    about = torch.cuda.get_device_name(device) if device.type == "cuda" else platform.processor() or platform.machine()
    return f"{device.type} ({about})"


def describe(classes: tuple[str, ...], backbone: str, image: ImageConfig, *, pooling: str = "auto") -> dict[str, Any]:
    """Return the part of `checkpoint.json` that `Classifier.load` needs."""
    pooled = {} if pooling == "auto" else {"pooling": pooling}
    return {"classes": list(classes), "backbone": backbone, **pooled, "image": dataclasses.asdict(image)}


def _eight_views(batch: Tensor) -> list[Tensor]:
    mirrored = batch.flip(-1)
    turned = [torch.rot90(image, turns, (2, 3)) for image in (batch, mirrored) for turns in range(4)]
    # A turned view lies otherwise in memory; a ResNet-18 takes 1.2 times as long for it, 1.3 times in bfloat16.
    return [view.contiguous(memory_format=torch.channels_last) for view in turned]
