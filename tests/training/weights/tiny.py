"""Small networks of timm under names of their own, and tensors that follow from a name alone.

`names.json` beside it holds, for each library, the names and shapes of a network as that library writes them, and the
features that the library computes from `tensor_of` of each name and `picture()`. It was written once, with
transformers 5.24, open_clip 3.3 and efficientnet_pytorch 0.7.1.
"""

import zlib
from functools import partial

import torch
from timm.models import beit, eva, register_model, vision_transformer

SMALL = {"img_size": 32, "patch_size": 16, "embed_dim": 48, "depth": 2, "num_heads": 3}


def tensor_of(name, shape):
    """Return numbers that differ from name to name: scales near one, variances above zero, all else small."""
    drawn = torch.randn(shape, generator=torch.Generator().manual_seed(zlib.crc32(name.encode())))
    if name.endswith("running_var"):
        return drawn.abs() + 0.5
    is_scale = len(shape) == 1 and name.endswith("weight")
    return 1 + 0.2 * drawn if is_scale else 0.2 * drawn


def picture(size=32):
    return torch.sin(torch.arange(2 * 3 * size * size).float() * 0.37).reshape(2, 3, size, size) * 2


def features(network):
    network.eval()
    with torch.inference_mode():
        return network.forward_head(network.forward_features(picture()), pre_logits=True)


def _vit(name, **options):
    def make(pretrained=False, **given):
        return vision_transformer._create_vision_transformer(name, pretrained=False, **{**SMALL, **options, **given})

    return _registered(name, make)


def _registered(name, make):
    make.__name__, make.__module__ = name, __name__
    globals()[name] = make
    return register_model(make)


_vit("tiny_vit_plain")
_vit("tiny_vit_dinov2", init_values=1e-5)
_vit("tiny_vit_reg_dinov2", init_values=1e-5, reg_tokens=4, no_embed_class=True)
_vit("tiny_vit_clip", pre_norm=True, act_layer="gelu")
_vit("tiny_vit_clip_quickgelu", pre_norm=True, act_layer="quick_gelu")
_vit("tiny_vit_siglip", class_token=False, global_pool="map", act_layer="gelu_tanh")


def _beit(pretrained=False, **given):
    return beit._create_beit("tiny_beit", pretrained=False, **{**SMALL, "use_rel_pos_bias": True,
                             "use_abs_pos_emb": False, "init_values": 0.1, **given})  # fmt: skip


def _eva(name, **options):
    def make(pretrained=False, **given):
        chosen = {
            **SMALL, "qkv_bias": True, "qkv_fused": True, "init_values": 1e-5, "rope_type": "dinov3",
            "rope_temperature": 100, "use_rot_pos_emb": True, "rope_rotate_half": True,
            "norm_layer": partial(torch.nn.LayerNorm, eps=1e-5), "use_abs_pos_emb": False, "num_reg_tokens": 4,
            "use_fc_norm": False, "global_pool": "token", "dynamic_img_size": True, **options, **given,
        }  # fmt: skip
        return eva._create_eva(name, pretrained=False, **chosen)

    return _registered(name, make)


_registered("tiny_beit", _beit)
_eva("tiny_dinov3")
_eva("tiny_dinov3_gated", swiglu_mlp=True, mlp_ratio=2)
