import numpy as np
import pandas as pd
import pytest

from lentigo.data.manifest import Manifest
from lentigo.data.sources import read_data
from lentigo.model.decision import Estimate
from lentigo.phantoms import draw_phantom
from lentigo.study.auditing._findings import ShortcutScore
from lentigo.study.auditing._shortcuts import measure_shortcuts, shortcut_findings
from lentigo.study.auditing._survey import Survey
from lentigo.study.auditing._survey import survey as take_survey

N = 200
IS_MALIGNANT = np.arange(N) % 2 == 0
GROUPS = np.array([f"lesion:{i // 2 % 60}-{i % 2}" for i in range(N)])


def survey(**columns):
    return survey_of(pd.DataFrame({"file_constant": np.ones(N), **columns}))


def survey_of(traits):
    n = len(traits)
    return Survey(
        thumbs=np.zeros((n, 8, 8, 3), np.uint8), traits=traits, quality=pd.DataFrame({"ita": np.arange(n) * 1.0}),
        problems={}, digests=("",) * n, pixel_digests=("",) * n,
    )  # fmt: skip


def manifest(**columns):
    table = pd.DataFrame({"image_id": [f"i{k:03}" for k in range(N)], "path": "/i"})
    target = np.where(IS_MALIGNANT, "MEL", "NV")
    return Manifest(table.assign(target=target, **columns), origin="memory")


def scores(traits, **columns):
    found = measure_shortcuts(survey(**traits), manifest(**columns), is_malignant=IS_MALIGNANT, groups=GROUPS)
    return {score.key: score for score in found}


def noise(seed):
    return np.random.default_rng(seed).normal(size=N)


def test_a_number_that_tells_the_class_is_found_and_noise_is_not():
    found = scores({"file_bytes": IS_MALIGNANT + noise(0) * 0.2, "ring_red_mean": noise(1)})
    assert found["file"].auroc.value > 0.97
    assert found["file"].strongest == "bytes"
    assert found["border"].auroc.low < 0.6
    assert list(found)[-1] == "all"
    assert found["all"].auroc.value > 0.95


def test_constant_and_absent_groups_and_skin_tone_are_left_out():
    assert set(scores({"file_bytes": noise(0)})) == {"file", "all"}


def test_a_source_that_goes_with_the_class_is_found_by_name():
    source = np.where(IS_MALIGNANT, "clinic a", "clinic b")
    clinical = {"sex": np.where(IS_MALIGNANT, "male", "female"), "age": np.where(IS_MALIGNANT, 70, 30)}
    found = scores({}, source=source, dx_type=np.where(IS_MALIGNANT, "histo", "follow_up"), **clinical)
    assert found["source"].n_features == found["all"].n_features == 2  # sex, age and dx_type are in no photograph
    assert found["source"].auroc.value == 1.0
    assert found["source"].strongest in ("source is clinic a", "source is clinic b")


def test_the_same_seed_gives_the_same_scores():
    traits = {"file_bytes": IS_MALIGNANT * 0.5 + noise(0)}
    assert scores(traits) == scores(traits)


def test_one_class_or_too_few_groups_give_no_scores():
    few = np.where(IS_MALIGNANT, "lesion:m", "lesion:b")
    assert measure_shortcuts(survey(ring_x=noise(0)), manifest(), is_malignant=IS_MALIGNANT, groups=few) == ()
    nobody = np.zeros(N, dtype=bool)
    assert measure_shortcuts(survey(ring_x=noise(0)), manifest(), is_malignant=nobody, groups=GROUPS) == ()


@pytest.mark.parametrize(
    ("key", "low", "level"),
    [("border", 0.86, "error"), ("border", 0.75, "warning"), ("border", 0.6, None), ("colour", 0.9, "warning")],
)
def test_the_lower_end_decides_the_level_and_numbers_with_the_lesion_in_them_are_no_error(key, low, level):
    findings = shortcut_findings([ShortcutScore("border ring", key, Estimate(low + 0.02, low, low + 0.04, n=9), 3)])
    assert [finding.level for finding in findings] == ([level] if level else [])


def test_all_together_is_no_finding_of_its_own():
    assert shortcut_findings([ShortcutScore("all of these", "all", Estimate(0.9, 0.89, 0.91, n=9), 3)]) == []


def test_a_perfect_shortcut_is_an_error_by_the_lower_end_of_its_interval():
    source = np.where(IS_MALIGNANT, "clinic a", "clinic b")
    (finding,) = shortcut_findings(scores({}, source=source).values())
    assert (finding.code, finding.level) == ("shortcut.source", "error")
    assert finding.title.endswith("AUROC 1.00 [0.96, 1.00].")
    assert "source is clinic" in finding.detail


@pytest.mark.parametrize(("n_malignant", "n_benign"), [(15, 400), (20, 20), (400, 15)])
def test_a_perfect_shortcut_of_a_rare_side_is_an_error_and_noise_is_none(n_malignant, n_benign):
    n = n_malignant + n_benign
    is_malignant = np.arange(n) < n_malignant
    ids = np.array([f"i{k:03}" for k in range(n)])
    table = pd.DataFrame({"image_id": ids, "path": "/i", "target": np.where(is_malignant, "MEL", "NV")})
    rows = Manifest(table.assign(source=np.where(is_malignant, "clinic a", "clinic b")), origin="memory")
    rng = np.random.default_rng(0)
    rings = pd.DataFrame({f"ring_{k}_mean": rng.normal(size=n) for k in ("red", "green", "blue")})
    measured = measure_shortcuts(survey_of(rings), rows, is_malignant=is_malignant, groups=ids)
    assert {score.key: score.auroc.value for score in measured}["source"] == 1.0
    assert [(f.code, f.level) for f in shortcut_findings(measured)] == [("shortcut.source", "error")]


def test_missing_values_and_rare_texts_tell_too():
    camera = np.where(IS_MALIGNANT, [f"camera {k}" for k in range(N)], "phone")
    found = scores({"file_camera": camera, "ring_red_mean": np.where(IS_MALIGNANT, np.nan, noise(0))})
    assert found["file"].auroc.value > 0.99
    assert found["file"].n_features == 20
    assert found["border"].auroc.value > 0.99


def test_of_very_many_images_whole_groups_are_taken_by_chance(monkeypatch):
    monkeypatch.setattr("lentigo.study.auditing._shortcuts.MOST_IMAGES", 120)
    found = scores({"file_bytes": IS_MALIGNANT + noise(0) * 0.2})
    assert 100 < found["file"].auroc.n <= 120
    assert found["file"].auroc.value > 0.9


@pytest.mark.parametrize(
    ("column", "words"),
    [
        ("ring_blue_mean", "mean blue of the ring"),
        ("ring_detail", "detail of the ring"),
        ("corner_range", "range of the corners"),
        ("colour_red_spread", "spread of red"),
        ("file_bytes_per_pixel", "bytes per pixel"),
        ("file_has_exif", "has exif"),
    ],
)
def test_the_strongest_number_is_named_as_one_says_it(column, words):
    found = scores({column: IS_MALIGNANT + noise(0) * 0.2})
    assert next(iter(found.values())).strongest == words


@pytest.mark.slow
@pytest.mark.parametrize("shortcut", [None, "filesize", "device", "border", "ruler", "ink"])
def test_what_is_wrong_with_a_phantom_set_is_found_and_nothing_else(shortcut, tmp_path):
    data = read_data(draw_phantom(tmp_path / "data", n_images=400, size=96, seed=1, shortcut=shortcut))
    is_malignant = data.table["target"].isin(["MEL", "BCC"]).to_numpy(dtype=bool)
    measured = measure_shortcuts(take_survey(data.paths), data, is_malignant=is_malignant, groups=data.groups()[0])
    codes = {finding.code for finding in shortcut_findings(measured)}
    expected = {"filesize": "file", "device": "source", "border": "border", "ruler": "artefacts", "ink": "artefacts"}
    assert f"shortcut.{expected[shortcut]}" in codes if shortcut else not codes


@pytest.mark.slow
@pytest.mark.real_data
def test_the_border_ring_of_the_original_set_tells_the_class(shared_data):
    data = read_data(shared_data / "isic-binary")
    rows = np.random.default_rng(0).choice(len(data), 1500, replace=False)
    data = data.select(rows)
    is_malignant = (data.table["target"] == "malignant").to_numpy(dtype=bool)
    measured = measure_shortcuts(take_survey(data.paths), data, is_malignant=is_malignant, groups=data.groups()[0])
    border = next(score for score in measured if score.key == "border")
    assert border.auroc.value == pytest.approx(0.91, abs=0.02)
    assert "shortcut.border" in {finding.code for finding in shortcut_findings(measured) if finding.level == "error"}
