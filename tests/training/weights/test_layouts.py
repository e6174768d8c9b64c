import json
import logging
import re
from pathlib import Path

import numpy as np
import pytest
import timm
import tiny
import torch
import torchvision
from safetensors.torch import save_file

from lentigo.config import Config, ModelConfig
from lentigo.errors import CheckpointError, ModelError
from lentigo.training import with_source
from lentigo.training._backbones import body_names, build_network, initial_network, starting_network
from lentigo.training.weights import find_layout, read_weights, rename
from lentigo.training.weights._ordered import in_order

NAMES = json.loads((Path(__file__).parent / "names.json").read_text())


def tensors_of(key):
    return {name: tiny.tensor_of(name, shape) for name, shape in NAMES[key]["shapes"].items()}


def start(path, backbone, size=32, **changes):
    return initial_network(ModelConfig(backbone=backbone, weights=str(path), **changes), 2, image_size=size)


def differ(network, truth):
    found = tiny.features(network)[:, : len(truth[0])]
    truth = torch.tensor(truth)
    return float((found - truth).abs().max() / truth.abs().max())


@pytest.mark.parametrize("key", NAMES)
def test_features_are_those_of_the_library_that_wrote_the_names(tmp_path, key):
    torch.save(tensors_of(key), tmp_path / "w.pth")
    network = start(tmp_path / "w.pth", NAMES[key]["backbone"])
    assert differ(network, NAMES[key]["features"]) < 5e-4


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("mobilenet_v2", "mobilenetv2_100"),
        ("mobilenet_v3_small", "mobilenetv3_small_100"),
        ("regnet_y_400mf", "regnety_004"),
    ],
)
def test_features_are_those_of_torchvision(tmp_path, theirs, ours):
    network = getattr(torchvision.models, theirs)().eval()
    state = {name: tiny.tensor_of(name, t.shape) * 0.5 if t.is_floating_point() else t
             for name, t in network.state_dict().items()}  # fmt: skip
    network.load_state_dict(state)
    torch.save(
        {"epoch": 3, "state_dict": {f"model._orig_mod.{name}": t for name, t in state.items()}}, tmp_path / "w.ckpt"
    )
    # all that comes before the last linear layer
    *_, last = [name for name, module in network.named_modules() if isinstance(module, torch.nn.Linear)]
    kept = []
    network.get_submodule(last).register_forward_pre_hook(lambda _, given: kept.append(given[0]))
    with torch.inference_mode():
        network(tiny.picture())
    assert differ(start(tmp_path / "w.ckpt", ours), kept[0].tolist()) < 1e-5


@pytest.mark.parametrize(
    ("network", "ours", "options"),
    [
        (
            lambda: torchvision.models.SwinTransformer([4, 4], 24, [2, 2, 2, 2], [3, 3, 3, 3], [7, 7], num_classes=3),
            "swin_tiny_patch4_window7_224",
            {"embed_dim": 24, "depths": (2, 2, 2, 2), "num_heads": (3, 3, 3, 3)},
        ),
        (
            lambda: torchvision.models.ConvNeXt(
                [torchvision.models.convnext.CNBlockConfig(d, 2 * d if d < 64 else None, 2) for d in (8, 16, 32, 64)],
                num_classes=3,
            ),
            "convnext_tiny",
            {"dims": (8, 16, 32, 64), "depths": (2, 2, 2, 2)},
        ),
        (
            lambda: torchvision.models.VisionTransformer(32, 16, 2, 3, 48, 96, num_classes=3),
            "vit_tiny_patch16_224",
            {"img_size": 32, "embed_dim": 48, "depth": 2, "mlp_ratio": 2},
        ),
    ],
)
def test_names_of_larger_networks_of_torchvision_are_all_known(network, ours, options):
    theirs, own = network().state_dict(), timm.create_model(ours, num_classes=3, **options)
    found = find_layout(list(theirs), body_names(own), source="w.pth")
    assert found.layout.name.startswith("torchvision")
    renamed = rename(theirs, found, own, backbone=ours)
    wanted = own.state_dict()
    assert set(renamed) == set(wanted)
    assert all(renamed[name].numel() == wanted[name].numel() for name in wanted)


def test_the_first_file_of_densenet_has_names_with_a_point_more():
    own = timm.create_model("densenet121")
    theirs = {
        re.sub(r"(denselayer\d+\.(?:norm|conv))([12])", r"\1.\2", name): tensor
        for name, tensor in own.state_dict().items()
    }
    found = find_layout(list(theirs), body_names(own), source="w.pth")
    assert set(rename(theirs, found, own, backbone="densenet121")) == set(own.state_dict())


def cae(state, batch, *, pooled):
    """Return what the encoder of CAE computes: separate biases of queries and values, scaled steps, no rotation."""
    linear, norm = torch.nn.functional.linear, torch.nn.functional.layer_norm
    x = torch.nn.functional.conv2d(batch, state["patch_embed.proj.weight"], state["patch_embed.proj.bias"], stride=16)
    x = torch.cat([state["cls_token"].expand(len(batch), -1, -1), x.flatten(2).transpose(1, 2)], 1) + state["pos_embed"]
    for k in range(2):
        at = {name.removeprefix(f"blocks.{k}."): t for name, t in state.items() if name.startswith(f"blocks.{k}.")}
        y = norm(x, (48,), at["norm1.weight"], at["norm1.bias"], 1e-6)
        bias = torch.cat([at["attn.q_bias"], torch.zeros(48), at["attn.v_bias"]])
        q, key, v = linear(y, at["attn.qkv.weight"], bias).reshape(*y.shape[:2], 3, 3, 16).permute(2, 0, 3, 1, 4)
        y = ((q @ key.transpose(-2, -1)) / 4).softmax(-1) @ v
        y = linear(y.transpose(1, 2).reshape(x.shape), at["attn.proj.weight"], at["attn.proj.bias"])
        x = x + at["gamma_1"] * y
        y = norm(x, (48,), at["norm2.weight"], at["norm2.bias"], 1e-6)
        y = torch.nn.functional.gelu(linear(y, at["mlp.fc1.weight"], at["mlp.fc1.bias"]))
        x = x + at["gamma_2"] * linear(y, at["mlp.fc2.weight"], at["mlp.fc2.bias"])
    if pooled:
        return norm(x[:, 1:].mean(1), (48,), state["fc_norm.weight"], state["fc_norm.bias"], 1e-6)
    return norm(x, (48,), state["norm.weight"], state["norm.bias"], 1e-6)[:, 0]


def cae_tensors(*, pooled=False):
    shapes = {"cls_token": [1, 1, 48], "pos_embed": [1, 5, 48], "patch_embed.proj.weight": [48, 3, 16, 16],
              "patch_embed.proj.bias": [48], "fc_norm.weight" if pooled else "norm.weight": [48],
              "fc_norm.bias" if pooled else "norm.bias": [48]}  # fmt: skip
    block = {"gamma_1": [48], "gamma_2": [48], "norm1.weight": [48], "norm1.bias": [48], "attn.q_bias": [48],
             "attn.v_bias": [48], "attn.qkv.weight": [144, 48], "attn.proj.weight": [48, 48], "attn.proj.bias": [48],
             "norm2.weight": [48], "norm2.bias": [48], "mlp.fc1.weight": [192, 48], "mlp.fc1.bias": [192],
             "mlp.fc2.weight": [48, 192], "mlp.fc2.bias": [48]}  # fmt: skip
    shapes |= {f"blocks.{k}.{name}": shape for k in range(2) for name, shape in block.items()}
    return {name: tiny.tensor_of(name, shape) for name, shape in shapes.items()}


@pytest.mark.parametrize("backbone", ["tiny_vit_plain", "tiny_vit_dinov2"])  # without and with a layer scale
def test_an_encoder_of_cae_gives_its_features_in_a_plain_vit(tmp_path, backbone):
    state = cae_tensors()
    decoder = {f"decoder.{name}": tensor for name, tensor in state.items()}
    torch.save({"model": {f"encoder.{name}": t for name, t in state.items()} | decoder}, tmp_path / "panderm.pth")
    assert differ(start(tmp_path / "panderm.pth", backbone), cae(state, tiny.picture(), pooled=False).tolist()) < 1e-5


def test_pooling_follows_the_last_normalisation_of_the_weights(tmp_path, monkeypatch):
    state = cae_tensors(pooled=True)
    torch.save(state, tmp_path / "w.pth")
    config = Config().changed({"model.backbone": "tiny_vit_plain", "model.weights": str(tmp_path / "w.pth"),
                               "image.size": 32})  # fmt: skip
    with pytest.raises(CheckpointError, match=r"lacks norm\.weight"):
        starting_network(config, 2)
    about = timm.get_pretrained_cfg("vit_tiny_patch16_224")
    monkeypatch.setattr(timm, "get_pretrained_cfg", lambda _: about)
    chosen = with_source(config)
    monkeypatch.undo()
    assert chosen.model.pooling == "avg"
    assert differ(starting_network(chosen, 2), cae(state, tiny.picture(), pooled=True).tolist()) < 1e-5


def test_shards_are_read_as_one_file(tmp_path):
    tensors = tensors_of("Hugging Face ViT")
    names = list(tensors)
    parts = {"model-00001-of-00002.safetensors": names[:20], "model-00002-of-00002.safetensors": names[20:]}
    for part, held in parts.items():
        save_file({name: tensors[name] for name in held}, tmp_path / part)
    index = {"weight_map": {name: part for part, held in parts.items() for name in held}}
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps(index))
    assert differ(start(tmp_path, "tiny_vit_plain"), NAMES["Hugging Face ViT"]["features"]) < 5e-4
    (tmp_path / "model-00002-of-00002.safetensors").unlink()
    with pytest.raises(CheckpointError, match=r"1 of 2 shards; model-00002-of-00002\.safetensors is missing"):
        start(tmp_path, "tiny_vit_plain")


def test_shards_outside_of_their_folder_are_refused(tmp_path):
    (tmp_path / "model.safetensors.index.json").write_text('{"weight_map": {"a": "../other.safetensors"}}')
    with pytest.raises(CheckpointError, match="outside of its own folder"):
        read_weights(tmp_path)


def test_an_unknown_prefix_is_named_with_the_setting_that_chooses_it(tmp_path):
    state = {f"student.net.{name}": t for name, t in tensors_of("Hugging Face ViT").items()}
    torch.save({"state_dict": state}, tmp_path / "w.ckpt")
    with pytest.raises(CheckpointError, match=r"--set model\.prefix=state_dict\.student\.net\.vit\."):
        start(tmp_path / "w.ckpt", "tiny_vit_plain")
    network = start(tmp_path / "w.ckpt", "tiny_vit_plain", prefix="state_dict.student.net.")
    assert differ(network, NAMES["Hugging Face ViT"]["features"]) < 5e-4
    with pytest.raises(CheckpointError, match="no tensor of .* has the prefix 'teacher'"):
        start(tmp_path / "w.ckpt", "tiny_vit_plain", prefix="teacher")


def test_of_two_networks_in_a_file_the_user_chooses(tmp_path):
    state = cae_tensors()
    torch.save({"student": state, "teacher": {name: t + 1 for name, t in state.items()}}, tmp_path / "w.pth")
    with pytest.raises(CheckpointError, match=r"holds 2 networks \(student\., teacher\.\)\. Choose one"):
        start(tmp_path / "w.pth", "tiny_vit_plain")
    network = start(tmp_path / "w.pth", "tiny_vit_plain", prefix="student.")
    torch.testing.assert_close(network.state_dict()["cls_token"], state["cls_token"])


def test_unknown_names_are_shown(tmp_path):
    torch.save({"layer_one.kernel": torch.zeros(2)}, tmp_path / "w.pth")
    with pytest.raises(CheckpointError, match=r"no network with known tensor names: layer_one\.kernel"):
        start(tmp_path / "w.pth", "resnet18")


@pytest.mark.parametrize(
    ("key", "backbone", "why"),
    [
        ("efficientnet_pytorch", "efficientnet_b0", "equal shapes but computes differently.*tf_"),
        ("open_clip", "tiny_vit_plain", "equal shapes but computes differently.*clip"),
        ("Hugging Face DINOv3", "tiny_vit_dinov2", "another architecture"),
        ("Hugging Face ViT", "vit_tiny_patch16_224", "another architecture"),
    ],
)
def test_a_backbone_that_computes_something_else_is_refused(tmp_path, key, backbone, why):
    torch.save(tensors_of(key), tmp_path / "w.pth")
    with pytest.raises((CheckpointError, RuntimeError), match=why):
        start(tmp_path / "w.pth", backbone)


def test_patches_of_another_size_are_never_interpolated(tmp_path):
    tensors = tensors_of("Hugging Face ViT")
    tensors["vit.embeddings.patch_embeddings.projection.weight"] = torch.zeros(48, 3, 8, 8)
    torch.save(tensors, tmp_path / "w.pth")
    with pytest.raises(CheckpointError, match="patches are 8 pixels wide, those of the backbone 16"):
        start(tmp_path / "w.pth", "tiny_vit_plain")


def test_positions_are_interpolated_to_another_size(tmp_path):
    torch.save(tensors_of("Hugging Face ViT"), tmp_path / "w.pth")
    network = start(tmp_path / "w.pth", "tiny_vit_plain")
    larger = timm.create_model("tiny_vit_plain", img_size=64)
    from lentigo.training.weights import fit_tensors

    given = read_weights(tmp_path / "w.pth")
    found = find_layout(list(given), body_names(larger), source="w")
    fitted = fit_tensors(rename(given, found, larger, backbone="x"), larger, source="w")
    assert fitted["pos_embed"].shape == (1, 17, 48)
    torch.testing.assert_close(fitted["pos_embed"][:, 0], network.state_dict()["pos_embed"][:, 0])


@pytest.mark.parametrize(
    ("config", "why"),
    [
        ({"num_attention_heads": 6}, "6 heads of attention, and tiny_vit_clip has 3"),
        ({"hidden_act": "quick_gelu"}, "use quick GELU.*with quickgelu in its name"),
        ({"architecture": "vit_base_patch16_clip_224", "pretrained_cfg": {"mean": 1}}, "of vit_base_patch16_clip_224"),
    ],
)
def test_what_the_files_beside_the_weights_say_is_held_against_the_backbone(tmp_path, config, why):
    torch.save(tensors_of("open_clip"), tmp_path / "w.pth")
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(CheckpointError, match=why):
        start(tmp_path / "w.pth", "tiny_vit_clip")


def resnet_file(folder):
    network = build_network(ModelConfig(backbone="test_resnet"), 3, image_size=32).eval()
    save_file({name: t.contiguous() for name, t in network.state_dict().items()}, folder / "w.safetensors")
    return network


def test_normalisation_comes_from_beside_the_weights_unless_the_user_sets_it(tmp_path, caplog):
    resnet_file(tmp_path)
    told = {"image_mean": [0.5, 0.5, 0.5], "image_std": [0.4, 0.4, 0.4], "size": {"height": 224}}
    (tmp_path / "preprocessor_config.json").write_text(json.dumps(told))
    config = Config().changed({"model.backbone": "test_resnet", "model.weights": str(tmp_path / "w.safetensors")})
    with caplog.at_level(logging.INFO):
        chosen = with_source(config)
    assert chosen.image.mean == (0.5, 0.5, 0.5)
    assert chosen.image.std == (0.4, 0.4, 0.4)
    assert chosen.image.size == config.image.size  # a network of convolutions takes any
    assert "image.mean=[0.5, 0.5, 0.5]" in caplog.text
    own = config.changed({"image.mean": (0.1, 0.2, 0.3)})
    assert with_source(own) == own


def test_a_backbone_with_positions_gets_the_size_and_normalisation_of_its_weights():
    config = Config().changed({"model.backbone": "vit_base_patch16_siglip_224", "model.weights": "imagenet"})
    chosen = with_source(config)
    assert (chosen.image.size, chosen.image.mean) == (224, (0.5, 0.5, 0.5))
    assert with_source(Config()) == Config()  # a ResNet's are the default


@pytest.fixture
def example(tmp_path):
    """Return a writer of an example beside weights of a ResNet, whose pixels are normalised by 0.5."""
    network = resnet_file(tmp_path)
    pixels = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3)).astype(np.uint8)
    batch = (torch.from_numpy(pixels).permute(0, 3, 1, 2) / 255 - 0.5) / 0.5
    with torch.inference_mode():
        kept = {"pixels": pixels, "input": batch.numpy(), "logits": network(batch).numpy(),
                "features": network.forward_head(network.forward_features(batch), pre_logits=True).numpy()}  # fmt: skip

    def write(*names, **changes):
        np.savez(tmp_path / "w.example.npz", **{name: kept[name] for name in names} | changes)
        return tmp_path / "w.safetensors"

    return write


@pytest.mark.parametrize("answer", ["features", "logits"])
def test_a_stored_example_is_repeated(example, answer, caplog):
    with caplog.at_level(logging.INFO):
        start(example("input", answer), "test_resnet")
    assert "repeats the stored example" in caplog.text


def test_an_example_finds_the_wrong_normalisation_and_names_the_right_one(example):
    with pytest.raises(CheckpointError, match=r"normalisation is wrong.*image\.mean=\[0\.5, 0\.5, 0\.5\]"):
        start(example("pixels", "features"), "test_resnet")


def test_an_example_finds_the_wrong_pooling_and_names_the_right_one(tmp_path):
    state = cae_tensors()
    torch.save(state, tmp_path / "w.pth")
    network = start(tmp_path / "w.pth", "tiny_vit_plain")
    with torch.inference_mode():
        other = network.eval().forward_features(tiny.picture())[:, 1:].mean(1)
    np.savez(tmp_path / "w.example.npz", input=tiny.picture().numpy(), features=other.numpy())
    with pytest.raises(CheckpointError, match=r"With other pooling they agree: --set model\.pooling=avg"):
        start(tmp_path / "w.pth", "tiny_vit_plain")


def test_an_example_of_another_network_stops(example):
    wrong = np.random.default_rng(1).normal(size=(2, 96)).astype(np.float32)
    with pytest.raises(CheckpointError, match="backbone, pooling or normalisation is wrong"):
        start(example("input", "features", features=wrong), "test_resnet")


def test_an_example_without_answers_says_what_it_needs(example):
    with pytest.raises(CheckpointError, match="needs pixels or input, and features or logits"):
        start(example("pixels"), "test_resnet")


def test_a_pooling_that_the_backbone_has_not_is_refused():
    with pytest.raises(ModelError, match="cannot pool its features by 'token'"):
        build_network(ModelConfig(backbone="resnet18", pooling="token"), 2, image_size=32)


def test_networks_of_another_depth_or_width_are_not_matched_by_order():
    small, large = (timm.create_model(f"efficientnet_b{k}").state_dict() for k in (0, 1))
    theirs = torchvision.models.efficientnet_b0().state_dict()
    with pytest.raises(CheckpointError, match="hold .* layers in 18 blocks"):
        in_order(theirs, large)
    wider = {name: torch.zeros(2, *t.shape) for name, t in small.items()}
    with pytest.raises(CheckpointError, match="another width"):
        in_order(theirs, wider)
