"""An engine by name: what can be asked for, what is refused and how; no OpenVINO is needed."""

import dataclasses
import sys

import numpy as np
import pytest

from lentigo import open_model
from lentigo.errors import BundleError, ConfigError, MissingExtraError, ModelError
from lentigo.model import Outputs, multiplies_bfloat16
from lentigo.model import _openvino as openvino
from lentigo.model._bundle import BundleParts
from lentigo.model._computation import Computation, choose_precision
from lentigo.model._same_answers import LIMITS, differences, refuse_other_answers


def test_float32_is_what_is_computed_where_nobody_asks():
    assert choose_precision(None, runtime="openvino", offered=("float32", "bfloat16")) == "float32"
    assert choose_precision("bfloat16", runtime="openvino", offered=("float32", "bfloat16")) == "bfloat16"


@pytest.mark.parametrize(
    ("runtime", "wanted", "words"),
    [
        ("onnxruntime", "bfloat16", "onnxruntime computes in float32 only. Use --runtime openvino for bfloat16"),
        ("torch", "bfloat16", "a run is computed in float32. Export it, and use --runtime openvino"),
        ("onnxruntime", "int8", "int8 is not supported: .*docs/performance.md"),
        ("torch", "int8", "int8 is not supported"),
        ("onnxruntime", "bfloat61", "unknown precision 'bfloat61'. Did you mean 'bfloat16'[?]"),
    ],
)
def test_a_precision_that_is_not_offered_is_refused_with_what_is(runtime, wanted, words):
    with pytest.raises(ConfigError, match=words):
        choose_precision(wanted, runtime=runtime)


def test_a_model_says_what_computes_it(bundle_folder):
    model = open_model(bundle_folder, threads=1, precision="float32")
    assert (model.computation.runtime, model.computation.precision) == ("onnxruntime", "float32")
    described = model.describe()
    assert (described["runtime"], described["precision"]) == ("onnxruntime", "float32")
    assert described["runtime_version"] == model.computation.version != ""
    with pytest.raises(ConfigError, match="onnxruntime computes in float32 only"):
        open_model(bundle_folder, precision="bfloat16")


def test_a_run_is_computed_by_torch_and_names_the_export(run, bundle_folder, tmp_path):
    assert (open_model(run).computation.runtime, open_model(run).computation.precision) == ("torch", "float32")
    with pytest.raises(ConfigError, match=f"{run} is a run, which openvino cannot run. Export it first"):
        open_model(run, backend="openvino")
    with pytest.raises(ConfigError, match="is a bundle, which torch cannot run"):
        open_model(bundle_folder, backend="torch")
    with pytest.raises(ModelError, match="is not a model"):
        open_model(tmp_path, backend="openvino")


def test_a_missing_openvino_names_the_line_that_installs_it(bundle_folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "openvino", None)
    with pytest.raises(MissingExtraError, match=r"openvino is needed to compute with --runtime openvino.*\[openvino\]"):
        open_model(bundle_folder, backend="openvino")


def test_a_backend_that_knows_no_precision_is_not_handed_one(monkeypatch, bundle_folder):
    class Theirs:
        marker = "bundle.json"

        def open(self, folder, *, threads, spin, views):
            return "opened"

    monkeypatch.setattr("lentigo.model._opening._backend_named", lambda name: Theirs())
    assert open_model(bundle_folder, backend="theirs") == "opened"
    with pytest.raises(ConfigError, match="has a fixed precision"):
        open_model(bundle_folder, backend="theirs", precision="bfloat16")


class Core:
    """As much of OpenVINO as is asked before anything is compiled."""

    def __init__(self, *capabilities):
        self.capabilities = list(capabilities)

    def get_property(self, device, name):
        return self.capabilities


@pytest.mark.parametrize(
    ("capabilities", "multiplies", "is_refused"),
    [
        (("FP32", "BF16"), True, False),
        (("FP32", "BF16"), None, False),  # the system does not tell, OpenVINO does
        (("FP32",), None, True),
        (("FP32", "BF16"), False, True),  # it would be imitated, slower than float32
    ],
)
def test_a_processor_without_bfloat16_is_told(monkeypatch, capabilities, multiplies, is_refused):
    monkeypatch.setattr(openvino, "multiplies_bfloat16", lambda: multiplies)
    if is_refused:
        with pytest.raises(ConfigError, match="this processor has no bfloat16 arithmetic.*--precision float32"):
            openvino._refuse_without_bfloat16(Core(*capabilities))
    else:
        openvino._refuse_without_bfloat16(Core(*capabilities))


def test_bfloat16_is_known_by_the_flags_of_the_processor():
    assert multiplies_bfloat16(frozenset({"avx512f", "avx512_bf16"}))
    assert multiplies_bfloat16(frozenset({"asimd", "bf16"}))
    assert multiplies_bfloat16(frozenset({"avx512f", "avx512_vnni"})) is False


class Wrong:
    """A network that answers as another does, but for one thing."""

    def __init__(self, truth, **changes):
        self.truth, self.changes = truth, changes

    def run(self, pixels):
        said = self.truth.run(pixels)
        return dataclasses.replace(said, **{name: getattr(said, name) * scale for name, scale in self.changes.items()})


@pytest.mark.parametrize("what", ["logits", "maps", "embedding"])
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_another_answer_is_refused_at_opening_whatever_differs(bundle_folder, what, precision):
    parts = BundleParts.read(bundle_folder)
    truth, limit = parts.network(threads=1), LIMITS[precision]
    computation = Computation("openvino", precision, "2026.4")
    refuse_other_answers(Wrong(truth, **{what: 1 + limit / 4}), truth, parts, computation)
    with pytest.raises(BundleError, match=f"openvino 2026.4 in {precision} predicts differently from onnxruntime"):
        refuse_other_answers(Wrong(truth, **{what: 1 + 3 * limit}), truth, parts, computation)


def test_what_is_not_a_number_is_another_answer(bundle_folder):
    parts = BundleParts.read(bundle_folder)
    truth = parts.network(threads=1)
    with pytest.raises(BundleError, match="predicts differently"):
        refuse_other_answers(Wrong(truth, logits=np.nan), truth, parts, Computation("openvino", "bfloat16"))


def test_the_score_is_compared_as_well_as_the_embedding_it_follows_from(bundle_folder):
    parts = BundleParts.read(bundle_folder)
    rows = np.ones((1, parts.record.network.embedding_size), np.float32)
    said = [Outputs(np.ones((1, 2)), None, rows * scale) for scale in (1.0, 1.01)]
    found = differences(*said, parts.typical)
    assert set(found) == {"logits", "embedding", "the out-of-distribution score"}
    assert found["the out-of-distribution score"] > 0
