"""What the files beside published weights say of them: mean, std, size, activation, heads, architecture.

A state dict does not tell how its pixels were normalised, how many heads share a width or which activation is between
two layers; all of them fit every shape when guessed wrong. Hugging Face, timm and open_clip write them beside it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from torch import nn

from lentigo.errors import CheckpointError

FILES: Final = ("preprocessor_config.json", "config.json", "open_clip_config.json")


@dataclass(frozen=True, slots=True)
class WeightsSource:
    """What is stated of some weights; None for what is not.

    Args:
        mean: of the normalisation.
        std: of it.
        size: side of the input in pixels.
        n_heads: of attention.
        is_quick: whether the activation is CLIP's quick GELU.
        architecture: the backbone's name in timm.
        where: the file that states most of it.
    """

    mean: tuple[float, ...] | None = None
    std: tuple[float, ...] | None = None
    size: int | None = None
    n_heads: int | None = None
    is_quick: bool | None = None
    architecture: str | None = None
    where: str = ""

    def check(self, network: nn.Module, backbone: str) -> None:
        """Refuse a backbone that fits every shape and computes something else.

        Raises:
            CheckpointError: heads, activation or architecture differ.
        """
        if self.architecture is not None and self.architecture != backbone.partition(".")[0]:
            raise CheckpointError(
                f"{self.where} states that the weights are of {self.architecture}, not of {backbone}. "
                f"Use --backbone {self.architecture}."
            )
        blocks = getattr(network, "blocks", None)
        first = next(iter(blocks), None) if isinstance(blocks, nn.ModuleList | nn.Sequential) else None
        ours = getattr(getattr(first, "attn", None), "num_heads", None)
        if self.n_heads is not None and isinstance(ours, int) and ours != self.n_heads:
            raise CheckpointError(
                f"{self.where} states that the weights have {self.n_heads} heads of attention, and "
                f"{backbone} has {ours}. Name the right one with --backbone."
            )
        activation = type(getattr(getattr(first, "mlp", None), "act", None)).__name__
        if self.is_quick is not None and "GELU" in activation and ("Quick" in activation) != self.is_quick:
            other = "with quickgelu in its name" if self.is_quick else "without quickgelu in its name"
            raise CheckpointError(
                f"{self.where} states that the weights {'use' if self.is_quick else 'do not use'} quick GELU, unlike "
                f"{backbone}. Choose with --backbone the one {other}."
            )


def read_source(weights: Path) -> WeightsSource:
    """Return what the files beside some weights say.

    Args:
        weights: a file, or the folder that holds it.
    """
    folder = weights if weights.is_dir() else weights.parent
    found = {name: about for name in FILES if (about := _json(folder / name))}
    prepared, config, clip = (found.get(name, {}) for name in FILES)
    timm, vision = _table(config, "pretrained_cfg"), _table(config, "vision_config") or config
    clip_model, clip_pixels = _table(clip, "model_cfg"), _table(clip, "preprocess_cfg")
    activation = vision.get("hidden_act")
    quick = clip_model.get("quick_gelu") if clip_model else None
    return WeightsSource(
        mean=_three(prepared.get("image_mean"), timm.get("mean"), clip_pixels.get("mean")),
        std=_three(prepared.get("image_std"), timm.get("std"), clip_pixels.get("std")),
        size=_side(timm.get("input_size"), vision.get("image_size"), _crop(prepared), clip_pixels.get("size")),
        n_heads=_integer(vision.get("num_attention_heads")),
        is_quick=activation == "quick_gelu" if isinstance(activation, str) else _boolean(quick),
        architecture=_text(config.get("architecture")) if timm else None,
        where=str(folder / next(iter(reversed(found)), "")) if found else "",
    )


def _json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):  # not there, or a file of something else that happens to have this name
        return {}
    return content if isinstance(content, dict) else {}


def _table(content: Mapping[str, Any], key: str) -> dict[str, Any]:
    inner = content.get(key)
    return inner if isinstance(inner, dict) else {}


def _crop(prepared: Mapping[str, Any]) -> object:
    """Return the side that Hugging Face's preprocessing crops or resizes to."""
    for key in ("crop_size", "size") if prepared.get("do_center_crop", False) else ("size",):
        side = prepared.get(key)
        if isinstance(side, dict):
            side = side.get("height", side.get("shortest_edge"))
        if side is not None:
            return side
    return None


def _three(*candidates: object) -> tuple[float, ...] | None:
    for given in candidates:
        if isinstance(given, list | tuple) and len(given) == 3 and all(isinstance(one, int | float) for one in given):
            return tuple(float(one) for one in given)
    return None


def _side(*candidates: object) -> int | None:
    for given in candidates:
        last = given[-1] if isinstance(given, list | tuple) and given else given
        if (side := _integer(last)) is not None:
            return side
    return None


def _integer(given: object) -> int | None:
    return given if isinstance(given, int) and not isinstance(given, bool) and given > 0 else None


def _boolean(given: object) -> bool | None:
    return given if isinstance(given, bool) else None


def _text(given: object) -> str | None:
    return given if isinstance(given, str) and given else None
