"""Pages of one sheet: an external test, a comparison, anyone's predictions, a list of predictions."""

import base64
import html
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from lentigo.cli import group
from lentigo.config import Config
from lentigo.errors import ConfigError
from lentigo.model import LOW_CONFIDENCE, Answer
from lentigo.stages import compare, evaluate_external, evaluate_predictions, predict
from lentigo.study.reporting import comparison_table, refuse_many, render_answers, render_comparison, row_of_answer
from lentigo.study.reporting._paper.comparison import _legend
from lentigo.study.reporting._subgroup_section import worst_subgroup
from lentigo.study.reporting._words import show_score

FEW = Config().changed({"evaluate.n_resamples": 100})
# what a page that needs no network must not hold
OUTSIDE = re.compile(r"""(?:src|href)=["'](?:https?:|//|/)|@import|url\((?!#)""")


def invoke(*arguments):
    result = CliRunner().invoke(group, [str(one) for one in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def saved_figures(page):
    return re.findall(r'href="data:image/svg\+xml;base64,([^"]+)" download="([^"]+)"', page)


def headings(page):
    return re.findall(r"<h2>([^<]+)</h2>", page)


@pytest.fixture
def two(tmp_path):
    rng = np.random.default_rng(0)
    truth = np.arange(80) % 2
    for name, noise in (("a", 0.3), ("b", 0.5)):
        chance = np.clip(0.25 + 0.5 * truth + rng.normal(0, noise, 80), 0.01, 0.99)
        rows = [f"i{k},{'malignant' if truth[k] else 'benign'},{1 - chance[k]:.4f},{chance[k]:.4f}" for k in range(80)]
        (tmp_path / f"{name}.csv").write_text("\n".join(["image,target,benign,malignant", *rows]) + "\n")
    return tmp_path / "a.csv", tmp_path / "b.csv"


def test_a_comparison_is_written_as_figures_table_record_and_page(two, tmp_path, caplog):
    out, page = tmp_path / "out", tmp_path / "page.html"
    found = compare(*two, threshold=0.5, margin=0.05, config=FEW, out=out, html=page)
    names = {path.name for path in out.iterdir()}
    assert names == {
        *(f"{name}.{form}" for name in ("roc", "differences") for form in ("svg", "pdf", "png")),
        *(f"comparison.{form}" for form in ("csv", "md", "tex", "html", "json")),
        "captions.md",
    }
    table = (out / "comparison.csv").read_text()
    for each in found.figures.values():
        assert f"{each.difference.value:+.3f}".replace("-", "−") in table
    text = page.read_text()
    assert headings(text) == ["Every figure", "Non-inferiority", "Tests", "What needs no model"]
    assert not OUTSIDE.search(text)
    assert "formulas" not in caplog.text  # a difference begins with + and is no formula


def test_the_curves_of_two_models_are_drawn_with_both_intervals_their_difference_and_its_paired_test(two):
    found = compare(*two, config=FEW)
    area = found.figures["auroc"]
    lines = [text for text, _ in _legend(found)]
    assert lines[0] == "80 images, 40 malignant"
    assert lines[1].endswith(str(show_score(area.first)))
    assert lines[2].endswith(str(show_score(area.second)))
    assert f"{area.difference.low:+.3f}".replace("-", "−") in lines[3]
    assert re.fullmatch(r"DeLong, paired: p (= 0\.\d{3}|< 0\.001)", lines[4])


def test_a_comparison_is_replaced_only_when_forced_and_only_where_nothing_else_lies(two, tmp_path):
    invoke("compare", *two, "--out", tmp_path / "out", "--set", "evaluate.n_resamples=100")
    again = CliRunner().invoke(group, ["compare", *map(str, two), "--out", str(tmp_path / "out")])
    assert again.exit_code != 0
    (tmp_path / "out" / "mine.txt").touch()
    forced = CliRunner().invoke(group, ["compare", *map(str, two), "--out", str(tmp_path / "out"), "--force"])
    assert forced.exit_code != 0
    assert (tmp_path / "out" / "mine.txt").exists()


def test_the_headline_of_a_comparison_says_no_more_than_its_interval(two):
    found = compare(*two, config=FEW)
    page, gap = render_comparison(found), found.figures["auroc"].difference
    decided = gap.low > 0 or gap.high < 0
    assert ("These images do not decide" in page) != decided
    assert ("A has the higher AUROC" in page) == (gap.low > 0)
    same = compare(two[0], two[0], config=FEW)
    assert "These images do not decide" in render_comparison(same)
    assert "A better" not in comparison_table(same)


def test_an_external_test_is_a_page_with_the_drop_the_decisions_and_the_recalibration(run, phantom, tmp_path):
    page = tmp_path / "external.html"
    found = evaluate_external(run, phantom, leaks="allow", html=page)
    text = page.read_text()
    assert headings(text)[:2] == ["Compared with its own test", "Decisions by true class"]
    assert headings(text)[-1] == "Recalibrated on this set"
    assert "AND KEPT: all results are too optimistic" in text
    assert f"{found.drops['auroc'].there.value:.3f}" in text
    assert [name for name in headings(text) if name.startswith("At a prevalence")]
    assert "Subgroups" in headings(text)
    worst = worst_subgroup(found.evaluation)
    assert f"The lowest subgroup. {worst}" in html.unescape(text)
    assert '<table class="numbers subgroups">' in text
    assert "data:image/jpeg" not in text
    assert not OUTSIDE.search(text)
    assert {name for _, name in saved_figures(text)} >= {"roc.svg", "drop.svg", "reliability.svg", "decision-curve.svg"}


def test_predictions_of_others_are_a_page_that_escapes_what_it_did_not_write(tmp_path):
    rows = [f"i{k},{('NV', 'MEL')[k % 2]},{0.9 - k / 60:.3f},{0.1 + k / 60:.3f}" for k in range(40)]
    (tmp_path / "<b>p.csv").write_text("\n".join(["image,target,NV,MEL", *rows]))
    page = tmp_path / "page.html"
    evaluate_predictions(tmp_path / "<b>p.csv", config=FEW, html=page)
    text = page.read_text()
    assert headings(text) == ["Discrimination and calibration", "Every figure", "Images"]
    assert '<h1 id="title">&lt;b&gt;p.csv</h1>' in text
    assert not OUTSIDE.search(text)


def test_the_pages_of_evaluate_are_asked_for_on_the_command_line(two, run, tmp_path):
    invoke("evaluate", two[0], "--html", tmp_path / "e.html", "--set", "evaluate.n_resamples=100")
    assert (tmp_path / "e.html").read_text().startswith("<!doctype html>")
    refused = CliRunner().invoke(group, ["evaluate", str(two[0]), "--html", str(tmp_path / "e.html")])
    assert "exists" in str(refused.exception)
    of_run = CliRunner().invoke(group, ["evaluate", str(run), "--html", str(tmp_path / "r.html")])
    assert of_run.exit_code == 2
    assert "lentigo report" in of_run.output


def test_every_figure_that_can_be_saved_is_a_whole_file_with_its_own_letters(two, tmp_path):
    compare(*two, config=FEW, html=tmp_path / "page.html")
    saved = saved_figures((tmp_path / "page.html").read_text())
    assert len(saved) == 2
    for packed, _ in saved:
        tree = ET.fromstring(base64.b64decode(packed))
        assert tree.tag == "{http://www.w3.org/2000/svg}svg"
        assert "DejaVu Sans" in tree.get("font-family")
        assert "white" in tree.get("style") or "#fff" in tree.get("style")


def test_predictions_are_a_list_with_photographs_that_says_that_it_embeds_them(bundle_folder, phantom, tmp_path):
    photos = sorted((phantom / "images").iterdir())[:4]
    broken = tmp_path / "broken.jpg"
    broken.write_text("no picture")
    page = tmp_path / "page.html"
    result = predict(bundle_folder, [*photos, broken], html=page)
    text = page.read_text()
    assert "embeds the photographs of patients" in text
    assert text.count("data:image/jpeg") == 4
    assert text.count("<tr class=") == result.n_images == 5
    assert text.count("no picture</div>") == 1
    assert not OUTSIDE.search(text)
    for answer in result.answers:
        assert f'data-value="{Path(answer.image).name}"' in text or f'/{Path(answer.image).name}"' in text
    assert str(tmp_path.parent) not in text


def test_a_list_without_images_holds_none_and_is_written_beside_the_table(bundle_folder, photo, tmp_path):
    page, table = tmp_path / "page.html", tmp_path / "p.csv"
    printed = invoke("predict", bundle_folder, photo, "--out", table, "--html", page, "--without-images")
    assert "data:image" not in page.read_text()
    assert "embeds the photographs" not in page.read_text()
    assert "photographs from the data" not in printed
    assert len(table.read_text().splitlines()) == 2
    assert "It holds photographs" in invoke("predict", bundle_folder, photo, "--html", page, "--force")


def test_a_row_holds_no_probability_where_the_photograph_is_at_fault():
    fair = Answer("a", {"NV": 0.8, "MEL": 0.2}, 0.2, "refer", threshold=0.1)
    close = Answer("a", {"NV": 0.8, "MEL": 0.2}, 0.2, "cannot assess", reasons=(LOW_CONFIDENCE,), threshold=0.1)
    blurred = Answer("a", {"NV": 0.8, "MEL": 0.2}, 0.2, "cannot assess", reasons=("blurred",), threshold=0.1)
    assert [row_of_answer(one, None).malignant for one in (fair, close, blurred)] == ["20.0%", "20.0%", ""]
    assert row_of_answer(blurred, None).classes == ""
    assert "<b>" not in render_answers(
        [row_of_answer(Answer("<b>", {}, float("nan"), "cannot assess", error="<b>"), None)],
        model="<b>", threshold=0.1, with_pictures=False,
    ).replace('<b class="decision">', "")  # fmt: skip


def test_a_page_of_too_many_images_is_refused_before_one_is_predicted():
    refuse_many(3000)
    with pytest.raises(ConfigError, match="too many for one page"):
        refuse_many(3001)


def test_a_list_of_predictions_shows_what_each_column_added_and_sorts_by_it():
    added = [{"age": 0.41, "sex": -0.1}, {"age": -1.2, "sex": 0.1}]
    rows = [
        row_of_answer(Answer(f"{k}.jpg", {"NV": 0.9, "MEL": 0.1}, 0.1, "refer", contributions=one), None)
        for k, one in enumerate(added)
    ]
    rows.append(row_of_answer(Answer("c.jpg", {}, 0.1, "cannot assess", reasons=("out of focus",)), None))
    page = render_answers(rows, model="m", threshold=0.05, with_pictures=False)
    heads = re.findall(r'<th scope="col" data-sort>([^<]+)</th>', page)
    assert heads[-2:] == ["age, log-odds", "sex, log-odds"]
    assert re.findall(r'data-label="age, log-odds" data-value="([^"]*)">([^<]*)<', page) == [
        ("0.41", "+0.41"),
        ("-1.2", "-1.20"),
        ("", ""),
    ]
    assert "above 0 speaks for malignant" in page
    alone = render_answers(rows[2:], model="m", threshold=0.05, with_pictures=False)
    assert "log-odds" not in alone


@pytest.mark.parametrize(("malignant", "said"), [(0.4276, "42.8%"), (0.4341, "43.4%"), (0.0004, "below 1%")])
def test_a_list_shows_a_probability_on_its_side_of_the_threshold_and_no_finer_than_a_sample(malignant, said):
    """42.8 % was not referred "from a malignant probability of 43%", and stood there as 43 %."""
    answer = Answer("a", {"NV": 1 - malignant, "MEL": malignant}, malignant, "refer", threshold=0.4341)
    row = row_of_answer(answer, None)
    assert row.malignant == said
    page = render_answers([row], model="m", threshold=0.4341, with_pictures=False)
    assert "from a malignant probability of 43.4%." in page
    assert "0.04%" not in page


@pytest.mark.parametrize("n", [8, 80])
def test_a_page_speaks_of_a_band_only_where_one_is_drawn(n):
    from lentigo.numbers.evaluation import evaluate
    from lentigo.numbers.predictions import Predictions
    from lentigo.study.reporting import PaperInputs
    from lentigo.study.reporting._sheets.evaluation import evidence_of

    malignant = np.linspace(0.1, 0.9, n)
    truth = (np.arange(n) % 3 == 0).astype(int)
    rows = np.column_stack([1 - malignant, malignant])
    said = Predictions(np.array([f"{i:03d}" for i in range(n)]), truth, rows, ("benign", "malignant"))
    inputs = PaperInputs.of_predictions(evaluate(said, malignant=["malignant"], n_resamples=50), said)
    told = [caption for section in evidence_of(inputs) for _, caption in section.drawings]
    assert any("Band: pointwise interval" in caption for caption in told) is (n == 80)
    assert any("No band: too few images" in caption for caption in told) is (n == 8)


def test_a_page_has_the_notes_of_its_tables_below_them(tmp_path):
    rows = [f"i{k},{'malignant' if k < 2 else 'benign'},{0.9 - k / 40},{0.1 + k / 40}" for k in range(12)]
    (tmp_path / "few.csv").write_text("\n".join(["image,target,benign,malignant", *rows]) + "\n")
    found = evaluate_predictions(tmp_path / "few.csv", html=tmp_path / "few.html", config=FEW)
    reason = found.metrics["average_precision"].reason
    assert reason
    text = (tmp_path / "few.html").read_text()
    assert re.search(rf"<sup>\d+</sup> {re.escape(reason)}</p>", text)
    assert f"({reason})</td>" not in text
