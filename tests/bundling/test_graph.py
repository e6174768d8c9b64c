import numpy as np
import pytest
import torch
from captum.attr import LayerGradCam

from lentigo.bundling._graph import BundleGraph, _unview, _view, has_map
from lentigo.bundling._onnx_file import halve, quantize, to_onnx
from lentigo.config import ImageConfig, ModelConfig
from lentigo.model._session import OnnxNetwork
from lentigo.training._backbones import build_network
from lentigo.training._classifier import _eight_views, normalize

SIZE = 64


def network(backbone="resnet18", size=SIZE, n_classes=3, seed=0):
    torch.manual_seed(seed)
    return build_network(ModelConfig(backbone=backbone, weights="none"), n_classes, image_size=size).eval()


def exported(graph, size=SIZE, views=1):
    about = {"classes": ["a", "b", "c"], "views": views, "size": size}
    with torch.inference_mode():
        found = graph(torch.zeros((1, size, size, 3), dtype=torch.uint8))
    shape = {"map_side": found[1].shape[-1] if graph.maps else 0, "embedding_size": found[-1].shape[1]}
    content = to_onnx(graph, size, about)
    return content, {**about, **shape}


def pixels(n=3, size=SIZE):
    return np.random.default_rng(n).integers(0, 256, (n, size, size, 3)).astype(np.uint8)


def test_the_views_are_those_of_the_classifier_and_can_be_undone():
    batch = torch.randn(2, 3, 6, 6)
    for index, expected in enumerate(_eight_views(batch)):
        assert torch.equal(_view(batch, index), expected)
        assert torch.equal(_unview(expected, index), batch)


def test_the_map_is_captum_s_grad_cam_but_for_its_scale():
    """Grad-CAM weighs features by the mean gradient, which for pooling + linear head is the head over the places."""
    net, batch = network(), torch.from_numpy(pixels(4))
    graph = BundleGraph([net], ImageConfig(size=SIZE), views=1, maps=True).eval()
    maps = graph(batch)[1].detach().numpy()
    inputs = normalize(batch.permute(0, 3, 1, 2).float() / 255, ImageConfig(size=SIZE))
    places = maps.shape[2] * maps.shape[3]
    for target in range(3):
        oracle = LayerGradCam(net, net.layer4).attribute(inputs, target=target, relu_attributions=True)
        found = np.maximum(maps[:, target], 0) / places
        np.testing.assert_allclose(found, oracle.detach().numpy()[:, 0], atol=1e-3 * float(oracle.detach().max()))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("backbone", "size", "maps"),
    [
        ("resnet18", 64, True),
        ("efficientnet_lite0", 64, True),
        ("convnext_atto", 64, False),
        ("vit_tiny_patch16_224", 224, False),
        ("mobilenetv3_small_050", 64, False),
    ],
)
@pytest.mark.parametrize("views", [1, 8])
def test_any_backbone_answers_under_onnxruntime_as_under_torch_for_any_batch(backbone, size, maps, views):
    net = network(backbone, size)
    assert has_map(net, size) is maps
    graph = BundleGraph([net], ImageConfig(size=size), views=views, maps=maps).eval()
    content, expected = exported(graph, size, views)
    session = OnnxNetwork.load(content, expected=expected, threads=1)
    for n in (1, 2, 5):
        with torch.inference_mode():
            truth = graph(torch.from_numpy(pixels(n, size)))
        found = session.run(pixels(n, size))
        for one, other in zip((found.logits, found.embedding), (truth[0], truth[-1]), strict=True):
            np.testing.assert_allclose(one, other, atol=2e-4 * max(1, float(other.abs().max())))
        assert (found.maps is None) is not maps


def test_an_ensemble_is_the_mean_of_its_members_logits():
    members = [network(seed=1), network(seed=2)]
    settings = ImageConfig(size=SIZE)
    graph = BundleGraph(members, settings, views=1, maps=True).eval()
    content, expected = exported(graph)
    found = OnnxNetwork.load(content, expected=expected, threads=1).run(pixels())
    inputs = normalize(torch.from_numpy(pixels()).permute(0, 3, 1, 2).float() / 255, settings)
    with torch.inference_mode():
        truth = np.mean([member(inputs).numpy() for member in members], axis=0)
    np.testing.assert_allclose(found.logits, truth, atol=1e-5)
    assert found.embedding.shape == (3, 1024)


def test_half_and_eight_bits_are_smaller_and_nearly_the_same():
    graph = BundleGraph([network()], ImageConfig(size=SIZE), views=1, maps=True).eval()
    content, expected = exported(graph)
    full = OnnxNetwork.load(content, expected=expected, threads=1).run(pixels(8)).logits
    half = halve(content)
    eight = quantize(content, [pixels(8)])
    assert len(half) < 0.55 * len(content)
    assert len(eight) < 0.35 * len(content)
    scale = float(np.abs(full).max())
    for small, tolerance in ((half, 2e-3), (eight, 0.1)):
        logits = OnnxNetwork.load(small, expected=expected, threads=1).run(pixels(8)).logits
        assert np.abs(logits - full).max() < tolerance * scale


def test_the_file_names_no_place_of_the_machine_it_was_made_on():
    graph = BundleGraph([network("test_resnet", 32)], ImageConfig(size=32), views=1, maps=True).eval()
    content, _ = exported(graph, 32)
    assert b"site-packages" not in content
    assert b".py" not in content
