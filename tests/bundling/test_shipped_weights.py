import pytest
import torch

from lentigo.config import ModelConfig
from lentigo.errors import CheckpointError
from lentigo.stages import export, train
from lentigo.training._backbones import build_network, initial_network
from lentigo.training._classifier import Classifier
from lentigo.training._shipped import shipped_weights, write_normalisations


def test_the_backbone_comes_back_out_of_a_bundle_as_it_went_in(phantom, tiny, tmp_path):
    config = tiny.changed({"model.backbone": "resnet18", "train.epochs": 1})  # as the shipped models are
    run = train(phantom, tmp_path / "run", config=config, with_pictures=False)
    network = Classifier.load(run.checkpoints(), device="cpu").network
    write_normalisations(network, tmp_path / "normalisations.safetensors")
    bundle = export(run.folder, tmp_path / "bundle", n_references=40).folder
    tensors = shipped_weights(bundle, tmp_path / "normalisations.safetensors")
    wanted = {name: tensor for name, tensor in network.state_dict().items() if not name.startswith("fc.")}
    assert tensors.keys() == wanted.keys()
    for name, tensor in wanted.items():
        torch.testing.assert_close(tensors[name], tensor, atol=1e-5, rtol=1e-4)


def test_files_that_do_not_fit_each_other_are_refused(exported, tmp_path):
    other = build_network(ModelConfig(backbone="resnet34", weights="none"), 2, image_size=32)
    write_normalisations(other, tmp_path / "other.safetensors")
    with pytest.raises(CheckpointError, match="other.safetensors belongs to another bundle"):
        shipped_weights(exported, tmp_path / "other.safetensors")
    with pytest.raises(CheckpointError, match="Install lentigo again"):
        shipped_weights(tmp_path, tmp_path / "none.safetensors")


def test_the_shipped_weights_are_of_one_backbone():
    config = ModelConfig(backbone="resnet34", weights="lentigo")
    with pytest.raises(CheckpointError, match="are of a resnet18, not of resnet34"):
        initial_network(config, 2, image_size=32)
