"""The case: two kinds of photograph of a lesion are one answer, from MILK10k's layout to its score."""

import dataclasses
import io
import json

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

import lentigo
from lentigo.cli import group
from lentigo.config import load_config
from lentigo.errors import ConfigError, DataError, ModelError
from lentigo.model import answers_by_lesion, open_model
from lentigo.model.decision import LesionRule
from lentigo.numbers.predictions import Predictions
from lentigo.stages import _train_features as train_stage
from lentigo.stages import evaluate_predictions, export, predict, train
from lentigo.study.auditing import _without_images as audit_stage
from lentigo.study.reporting import evaluation_table

MILK = ("AKIEC", "BCC", "BEN_OTH", "BKL", "DF", "INF", "MAL_OTH", "MEL", "NV", "SCCKA", "VASC")
KINDS = {"clinical: close-up": 1.6, "dermoscopic": 1.0}  # spread of its embedding around the class


def draw(folder, *, n_lesions=165, n_photographs=2, seed=0):
    """MILK10k's files, without the photographs, and embeddings in which the dermatoscopic one tells more."""
    rng = np.random.default_rng(seed)
    truth, about = [",".join(["lesion_id", *MILK])], ["lesion_id,image_type,isic_id,age_approx,sex,site"]
    ids, rows = [], []
    for k in range(n_lesions):
        shown = k % len(MILK)
        truth.append(",".join([f"IL_{k:07}", *("1.0" if j == shown else "0.0" for j in range(len(MILK)))]))
        for j, (kind, spread) in enumerate(list(KINDS.items())[:n_photographs]):
            ids.append(f"ISIC_{j + 5}{k:06}")
            about.append(f"IL_{k:07},{kind},{ids[-1]},{rng.integers(20, 80)}.0,male,trunk")
            rows.append(2.0 * np.eye(len(MILK))[shown] + spread * rng.normal(size=len(MILK)))
    folder.mkdir(parents=True)
    (folder / "MILK10k_Training_GroundTruth.csv").write_text("\n".join(truth) + "\n")
    (folder / "MILK10k_Training_Metadata.csv").write_text("\n".join(about) + "\n")
    np.savez(folder.parent / "emb.npz", image_id=np.array(ids), values=np.array(rows, np.float32))
    return folder


@pytest.fixture(scope="module", autouse=True)
def _quick():
    """No report and no search for shortcuts: boosted trees on age and sex, which nothing here is about."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(train_stage, "report_run", lambda *_, **__: None)
        patch.setattr(audit_stage, "measure_shortcuts", lambda *_, **__: ())
        yield


def trained(folder):
    config = load_config(
        "features", overrides=["evaluate.n_resamples=100", "train.folds=3", "features.penalties=[0.01]"]
    )
    return train(folder, folder.parent / "run", features=folder.parent / "emb.npz", config=config)


@pytest.fixture(scope="module")
def milk(tmp_path_factory):
    """A run on MILK10k's layout."""
    return trained(draw(tmp_path_factory.mktemp("milk") / "milk10k"))


def test_milk10k_is_trained_and_scored_by_lesion_with_its_own_metric(milk):
    evaluation = lentigo.Evaluation.read(milk.evaluation_path)
    lesions = evaluation.lesions
    assert len(evaluation.classes) == 11
    assert (lesions.n_several, lesions.n_images) == (lesions.n_lesions, 2 * lesions.n_lesions)
    assert lesions.rule in lesions.losses
    assert lesions.losses[lesions.rule] == min(lesions.losses.values())
    for name in ("macro_f1_at_half", "macro_auroc", "balanced_accuracy"):
        assert lesions.metrics[name].value > evaluation.metrics[name].value
    assert 0 < evaluation.metrics["partial_auroc"].value < lesions.metrics["partial_auroc"].value <= 0.2
    assert lesions.points[0].name == "sensitivity_95"
    splits = milk.manifest().table.groupby("lesion_id")["split"].nunique()
    assert (splits == 1).all()


def test_the_rule_is_chosen_on_validation_and_calibration_rests_on_its_lesions(milk):
    from lentigo.numbers.predictions import choose_rule
    from lentigo.stages._lesions import lesion_and_kind

    said = Predictions.read(milk.predictions_path("val"))
    lesion, kind = lesion_and_kind(milk.manifest(), said)
    malignant = milk.taxonomy().malignant(said.classes)
    lesions = lentigo.Evaluation.read(milk.evaluation_path).lesions
    assert (lesions.rule, lesions.losses) == choose_rule(said, lesion, malignant=malignant, kind=kind)


def test_lesions_stand_beside_images_on_the_terminal_and_in_the_report(milk):
    evaluation = lentigo.Evaluation.read(milk.evaluation_path)
    text = evaluation_table(evaluation)
    lesions = evaluation.lesions
    counts = f"{lesions.n_lesions} test lesions have {lesions.n_images} photographs; {lesions.n_several} have several."
    assert counts in text.replace("\n", " ")
    assert "macro F1, each class at 0.5" in text.split("A lesion has one answer")[1]
    assert "at sensitivity_95, by lesion" in text
    from lentigo.study.reporting._by_lesion import lesions_of

    section = lesions_of(evaluation)
    assert [name for name, _, _ in section.rows][-2:] == ["macro F1, each class at 0.5", "Brier score"]
    assert section.point.startswith("At sensitivity_95, chosen on validation lesions: sensitivity ")


def test_where_lesions_have_one_photograph_nothing_is_said_of_lesions(tmp_path):
    run = trained(draw(tmp_path / "one" / "milk10k", n_photographs=1))
    assert "lesions" not in json.loads(run.evaluation_path.read_text())


def test_a_submission_by_lesion_is_scored_against_the_published_truth(milk, tmp_path):
    truth = milk.folder.parent / "milk10k" / "MILK10k_Training_GroundTruth.csv"
    perfect = tmp_path / "submission.csv"
    perfect.write_text(truth.read_text())
    found = evaluate_predictions(perfect, truth=truth, config=lentigo.Config().changed({"evaluate.n_resamples": 100}))
    assert found.metrics["macro_f1_at_half"].value == 1.0
    assert found.metrics["partial_auroc"].value == pytest.approx(0.2)
    ended = CliRunner().invoke(
        group, ["evaluate", str(perfect), "--truth", str(truth), "--set", "evaluate.n_resamples=100"]
    )
    assert "partial AUROC, raw" in ended.output
    assert "macro F1, each class at 0.5" in ended.output


@pytest.fixture(scope="module")
def milk_bundle(milk, tmp_path_factory):
    return export(milk.folder, tmp_path_factory.mktemp("milk-bundle") / "bundle", n_references=0)


def test_a_bundle_answers_a_lesion_once_as_the_evaluation_of_its_run_did(milk, milk_bundle, tmp_path):
    source = milk.folder.parent
    about = source / "milk10k" / "MILK10k_Training_Metadata.csv"
    words = ["predict", str(milk_bundle.folder), "--features", str(source / "emb.npz"), "--columns", str(about)]
    ended = CliRunner().invoke(group, [*words, "--by-lesion", "--out", str(tmp_path / "lesions.csv")])
    assert ended.exit_code == 0, ended.exception
    assert "165 lesions" in ended.output
    evaluation = lentigo.Evaluation.read(milk.evaluation_path)
    test = milk.manifest().subset("test").table
    truth = dict(zip(test["lesion_id"], test["target"], strict=True))
    said = Predictions.read(tmp_path / "lesions.csv")
    kept = said.select(np.array([image in truth for image in said.image.tolist()]))
    target = np.array([kept.classes.index(truth[image]) for image in kept.image.tolist()])
    malignant = milk.taxonomy().malignant(kept.classes)
    found = lentigo.evaluate(
        Predictions(kept.image, target, kept.probabilities, kept.classes), malignant=malignant, n_resamples=100
    )
    for name in ("auroc", "macro_f1_at_half", "balanced_accuracy"):
        assert found.metrics[name].value == pytest.approx(evaluation.lesions.metrics[name].value)


def test_the_rule_of_a_bundle_survives_the_file_and_what_lacks_one_is_told(milk, milk_bundle, bundle_folder, tmp_path):
    opened = open_model(milk_bundle.folder)
    assert opened.record.lesion.rule == lentigo.Evaluation.read(milk.evaluation_path).lesions.rule
    assert opened.record == milk_bundle.record
    table = tmp_path / "t.csv"
    table.write_text("image_id,lesion_id\nISIC_5000000,L1\n")
    features = milk.folder.parent / "emb.npz"
    with pytest.raises(ModelError, match="has no rule for several photographs"):
        predict(milk.folder, features=features, columns=table, by_lesion=True)
    table.write_text("image_id,age\nISIC_5000000,50\n")
    with pytest.raises(DataError, match="lesion_id"):
        predict(milk_bundle.folder, features=features, columns=table, by_lesion=True)
    with pytest.raises(ConfigError, match="--html or --by-lesion"):
        predict(milk_bundle.folder, features=features, columns=table, by_lesion=True, html=tmp_path / "p.html")


def test_photographs_that_cannot_be_assessed_are_left_out_of_their_lesion(bundle_folder, phantom):
    model = open_model(bundle_folder, threads=1)
    rule = LesionRule("mean_logit", model.decision, 40)
    asked = model.with_record(dataclasses.replace(model.record, lesion=rule))
    photos = [path.read_bytes() for path in sorted((phantom / "images").iterdir())[:2]]
    black = io.BytesIO()
    Image.new("RGB", (64, 64)).save(black, "PNG")
    sources = [photos[0], black.getvalue(), b"no photograph", photos[1], black.getvalue()]
    lesions = ["a", "a", "b", "c", "d"]
    found = answers_by_lesion(asked, asked.held(sources), lesions, [""] * 5)
    assert [one.image for one in found] == ["a", "b", "c", "d"]
    alone = list(asked.predict([photos[0], photos[1]]))
    assert [found[0].malignant, found[2].malignant] == pytest.approx([one.malignant for one in alone])
    assert found[1].error
    assert found[3].decision == "cannot assess"
    assert found[3].reasons
