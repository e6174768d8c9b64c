import dataclasses

import numpy as np

from lentigo import open_model
from lentigo.bundling import _reduced as reduced
from lentigo.bundling._card import render_bundle_card
from lentigo.bundling._network import ProvenNetwork
from lentigo.model import Computation, Outputs, ReducedPrecision


class Halved:
    """A network whose logits are wrong by a hundredth, and that counts what it is asked."""

    def __init__(self, said):
        self.said, self.n_asked = said, 0

    def run(self, pixels):
        here = slice(self.n_asked, self.n_asked + len(pixels))
        self.n_asked += len(pixels)
        return Outputs(self.said.logits[here] + [0, 0.01], None, self.said.embedding[here])


def proven(model, n_images):
    rng = np.random.default_rng(0)
    size = model.record.network.embedding_size
    said = Outputs(rng.normal(0, 3, (n_images, 2)), None, rng.normal(size=(n_images, size)).astype(np.float32))
    return ProvenNetwork(b"", model.network, model.record.network, model.record.parity, said)


def test_what_bfloat16_changes_is_measured_on_some_images_of_validation(bundle_folder, monkeypatch):
    model = open_model(bundle_folder, threads=1)
    network = proven(model, 300)
    rows = np.unique(np.linspace(0, 299, reduced.MOST_IMAGES).astype(int))
    fast = Halved(Outputs(network.said.logits[rows], None, network.said.embedding[rows]))
    monkeypatch.setattr(reduced, "find_spec", lambda name: object())
    monkeypatch.setattr(reduced, "multiplies_bfloat16", lambda: True)
    monkeypatch.setattr(reduced, "bfloat16_network", lambda *_: (fast, Computation("openvino", "bfloat16", "2026.4")))
    (found,) = reduced.measure_bfloat16(network, model, np.zeros((300, 1, 1, 3), np.uint8))
    assert (found.n_images, fast.n_asked) == (200, 200)
    assert abs(found.logits - 0.01) < 1e-9
    assert found.n_changed == 0 < found.n_again < 100


def test_where_it_cannot_be_measured_nothing_is_said(bundle_folder, monkeypatch):
    model = open_model(bundle_folder, threads=1)
    monkeypatch.setattr(reduced, "bfloat16_network", None)
    for is_installed, multiplies in ((False, True), (True, False), (True, None)):
        monkeypatch.setattr(reduced, "find_spec", lambda name, here=is_installed: object() if here else None)
        monkeypatch.setattr(reduced, "multiplies_bfloat16", lambda here=multiplies: here)
        assert reduced.measure_bfloat16(proven(model, 3), model, np.zeros((3, 1, 1, 3), np.uint8)) == ()


def test_the_card_counts_the_decisions_that_a_precision_changes(bundle_folder):
    record = open_model(bundle_folder, threads=1).record
    assert "Lower precision" not in render_bundle_card(record, 1)
    one = ReducedPrecision("openvino", "2026.4.1", "bfloat16", 200, 0.0668, 0.004, 12, 3, 0)
    card = render_bundle_card(dataclasses.replace(record, reduced=(one,)), 1)
    assert (
        "bfloat16 (openvino 2026.4.1), on 200 validation images: 0 decisions changed, 12 images near a border computed "
        "again in float32 (without that 3 would change); largest error of the malignant log-odds 0.067"
    ) in card
