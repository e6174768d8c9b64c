import json
import shutil

import numpy as np
import pytest
import torch

from lentigo.config import ImageConfig, ModelConfig
from lentigo.errors import CheckpointError, ModelError
from lentigo.images import Preprocess
from lentigo.model.decision._probability_map import softmax
from lentigo.training._backbones import build_network
from lentigo.training._classifier import Classifier, choose_device, describe, to_input, write_checkpoint

IMAGE = ImageConfig(size=32)


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    torch.manual_seed(0)
    network = build_network(ModelConfig(), 2, image_size=32)
    folder = tmp_path_factory.mktemp("run") / "best"
    write_checkpoint(folder, {"model": network.state_dict()}, describe(("benign", "malignant"), "resnet18", IMAGE))
    return folder


def pixels(n=3):
    return np.random.default_rng(0).integers(0, 256, (n, 32, 32, 3)).astype(np.uint8)


def test_torch_normalises_exactly_as_the_preprocessing_does():
    expected = Preprocess(IMAGE).normalize(pixels())
    np.testing.assert_array_equal(to_input(torch.from_numpy(pixels()), IMAGE, torch.device("cpu")).numpy(), expected)


def test_probabilities_sum_to_one_and_do_not_depend_on_the_batch(checkpoint):
    classifier = Classifier.load(checkpoint, device="cpu")
    together = classifier.probabilities(pixels(5))
    alone = np.concatenate([classifier.probabilities(pixels(5)[i : i + 1]) for i in range(5)])
    np.testing.assert_allclose(together, alone, atol=1e-6)
    np.testing.assert_allclose(together.sum(axis=1), 1, atol=1e-12)


def test_eight_views_do_not_care_how_the_image_is_turned(checkpoint):
    classifier = Classifier.load(checkpoint, device="cpu", views=8)
    turned = np.ascontiguousarray(np.rot90(pixels(), 1, (1, 2))[:, ::-1])
    np.testing.assert_allclose(classifier.logits(pixels()), classifier.logits(turned), atol=1e-5)
    assert np.abs(Classifier.load(checkpoint, device="cpu").logits(pixels()) - classifier.logits(pixels())).max() > 1e-5


def test_softmax_keeps_the_smallest_probabilities():
    np.testing.assert_allclose(softmax(np.array([[0.0, 120.0]], np.float32))[0, 0], np.exp(-120), rtol=1e-6)


def test_an_altered_tensor_file_is_refused(checkpoint, tmp_path):
    folder = shutil.copytree(checkpoint, tmp_path / "copy")
    with (folder / "model.safetensors").open("r+b") as stream:
        stream.seek(-1, 2)
        stream.write(b"\x01")
    with pytest.raises(CheckpointError, match=r"model\.safetensors is missing or was altered"):
        Classifier.load(folder)


def test_an_unknown_version_and_an_incomplete_folder_are_refused(checkpoint, tmp_path):
    folder = shutil.copytree(checkpoint, tmp_path / "copy")
    about = json.loads((folder / "checkpoint.json").read_text())
    (folder / "checkpoint.json").write_text(json.dumps(about | {"schema_version": 99}))
    with pytest.raises(CheckpointError, match="schema_version 99"):
        Classifier.load(folder)
    (folder / "checkpoint.json").unlink()
    with pytest.raises(CheckpointError, match=r"checkpoint\.json does not exist"):
        Classifier.load(folder)


def test_a_device_that_is_not_there_is_named():
    with pytest.raises(ModelError, match=r"device 'nonsense' is not available.*train\.device=cpu"):
        choose_device("nonsense")
