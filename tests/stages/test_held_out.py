"""Each source of the data, measured by a network that has not learned from it."""

import json
from shutil import copytree

import numpy as np
import pandas as pd
import pytest

from lentigo.errors import ConfigError, MetricError
from lentigo.model.decision import Estimate
from lentigo.numbers.calibration import choose_threshold
from lentigo.numbers.evaluation import Evaluation, how_held_out
from lentigo.numbers.predictions import Predictions
from lentigo.phantoms import draw_phantom
from lentigo.stages import Run, calibrate_predictions, calibrate_run, train
from lentigo.stages._source_parts import parts_of
from lentigo.study.reporting import evaluation_table


@pytest.fixture(scope="module")
def three_clinics(tmp_path_factory):
    """Three phantom folders, given together; two lesions of the first are also in the second."""
    folders = []
    for seed, name in enumerate(["east", "north", "south/2"], start=11):
        folder = tmp_path_factory.mktemp("clinics") / name.replace("/", "")
        draw_phantom(folder, n_images=80, size=32, difficulty="easy", seed=seed)
        table = pd.read_csv(folder / "metadata.csv")
        own = {column: name + table[column].astype(str) for column in ("patient_id", "lesion_id")}
        table = table.assign(**own, source=name)
        folders.append((folder, table))
    first, second = folders[0][1], folders[1][1]
    is_train = second["split"] == "train"
    second.loc[second.index[is_train][:2], "lesion_id"] = first.loc[first["split"] == "train", "lesion_id"].iloc[0]
    for folder, table in folders:
        table.to_csv(folder / "metadata.csv", index=False)
    return [folder for folder, _ in folders]


@pytest.fixture(scope="module")
def settings(tiny):
    return tiny.changed(
        {
            "train.epochs": 1,
            "train.held_out_sources": "probe",
            "evaluate.min_group_cases": 5,
            "probe.penalties": [0.01, 0.1],
            "predict.views": 1,
        }
    )


@pytest.fixture(scope="module")
def measured(three_clinics, settings, tmp_path_factory):
    return train(three_clinics, tmp_path_factory.mktemp("measured") / "run", config=settings, with_pictures=False)


def test_every_source_is_measured_by_a_network_that_did_not_learn_from_it(measured):
    entries = Evaluation.read(measured.evaluation_path).held_out_sources
    assert [entry["source"] for entry in entries] == ["east", "north", "south/2"]
    for entry in entries:
        assert entry["by"] == "probe"
        for figure in ("auroc", "sensitivity", "specificity", "cannot_assess"):
            assert 0 <= Estimate.from_json(entry[figure]).value <= 1
        assert "no input gate" in entry["cannot_assess_by"]


def test_images_whose_lesion_another_source_shows_are_not_asked_and_are_counted(measured):
    table = measured.manifest().table
    entries = {entry["source"]: entry for entry in Evaluation.read(measured.evaluation_path).held_out_sources}
    groups = measured.manifest().groups()[0]
    for name, file in (("east", "east"), ("north", "north"), ("south/2", "south-2")):
        said = Predictions.read(measured.held_out_folder / f"{file}.csv")
        is_own = (table["source"] == name).to_numpy()
        is_shared = is_own & np.isin(groups, groups[~is_own])
        assert set(said.image) == set(table.loc[is_own & ~is_shared, "image_id"])
        assert entries[name]["n_shared"] == is_shared.sum()
    assert entries["north"]["n_shared"] >= 2
    assert entries["south/2"]["n_shared"] == 0


def test_the_threshold_comes_from_validation_images_of_the_other_sources(measured, settings):
    table = measured.manifest().table.set_index("image_id")
    entries = {entry["source"]: entry for entry in Evaluation.read(measured.evaluation_path).held_out_sources}
    others = Predictions.read(measured.held_out_folder / "east-validation.csv")
    rows = table.loc[others.image.tolist()]
    assert set(rows["source"]) == {"north", "south/2"}
    assert set(rows["split"]) == {"val"}
    wanted = settings.calibrate.sensitivities[0]
    malignant = others.malignant(["malignant"])
    by_hand = choose_threshold(others.is_malignant(["malignant"]), malignant, target_sensitivity=wanted)
    assert entries["east"]["threshold"] == pytest.approx(by_hand)
    said = Predictions.read(measured.held_out_folder / "east.csv")
    found = said.malignant(["malignant"])[said.target == 1] >= by_hand - 1e-6
    assert entries["east"]["sensitivity"]["value"] == pytest.approx(found.mean())


def test_labels_of_the_source_have_no_part_in_what_is_said_of_it(measured, three_clinics, settings, tmp_path):
    """The same data with the labels of one source turned round: what was said of it does not move."""
    folders = []
    for folder in three_clinics:
        copy = copytree(folder, tmp_path / folder.name)
        if folder.name == "north":
            table = pd.read_csv(copy / "metadata.csv")
            column = next(name for name in ("diagnosis", "target", "label", "dx") if name in table)
            swapped = {"NV": "MEL", "MEL": "NV", "nv": "mel", "mel": "nv", "benign": "malignant", "malignant": "benign"}
            table[column] = table[column].replace(swapped)
            table.to_csv(copy / "metadata.csv", index=False)
        folders.append(copy)
    other = train(folders, tmp_path / "run", config=settings, with_pictures=False)
    before = Predictions.read(measured.held_out_folder / "north.csv")
    after = Predictions.read(other.held_out_folder / "north.csv")
    assert (before.target != after.target).any()
    np.testing.assert_allclose(before.probabilities, after.probabilities, atol=1e-6)


def test_a_run_that_was_cut_off_between_two_sources_ends_as_one_that_was_not(
    measured, three_clinics, settings, tmp_path, monkeypatch
):
    from lentigo.stages import _held_out as holding

    real, calls = holding.fit_head, []

    def stops_at_the_second(*args, **options):
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(*args, **options)

    monkeypatch.setattr(holding, "fit_head", stops_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        train(three_clinics, tmp_path / "run", config=settings, with_pictures=False)
    monkeypatch.setattr(holding, "fit_head", real)
    resumed = train(None, tmp_path / "run", resume=True, with_pictures=False)
    for path in measured.held_out_folder.iterdir():
        assert (resumed.held_out_folder / path.name).read_text() == path.read_text()


def test_data_without_sources_hold_nothing_out(three_clinics, settings, tmp_path):
    table = pd.read_csv(three_clinics[0] / "metadata.csv").drop(columns="source")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "images").symlink_to(three_clinics[0] / "images")
    table.to_csv(tmp_path / "data" / "metadata.csv", index=False)
    run = train(tmp_path / "data", tmp_path / "run", config=settings, with_pictures=False)
    assert not run.held_out_folder.exists()
    assert Evaluation.read(run.evaluation_path).held_out_sources == ()


def test_a_collection_in_two_sizes_is_one_source(measured, settings):
    """Two sources with the same lesions are held out together: neither learns from the other."""
    manifest = measured.manifest()
    table = manifest.table.copy()
    is_twin = table["source"] == "north"
    is_east = (table["source"] == "east").to_numpy()
    lesions = table.loc[is_twin, ["lesion_id", "patient_id"]].to_numpy()
    n = min(is_east.sum(), len(lesions))
    table.loc[np.flatnonzero(is_east)[:n], ["lesion_id", "patient_id"]] = lesions[:n]
    twins = type(manifest)(table, manifest.origin, manifest.classes)
    parts = parts_of(twins, ["malignant"], settings)
    assert [part.name for part in parts] == ["east + north", "south/2"]


def test_headline_and_card_say_the_lowest_held_out_source_first(measured):
    entries = Evaluation.read(measured.evaluation_path).held_out_sources
    lowest = min(entries, key=lambda entry: entry["sensitivity"]["value"])
    card = measured.card_path.read_text()
    assert (
        f"Estimate for a collection it has not learned from, by a network trained without it: {lowest['source']} ("
        in card
    )
    assert "lowest of 3" in card
    assert json.loads(measured.evaluation_path.read_text())["held_out_sources"]


def test_terminal_report_and_card_show_each_source_and_what_to_expect_in_another(measured):
    evaluation = Evaluation.read(measured.evaluation_path)
    page, card, text = measured.report_path.read_text(), measured.card_path.read_text(), evaluation_table(evaluation)
    for told in (page, card, text):
        assert "n a collection it has not learned from" in told
        assert "south/2" in told
        assert "in another one" in told
    over = json.loads(measured.evaluation_path.read_text())["over_sources"]
    assert over["sensitivity"]["n_sources"] == 3


def test_a_threshold_for_held_out_sources_asks_no_less_and_says_where_it_comes_from(measured, settings, tmp_path):
    copy = Run(copytree(measured.folder, tmp_path / "run"))
    before = copy.calibration().operating_points
    config = settings.changed({"calibrate.threshold_from": "held_out_sources"})
    after = calibrate_run(copy, config=config).operating_points
    assert [point.name for point in after] == [point.name for point in before]
    assert after[0].source == "held-out sources"
    assert after[0].threshold <= before[0].threshold
    assert copy.calibration().operating_points == after  # read back from its file


def test_a_threshold_for_held_out_sources_needs_some(run, settings, tmp_path):
    config = settings.changed({"calibrate.threshold_from": "held_out_sources"})
    with pytest.raises(ConfigError, match="no source was held out"):
        calibrate_run(Run.open(run), config=config)


def test_trained_networks_can_take_the_place_of_probes(run, three_clinics, settings, tmp_path):
    weights = run / "checkpoint" / "best" / "model.safetensors"  # that know none of the clinics
    changes = {"train.held_out_sources": "finetune", "train.held_out_epochs": 1, "train.held_out_weights": str(weights)}
    run = train(three_clinics[:2], tmp_path / "run", config=settings.changed(changes), with_pictures=False)
    entries = Evaluation.read(run.evaluation_path).held_out_sources
    assert [(one["by"], one["start"], one["epochs"]) for one in entries] == [("finetune", str(weights), 1)] * 2
    how = how_held_out(entries)
    assert how == "by networks trained on the others alone, from model.safetensors, 1 epoch at 32 px"
    assert (run.folder / "held-out" / "east" / "checkpoint" / "best" / "checkpoint.json").is_file()


def test_a_threshold_for_every_source_of_validation_asks_no_less(measured, settings, tmp_path):
    copy = Run(copytree(measured.folder, tmp_path / "run"))
    before = copy.calibration().operating_points
    config = settings.changed({"calibrate.threshold_from": "every_source", "evaluate.min_group_cases": 2})
    after = calibrate_run(copy, config=config).operating_points
    assert [point.name for point in after] == [point.name for point in before]
    assert after[0].source == "every source"
    assert after[0].threshold <= before[0].threshold
    assert copy.calibration().operating_points == after


def test_a_threshold_for_every_source_needs_several(run, settings):
    config = settings.changed({"calibrate.threshold_from": "every_source"})
    with pytest.raises(MetricError, match="validation has 1 source with .* two are needed"):
        calibrate_run(Run.open(run), config=config)


def test_a_threshold_for_every_source_needs_a_table_that_names_them(run, settings):
    config = settings.changed({"calibrate.threshold_from": "every_source"})
    with pytest.raises(ConfigError, match="no table says which source an image is of"):
        calibrate_predictions(Run.open(run).predictions_path("val"), config=config)
