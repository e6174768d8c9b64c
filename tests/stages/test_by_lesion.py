"""The case: two kinds of photograph of a lesion are one answer, from MILK10k's layout to its score."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

import lentigo
from lentigo.cli import group
from lentigo.config import load_config
from lentigo.stages import _train_features as train_stage
from lentigo.stages import evaluate_predictions, train
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
    from lentigo.numbers.predictions import Predictions, choose_rule
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
    assert f"{lesions.n_several} of {lesions.n_lesions} test lesions have several photographs" in text.replace(
        "\n", " "
    )
    assert "macro F1, each class at 0.5" in text.split("several photographs")[1]
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
