"""Figures as files: of a column's width, with their letters, the same bytes each time, and every figure there is."""

import os
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lentigo.config import EvaluateConfig
from lentigo.numbers.evaluation import evaluate, evaluate_whole
from lentigo.numbers.predictions import Predictions
from lentigo.study.reporting import PaperInputs, evaluation_summary, write_figures, write_tables
from lentigo.study.reporting._cohort import SplitBox, follow
from lentigo.study.reporting._discrimination import precision_recall_drawing
from lentigo.study.reporting._drawing import Drawing
from lentigo.study.reporting._paper.captions import captions_of
from lentigo.study.reporting._paper.drawings import flow_drawing
from lentigo.study.reporting._paper.figures import drawings_of
from lentigo.study.reporting._paper.lettering import width_of, wrapped
from lentigo.study.reporting._paper.saving import WIDTH_MM, save_drawing
from lentigo.study.reporting._paper.table_text import as_csv, as_html, as_latex, as_markdown
from lentigo.study.reporting._paper.tables import noted_table
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


def points_of(paper):
    """Return the inputs with the first threshold again under another name, as few validation images give it."""
    first, *others = paper.evaluation.operating_points
    again = replace(first, name="sensitivity_98", target_sensitivity=0.98)
    return replace(paper, evaluation=replace(paper.evaluation, operating_points=(first, *others, again)))


def test_one_threshold_is_shown_once_with_all_that_it_was_chosen_for(paper, tmp_path):
    twice = points_of(paper)
    write_tables(twice, tmp_path, formats=("csv",))
    wanted = [line for line in (tmp_path / "performance.csv").read_text().splitlines() if "Chosen for" in line]
    assert len(wanted) == len({point.threshold for point in twice.evaluation.operating_points})
    assert "and 98% sensitivity" in wanted[0]
    drawing = next(one for one in drawings_of(twice) if one.name == "roc")
    dots = [line for line in drawing.figure().axes[0].lines if line.get_marker() == "o"]
    assert len(dots) == len(wanted)
    filled = [line for line in dots if line.get_markerfacecolor() != "white"]
    assert filled == dots[:1]
    assert filled[0].get_zorder() > max([line.get_zorder() for line in dots[1:]], default=0)


def test_precision_begins_at_the_first_malignant_image_and_no_text_lies_on_the_curve():
    said = np.linspace(0.99, 0.01, 100)
    truth = np.arange(100) % 10 == 2  # the two highest are benign: precision 0 at a recall of 0
    rows = np.column_stack([1 - said, said])
    names = np.array([f"i{k}" for k in range(100)])
    predictions = Predictions(names, truth.astype(int), rows, ("benign", "malignant"))
    evaluation = evaluate(predictions, malignant=["malignant"], n_resamples=50)
    axes = precision_recall_drawing(evaluation, truth, said).figure().axes[0]
    curve = next(line for line in axes.lines if len(line.get_xdata()) > 10)
    assert curve.get_xdata()[0] == 0
    assert min(curve.get_ydata()) > 0.07  # not the 0 before the first malignant image
    assert all(text.get_position()[1] > 0.5 for text in axes.texts)  # the curve lies at the bottom


def test_a_reason_for_no_interval_is_a_numbered_note_in_every_format():
    rows = [("AUROC", "0.8", ("", "1 lesion <only>")), ("NPV", "0.9", ("0.7 to 1", "1 lesion <only>")), ("x", "", "")]
    table = noted_table("performance", "c", ("", "value", "interval"), rows)
    assert table.notes == ("1 lesion <only>",)
    assert as_csv(table).splitlines()[:2] == [",value,interval,note", "AUROC,0.8,,1 lesion <only>"]
    assert "| 0.7 to 1<sup>1</sup> |" in as_markdown(table)
    assert "\n<sup>1</sup> 1 lesion &lt;only>" in as_markdown(table)
    assert r"0.7 to 1\textsuperscript{1}" in as_latex(table)
    assert r"\textsuperscript{1} 1 lesion \textless{}only\textgreater{}" in as_latex(table)
    assert "<sup>1</sup> 1 lesion &lt;only&gt;</td></tr>\n</tfoot>" in as_html(table)
    assert "note" not in as_csv(noted_table("a", "", ("",), [("x",)]))


def test_names_are_broken_where_the_room_ends_and_not_cut():
    name = "ViDIR Group, Department of Dermatology, Medical University of Vienna"
    lines = wrapped(name, 120, 10.5)
    assert " ".join(lines) == name
    assert all(width_of(line, 10.5) <= 120 for line in lines)
    assert "".join(wrapped("W" * 30, 120, 10.5)) == "W" * 30


def test_a_group_with_one_judged_value_is_in_the_table_and_not_drawn(paper, tmp_path):
    tables = paper.evaluation.detail.subgroups.tables
    judged = next(table for table in tables if sum(group.is_judged for group in table.groups) > 1)
    kept = [group for group in judged.groups if group.is_judged][:1]
    alone = replace(judged, groups=tuple(kept))
    detail = paper.evaluation.detail
    few = replace(paper.evaluation, detail=replace(detail, subgroups=replace(detail.subgroups, tables=(alone,))))
    inputs = replace(paper, evaluation=few)
    assert "subgroups" not in {drawing.name for drawing in drawings_of(inputs)}
    write_tables(inputs, tmp_path, formats=("csv",))
    assert kept[0].value in (tmp_path / "subgroups.csv").read_text()


def test_the_flow_has_whole_sentences_and_its_first_box_in_the_middle():
    step = "that are neither benign nor malignant by the diagnosis of the hospital"
    flow = follow([("found", 9), (step, -2)], (SplitBox("Test", "", 7, "3 lesions", 2, "29%", 28.6),))
    axes = flow_drawing(flow).figure().axes[0]
    texts = [text.get_text().replace("\n", " ") for text in axes.texts]
    assert texts[0] == "Found 9 images"
    assert axes.texts[0].get_position()[0] == 0.5
    assert "Neither benign nor malignant by the diagnosis of the hospital 2 images excluded" in texts


def test_eps_has_no_transparency_and_tiff_is_packed_at_600_dots_an_inch(tmp_path, caplog):
    def paint(axes):
        axes.fill_between([0, 1], [0, 0], [1, 1], color="#000000", alpha=0.25, linewidth=0)
        axes.plot([0, 1], [0, 1], alpha=0.5)
        axes.text(0, 0, "a", bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8})

    names = save_drawing(Drawing("roc", "a band", (410, 100), paint), tmp_path, ("eps", "tiff", "png"))
    assert set(names) == {"roc.eps", "roc.tiff", "roc.png"}
    assert "transparency" not in caplog.text
    assert "0.75 setgray" in (tmp_path / "roc.eps").read_text()  # a quarter of black on white
    with Image.open(tmp_path / "roc.tiff") as image:
        assert image.info["compression"] == "tiff_lzw"
        assert round(image.info["dpi"][0]) == 600
    with Image.open(tmp_path / "roc.png") as image:  # written before EPS took the transparency away
        assert image.width / 600 * 25.4 == pytest.approx(WIDTH_MM[1], abs=0.3)


def test_a_figure_without_a_band_says_why(paper):
    curve = paper.evaluation.curves["roc"]
    none = replace(curve, low=np.full_like(curve.low, np.nan), high=np.full_like(curve.high, np.nan))
    how = replace(paper.evaluation.resampling, unit="patient or lesion", n_units=41)
    inputs = replace(
        paper,
        evaluation=replace(paper.evaluation, curves={**paper.evaluation.curves, "roc": none}, resampling=how),
    )
    text = captions_of(drawings_of(inputs), inputs)["roc"]
    assert "No band: too few patients or lesions of a side." in text
    assert "of 41 patients, or lesions where the patient is unknown" in text
    summary = " ".join(evaluation_summary(inputs.evaluation).split())
    assert "over 41 patients, or lesions where the patient is unknown, for test sets" in summary
