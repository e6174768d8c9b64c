import json

import numpy as np
import onnx
import pytest
import torch
from click.testing import CliRunner
from onnx import TensorProto, helper, numpy_helper
from safetensors.torch import save_file

from lentigo.cli import group
from lentigo.config import Config, ModelConfig
from lentigo.errors import CheckpointError, ConfigError, DataError, ModelError
from lentigo.model import open_model
from lentigo.model.decision import softmax
from lentigo.stages import OwnModel, export_own
from lentigo.training import with_source
from lentigo.training._backbones import build_network

CLASSES = ("malignant", "benign")  # the other order than lentigo's own
SMALL = Config().changed({"image.size": 32, "evaluate.n_resamples": 100})


class Redness(torch.nn.Module):
    """A model as a user may have it: a picture's mean colours through two layers, and softmax."""

    def __init__(self, *, is_last=False, n_classes=2):
        super().__init__()
        generator = torch.Generator().manual_seed(1)
        self.body, self.head, self.is_last = torch.nn.Linear(3, 5), torch.nn.Linear(5, n_classes), is_last
        for parameter in self.parameters():
            parameter.data = torch.randn(parameter.shape, generator=generator)

    def forward(self, batch):
        features = torch.relu(self.body(batch.mean((1, 2) if self.is_last else (2, 3))))
        return torch.softmax(self.head(features), 1)


def to_onnx(model, path, *, side=32, takes_log=False):
    """Write the model as another exporter might: constant weights, a batch of any size."""
    weights = [numpy_helper.from_array(t.numpy(), name) for name, t in model.state_dict().items()]
    axes, shape = ([1, 2], ["N", side, side, 3]) if model.is_last else ([2, 3], ["N", 3, side, side])
    nodes = [
        helper.make_node("ReduceMean", ["pixels"], ["mean"], axes=axes, keepdims=0),
        helper.make_node("Log" if takes_log else "Identity", ["mean"], ["colours"]),
        helper.make_node("Gemm", ["colours", "body.weight", "body.bias"], ["hidden"], transB=1),
        helper.make_node("Relu", ["hidden"], ["features"]),
        helper.make_node("Gemm", ["features", "head.weight", "head.bias"], ["scores"], transB=1),
        helper.make_node("Softmax", ["scores"], ["logits"], axis=1),
    ]
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, one)
            for name, one in (("pixels", shape), ("logits", ["N", 2]))]  # fmt: skip
    graph = helper.make_graph(nodes, "g", ends[:1], ends[1:], weights)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), path)
    return path


@pytest.fixture(scope="module")
def own_file(tmp_path_factory):
    return to_onnx(Redness(), tmp_path_factory.mktemp("own") / "redness.onnx")


def own(path, **changes):
    return OwnModel(**{"path": path, "classes": CLASSES, "normalisation": "half", **changes})


def test_an_onnx_file_becomes_a_bundle_that_answers_as_it_does(own_file, phantom, photo, tmp_path):
    bundle = export_own(own(own_file, licence="MIT"), phantom, tmp_path / "bundle", config=SMALL, n_references=20)
    record = open_model(tmp_path / "bundle").record
    assert record.classes == CLASSES
    assert record.parity.n_images >= 64
    assert record.parity.logits < 1e-5
    assert record.network.embedding_size == 5  # what the last layer reads
    assert record.references.n_cases == 20
    assert record.oddness is not None
    assert record.decision.operating_points
    assert "redness.onnx" in record.data["model file"]
    assert record.licence.is_commercial == "unknown"
    seen = bundle.look(photo)
    batch = (torch.from_numpy(seen.pixels.copy()).permute(2, 0, 1)[None] / 255 - 0.5) / 0.5
    with torch.inference_mode():
        truth = Redness()(batch).numpy()
    np.testing.assert_allclose(softmax(bundle.outputs(seen.pixels[None]).logits), truth, atol=1e-5)
    assert next(iter(bundle.predict([photo]))).decision in {"refer", "benign-looking", "cannot assess"}


def test_pictures_with_colours_last_and_half_storage_work_as_well(phantom, tmp_path):
    path = to_onnx(Redness(is_last=True), tmp_path / "last.onnx")
    bundle = export_own(own(path), phantom, tmp_path / "b", config=SMALL, n_references=0, storage="float16")
    assert bundle.record.references is None
    assert bundle.record.parity.decisions_changed == pytest.approx(0, abs=0.05)


def test_without_a_linear_layer_at_the_end_the_missing_parts_are_named(phantom, tmp_path, caplog):
    mean = helper.make_node("ReduceMean", ["x"], ["two"], axes=[2, 3], keepdims=0)
    cut = helper.make_node("Slice", ["two", "from", "to", "axis"], ["y"])
    graph = helper.make_graph(
        [mean, cut], "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 3, 32, 32])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N", 2])],
        [helper.make_tensor(name, TensorProto.INT64, [1], [k]) for name, k in (("from", 0), ("to", 2), ("axis", 1))],
    )  # fmt: skip
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), tmp_path / "m.onnx")
    bundle = export_own(own(tmp_path / "m.onnx"), phantom, tmp_path / "b", config=SMALL)
    assert (bundle.record.oddness, bundle.record.references) == (None, None)
    assert bundle.record.gate.limits
    assert "no embedding is found" in caplog.text
    assert "uses occlusion" in caplog.text


def test_weights_with_their_head_become_a_bundle(phantom, photo, tmp_path):
    network = build_network(ModelConfig(backbone="test_resnet"), 2, image_size=32).eval()
    save_file({f"model.{name}": t.contiguous() for name, t in network.state_dict().items()}, tmp_path / "w.safetensors")
    weights = own(tmp_path / "w.safetensors", backbone="test_resnet", normalisation="")
    bundle = export_own(weights, phantom, tmp_path / "b", config=SMALL, n_references=10)
    image = with_source(SMALL.changed({"model.backbone": "test_resnet", "model.weights": str(weights.path)})).image
    assert bundle.record.image.mean == image.mean == (0.5, 0.5, 0.5)  # of the backbone in timm
    seen = bundle.look(photo)
    with torch.inference_mode():
        truth = network((torch.from_numpy(seen.pixels.copy()).permute(2, 0, 1)[None] / 255 - 0.5) / 0.5).numpy()
    np.testing.assert_allclose(bundle.outputs(seen.pixels[None]).logits, truth, atol=1e-4)


@pytest.mark.parametrize(
    ("changes", "error", "why"),
    [
        ({"normalisation": ""}, ConfigError, "does not state how its pixels were normalised.*--normalise imagenet"),
        ({"normalisation": "0.5"}, ConfigError, "'0.5' is not a normalisation"),
        ({"classes": ("MEL", "NV", "BKL")}, ModelError, "has 2 outputs per image, and 3 classes are named"),
        ({"classes": ("MEL",)}, ConfigError, "two or more different ones are needed"),
        ({"classes": ("MEL", "NV")}, DataError, "images of .*, which --classes does not name"),
        ({"classes": ("benign", "melanomaa")}, DataError, "Did you mean"),
    ],
)
def test_what_does_not_fit_is_said(own_file, phantom, tmp_path, changes, error, why):
    with pytest.raises(error, match=why):
        export_own(own(own_file, **changes), phantom, tmp_path / "b", config=SMALL)
    assert not (tmp_path / "b").exists()


def test_another_size_than_the_graph_takes_is_refused(own_file, phantom, tmp_path):
    with pytest.raises(ConfigError, match=r"takes images of 32 px, but image\.size is 64"):
        export_own(own(own_file), phantom, tmp_path / "b", config=SMALL.changed({"image.size": 64}))


def graph_of(path, *, kind=TensorProto.FLOAT, shape=("N", 3, 32, 32)):
    nodes = [helper.make_node("Cast", ["x"], ["f"], to=TensorProto.FLOAT),
             helper.make_node("ReduceMean", ["f"], ["y"], axes=[2, 3], keepdims=0)]  # fmt: skip
    graph = helper.make_graph(nodes, "g", [helper.make_tensor_value_info("x", kind, shape)],
                              [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N", 3])])  # fmt: skip
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), path)
    return path


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"kind": TensorProto.UINT8}, "takes uint8 input; lentigo needs float32"),
        ({"shape": (1, 3, 32, 32)}, "takes exactly 1 image at once.*dynamic_axes"),
        ({"shape": ("N", 1, 32, 32)}, r"must be \(N, 3, S, S\) or \(N, S, S, 3\)"),
        ({"shape": ("N", 3, 32, 48)}, "32 x 48. Export it again with a square"),
    ],
)
def test_a_graph_with_another_input_is_refused(tmp_path, phantom, options, why):
    path = graph_of(tmp_path / "m.onnx", **options)
    with pytest.raises(ModelError, match=why):
        export_own(own(path, classes=("MEL", "NV", "BKL")), phantom, tmp_path / "b", config=SMALL)


def test_answers_that_are_not_numbers_are_refused(tmp_path, phantom):
    path = to_onnx(Redness(), tmp_path / "m.onnx", takes_log=True)  # of a negative mean
    with pytest.raises(ModelError, match=r"NaN or infinite values on \d+ of"):
        export_own(own(path, normalisation="1,1,1/1,1,1"), phantom, tmp_path / "b", config=SMALL)


def test_a_head_of_other_classes_or_none_is_refused(tmp_path, phantom):
    network = build_network(ModelConfig(backbone="test_resnet"), 3, image_size=32)
    tensors = {name: t.contiguous() for name, t in network.state_dict().items()}
    save_file(tensors, tmp_path / "w.safetensors")
    weights = own(tmp_path / "w.safetensors", backbone="test_resnet")
    with pytest.raises(CheckpointError, match="has 3 outputs, and 2 classes are named"):
        export_own(weights, phantom, tmp_path / "b", config=SMALL)
    save_file({name: t for name, t in tensors.items() if not name.startswith("fc")}, tmp_path / "w.safetensors")
    with pytest.raises(CheckpointError, match="holds no head that makes classes of 96 features"):
        export_own(weights, phantom, tmp_path / "b", config=SMALL)


def test_the_command_exports_a_model_and_refuses_its_options_for_runs(own_file, phantom, tmp_path):
    said = ["export", str(own_file), "--classes", "malignant,benign", "--val", str(phantom), "--normalise", "half",
            "--out", str(tmp_path / "b"),
            "--references", "0", "--set", "evaluate.n_resamples=100", "--json"]  # fmt: skip
    done = CliRunner().invoke(group, said)
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["classes"] == ["malignant", "benign"]
    wrong = CliRunner().invoke(group, ["export", "run", "--val", "x", "--out", str(tmp_path / "c")])
    assert "--val: only for one MODEL" in wrong.output
    assert "MODEL needs --classes and --val" in CliRunner().invoke(group, [*said[:2], *said[8:10]]).output
