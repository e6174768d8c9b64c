"""Figures as files: of a column's width, with their letters, the same bytes each time, and every figure there is."""

import os
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lentigo.config import EvaluateConfig
from lentigo.numbers.evaluation import evaluate_detail
from lentigo.study.reporting import PaperInputs, drawings_of, write_figures
from lentigo.study.reporting._paper.saving import WIDTH_MM


@pytest.fixture(scope="session")
def paper(seven) -> PaperInputs:
    """Seven diagnoses with subgroups, told apart by a probe."""
    detail = evaluate_detail(
        seven.test,
        malignant=seven.evaluation.malignant_classes,
        calibration=seven.calibration,
        manifest=seven.manifest,
        settings=EvaluateConfig(n_resamples=100, min_group=5, min_group_cases=3),
    )
    return PaperInputs.of_run(replace(seven, evaluation=replace(seven.evaluation, detail=detail)))


def test_a_run_has_every_figure_and_predictions_those_without_training(paper, seven):
    names = [drawing.name for drawing in drawings_of(paper)]
    of_both = ["roc", "precision-recall", "reliability", "decision-curve", "confusion", "subgroups"]
    assert names == [*of_both, "learning-penalty", "flow"]
    calibrated = seven.calibration.apply(seven.test.labelled())
    alone = PaperInputs.of_predictions(paper.evaluation, calibrated)
    assert [drawing.name for drawing in drawings_of(alone)] == of_both


@pytest.mark.parametrize("columns", [1, 2])
def test_files_are_as_wide_as_the_columns_and_embed_their_letters(paper, columns, tmp_path):
    folder = Path(os.environ.get("LENTIGO_LOOK_AT", tmp_path)) / str(columns)
    folder.mkdir(parents=True)
    names = write_figures(paper, folder, formats=("png", "pdf", "svg"), columns=columns)
    assert len(names) == 24
    for name in names:
        path = folder / name
        if path.suffix == ".png":
            with Image.open(path) as image:
                assert image.width / 600 * 25.4 == pytest.approx(WIDTH_MM[columns], abs=0.3)
        elif path.suffix == ".pdf":
            assert b"/FontFile2" in path.read_bytes()
            assert b"/Type3" not in path.read_bytes()
        else:
            text = path.read_text()
            assert "<text" not in text
            width = float(re.search(r'width="([\d.]+)pt"', text)[1])
            assert width / 72 * 25.4 == pytest.approx(WIDTH_MM[columns], abs=0.3)


def test_the_same_inputs_give_the_same_bytes(paper, tmp_path):
    contents = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        only = replace(paper, history=(), facts=None)
        written = write_figures(only, tmp_path / name, formats=("svg", "pdf"), columns=1)
        contents.append([(tmp_path / name / one).read_bytes() for one in written])
    assert contents[0] == contents[1]


def test_one_side_alone_has_no_curves_but_the_rest(paper):
    one_sided = replace(paper, is_malignant=np.zeros_like(paper.is_malignant))
    assert "roc" not in {drawing.name for drawing in drawings_of(one_sided)}
    assert "confusion" in {drawing.name for drawing in drawings_of(one_sided)}
