import dataclasses
import json

import numpy as np
import pytest

from lentigo.errors import BundleError, LentigoError
from lentigo.model import _opening as opening
from lentigo.model import open_model
from lentigo.model._explain import ACTIVATION, OCCLUSION, explain, map_of
from lentigo.model._outputs import Outputs
from lentigo.model._references import nearest
from lentigo.model._sanity import Sanity, sanity_of
from lentigo.model.decision import LowConfidenceBand, ProbabilityMap
from lentigo.stages import explain as explain_images


@pytest.fixture(scope="module")
def bundle(bundle_folder):
    return open_model(bundle_folder)


def test_the_mean_of_a_map_and_the_bias_make_the_logit(bundle, phantom):
    """Two pictures give the same bias, so the map holds all that tells them apart."""
    seen = [bundle.look(path) for path in sorted((phantom / "images").iterdir())[:4]]
    outputs = bundle.network.run(np.stack([one.pixels for one in seen]))
    bias = outputs.logits - outputs.maps.mean(axis=(2, 3))
    np.testing.assert_allclose(bias, np.broadcast_to(bias[0], bias.shape), atol=1e-5)


def test_an_explanation_names_class_method_sanity_and_similar_cases(bundle, photo):
    found = explain(bundle, bundle.look(photo), "photo")
    assert found.method == ACTIVATION
    assert found.target == found.answer.differential[0][0]
    assert found.map.shape == found.pixels.shape[:2]
    assert len(found.similar) == 5
    assert [case["similarity"] for case in found.similar] == sorted(
        (c["similarity"] for c in found.similar), reverse=True
    )
    assert 0 <= found.sanity.on_border <= 1
    assert set(found.json()) >= {"probabilities", "decision", "sanity", "similar_cases", "method"}


class SpotNetwork:
    """Says class 1 the more, the brighter one spot is; has no maps."""

    def run(self, pixels):
        level = pixels[:, 4:8, 20:24].mean(axis=(1, 2, 3)) / 50
        return Outputs(
            np.stack([-level, level], axis=1).astype(np.float32), None, np.zeros((len(pixels), 24), np.float32)
        )


def test_without_maps_occlusion_finds_the_part_that_matters(bundle):
    pixels = np.full((32, 32, 3), 40, np.uint8)
    pixels[4:8, 20:24] = 250
    network = SpotNetwork()
    spotted = dataclasses.replace(bundle, network=network)
    found, method = map_of(spotted, pixels, network.run(pixels[np.newaxis]), target=1)
    assert method == OCCLUSION
    row, column = np.unravel_index(found.argmax(), found.shape)
    assert 2 <= row < 10
    assert 18 <= column < 26
    assert abs(found[20:, :10]).max() < 0.01 * found.max()


class ThreeNetwork:
    """Says NV most, BCC less and MEL least; how much BCC, is the brightness of one spot; has a map of each class."""

    def run(self, pixels):
        n = len(pixels)
        bcc = np.log(0.1 + 0.3 * pixels[:, 4:8, 20:24].mean(axis=(1, 2, 3)) / 255)
        logits = np.stack([np.full(n, np.log(0.05)), np.full(n, np.log(0.5)), bcc], axis=1)
        maps = np.zeros((n, 3, 4, 4), np.float32)
        maps[:, 0, 3, 0], maps[:, 1, 2, 1], maps[:, 2, 0, 2] = 1, 1, 1
        return Outputs(logits.astype(np.float32), maps, np.zeros((n, 24), np.float32))


@pytest.fixture
def three(bundle):
    """A bundle of three classes, which judges every photograph."""
    record = dataclasses.replace(
        bundle.record,
        decision=dataclasses.replace(
            bundle.decision,
            classes=("MEL", "NV", "BCC"),
            malignant_classes=("MEL", "BCC"),
            low_confidence=None,
            probability_map=ProbabilityMap("temperature", temperature=1.0),
        ),
        gate=dataclasses.replace(bundle.record.gate, limits={}, rates={}, center=(), whitening=()),
        oddness=dataclasses.replace(bundle.record.oddness, limit=1e9),
    )
    return dataclasses.replace(bundle.with_record(record), network=ThreeNetwork())


def deciding(model, **changes):
    """The same bundle with another decision."""
    decision = dataclasses.replace(model.decision, **changes)
    return model.with_record(dataclasses.replace(model.record, decision=decision))


def explain_at(three, photo, threshold, **options):
    point = dataclasses.replace(three.decision.point, threshold=threshold)
    asked = deciding(three, operating_points=(point,))
    return explain(asked, asked.look(photo), "photo", **options)


def test_a_referral_is_explained_by_its_most_probable_malignant_class(three, photo):
    found = explain_at(three, photo, 0.2)
    assert found.answer.decision == "refer"
    assert found.answer.differential[0][0] == "NV"
    assert found.target == found.json()["explained_class"] == "BCC"
    row, column = np.unravel_index(found.map.argmax(), found.map.shape)
    assert row < 8
    assert 16 <= column < 24
    rare = explain_at(three, photo, 0.2, prevalence=0.01)  # shifts what is said, not what is decided
    assert (rare.answer.decision, rare.target) == ("refer", "BCC")


def test_the_sanity_of_a_referral_is_that_of_the_class_of_its_map(three, photo):
    """BCC is below 0.4 in any picture and NV above 0.5, so the mean over pictures tells which of them was followed."""
    found = explain_at(three, photo, 0.2)
    bcc = found.answer.probabilities["BCC"]
    assert bcc < 0.4 < 0.5 < found.answer.probabilities["NV"]
    assert 0.1 < found.sanity.deletion <= found.sanity.insertion < 0.45


def test_what_looks_benign_or_cannot_be_assessed_is_explained_by_the_most_probable_class(three, photo):
    assert explain_at(three, photo, 0.9).target == "NV"
    band = LowConfidenceBand(0.01, 0.99, 0.5)
    unsure = deciding(three, low_confidence=band)
    found = explain_at(unsure, photo, 0.2)
    assert (found.answer.decision, found.target) == ("cannot assess", "NV")


def test_a_true_map_scores_above_its_inverse():
    picture = np.full((64, 64, 3), 200, np.uint8)
    picture[24:40, 24:40] = 60
    share_dark = lambda batch: (batch < 100).all(axis=3).mean(axis=(1, 2)) / (256 / 4096)  # noqa: E731
    truth = (picture[..., 0] < 100).astype(float)
    good, bad = sanity_of(truth, picture, share_dark), sanity_of(-truth, picture, share_dark)
    assert good.score > 0.3 > -0.3 > bad.score
    assert good.in_lesion == pytest.approx(1)
    assert good.on_border == 0


NAN = float("nan")


@pytest.mark.parametrize(
    ("sanity", "why"),
    [
        (Sanity(0.549, 0.5, 0.7, 0.1), "changes the answer hardly more than covering anything else (score +0.05)."),
        (Sanity(0.4, 0.42, 0.7, 0.1), "(score -0.02)."),
        (Sanity(NAN, 0.42, 0.7, 0.1), "(score n/a)."),
        (Sanity(0.8, 0.3, 0.7, 0.51), "51% of it lies on the edge of the picture"),
        (Sanity(0.8, 0.3, 0.149, 0.1), "only 15% of it lies on the lesion."),
    ],
)
def test_a_map_that_should_not_be_relied_on_says_so_and_why(sanity, why):
    assert sanity.json()["is_doubtful"] is sanity.is_doubtful is True
    assert sanity.sentence().startswith("Do not rely on this map: ")
    assert why in sanity.sentence()


@pytest.mark.parametrize("sanity", [Sanity(0.55, 0.5, 0.15, 0.5), Sanity(0.8, 0.3, NAN, NAN)])
def test_a_map_at_the_limits_or_without_a_known_lesion_is_not_doubted(sanity):
    assert sanity.json()["is_doubtful"] is sanity.is_doubtful is False
    assert sanity.sentence().startswith("The answer does depend on what the map marks (score +0.")
    assert "nan" not in sanity.sentence()


def test_nearest_is_brute_force(bundle):
    rng = np.random.default_rng(0)
    asked, known = rng.normal(size=(7, 5)), rng.normal(size=(40, 5))
    known /= np.linalg.norm(known, axis=1, keepdims=True)
    rows, similarity = nearest(asked.astype(np.float32), known.astype(np.float32), 4)
    truth = asked / np.linalg.norm(asked, axis=1, keepdims=True) @ known.T
    np.testing.assert_array_equal(rows, np.argsort(-truth, axis=1)[:, :4])
    np.testing.assert_allclose(similarity, -np.sort(-truth, axis=1)[:, :4], atol=1e-6)


def test_explaining_writes_overlay_array_and_record_or_nothing(bundle_folder, photo, tmp_path):
    (tmp_path / "bad.jpg").write_bytes(b"")
    records = explain_images(bundle_folder, [photo, tmp_path / "bad.jpg"], tmp_path / "why")
    names = sorted(path.name for path in (tmp_path / "why").iterdir())
    assert names == [f"0001-{photo.stem}.npy", f"0001-{photo.stem}.png", "explanations.json"]
    assert np.load(tmp_path / "why" / names[0], allow_pickle=False).dtype == np.float32
    assert json.loads((tmp_path / "why" / "explanations.json").read_text())["images"][1]["overlay"] is None
    assert records[1]["error"]
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.docx").write_text("x")
    with pytest.raises(LentigoError, match=r"is not a folder of explanations, .*; it holds thesis\.docx"):
        explain_images(bundle_folder, [photo], tmp_path / "mine", force=True)


def test_the_written_record_of_a_referral_names_the_malignant_class(
    cautious, benign_but_referred, bundle_folder, tmp_path, monkeypatch
):
    monkeypatch.setattr(opening, "open_bundle", lambda folder, **_: cautious)
    (record,) = explain_images(bundle_folder, [benign_but_referred], tmp_path / "why")
    assert (record["decision"], record["explained_class"]) == ("refer", "malignant")
    written = json.loads((tmp_path / "why" / "explanations.json").read_text())["images"]
    assert written[0]["explained_class"] == "malignant"


def test_a_run_is_to_be_exported_first(run, photo, tmp_path):
    with pytest.raises(BundleError, match="lentigo export"):
        explain_images(run, [photo], tmp_path / "why")


def test_a_photograph_is_calibrated_once_beside_the_covered_pictures(three, photo, monkeypatch):
    rows = []
    plain = ProbabilityMap.of_logits
    monkeypatch.setattr(
        ProbabilityMap, "of_logits", lambda self, logits: (rows.append(len(logits)), plain(self, logits))[1]
    )
    explain_at(three, photo, 0.2)
    assert rows.count(1) == 1
