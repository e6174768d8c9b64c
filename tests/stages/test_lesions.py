import json

import numpy as np
import pytest
from click.testing import CliRunner

from lentigo.cli import group
from lentigo.errors import PredictionsError
from lentigo.stages import chosen_rule, evaluate_predictions


@pytest.fixture
def files(tmp_path):
    """Return predictions of 40 lesions with two photographs each, of test and of validation, and their table."""
    rng = np.random.default_rng(0)
    table = ["image_id,lesion_id,image_type,dx"]
    for split in ("val", "test"):
        lines = ["image,target,NV,MEL"]
        for k in range(40):
            name, is_malignant = ("MEL", True) if k % 2 else ("NV", False)
            for kind in ("dermoscopic", "clinical"):
                p = float(np.clip(rng.normal(0.65 if is_malignant else 0.35, 0.25), 0.02, 0.98))
                image = f"{split}{k}{kind[0]}"
                lines.append(f"{image},{name},{1 - p:.4f},{p:.4f}")
                table.append(f"{image},{split}{k},{kind},{'mel' if is_malignant else 'nv'}")
        (tmp_path / f"{split}.csv").write_text("\n".join(lines) + "\n")
    (tmp_path / "table.csv").write_text("\n".join(table) + "\n")
    return tmp_path


def test_lesions_are_evaluated_beside_images_by_the_rule_that_validation_chose(files):
    out = files / "e.json"
    done = CliRunner().invoke(group, ["evaluate", str(files / "test.csv"), "--groups", str(files / "table.csv"),
                                      "--by-lesion", str(files / "val.csv"), "--out", str(out),
                                      "--set", "evaluate.n_resamples=100", "--json"])  # fmt: skip
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert (found["n_images"], found["by_lesion"]["n_images"]) == (80, 40)
    assert found["by_lesion"]["metrics"]["auroc"]["value"] > found["metrics"]["auroc"]["value"]
    rule = found["by_lesion"]["provenance"]["by_lesion"]
    assert rule == chosen_rule(files / "val.csv", files / "table.csv")
    assert json.loads((files / "e.lesions.json").read_text())["n_images"] == 40


def test_without_a_table_of_lesions_the_option_that_gives_it_is_named(files):
    with pytest.raises(PredictionsError, match="--groups"):
        evaluate_predictions(files / "test.csv", by_lesion="mean_logit")
    done = CliRunner().invoke(group, ["evaluate", str(files / "test.csv"), "--by-lesion", "mean_logit"])
    assert "needs --groups" in done.output
    done = CliRunner().invoke(group, ["evaluate", str(files / "test.csv"), "--groups", str(files / "table.csv"),
                                      "--by-lesion", "median"])  # fmt: skip
    assert "neither a rule (mean_logit, mean_probability, max_malignant) nor" in done.output
