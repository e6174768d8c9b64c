"""Predictions of other models: truth in a second file, lesions from a published table."""

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from lentigo.cli import group
from lentigo.config import Config
from lentigo.errors import PredictionsError
from lentigo.numbers.evaluation import Evaluation
from lentigo.stages import evaluate_predictions
from lentigo.study.reporting import evaluation_table

QUICK = Config().overridden(("evaluate.n_resamples=100", "evaluate.min_group=5", "evaluate.min_group_cases=2"))
CODES = ("MEL", "NV", "BCC")


def submission(path: Path, n: int = 40, *, columns: tuple[str, ...] = CODES, image: str = "image") -> list[str]:
    """Write a submission without targets; return the true code of each image."""
    random = np.random.default_rng(0)
    truth = [CODES[k] for k in random.integers(0, 3, n)]
    lines = [",".join([image, *columns])]
    for number, code in enumerate(truth):
        row = random.dirichlet(np.array([4.0 if name == code else 1.0 for name in CODES]))
        malignant = row[0] + row[2]
        values = row if columns == CODES else [malignant]
        lines.append(",".join([f"ISIC_{number:07d}", *map(repr, map(float, values))]))
    path.write_text("\n".join(lines))
    return truth


def one_hot(path: Path, truth: list[str], classes: tuple[str, ...] = (*CODES, "UNK"), weight: str = "") -> None:
    lines = [",".join(["image", *classes, *(["score_weight"] if weight else [])])]
    for number, code in enumerate(truth):
        marks = ["1.0" if name == code else "0.0" for name in classes]
        lines.append(",".join([f"ISIC_{number:07d}", *marks, *([weight] if weight else [])]))
    path.write_text("\n".join(lines))


def test_the_truth_of_a_challenge_lies_in_a_file_of_its_own(tmp_path: Path) -> None:
    truth = submission(tmp_path / "preds.csv")
    truth[3] = "UNK"
    one_hot(tmp_path / "ISIC_2019_Test_GroundTruth.csv", [*truth, "NV"], weight="1.0")
    text = (tmp_path / "ISIC_2019_Test_GroundTruth.csv").read_text().replace("ISIC_0000007,", "ISIC_0000007x,")
    lines = text.splitlines()
    lines[6] = lines[6].removesuffix("1.0") + "0.0"
    (tmp_path / "ISIC_2019_Test_GroundTruth.csv").write_text("\n".join(lines))
    found = evaluate_predictions(
        tmp_path / "preds.csv", truth=tmp_path / "ISIC_2019_Test_GroundTruth.csv", config=QUICK
    )
    assert found.n_images == 37
    said = "\n".join(found.provenance["assumed"])
    assert "truth from" in said
    assert "1 predicted image has no truth and is excluded" in said
    assert "2 images of the truth have no prediction and are excluded" in said
    assert "1 image of score_weight 0 is not scored by the challenge and is excluded" in said
    assert "excluded: 1 image whose class is not among the predicted classes (UNK 1)" in said
    right = [code for n, code in enumerate(truth) if n not in {3, 5, 7}]
    assert dict(found.support) == {code: right.count(code) for code in CODES}


@pytest.mark.parametrize(
    ("lines", "classes"),
    [
        (["image_name,benign_malignant,target"], ("benign", "malignant")),  # ISIC 2020
        ([], ("benign", "malignant")),  # ISIC 2016, no header
        (["isic_id,malignant"], ("benign", "malignant")),  # ISIC 2024
    ],
)
def test_a_truth_of_sides_judges_the_sum_of_each_side(tmp_path: Path, lines: list[str], classes) -> None:
    truth = submission(tmp_path / "preds.csv")
    for number, code in enumerate(truth):
        side, digit = ("benign", 0) if code == "NV" else ("malignant", 1)
        entry = {3: f"{side},{digit}", 2: str(digit), 0: side}[len(lines[0].split(",")) if lines else 0]
        lines = [*lines, f"ISIC_{number:07d},{entry}"]
    (tmp_path / "truth.csv").write_text("\n".join(lines))
    found = evaluate_predictions(tmp_path / "preds.csv", truth=tmp_path / "truth.csv", config=QUICK)
    assert found.classes == classes
    assert found.support["malignant"] == sum(code != "NV" for code in truth)
    assert any("the probabilities of each side are summed" in sentence for sentence in found.provenance["assumed"])


def test_one_probability_is_judged_by_the_side_of_each_diagnosis(tmp_path: Path) -> None:
    truth = submission(tmp_path / "preds.csv", columns=("prob",), image="filename")
    one_hot(tmp_path / "truth.csv", truth)
    found = evaluate_predictions(tmp_path / "preds.csv", truth=tmp_path / "truth.csv", config=QUICK)
    assert found.support["benign"] == truth.count("NV")
    assert found.metrics["auroc"].value > 0.8


def test_a_truth_of_other_images_or_other_classes_is_refused(tmp_path: Path) -> None:
    submission(tmp_path / "preds.csv")
    (tmp_path / "truth.csv").write_text("image,dx\nX_1,nv\nX_2,mel\n")
    with pytest.raises(PredictionsError, match=r"no predicted image is in .*ISIC_0000000.*the truth has X_1, X_2"):
        evaluate_predictions(tmp_path / "preds.csv", truth=tmp_path / "truth.csv", config=QUICK)
    (tmp_path / "truth.csv").write_text("image,dx\nisic_0000001,vasc\nISIC_0000002,df\n")
    with pytest.raises(
        PredictionsError, match=r"no label of .* is one of the predicted classes MEL, NV, BCC: VASC, DF"
    ):
        evaluate_predictions(tmp_path / "preds.csv", truth=tmp_path / "truth.csv", config=QUICK)


def lesion_table(path: Path, truth: list[str]) -> None:
    # Two images a lesion; the last ten images' lesions have a third photograph outside the list.
    names = {"MEL": "mel", "NV": "nv", "BCC": "bcc"}
    lines = ["lesion_id,image_id,dx,dx_type,age,sex,localization"]
    for number, code in enumerate(truth):
        lines.append(f"HAM_{number // 2},ISIC_{number:07d},{names[code]},histo,{40 + number % 2}.0,male,unknown")
    lines += [f"HAM_{15 + number},ISIC_9{number:06d},nv,histo,,female,back" for number in range(5)]
    path.write_text("\n".join(lines))


def test_a_published_lesion_table_groups_images_and_shows_what_they_share(tmp_path: Path) -> None:
    truth = submission(tmp_path / "preds.csv")
    lesion_table(tmp_path / "HAM10000_metadata.csv", truth)
    found = evaluate_predictions(tmp_path / "preds.csv", groups_from=tmp_path / "HAM10000_metadata.csv", config=QUICK)
    assert (found.resampling.unit, found.resampling.n_units) == ("lesion", 20)
    assert found.support["MEL"] == truth.count("MEL")  # its diagnoses were the truth
    shared = found.shared
    assert shared is not None
    assert (shared.unit, shared.n_images, shared.n_groups, shared.n_outside, shared.n_alone) == ("lesion", 10, 5, 5, 30)
    assert shared.alone["auroc"].n == 30
    assert "10 of 40 images (25.0%) show one of 5 lesions" in evaluation_table(found)
    assert "that have 5 further photographs outside this list" in evaluation_table(found)
    found.write(tmp_path / "evaluation.json")
    again = Evaluation.read(tmp_path / "evaluation.json").shared
    assert again is not None
    assert again.json() == shared.json()


def test_a_list_that_shares_nothing_says_so_and_a_foreign_image_is_named(tmp_path: Path) -> None:
    truth = submission(tmp_path / "preds.csv")
    table = tmp_path / "lesions.csv"
    lesion_table(table, truth)
    kept = [line for line in table.read_text().splitlines() if "ISIC_9" not in line]
    table.write_text("\n".join(kept))
    found = evaluate_predictions(tmp_path / "preds.csv", groups_from=table, config=QUICK)
    assert "no lesion of these images has photographs outside them in the table" in evaluation_table(found)
    one_hot(tmp_path / "truth.csv", truth)
    table.write_text("\n".join(kept[:-1]))
    with pytest.raises(PredictionsError, match=r"1 predicted image is not in .*lesions\.csv: ISIC_0000039"):
        evaluate_predictions(tmp_path / "preds.csv", truth=tmp_path / "truth.csv", groups_from=table, config=QUICK)


def test_the_command_takes_the_truth_as_second_argument_or_as_option_and_says_what_it_assumed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    truth = submission(tmp_path / "preds.csv", columns=("y_score",))
    one_hot(tmp_path / "truth.csv", truth)
    files = [str(tmp_path / "preds.csv"), str(tmp_path / "truth.csv")]
    quick = ["--set", "evaluate.n_resamples=100"]
    for arguments in ([*files], [files[0], "--truth", files[1]]):
        result = CliRunner().invoke(group, ["evaluate", *arguments, *quick])
        assert result.exit_code == 0, result.output
        assert "malignant against benign" in result.output
    assert caplog.text.count("column 'y_score' is taken as the probability of malignant") == 2
    assert CliRunner().invoke(group, ["evaluate", *files, "--truth", files[1]]).exit_code == 2
    without = CliRunner().invoke(group, ["evaluate", files[0]])
    assert "--truth FILE" in without.output + str(without.exception)
