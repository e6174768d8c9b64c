"""Settings that follow from the weights: how their pixels are normalised, their size, how features are pooled."""

import logging
from pathlib import Path
from typing import Any, Final

import timm

from lentigo.config import Config, ImageConfig
from lentigo.model import is_shipped
from lentigo.training._backbones import IMAGENET_TAGS, body_names, build_network
from lentigo.training.weights import NAMED, find_layout, read_source, read_weights, tensor_names

logger = logging.getLogger(__name__)
_DEFAULT: Final = ImageConfig()


def with_source(config: Config) -> Config:
    """Return the settings with what the weights need, where the user has left a setting at its default.

    Mean and std come from the files beside the weights, else from their layout, else from the backbone in timm; the
    size only for backbones with fixed positions; the pooling from the normalisation that the weights end in.

    Raises:
        CheckpointError: the weights file cannot be used.
        ModelError: timm knows no such backbone.
    """
    if config.model.weights == "none" or is_shipped(config.model.weights):
        return config
    about = timm.get_pretrained_cfg(IMAGENET_TAGS.get(config.model.backbone, config.model.backbone))
    if about is None or not timm.is_model(config.model.backbone):
        return config  # an unknown name is said where the network is built
    mean, std = tuple(about.mean), tuple(about.std)
    size, changes = about.input_size[-1], dict[str, Any]()
    path = Path(config.model.weights)
    if config.model.weights not in NAMED:
        network = build_network(config.model, 2, image_size=size)
        tensors, names = read_weights(path), body_names(network)
        found = find_layout(list(tensors), names, source=str(path), prefix=config.model.prefix)
        stated = read_source(path)
        mean, std = found.layout.normalisation or (mean, std)
        mean, std = stated.mean or mean, stated.std or std
        size = stated.size or size
        changes |= _pooling(config, found.layout.pooling, set(tensor_names(tensors, found.prefix)), set(names))
    if config.image.mean == _DEFAULT.mean and config.image.std == _DEFAULT.std:
        changes |= {"image.mean": mean, "image.std": std} if (mean, std) != (_DEFAULT.mean, _DEFAULT.std) else {}
    if about.fixed_input_size and config.image.size == _DEFAULT.size:
        changes["image.size"] = size
    if changes:
        told = ", ".join(
            f"{key}={list(value) if isinstance(value, tuple) else value}" for key, value in changes.items()
        )
        logger.info("From the weights: %s.", told)
    return config.changed(changes)


def _pooling(config: Config, stated: str, given: set[str], wanted: set[str]) -> dict[str, str]:
    """Return the pooling where the weights' last normalisation is not the one that the backbone has."""
    if config.model.pooling != "auto" or "cls_token" not in wanted:
        return {}
    if stated:
        return {"model.pooling": stated}
    has = {name for name in ("norm.weight", "fc_norm.weight") if name in given}
    if "fc_norm.weight" in wanted and has == {"norm.weight"}:
        return {"model.pooling": "token"}
    if "fc_norm.weight" not in wanted and has == {"fc_norm.weight"}:
        return {"model.pooling": "avg"}
    return {}
