import numpy as np
import pandas as pd
import pytest

from lentigo.config import load_config
from lentigo.data.manifest import Manifest
from lentigo.errors import ConfigError, LeakageError, ModelError
from lentigo.model import open_model
from lentigo.model._scores import describe_scores
from lentigo.numbers.calibration import Calibration, fit_temperature
from lentigo.numbers.predictions import Predictions
from lentigo.phantoms import draw_phantom
from lentigo.stages import Run, calibrate_run, export, train
from lentigo.stages._fit import soft_targets
from lentigo.stages._run_folder import LABELS_SEEN
from lentigo.stages._train import _about_teacher


@pytest.fixture(scope="module")
def crossed(phantom, tiny, tmp_path_factory):
    config = tiny.changed({"train.folds": 3, "train.keep": "last"})
    return train(phantom, tmp_path_factory.mktemp("crossed") / "run", config=config)


def test_every_image_but_test_is_predicted_by_the_network_that_has_not_seen_it(crossed):
    table = crossed.manifest().table.set_index("image_id")
    said = Predictions.read(crossed.predictions_path("val"))
    assert set(said.image) == set(table.index[table["split"] != "test"])
    assert set(table.loc[table["split"] == "test", "cv_fold"]) == {-1}
    folds = table.loc[table["split"] != "test"].groupby("lesion_id")["cv_fold"].nunique()
    assert folds.max() == 1


def test_test_is_asked_of_the_mean_of_all_networks(crossed):
    from lentigo.model.decision._probability_map import softmax
    from lentigo.training._classifier import Classifier

    said = Predictions.read(crossed.predictions_path("test"))
    members = [Classifier.load(path, device="cpu", views=8) for path in crossed.checkpoints()]
    assert len(members) == 3
    pixels = np.stack([members[0].preprocess.pixels(path) for path in crossed.manifest().subset("test").paths])
    by_hand = softmax(np.mean([member.logits(pixels) for member in members], axis=0))
    np.testing.assert_allclose(said.probabilities, by_hand, atol=1e-5)


@pytest.fixture(scope="module")
def crossed_bundle(crossed, tmp_path_factory):
    return export(crossed.folder, tmp_path_factory.mktemp("crossed-bundle") / "bundle", n_references=10)


def test_a_crossed_run_predicts_and_is_exported_as_one_ensemble(crossed, crossed_bundle, photo):
    (asked,) = open_model(crossed.folder).answers([photo])
    (answer,) = crossed_bundle.predict(photo)
    assert answer.malignant == pytest.approx(asked.malignant, abs=1e-4)


def test_the_scores_in_a_crossed_bundle_are_of_networks_that_had_not_seen_the_image(crossed, crossed_bundle):
    said = Predictions.read(crossed.predictions_path("val"))
    is_val = np.isin(said.image, crossed.manifest().subset("val").table["image_id"].to_numpy(dtype=str))
    by_hand = Calibration.read(crossed.calibration_path).apply(said.select(np.flatnonzero(is_val)))
    expected = describe_scores(by_hand.malignant(["malignant"]), {})
    assert crossed_bundle.record.scores.edges == pytest.approx(expected.edges, abs=1e-5)
    assert crossed_bundle.record.scores.n_images == is_val.sum()


def test_an_ensemble_with_a_crossed_run_has_no_image_to_be_calibrated_on(crossed, run, tmp_path):
    for runs in ([crossed.folder, crossed.folder], [run, crossed.folder], [crossed.folder, run]):
        with pytest.raises(ModelError, match="only 0 validation images.*with folds train on all images but test"):
            export(runs, tmp_path / "bundle")


def test_a_crossed_run_that_was_cut_off_ends_as_one_that_was_not(crossed, phantom, tiny, tmp_path, monkeypatch):
    from lentigo.stages import _fit as fitting

    real, calls = fitting.finetune, []

    def stops_at_the_second_fold(*args, **options):
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(*args, **options)

    monkeypatch.setattr(fitting, "finetune", stops_at_the_second_fold)
    config = tiny.changed({"train.folds": 3, "train.keep": "last"})
    with pytest.raises(KeyboardInterrupt):
        train(phantom, tmp_path / "run", config=config)
    monkeypatch.setattr(fitting, "finetune", real)
    resumed = train(None, tmp_path / "run", resume=True)
    for split in ("val", "test"):
        assert resumed.predictions_path(split).read_text() == crossed.predictions_path(split).read_text()


def test_soft_targets_mix_the_teachers_word_with_the_label(crossed):
    manifest = crossed.manifest()
    part = manifest.subset("train")
    soft = soft_targets(crossed, part, manifest, 0.25)
    said = Predictions.read(crossed.predictions_path("val"))
    row = said.image.tolist().index(part.table["image_id"][0])
    by_hand = 0.25 * said.probabilities[row] + 0.75 * np.eye(2)[part.targets[0]]
    np.testing.assert_allclose(soft[0], by_hand, atol=1e-6)
    np.testing.assert_allclose(soft.sum(axis=1), 1, atol=1e-6)


def test_a_student_learns_from_the_run_that_is_its_teacher(crossed, phantom, tiny, tmp_path):
    student = train(phantom, tmp_path / "student", config=tiny.changed({"train.teacher": str(crossed.folder)}))
    assert Run.open(student.folder).config().train.teacher == str(crossed.folder.resolve())
    assert len(student.checkpoints()) == 1
    n_val = len(student.manifest().subset("val"))
    card = (student.folder / "model_card.md").read_text()
    assert f"seen the labels of {n_val} of the {n_val} validation images" in card


def test_a_teacher_that_has_seen_the_test_images_is_refused(crossed):
    manifest = crossed.manifest()
    swapped = manifest.with_split(manifest.table["split"].replace({"test": "train", "train": "test"}))
    with pytest.raises(LeakageError, match=r"was trained on \d+ test images.*same test split"):
        soft_targets(crossed, swapped.subset("train"), swapped, 0.5)


@pytest.fixture
def teacher_of(tmp_path):
    """A maker of the parts of a run with folds that tell what it has seen: `teacher_of(manifest)`."""

    def make(manifest):
        config = load_config("crossval")
        (tmp_path / "config.toml").write_text(config.to_toml())
        manifest.write(tmp_path / "manifest.csv")
        return Run.open(tmp_path)

    return make


def twenty_images(split):
    names = [f"i{k}" for k in range(20)]
    table = {"image_id": names, "path": [f"/{name}.jpg" for name in names], "target": ["benign", "malignant"] * 10}
    return Manifest(pd.DataFrame(table | {"split": split}), "memory")


def test_a_teacher_that_has_seen_validation_labels_is_warned_of_and_recorded(teacher_of, tiny, caplog):
    manifest = twenty_images(["train"] * 10 + ["val"] * 6 + ["test"] * 4)
    teacher = teacher_of(manifest)
    config = tiny.changed({"train.teacher": str(teacher.folder)})
    assert _about_teacher(config, manifest) == {LABELS_SEEN: 6}
    assert "has seen the labels of 6 of 6 validation images" in caplog.text
    assert "Train the teacher on a manifest in which they are test images" in caplog.text
    assert _about_teacher(config.changed({"train.folds": 2}), manifest) == {LABELS_SEEN: 16}


def test_a_teacher_that_held_validation_images_out_is_not_warned_of(teacher_of, tiny, caplog):
    teacher = teacher_of(twenty_images(["train"] * 10 + ["test"] * 10))
    manifest = twenty_images(["train"] * 10 + ["val"] * 6 + ["test"] * 4)
    assert _about_teacher(tiny.changed({"train.teacher": str(teacher.folder)}), manifest) == {LABELS_SEEN: 0}
    assert _about_teacher(tiny, manifest) == {}
    assert caplog.text == ""


def test_a_teacher_of_other_classes_is_refused(crossed):
    manifest = crossed.manifest()
    table = manifest.table.assign(target=np.where(manifest.targets == 0, "NV", "MEL"))
    other = type(manifest)(table, "memory")
    with pytest.raises(ConfigError, match="benign, malignant, and the data have MEL, NV"):
        soft_targets(crossed, other.subset("train"), other, 0.5)


def test_one_fold_is_refused(tiny):
    with pytest.raises(ConfigError, match="Two or more networks"):
        tiny.changed({"train.folds": 1})


@pytest.fixture(scope="module")
def two_clinics(tmp_path_factory):
    """Two phantom folders of other images, given together."""
    folders = []
    for seed, name in enumerate(["north", "south"], start=5):
        folder = tmp_path_factory.mktemp("clinics") / name
        draw_phantom(folder, n_images=90, size=32, difficulty="easy", seed=seed)
        table = pd.read_csv(folder / "metadata.csv")
        own = {column: name + table[column].astype(str) for column in ("patient_id", "lesion_id")}
        table.assign(**own, source=name).to_csv(folder / "metadata.csv", index=False)
        folders.append(folder)
    return folders


@pytest.fixture(scope="module")
def left_out(two_clinics, tiny, tmp_path_factory):
    config = tiny.changed({"train.folds": 2, "train.fold_by": "source", "train.epochs": 1})
    return train(two_clinics, tmp_path_factory.mktemp("left-out") / "run", config=config)


def test_each_source_is_predicted_by_the_network_that_learned_from_the_other(left_out):
    table = left_out.manifest().table
    is_open = table["split"] != "test"
    assert table[is_open].groupby("source")["cv_fold"].unique().map(list).to_dict() == {"north": [0], "south": [1]}
    said = Predictions.read(left_out.predictions_path("val"))
    assert set(said.image) == set(table.loc[is_open, "image_id"])


def test_another_number_of_folds_than_of_sources_is_refused(two_clinics, left_out, tiny, tmp_path):
    config = tiny.changed({"train.folds": 3, "train.fold_by": "source"})
    with pytest.raises(ConfigError, match=r"has 2 sources \(north, south\), but train.folds is 3"):
        train(two_clinics, tmp_path / "run", config=config)


def test_one_temperature_serves_validation_and_the_left_out_sources(two_clinics, left_out, tiny, tmp_path):
    config = tiny.changed({"calibrate.left_out": str(left_out.folder), "train.epochs": 1})
    run = train(two_clinics, tmp_path / "run", config=config)
    calibration = Calibration.read(run.calibration_path)
    assert calibration.probability_map.method == "temperature"
    assert [source.source for source in calibration.left_out] == ["north", "south"]
    temperatures = [source.own_temperature for source in calibration.left_out]
    val = Predictions.read(run.predictions_path("val"))
    temperatures.append(fit_temperature(val.probabilities, val.target))
    assert min(temperatures) <= calibration.temperature <= max(temperatures)


def test_a_run_that_left_no_source_out_calibrates_none(crossed, tiny, run):
    config = tiny.changed({"calibrate.left_out": str(crossed.folder)})
    with pytest.raises(ConfigError, match="was not trained with one source held out at a time"):
        calibrate_run(Run.open(run), config=config)


def test_left_out_images_that_are_test_images_of_the_run_are_refused(two_clinics, left_out, tiny, tmp_path):
    config = tiny.changed({"calibrate.left_out": str(left_out.folder), "train.epochs": 1, "seed": 3})
    run = train(two_clinics, tmp_path / "run", config=config.changed({"calibrate.left_out": ""}))
    table = run.manifest().table
    swapped = run.manifest().with_split(table["split"].replace({"test": "train", "train": "test"}))
    swapped.write(run.manifest_path)
    with pytest.raises(LeakageError, match="is not independent"):
        calibrate_run(run, config=config)


def test_report_and_card_say_which_left_out_sources_the_temperature_serves(two_clinics, left_out, tiny, tmp_path):
    config = tiny.changed({"calibrate.left_out": str(left_out.folder), "train.epochs": 1})
    run = train(two_clinics, tmp_path / "run", config=config)
    assert "fitted on validation and on north and south as predicted by" in run.report_path.read_text()
    assert "fitted on validation and north (held out) and south (held out)" in run.card_path.read_text()
