"""Which layout the tensors of a file have, where among them the network lies, and its names in timm.

What stands before the anchor of a layout is the prefix (`state_dict.model.`, `_orig_mod.`, `module.visual.trunk.`).
Prefixes made of words that only wrap a network are removed, any other is the user's to choose: a file may hold a
teacher, a student and a decoder.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from torch import Tensor, nn

from lentigo.errors import CheckpointError, name_offenders
from lentigo.training.weights._layouts import LAYOUTS, TIMM, Layout, Rules
from lentigo.training.weights._reading import tensor_names
from lentigo.wording import counted

OWN_SHARE, SOME_SHARE = 0.95, 0.2  # of timm's names that are in the file: it is timm's; it is of another depth
# Containers of training scripts and attributes that hold the whole network; none of them stands for a second one.
WRAPPERS: Final = frozenset(
    {
        "state_dict",
        "model",
        "model_state_dict",
        "module",
        "_orig_mod",
        "net",
        "network",
        "backbone",
        "encoder",
        "visual",
        "trunk",
        "base_model",
        "vision_model",
        "image_encoder",
        "feature_extractor",
        "vit",
        "deit",
        "beit",
        "dinov2",
        "dinov2_with_registers",
    }
)


@dataclass(frozen=True, slots=True)
class NetworkLocation:
    """Where in a file the network lies.

    Args:
        layout: how it is named.
        prefix: of its tensors.
    """

    layout: Layout
    prefix: str


def find_layout(names: Sequence[str], wanted: Sequence[str], *, source: str, prefix: str = "") -> NetworkLocation:
    """Return how the tensors of a file are named and where among them the network lies.

    Args:
        names: in the file.
        wanted: in timm's network, without those of its head.
        source: of the names, for messages.
        prefix: of the network's tensors, as the user gives it; found when empty.

    Raises:
        CheckpointError: the file holds no such network, several, or one under a prefix that is not known to be one.
    """
    if prefix and not any(name.startswith(prefix) for name in names):
        raise CheckpointError(
            f"no tensor of {source} has the prefix '{prefix}'. Its names begin with "
            f"{name_offenders(sorted({name.split('.')[0] + '.' for name in names}))}. Change model.prefix."
        )
    for layout, least in ((TIMM, OWN_SHARE), *((layout, 0.0) for layout in LAYOUTS), (TIMM, SOME_SHARE)):
        prefixes = _prefixes(layout.anchor or wanted[0], names)
        if least:  # a name such as conv1.weight may be of any network
            prefixes = [one for one in prefixes if _share(names, one, wanted) > least]
        if prefix:
            prefixes = [one for one in prefixes if one.startswith(prefix) and _is_known(one.removeprefix(prefix))]
        if prefixes:
            return NetworkLocation(layout, _choose(prefixes, source, is_chosen=bool(prefix)))
    raise CheckpointError(
        f"{source} holds no network with known tensor names: {name_offenders(names)}. It needs the names of timm, "
        "torchvision, Hugging Face, open_clip, CAE or efficientnet_pytorch; see docs/weights.md."
    )


def rename(
    tensors: Mapping[str, Tensor], found: NetworkLocation, network: nn.Module, *, backbone: str
) -> dict[str, Tensor]:
    """Return the network's tensors under timm's names; what no rule knows keeps its name.

    Raises:
        CheckpointError: another backbone computes what the weights are for.
    """
    layout, own = found.layout, tensor_names(tensors, found.prefix)
    if layout.twin and not re.search(layout.twin, backbone):
        raise CheckpointError(
            f"the tensor names are those of {layout.name}. {backbone} has equal shapes but computes differently. "
            f"Choose with --backbone {layout.twin_words}."
        )
    if layout.convert is not None:
        return layout.convert(own, network.state_dict())
    renamed = {_renamed(name, layout.rules): tensor for name, tensor in own.items()}
    renamed.pop("", None)
    return renamed


def _renamed(name: str, rules: Rules) -> str:
    for pattern, ours in rules:
        if (match := re.fullmatch(pattern, name)) is not None:
            text = match.expand(ours)
            text = re.sub(r"<(\d+)>", lambda place: str(int(place.group(1)) // 2), text)  # torchvision's numbering
            return re.sub(r"\{(\d+)\}", lambda place: str(int(place.group(1)) + 1), text)  # blocks counted from one
    return name


def _prefixes(anchor: str, names: Sequence[str]) -> list[str]:
    return [
        name.removesuffix(anchor)
        for name in names
        if name.endswith(anchor) and (name == anchor or name.endswith(f".{anchor}"))
    ]


def _share(names: Sequence[str], prefix: str, wanted: Sequence[str]) -> float:
    have = set(names)
    return sum(prefix + name in have for name in wanted) / len(wanted)


def _is_known(prefix: str) -> bool:
    return all(word in WRAPPERS for word in prefix.split(".") if word)


def _choose(prefixes: Sequence[str], source: str, *, is_chosen: bool) -> str:
    known = [one for one in prefixes if is_chosen or _is_known(one)]
    if len(known) == 1:
        return known[0]
    if len(prefixes) > 1:
        raise CheckpointError(
            f"{source} holds {counted(len(prefixes), 'network')} ({name_offenders(prefixes)}). Choose one: "
            f"--set model.prefix={prefixes[0]}"
        )
    raise CheckpointError(
        f"the tensors of {source} have the prefix '{prefixes[0]}', which lentigo does not know. If they are the "
        f"network to start from, confirm it: --set model.prefix={prefixes[0]}"
    )
