"""Networks from timm, and the weights they start from.

`lentigo.training.weights` knows how other libraries name the tensors of a file; here they come into a network.
"""

import contextlib
import dataclasses
import logging
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import huggingface_hub
import timm
import torch
from timm.models import group_parameters
from torch import Tensor, nn

from lentigo.config import Config, ImageConfig, ModelConfig
from lentigo.errors import CheckpointError, ModelError, name_offenders, suggest
from lentigo.model import is_shipped
from lentigo.training._lite import LITE, lite_file, timm_names
from lentigo.training.weights import (
    check_example,
    find_layout,
    fit_tensors,
    head_tensors,
    read_source,
    read_weights,
    rename,
)
from lentigo.wording import counted

logger = logging.getLogger(__name__)

# Where timm keeps several sets of weights for one name, its default was trained to win on ImageNet; torchvision's
# original transfers better to a frozen probe, and is what the figures in docs/experiments.md were measured with.
IMAGENET_TAGS = {"resnet18": "resnet18.tv_in1k", "resnet34": "resnet34.tv_in1k", "resnet50": "resnet50.tv_in1k"}


def build_network(
    config: ModelConfig, n_classes: int, *, image_size: int, pretrained: bool = False, file: str | None = None
) -> nn.Module:
    """Return the backbone with a fresh linear head of `n_classes` outputs; logits come out, shape (N, K).

    Raises:
        ModelError: timm knows no such backbone.

    Example:
        >>> network = build_network(ModelConfig(), 2, image_size=64)
        >>> network(torch.zeros(1, 3, 64, 64)).shape
        torch.Size([1, 2])
    """
    if not timm.is_model(config.backbone):
        near = suggest(config.backbone, timm.list_models())
        raise ModelError(f"unknown backbone '{config.backbone}'.{near} Any name of timm.list_models() will do.")
    about = timm.get_pretrained_cfg(config.backbone)
    options: dict[str, Any] = {"img_size": image_size} if about is not None and about.fixed_input_size else {}
    if config.pooling != "auto":
        options["global_pool"] = config.pooling
    if file is not None:
        options["pretrained_cfg_overlay"] = {"file": file}
    try:
        network: nn.Module = timm.create_model(
            config.backbone, pretrained=pretrained, num_classes=n_classes, drop_rate=config.drop_rate, **options
        )
    except (AssertionError, TypeError, ValueError, KeyError) as error:
        if config.pooling == "auto":
            raise ModelError(f"timm cannot build {config.backbone} at {image_size} px: {error}.") from error
        raise ModelError(
            f"{config.backbone} cannot pool its features by '{config.pooling}'. Set model.pooling to auto."
        ) from error
    return network.to(memory_format=torch.channels_last)


def initial_network(
    config: ModelConfig, n_classes: int, *, image_size: int, image: ImageConfig | None = None
) -> nn.Module:
    """Return the network to start training from, with the weights that `config.weights` names.

    Args:
        config: backbone and weights.
        n_classes: outputs of the head.
        image_size: side of the input.
        image: normalisation by which a stored example of the weights is compared; the default one when left out.

    Raises:
        CheckpointError: the weights cannot be had, are a pickle, or belong to another architecture.
        ModelError: timm knows no such backbone.
    """
    if config.weights == "imagenet":
        return _imagenet_network(config, n_classes, image_size=image_size)
    network = build_network(config, n_classes, image_size=image_size)
    if is_shipped(config.weights):
        from lentigo.training._shipped import shipped_weights, version_to_start_from

        version, backbone = version_to_start_from(config.weights)
        if config.backbone != backbone:
            raise CheckpointError(f"the weights '{config.weights}' are of a {backbone}, not of {config.backbone}.")
        tensors = shipped_weights(version.folder, version.normalisations)
        _load_backbone(network, tensors, source=version.name, backbone=config.backbone)
    elif config.weights in LITE:
        _load_lite(network, config)
    elif config.weights != "none":
        _load_file(network, config, image or ImageConfig())
    return network


def starting_network(config: Config, n_classes: int, *, is_resumed: bool = False) -> nn.Module:
    """Return the network a run starts from; its fresh head depends on the seed alone.

    Args:
        config: backbone, weights, size and seed.
        n_classes: outputs of the head.
        is_resumed: a checkpoint will replace all weights, so the initial ones need not be at hand any more.
    """
    torch.manual_seed(config.seed)
    size = config.image.size
    if is_resumed:
        network = build_network(config.model, n_classes, image_size=size)
    else:
        network = initial_network(config.model, n_classes, image_size=size, image=config.image)
    head_of(network)  # a backbone without one linear head is refused before hours are spent on it
    return network


def finished_network(config: Config, n_classes: int) -> nn.Module:
    """Return the network that a weights file holds, head included, in evaluation mode.

    Raises:
        CheckpointError: the file cannot be used, or its head is of other classes.
        ModelError: timm knows no such backbone.
    """
    network = build_network(config.model, n_classes, image_size=config.image.size)
    tensors = _load_file(network, config.model, config.image)
    head = head_of(network)
    weight, bias = head_tensors(tensors, head.in_features)
    if weight is None:
        raise CheckpointError(
            f"{config.model.weights} holds no head that makes classes of {head.in_features} features. Train one on "
            "them with 'lentigo train --recipe probe', or give the whole model."
        )
    if len(weight) != n_classes:
        raise CheckpointError(
            f"the head of {config.model.weights} has {len(weight)} outputs, "
            f"and {counted(n_classes, 'class is', 'classes are')} named. Name "
            "one class per output, in their order, with --classes."
        )
    with torch.no_grad():
        head.weight.copy_(weight)
        if head.bias is not None:
            head.bias.copy_(torch.zeros(n_classes) if bias is None else bias)
    return network.eval()


def _imagenet_network(config: ModelConfig, n_classes: int, *, image_size: int) -> nn.Module:
    tagged = dataclasses.replace(config, backbone=IMAGENET_TAGS.get(config.backbone, config.backbone))
    build_network(tagged, n_classes, image_size=image_size)  # an unknown backbone is not a download problem
    try:
        local = _hub_file(tagged.backbone)
        return build_network(tagged, n_classes, image_size=image_size, pretrained=True, file=local)
    except Exception as error:  # the hub client raises network, cache and HTTP errors of many kinds
        raise CheckpointError(
            f"ImageNet weights of {tagged.backbone} cannot be downloaded ({type(error).__name__}). Without a network, "
            "start from the included model with --weights lentigo (ResNet-18; report no results on the public sets "
            "that it learned from), give a local file with --weights PATH, or train from scratch with --weights none."
        ) from error


def _hub_file(backbone: str) -> str | None:
    """Return the local path of the weights, downloaded if need be; None when timm keeps them elsewhere than on the hub.

    The hub client alone would retry for 48 s before it says that there is no network, and even asks it for files it
    already has; one request of five seconds decides here.
    """
    about = timm.get_pretrained_cfg(backbone)
    if about is None or not about.hf_hub_id:
        return None
    name = f"{about.architecture}.{about.tag}"
    repository = about.hf_hub_id + name if about.hf_hub_id.endswith("/") else about.hf_hub_id
    for filename in ("model.safetensors", "pytorch_model.bin"):
        if isinstance(found := huggingface_hub.try_to_load_from_cache(repository, filename), str):
            return found
    with contextlib.suppress(urllib.error.HTTPError):  # any answer means that there is a network
        request = urllib.request.Request(huggingface_hub.constants.ENDPOINT, method="HEAD")  # noqa: S310 - https, or the user's own mirror
        urllib.request.urlopen(request, timeout=5).close()  # noqa: S310
    return huggingface_hub.hf_hub_download(repository, "model.safetensors")


def _load_lite(network: nn.Module, config: ModelConfig) -> None:
    if config.backbone != LITE[config.weights]:
        raise CheckpointError(
            f"the weights '{config.weights}' are of a {LITE[config.weights]}, not of {config.backbone}. "
            f"Name it with --backbone {LITE[config.weights]}."
        )
    tensors = timm_names(read_weights(lite_file(config.weights)), network.state_dict())
    _load_backbone(network, tensors, source=config.weights, backbone=config.backbone)


def head_of(network: nn.Module) -> nn.Linear:
    """Return the linear layer that makes logits from features.

    Raises:
        ModelError: the backbone ends in something else.
    """
    head = network.get_classifier()  # type: ignore[operator]
    if not isinstance(head, nn.Linear):
        raise ModelError(
            f"the backbone's head is a {type(head).__name__}, not one linear layer. Choose another backbone."
        )
    return head


def layer_depths(network: nn.Module) -> dict[str, int]:
    """Return for each parameter how many stages it lies below the head (the head: 0).

    Stages are timm's coarse groups: stem, each stage of the body, head.
    """
    stages = group_parameters(network, network.group_matcher(coarse=True), reverse=True)  # type: ignore[operator]
    top = max(stages.values())
    return {name: int(top - stage) for name, stage in stages.items()}


def _load_file(network: nn.Module, config: ModelConfig, image: ImageConfig) -> Mapping[str, Tensor]:
    """Return the tensors of a file; fill the network from them and hold it against what lies beside the file."""
    path = Path(config.weights)
    given = read_weights(path)
    found = find_layout(list(given), body_names(network), source=config.weights, prefix=config.prefix)
    read_source(path).check(network, config.backbone)
    tensors = rename(given, found, network, backbone=config.backbone)
    if found.prefix or found.layout.name != "timm":  # of timm's own names there is nothing to say
        below = f", below {found.prefix}" if found.prefix else ""
        logger.info("The tensors of %s have the names of %s%s.", path.name, found.layout.name, below)
    tensors = fit_tensors(tensors, network, source=config.weights)
    _load_backbone(network, tensors, source=config.weights, backbone=config.backbone)
    if check_example(path, given, network, image):
        logger.info("The network repeats the stored example of %s.", path.name)
    return given


def body_names(network: nn.Module) -> list[str]:
    """Return the names of a network's tensors without those of its head and of counters."""
    head = head_of(network)
    own = {f"{name}." for name, module in network.named_modules() if module is head}
    return [
        name
        for name in network.state_dict()
        if not name.startswith(tuple(own)) and not name.endswith("num_batches_tracked")
    ]


def _load_backbone(network: nn.Module, tensors: dict[str, Tensor], *, source: str, backbone: str) -> None:
    wanted = network.state_dict()
    head = head_of(network)
    prefixes = tuple(f"{name}." for name, module in network.named_modules() if module is head)
    is_head = {name: name.startswith(prefixes) for name in wanted | tensors}
    body = {name: tensor for name, tensor in tensors.items() if not is_head[name]}
    missing = [name for name in wanted if not is_head[name] and name not in body and "num_batches_tracked" not in name]
    foreign = [name for name in body if name not in wanted]
    reshaped = [name for name in body if name in wanted and body[name].shape != wanted[name].shape]
    if reshaped and not missing and not foreign:
        raise CheckpointError(
            f"{source} was made for another input size: {name_offenders(reshaped)} have other shapes. "
            "Set image.size to the size it was made for, such as --set image.size=224."
        )
    wrong = missing or foreign
    if wrong:
        kind = "lacks" if missing else "has unknown"
        raise CheckpointError(
            f"{source} holds weights of another architecture than {backbone}: it {kind} {name_offenders(wrong)}. "
            "Name the right one with --backbone."
        )
    network.load_state_dict(body, strict=False)
