import dataclasses
import json
import math
import os
import shutil
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from lentigo.config import ImageConfig
from lentigo.errors import ConfigError, DataError, ModelError
from lentigo.model import Model, kind_of, open_model
from lentigo.stages import predict

# What the first lentigo that wrote bundles said about three pictures of the known kind, to four digits.
OLD_ANSWERS = "answers.json"


def test_onnxruntime_writes_no_identifier_and_tells_nobody(bundle_folder, tmp_path):
    # Its wheels from 1.32 on do both by default: ~/.cache/Microsoft/DeveloperTools/.onnxruntime/deviceid
    code = f"from lentigo.model import Model, kind_of, open_model; open_model({str(bundle_folder)!r}, threads=1)"
    outside = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "ORT_"))}
    subprocess.run([sys.executable, "-c", code], check=True, env={**outside, "HOME": str(tmp_path)})
    assert [path.name for path in tmp_path.rglob("*") if "icrosoft" in str(path)] == []


@pytest.fixture(scope="module")
def bundle(bundle_folder):
    return open_model(bundle_folder)


@pytest.fixture
def photos(phantom):
    return sorted((phantom / "images").iterdir())


def pictures(folder):
    """Three pictures whose bytes do not depend on any version of a JPEG library."""
    y, x = np.mgrid[:64, :64]
    for number, radius in enumerate((8, 14, 22)):
        is_disc = (x - 32) ** 2 + (y - 32) ** 2 < radius**2
        colour = np.array([100 - 20 * number, 62, 50])
        picture = np.where(is_disc[..., None], colour, np.array([222, 172, 152])) + ((5 * x + 3 * y) % 7)[..., None]
        path = folder / f"{number}.png"
        Image.fromarray(picture.astype(np.uint8)).save(path)
        yield path


def test_a_bundle_of_the_first_version_still_gives_its_first_answers(bundle, bundle_folder, tmp_path):
    expected = json.loads((bundle_folder.parent / OLD_ANSWERS).read_text())
    said = list(bundle.predict(list(pictures(tmp_path))))
    np.testing.assert_allclose([answer.malignant for answer in said], expected["malignant"], atol=1e-4)
    assert [answer.decision for answer in said] == expected["decisions"]


def test_the_old_bundle_stays_small(bundle_folder):
    assert sum(path.stat().st_size for path in bundle_folder.iterdir()) < 200_000


def test_run_and_bundle_give_equal_numbers_through_the_same_stage(run, exported, photos, tmp_path):
    by_run = predict(run, photos[:40]).answers
    by_bundle = predict(exported, photos[:40]).answers
    for one, other in zip(by_run, by_bundle, strict=True):
        assert one.image == other.image
        assert list(one.probabilities) == list(other.probabilities)
        np.testing.assert_allclose(list(one.probabilities.values()), list(other.probabilities.values()), atol=1e-5)
        assert one.threshold == pytest.approx(other.threshold)
        assert other.reasons or one.decision == other.decision
    predict(exported, photos[:3], out=tmp_path / "p.csv")
    header, *rows = (tmp_path / "p.csv").read_text().splitlines()
    assert header.endswith("malignant_probability,threshold,decision,reasons,error")
    assert len(rows) == 3


def test_the_batch_an_image_is_in_does_not_matter(bundle, photos):
    together = [answer.malignant for answer in bundle.predict(photos[:11])]
    alone = [next(bundle.predict(photo)).malignant for photo in photos[:11]]
    np.testing.assert_allclose(together, alone, atol=1e-6)


def test_folders_tables_files_and_bytes_are_taken_alike(bundle, photos, tmp_path):
    shutil.copy(photos[0], tmp_path / "a.jpg")
    (tmp_path / "t.csv").write_text("path\na.jpg\n")
    said = [next(bundle.predict(given)) for given in (tmp_path, tmp_path / "t.csv", photos[0], photos[0].read_bytes())]
    assert [answer.image for answer in said] == ["a.jpg", "a.jpg", str(photos[0]), "image 1"]
    assert len({answer.malignant for answer in said}) == 1
    with pytest.raises(DataError, match="does not exist"):
        bundle.predict(tmp_path / "none.jpg")


def test_an_unreadable_file_gets_an_error_and_the_others_their_answers(bundle, photos, tmp_path):
    (tmp_path / "b.jpg").write_bytes(b"")
    first, bad, last = bundle.predict([photos[0], tmp_path / "b.jpg", photos[1]])
    assert "0 bytes" in bad.error
    assert bad.decision == "cannot assess"
    assert math.isnan(bad.malignant)
    assert first.error == last.error == ""


def test_images_are_taken_one_batch_after_the_other(bundle, photos, monkeypatch):
    decoded = []
    monkeypatch.setattr(Model, "look", lambda self, source, plain=Model.look: decoded.append(1) or plain(self, source))
    answers = bundle.answers([photos[0]] * 200)
    next(answers)
    assert len(decoded) <= 3 * bundle.batch_size


def test_prevalence_moves_probability_and_threshold_and_no_decision(bundle, photos):
    plain = list(bundle.predict(photos[:30]))
    rare = list(bundle.predict(photos[:30], prevalence=0.02))
    assert [answer.decision for answer in plain] == [answer.decision for answer in rare]
    for before, after in zip(plain, rare, strict=True):
        odds = before.malignant / (1 - before.malignant) * (0.02 / 0.98) / (0.35 / 0.65)  # Bayes by hand
        assert after.malignant == pytest.approx(odds / (1 + odds), rel=1e-6)
        assert (after.malignant >= after.threshold) == (before.malignant >= before.threshold)
    with pytest.raises(ConfigError, match="write 0.07"):
        bundle.predict(photos[0], prevalence=7)


def test_low_confidence_and_oddness_are_reasons_not_to_answer(bundle, photos):
    answers = list(bundle.predict(photos))
    band, limit = bundle.record.decision.low_confidence, bundle.record.oddness.limit
    for answer in answers:
        is_close = band.low < answer.malignant < band.high
        assert bool(answer.reasons) == (answer.decision == "cannot assess")
        if answer.oddness > limit:
            assert "unlike all training images" in answer.reasons
        elif is_close and len(answer.reasons) == 1:
            assert "too close" in answer.reasons[0] or "skin" in answer.reasons[0]
    assert {"refer", "benign-looking"} <= {answer.decision for answer in answers}


def test_a_folder_that_is_no_bundle_is_one_sentence(tmp_path):
    assert kind_of(tmp_path) is None
    with pytest.raises(ModelError, match=r"is not a model: it has neither bundle\.json nor config\.toml"):
        open_model(tmp_path)
    with pytest.raises(ModelError, match="does not exist. Give a run folder, a bundle folder, or 'lentigo'"):
        open_model(tmp_path / "none")


def test_a_single_image_needs_neither_torch_nor_pandas_nor_scipy(bundle_folder, photo):
    code = """
import sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("torch", "torchvision", "timm", "onnx", "safetensors", "pandas", "scipy", "sklearn"):
            raise ImportError(f"{name} must not be loaded")
sys.meta_path.insert(0, Refuse())
from lentigo.cli import main
sys.argv = ["lentigo", *sys.argv[1:]]
main()
"""
    for arguments in (["predict", bundle_folder, photo, "--json"], ["info", bundle_folder]):
        command = [sys.executable, "-c", code, *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
    done = subprocess.run([*command[:3], "predict", bundle_folder, photo, "--json"], capture_output=True, text=True)
    assert json.loads(done.stdout)[0]["decision"] in ("refer", "benign-looking", "cannot assess")


def test_an_exported_bundle_holds_the_scores_of_its_validation_images(exported):
    scores = open_model(exported).record.scores
    assert scores is not None
    assert sum(scores.shares) == pytest.approx(1)
    assert sum(scores.decisions.values()) == pytest.approx(1)
    assert scores.n_images > 10


def test_what_the_threshold_reached_is_said_of_test_where_it_is_known(exported):
    record = open_model(exported).record
    assert record.reached()["measured_on"] == "test"
    assert record.reached()["sensitivity"] == record.metrics["sensitivity at sensitivity_95"].json()
    unknown = dataclasses.replace(record, metrics={}).reached()
    assert unknown["measured_on"] == "validation"
    assert unknown["specificity"] == record.decision.operating_points[0].specificity.json()
    point = dataclasses.replace(record.decision.point, source="calibration")
    local = dataclasses.replace(
        record, metrics={}, decision=dataclasses.replace(record.decision, operating_points=(point,))
    )
    assert local.reached()["measured_on"] == "calibration"


def test_bundles_of_before_colour_profiles_keep_their_way_and_new_ones_record_theirs(bundle, exported):
    assert bundle.record.image.colour_profiles == "ignore"
    assert open_model(exported).record.image.colour_profiles == "srgb"
    assert json.loads((exported / "bundle.json").read_text())["image"]["colour_profiles"] == "srgb"


def test_one_limit_of_pixels_holds_for_runs_bundles_and_scores(run, exported, photos, tmp_path):
    from lentigo.service.http._pool import DecodePool
    from lentigo.service.http._settings import ServiceSettings
    from lentigo.service.scoring import score

    default, image = ImageConfig().max_pixels, open_model(exported).record.image
    assert image.max_pixels == default
    assert DecodePool(image, ServiceSettings()).image.max_pixels == default
    assert DecodePool(image, ServiceSettings(max_pixels=10**8)).image.max_pixels == 10**8
    for model in (run, exported):
        assert predict(model, photos[:2]).n_errors == 0
        refused = predict(model, photos[:2], max_pixels=256)
        assert (refused.n_images, refused.n_errors) == (2, 2)
        assert "more than the 256 allowed (--max-pixels" in refused.answers[0].error
    scored = score(exported, photos[0], tmp_path / "scores", workers=1, max_pixels=256)
    assert (scored.n_images, scored.n_errors) == (1, 1)
