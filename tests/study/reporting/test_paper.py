"""Figures as files: of a column's width, with their letters, the same bytes each time, and every figure there is."""

import os
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lentigo.config import EvaluateConfig
from lentigo.numbers.evaluation import evaluate_whole
from lentigo.study.reporting import PaperInputs, write_figures, write_tables
from lentigo.study.reporting._paper.captions import captions_of
from lentigo.study.reporting._paper.figures import drawings_of
from lentigo.study.reporting._paper.saving import WIDTH_MM
from lentigo.study.reporting._words import show_score


@pytest.fixture(scope="session")
def paper(seven) -> PaperInputs:
    """Seven diagnoses with subgroups, told apart by a probe."""
    detail = evaluate_whole(
        seven.test,
        malignant=seven.evaluation.malignant_classes,
        calibration=seven.calibration,
        manifest=seven.manifest,
        settings=EvaluateConfig(n_resamples=100, min_group=5, min_group_cases=3),
    ).detail
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
    formats = ("png", "pdf", "svg")
    *names, captions = write_figures(replace(paper, history=(), facts=None), folder, formats=formats, columns=columns)
    assert captions == "captions.md"
    assert len(names) == 18
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


def test_tables_hold_the_report_s_numbers_in_every_format(paper, tmp_path):
    names = write_tables(paper, tmp_path, formats=("csv", "md", "latex", "html"))
    assert len(names) == 13
    auroc = show_score(paper.evaluation.metrics["auroc"])
    for ending in ("csv", "md", "tex", "html"):
        text = (tmp_path / f"performance.{ending}").read_text()
        assert auroc.value in text
        assert auroc.interval in text
    subgroups = (tmp_path / "subgroups.html").read_text()
    assert "&lt;b&gt;face&lt;/b&gt;" in subgroups
    assert "<b>face" not in subgroups
    assert r"\textless{}b\textgreater{}face" in (tmp_path / "subgroups.tex").read_text()


def test_a_cohort_without_a_run_counts_the_classes(paper, tmp_path):
    write_tables(replace(paper, facts=None), tmp_path, formats=("csv",))
    assert "MEL,40 (14%)" in (tmp_path / "cohort.csv").read_text()


def test_the_frame_has_every_figure_with_its_interval(paper):
    frame = paper.evaluation.to_frame()
    row = frame[(frame["part"] == "overall") & (frame["figure"] == "auroc")].iloc[0]
    estimate = paper.evaluation.metrics["auroc"]
    assert (row["value"], row["low"], row["high"], row["n"]) == (
        estimate.value,
        estimate.low,
        estimate.high,
        estimate.n,
    )
    points = frame[frame["part"] == "operating point"]
    assert len(points) == 4 * len(paper.evaluation.operating_points)
    assert set(frame["part"]) >= {"class", "mean over classes", "at prevalence", "subgroup"}
    assert not frame.duplicated(["part", "of", "figure"]).any()


def test_each_figure_has_a_caption_that_says_of_how_many(paper, tmp_path):
    drawings = drawings_of(paper)
    captions = captions_of(drawings, paper)
    assert list(captions) == [drawing.name for drawing in drawings]
    n = f"{paper.evaluation.n_images} images"
    assert all(n in captions[name] for name in ("roc", "precision-recall", "reliability", "confusion"))
    names = write_figures(paper, tmp_path, formats=("svg",), columns=1)
    text = (tmp_path / "captions.md").read_text()
    assert names[-1] == "captions.md"
    assert all(f"**{Path(name).stem}.** " in text for name in names[:-1])
