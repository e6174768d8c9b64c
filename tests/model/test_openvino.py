"""The bundle under OpenVINO itself; skipped where it is not installed."""

import os
import subprocess
import sys

import numpy as np
import pytest

from lentigo import open_model
from lentigo.errors import BundleError
from lentigo.model import OnnxNetwork, multiplies_bfloat16
from lentigo.model import _openvino as backend
from lentigo.model._cascade import Cascade

pytest.importorskip("openvino", reason="needs OpenVINO: pip install 'lentigo[openvino]'")
needs_bfloat16 = pytest.mark.skipif(not multiplies_bfloat16(), reason="this processor has no bfloat16 arithmetic")


@pytest.fixture(scope="module")
def photos(phantom):
    return sorted((phantom / "images").iterdir())[:8]


@pytest.fixture(scope="module")
def under_openvino(bundle_folder):
    return open_model(bundle_folder, backend="openvino", threads=1)


def test_float32_gives_the_answers_of_onnxruntime(bundle_folder, photos, under_openvino):
    assert under_openvino.computation.precision == "float32"
    said = list(under_openvino.predict(photos))
    for one, other in zip(said, open_model(bundle_folder, threads=1).predict(photos), strict=True):
        assert one.malignant == pytest.approx(other.malignant, abs=1e-5)
        assert (one.decision, one.reasons, one.runtime) == (other.decision, other.reasons, "openvino")
        assert one.oddness == pytest.approx(other.oddness, rel=1e-3, nan_ok=True)


def test_float32_is_told_to_openvino_and_no_core_is_taken(under_openvino):
    compiled = under_openvino.network.request.get_compiled_model()
    assert compiled.get_property("INFERENCE_PRECISION_HINT").to_string() == "f32"
    assert compiled.get_property("INFERENCE_NUM_THREADS") == 1
    assert compiled.get_property("ENABLE_CPU_PINNING") is False  # workers side by side know nothing of each other


@needs_bfloat16
def test_bfloat16_is_a_cascade_whose_decisions_are_those_of_float32(bundle_folder, photos, under_openvino):
    model = open_model(bundle_folder, backend="openvino", precision="bfloat16", threads=1)
    assert isinstance(model.network, Cascade)
    compiled = model.network.fast.request.get_compiled_model()
    assert compiled.get_property("INFERENCE_PRECISION_HINT").to_string() == "bf16"
    assert model.computation.json()["precision"] == "bfloat16"
    decisions = [[answer.decision for answer in asked.predict(photos)] for asked in (model, under_openvino)]
    assert decisions[0] == decisions[1]
    pixels = np.stack([model.look(photo).pixels for photo in photos])
    fast, exact = model.network.fast.run(pixels), model.network.exact.run(pixels)
    assert 0 < np.abs(fast.logits - exact.logits).max() < 0.1  # so bfloat16 it is


def test_outputs_of_an_earlier_call_stay_as_they_were(under_openvino, photos):
    pixels = np.stack([under_openvino.look(photo).pixels for photo in photos[:2]])
    first = under_openvino.network.run(pixels[:1])
    kept = first.logits.copy()
    under_openvino.network.run(pixels[1:])
    assert np.array_equal(first.logits, kept)


def test_a_wrong_answer_under_openvino_refuses_the_bundle(bundle_folder, monkeypatch):
    true_run = backend.OpenVinoNetwork.run

    def run(self, pixels):
        said = true_run(self, pixels)
        said.logits[:] += 1
        return said

    monkeypatch.setattr(backend.OpenVinoNetwork, "run", run)
    with pytest.raises(BundleError, match="openvino .* in float32 predicts differently from onnxruntime: logits"):
        open_model(bundle_folder, backend="openvino", threads=1)


def test_what_onnxruntime_refuses_never_reaches_openvino(bundle_folder, monkeypatch):
    def refuse(*_, **__):
        raise BundleError("model.onnx cannot be read by onnxruntime")

    monkeypatch.setattr(OnnxNetwork, "load", refuse)
    monkeypatch.setattr(backend.OpenVinoNetwork, "load", lambda *_, **__: pytest.fail("OpenVINO was asked"))
    with pytest.raises(BundleError, match="onnxruntime"):
        open_model(bundle_folder, backend="openvino")


def test_importing_openvino_tells_nobody_and_leaves_no_mark(tmp_path):
    program = (
        "import socket, sys\n"
        "socket.socket.connect = lambda *_: print('connected')\n"
        "from lentigo.model._openvino import import_openvino\n"
        "import_openvino()\n"
        "print(sorted(name for name in sys.modules if name.startswith('openvino_telemetry')))\n"
    )
    home = {"HOME": str(tmp_path), "USERPROFILE": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env={**os.environ, **home})
    assert (done.stdout.strip(), done.returncode) == ("[]", 0), done.stderr
    assert list(tmp_path.iterdir()) == []
