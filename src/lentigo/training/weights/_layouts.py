"""How libraries name the tensors of networks that timm has too. One `Layout` a family of names; `LAYOUTS` is the table.

A layout is recognised by its anchor, a tensor that every network of it has (`_finding`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from torch import Tensor

from lentigo.training._lite import timm_names
from lentigo.training.weights._ordered import in_order

# Mean and standard deviation of RGB, by the training of the weights
IMAGENET: Final = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
HALF: Final = ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
CLIP: Final = ((0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711))

Rules = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Layout:
    """One way of naming.

    Args:
        name: of the library, for messages.
        anchor: name of a tensor that each network of this layout has, and that tells it from the others.
        rules: (pattern of a whole name, what timm calls it); the first that fits counts, an empty text drops it.
        normalisation: mean and std that its weights are trained with unless a file beside them says otherwise; None
            for those of the backbone in timm.
        twin: pattern of the backbones in timm that compute the same.
        twin_words: which these are.
        pooling: of its features, where timm's default for the backbone is another.
        convert: instead of rules, a function of the tensors and of timm's names.
    """

    name: str
    anchor: str
    rules: Rules = ()
    normalisation: tuple[tuple[float, ...], tuple[float, ...]] | None = None
    twin: str = ""
    twin_words: str = ""
    convert: Callable[[Mapping[str, Tensor], Mapping[str, Tensor]], dict[str, Tensor]] | None = None
    pooling: str = ""


_HF_BLOCK: Final = r"(?:encoder\.|model\.)?layers?\.(\d+)\."
_HF_VIT: Final[Rules] = (
    (r"embeddings\.(cls_token)", r"\1"),
    (r"embeddings\.mask_token", ""),
    (r"embeddings\.register_tokens", "reg_token"),
    (r"embeddings\.position_embeddings", "pos_embed"),
    (r"embeddings\.patch_embeddings\.(?:projection\.)?(\w+)", r"patch_embed.proj.\1"),
    (_HF_BLOCK + r"attention\.attention\.(q|k|v)(?:uery|ey|alue)\.(\w+)", r"blocks.\1.attn.\2.\3"),
    (_HF_BLOCK + r"attention\.([qkv])_proj\.(\w+)", r"blocks.\1.attn.\2.\3"),
    (_HF_BLOCK + r"attention\.(?:output\.dense|o_proj)\.(\w+)", r"blocks.\1.attn.proj.\2"),
    (
        _HF_BLOCK + r"(?:attention\.attention\.)?relative_position_bias\.(relative_position_bias_table)",
        r"blocks.\1.attn.\2",
    ),
    (_HF_BLOCK + r".*relative_position_index", ""),
    (_HF_BLOCK + r"(?:layernorm_before|norm1)\.(\w+)", r"blocks.\1.norm1.\2"),
    (_HF_BLOCK + r"(?:layernorm_after|norm2)\.(\w+)", r"blocks.\1.norm2.\2"),
    (_HF_BLOCK + r"(?:intermediate\.dense|mlp\.fc1|mlp\.weights_in)\.(\w+)", r"blocks.\1.mlp.fc1.\2"),
    (_HF_BLOCK + r"(?:output\.dense|mlp\.fc2|mlp\.weights_out|mlp\.down_proj)\.(\w+)", r"blocks.\1.mlp.fc2.\2"),
    (_HF_BLOCK + r"mlp\.(gate|up)_proj\.(\w+)", r"blocks.\1.mlp.\2.\3"),
    (_HF_BLOCK + r"(?:layer_scale|lambda_)([12])(?:\.lambda1)?", r"blocks.\1.ls\2.gamma"),
    (r"(?:layernorm|norm)\.(\w+)", r"norm.\1"),
    (r"pooler\.layernorm\.(\w+)", r"fc_norm.\1"),
    (r"pooler\.dense\.\w+", ""),  # a tanh layer that only BERT-like tasks use
    (r"(?:cls_|distillation_)?classifier\.(\w+)", r"head.\1"),
    (r"rope_embeddings\..*", ""),
)
_HF_CLIP_BLOCK: Final = r"encoder\.layers\.(\d+)\."
_HF_CLIP: Final[Rules] = (
    (r"embeddings\.class_embedding", "cls_token"),
    (r"embeddings\.patch_embedding\.(\w+)", r"patch_embed.proj.\1"),
    (r"embeddings\.position_embedding\.weight", "pos_embed"),
    (r"embeddings\.position_ids", ""),
    (_HF_CLIP_BLOCK + r"layer_norm([12])\.(\w+)", r"blocks.\1.norm\2.\3"),
    (_HF_CLIP_BLOCK + r"self_attn\.([qkv])_proj\.(\w+)", r"blocks.\1.attn.\2.\3"),
    (_HF_CLIP_BLOCK + r"self_attn\.out_proj\.(\w+)", r"blocks.\1.attn.proj.\2"),
    (_HF_CLIP_BLOCK + r"mlp\.(fc[12])\.(\w+)", r"blocks.\1.mlp.\2.\3"),
    (r"pre_layrnorm\.(\w+)", r"norm_pre.\1"),  # the misspelling is the library's
    (r"post_layernorm\.(\w+)", r"norm.\1"),
    (r"head\.probe", "attn_pool.latent"),
    (r"head\.attention\.in_proj_(\w+)", r"attn_pool.qkv.\1"),
    (r"head\.attention\.out_proj\.(\w+)", r"attn_pool.proj.\1"),
    (r"head\.layernorm\.(\w+)", r"attn_pool.norm.\1"),
    (r"head\.mlp\.(fc[12])\.(\w+)", r"attn_pool.mlp.\1.\2"),
)
_OPEN_CLIP_BLOCK: Final = r"transformer\.resblocks\.(\d+)\."
_OPEN_CLIP: Final[Rules] = (
    (r"class_embedding", "cls_token"),
    (r"positional_embedding", "pos_embed"),
    (r"conv1\.(\w+)", r"patch_embed.proj.\1"),
    (r"ln_pre\.(\w+)", r"norm_pre.\1"),
    (r"ln_post\.(\w+)", r"norm.\1"),
    (_OPEN_CLIP_BLOCK + r"ln_([12])\.(\w+)", r"blocks.\1.norm\2.\3"),
    (_OPEN_CLIP_BLOCK + r"attn\.in_proj_(\w+)", r"blocks.\1.attn.qkv.\2"),
    (_OPEN_CLIP_BLOCK + r"attn\.out_proj\.(\w+)", r"blocks.\1.attn.proj.\2"),
    (_OPEN_CLIP_BLOCK + r"mlp\.c_fc\.(\w+)", r"blocks.\1.mlp.fc1.\2"),
    (_OPEN_CLIP_BLOCK + r"mlp\.c_proj\.(\w+)", r"blocks.\1.mlp.fc2.\2"),
    (r"proj", ""),  # to the space that pictures share with text
)
_TV_VIT_BLOCK: Final = r"encoder\.layers\.encoder_layer_(\d+)\."
_TV_VIT: Final[Rules] = (
    (r"class_token", "cls_token"),
    (r"conv_proj\.(\w+)", r"patch_embed.proj.\1"),
    (r"encoder\.pos_embedding", "pos_embed"),
    (_TV_VIT_BLOCK + r"ln_([12])\.(\w+)", r"blocks.\1.norm\2.\3"),
    (_TV_VIT_BLOCK + r"self_attention\.in_proj_(\w+)", r"blocks.\1.attn.qkv.\2"),
    (_TV_VIT_BLOCK + r"self_attention\.out_proj\.(\w+)", r"blocks.\1.attn.proj.\2"),
    (_TV_VIT_BLOCK + r"mlp\.(?:0|linear_1)\.(\w+)", r"blocks.\1.mlp.fc1.\2"),
    (_TV_VIT_BLOCK + r"mlp\.(?:3|linear_2)\.(\w+)", r"blocks.\1.mlp.fc2.\2"),
    (r"encoder\.ln\.(\w+)", r"norm.\1"),
    (r"heads\.(?:\w+\.)?(weight|bias)", r"head.\1"),
)
# torchvision numbers stem, stages and the steps between them through: stage s is 2s + 1, the step before it 2s.
_TV_CONVNEXT: Final[Rules] = (
    (r"features\.0\.([01])\.(\w+)", r"stem.\1.\2"),
    (r"features\.([2468])\.([01])\.(\w+)", r"stages.<\1>.downsample.\2.\3"),
    (r"features\.([1357])\.(\d+)\.block\.0\.(\w+)", r"stages.<\1>.blocks.\2.conv_dw.\3"),
    (r"features\.([1357])\.(\d+)\.block\.2\.(\w+)", r"stages.<\1>.blocks.\2.norm.\3"),
    (r"features\.([1357])\.(\d+)\.block\.3\.(\w+)", r"stages.<\1>.blocks.\2.mlp.fc1.\3"),
    (r"features\.([1357])\.(\d+)\.block\.5\.(\w+)", r"stages.<\1>.blocks.\2.mlp.fc2.\3"),
    (r"features\.([1357])\.(\d+)\.layer_scale", r"stages.<\1>.blocks.\2.gamma"),
    (r"classifier\.0\.(\w+)", r"head.norm.\1"),
    (r"classifier\.2\.(\w+)", r"head.fc.\1"),
)
_TV_SWIN: Final[Rules] = (
    (r"features\.0\.0\.(\w+)", r"patch_embed.proj.\1"),
    (r"features\.0\.2\.(\w+)", r"patch_embed.norm.\1"),
    (r"features\.([2468])\.(norm|reduction)\.(\w+)", r"layers.<\1>.downsample.\2.\3"),
    (r".*relative_position_index", ""),
    (r"features\.([1357])\.(\d+)\.mlp\.0\.(\w+)", r"layers.<\1>.blocks.\2.mlp.fc1.\3"),
    (r"features\.([1357])\.(\d+)\.mlp\.3\.(\w+)", r"layers.<\1>.blocks.\2.mlp.fc2.\3"),
    (r"features\.([1357])\.(\d+)\.(.+)", r"layers.<\1>.blocks.\2.\3"),
    (r"norm\.(\w+)", r"norm.\1"),
    (r"head\.(\w+)", r"head.fc.\1"),
)
_TV_REGNET_BLOCK: Final = r"trunk_output\.block(\d)\.block\d-(\d+)\."
_TV_REGNET: Final[Rules] = (
    (r"stem\.0\.(\w+)", r"stem.conv.\1"),
    (r"stem\.1\.(\w+)", r"stem.bn.\1"),
    (_TV_REGNET_BLOCK + r"proj\.0\.(\w+)", r"s\1.b{\2}.downsample.conv.\3"),
    (_TV_REGNET_BLOCK + r"proj\.1\.(\w+)", r"s\1.b{\2}.downsample.bn.\3"),
    *(
        (rf"{_TV_REGNET_BLOCK}f\.{theirs}\.{k}\.(\w+)", rf"s\1.b{{\2}}.{ours}.{part}.\3")
        for theirs, ours in (("a", "conv1"), ("b", "conv2"), ("c", "conv3"))
        for k, part in ((0, "conv"), (1, "bn"))
    ),
    (_TV_REGNET_BLOCK + r"f\.se\.(fc[12])\.(\w+)", r"s\1.b{\2}.se.\3.\4"),
    (r"fc\.(\w+)", r"head.fc.\1"),
)
_OLD_DENSENET: Final[Rules] = (  # torchvision's published files, from before its modules were renamed
    (r"(.*denselayer\d+\.(?:norm|conv))\.([12]\..+)", r"\1\2"),
    (r"(features\..+|classifier\.\w+)", r"\1"),
)
_NOT_TF: Final = ("^(?!tf_)", "the same name without tf_, which pads differently")
_TF: Final = ("^tf_", "the name in timm that begins with tf_, such as tf_efficientnet_b0")

TIMM: Final = Layout("timm", "")  # its anchor is the first tensor of the network
LAYOUTS: Final[Sequence[Layout]] = (
    Layout("Hugging Face ViT, DINOv2 or BEiT", "embeddings.patch_embeddings.projection.weight", _HF_VIT),
    Layout("Hugging Face DINOv3", "embeddings.patch_embeddings.weight", _HF_VIT, IMAGENET, pooling="token"),
    Layout("Hugging Face CLIP", "embeddings.class_embedding", _HF_CLIP, CLIP, "clip", "one with clip in its name"),
    Layout("Hugging Face SigLIP", "embeddings.patch_embedding.weight", _HF_CLIP, HALF),
    Layout("open_clip", "class_embedding", _OPEN_CLIP, CLIP, "clip", "one with clip in its name"),
    Layout("torchvision ViT", "conv_proj.weight", _TV_VIT, IMAGENET),
    Layout("torchvision ConvNeXt", "features.1.0.layer_scale", _TV_CONVNEXT, IMAGENET),
    Layout("torchvision Swin", "features.1.0.attn.relative_position_bias_table", _TV_SWIN, IMAGENET),
    Layout("torchvision RegNet", "trunk_output.block1.block1-0.f.a.0.weight", _TV_REGNET, IMAGENET),
    Layout("torchvision DenseNet", "features.denseblock1.denselayer1.norm.1.weight", _OLD_DENSENET, IMAGENET),
    Layout("torchvision EfficientNet", "features.1.0.block.0.0.weight", (), IMAGENET, *_NOT_TF, in_order),
    Layout("torchvision MobileNetV2", "features.1.conv.0.0.weight", (), IMAGENET, *_NOT_TF, in_order),
    Layout("torchvision MobileNetV3", "features.1.block.0.0.weight", (), IMAGENET, *_NOT_TF, in_order),
    Layout("efficientnet_pytorch", "_conv_stem.weight", (), IMAGENET, *_TF, timm_names),
    Layout("CAE, BEiT or PanDerm", "blocks.0.attn.q_bias", (), IMAGENET),
    Layout("the model's authors", "patch_embed.proj.weight"),
    Layout("the model's authors", "downsample_layers.0.0.weight"),
)
