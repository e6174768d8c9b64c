"""The same numbers laid out otherwise: each step is exact, so that features stay what they were in the original.

Joined attention    queries, keys and values side by side; a bias of keys changes no softmax and may be left out
Layer scale         a factor of each channel after a linear layer is part of that layer where timm has no place for it
Positions           of the class token added to it where timm keeps them apart; a grid of another size is interpolated
"""

import re
import sys
from typing import TYPE_CHECKING, Any, Final

import torch
from torch import Tensor, nn

from lentigo.errors import CheckpointError

if TYPE_CHECKING:
    from collections.abc import Callable

Tensors = dict[str, Tensor]
PATCHES: Final = "patch_embed.proj.weight"
_UNUSED: Final = re.compile(r"(.*\.)?(mask_token|relative_position_index|position_ids|lm_head\.\w+|logit_scale)")
_PRETRAINING: Final = ("mask_token", "bias_mask", "periods")


def fit_tensors(tensors: Tensors, network: nn.Module, *, source: str) -> Tensors:
    """Return the tensors as the network wants them.

    Args:
        tensors: under timm's names.
        network: of timm.
        source: of the tensors, for messages.

    Raises:
        CheckpointError: they are of other patches, have biases that the network has not, or belong to another one.
    """
    wanted = network.state_dict()
    _check_patches(tensors, wanted, source)
    if "register_tokens" in tensors:
        tensors["reg_token"] = tensors.pop("register_tokens")
    _split_pooling(tensors, wanted)
    for block in sorted({name.rpartition(".attn.")[0] for name in tensors if ".attn." in name}):
        _join_attention(tensors, wanted, f"{block}.attn.", source)
        _place_scale(tensors, wanted, block)
        _place_gates(tensors, wanted, block)
    for name in ("cls_token", "pos_embed", "reg_token"):
        if name in tensors and name in wanted:
            tensors[name] = tensors[name].reshape(1, -1, tensors[name].shape[-1])
    _place_positions(tensors, network)
    _flatten_factors(tensors, wanted)
    fitted = _by_timm(tensors, network)
    return {name: tensor for name, tensor in fitted.items() if name in wanted or _UNUSED.fullmatch(name) is None}


def _check_patches(tensors: Tensors, wanted: Tensors, source: str) -> None:
    """Refuse patches of another size, which timm would interpolate without a word.

    Raises:
        CheckpointError: see above.
    """
    if PATCHES not in tensors or PATCHES not in wanted:
        return
    theirs, ours = tensors[PATCHES], wanted[PATCHES]
    if theirs.ndim == ours.ndim == 4 and theirs.shape[2:] != ours.shape[2:]:
        raise CheckpointError(
            f"{source} holds weights of another architecture: its patches are {theirs.shape[-1]} pixels wide, those "
            f"of the backbone {ours.shape[-1]}. Name the right one with --backbone."
        )


def _join_attention(tensors: Tensors, wanted: Tensors, place: str, source: str) -> None:
    weights = [tensors.pop(f"{place}{one}.weight", None) for one in "qkv"]
    biases = [tensors.pop(f"{place}{one}.bias", None) for one in "qkv"]
    if all(weight is not None for weight in weights):
        if f"{place}qkv.weight" in wanted:
            tensors[f"{place}qkv.weight"] = torch.cat([weight for weight in weights if weight is not None])
        else:
            tensors |= {f"{place}{k}_proj.weight": w for k, w in zip("qkv", weights, strict=True) if w is not None}
    if (whole := tensors.pop(f"{place}qkv.bias", None)) is not None:
        biases = list(whole.chunk(3))
    biases[0] = tensors.pop(f"{place}q_bias", biases[0])  # as BEiT, and all that began with its code, name them
    biases[2] = tensors.pop(f"{place}v_bias", biases[2])
    if biases[0] is None or biases[2] is None:
        return
    query, key, value = biases[0], biases[1], biases[2]
    if f"{place}qkv.bias" in wanted:
        tensors[f"{place}qkv.bias"] = torch.cat([query, torch.zeros_like(query) if key is None else key, value])
    elif f"{place}q_bias" in wanted:
        tensors |= {f"{place}q_bias": query, f"{place}v_bias": value}
    elif f"{place}q_proj.bias" in wanted:
        tensors |= {f"{place}q_proj.bias": query, f"{place}v_proj.bias": value}
    elif bool(query.any()) or bool(value.any()):
        raise CheckpointError(
            f"{source} has biases of attention and the backbone has none. Name the one that has: in timm its name "
            "contains qkvb, such as vit_small_patch16_dinov3_qkvb."
        )


def _place_scale(tensors: Tensors, wanted: Tensors, block: str) -> None:
    for k, layer in ((1, "attn.proj"), (2, "mlp.fc2")):
        given = [name for name in (f"{block}.ls{k}.gamma", f"{block}.gamma_{k}") if name in tensors]
        if not given:
            continue
        scale = tensors.pop(given[0])
        places = [name for name in (f"{block}.ls{k}.gamma", f"{block}.gamma_{k}") if name in wanted]
        if places:
            tensors[places[0]] = scale
        elif f"{block}.{layer}.weight" in tensors:
            tensors[f"{block}.{layer}.weight"] = tensors[f"{block}.{layer}.weight"] * scale[:, None]
            tensors[f"{block}.{layer}.bias"] = tensors[f"{block}.{layer}.bias"] * scale


def _place_gates(tensors: Tensors, wanted: Tensors, block: str) -> None:
    """Place the layers of a gated MLP, which some networks join; without a gate there is the first layer alone."""
    for part in ("weight", "bias"):
        for theirs, ours in (("w12", "fc1"), ("w3", "fc2")):  # as DINOv2's authors name them
            if f"{block}.mlp.{theirs}.{part}" in tensors and f"{block}.mlp.{ours}.{part}" in wanted:
                tensors[f"{block}.mlp.{ours}.{part}"] = tensors.pop(f"{block}.mlp.{theirs}.{part}")
        gate, up = (tensors.pop(f"{block}.mlp.{name}.{part}", None) for name in ("gate", "up"))
        if up is None:
            continue
        if gate is None:
            tensors[f"{block}.mlp.fc1.{part}"] = up
        elif f"{block}.mlp.fc1_g.{part}" in wanted:
            tensors |= {f"{block}.mlp.fc1_g.{part}": gate, f"{block}.mlp.fc1_x.{part}": up}
        else:
            tensors[f"{block}.mlp.fc1.{part}"] = torch.cat([gate, up])


def _split_pooling(tensors: Tensors, wanted: Tensors) -> None:
    for part in ("weight", "bias"):
        joined = tensors.pop(f"attn_pool.qkv.{part}", None)
        if joined is not None and f"attn_pool.q.{part}" in wanted:
            width = len(joined) // 3
            tensors |= {f"attn_pool.q.{part}": joined[:width], f"attn_pool.kv.{part}": joined[width:]}


def _place_positions(tensors: Tensors, network: nn.Module) -> None:
    positions, token = tensors.get("pos_embed"), tensors.get("cls_token")
    if positions is None or positions.ndim != 3 or not getattr(network, "no_embed_class", False):
        return
    if token is not None and round((positions.shape[1] - 1) ** 0.5) ** 2 == positions.shape[1] - 1:
        tensors["cls_token"] = token + positions[:, :1]
        tensors["pos_embed"] = positions[:, 1:]


def _flatten_factors(tensors: Tensors, wanted: Tensors) -> None:
    """Return layer scales that one library keeps as (C, 1, 1) and the other as (C,)."""
    for name, tensor in tensors.items():
        if name.endswith("gamma") and name in wanted and tensor.ndim > 1 and tensor.numel() == wanted[name].numel():
            tensors[name] = tensor.reshape(wanted[name].shape)


def _by_timm(tensors: Tensors, network: nn.Module) -> Tensors:
    """Return what timm makes of the names of a model's authors; positions are interpolated, too."""
    module: Any = sys.modules[type(network).__module__]
    convert: Callable[[Tensors, nn.Module], Tensors] | None = getattr(module, "checkpoint_filter_fn", None)
    if convert is None:
        return tensors
    known = {name: tensor for name, tensor in tensors.items() if not name.endswith(_PRETRAINING)}
    try:
        return dict(convert(known, network))
    except (KeyError, RuntimeError, AttributeError, ValueError, AssertionError, TypeError, IndexError):
        return tensors  # of another network; what is missing or unknown is said by whoever loads them
