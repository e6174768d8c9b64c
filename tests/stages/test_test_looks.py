"""How often the test images of a run were looked at is counted, never forgotten, and what is not known is said."""

import json
import shutil
from dataclasses import replace

import pytest
from click.testing import CliRunner

from lentigo.cli import group
from lentigo.config import Config
from lentigo.numbers.evaluation._test_looks import FILE, UNCOUNTED, LookAtTest, LooksAtTest, note
from lentigo.stages import Run, calibrate_run, compare, evaluate_run, stress, train
from lentigo.stages._report import report_inputs
from lentigo.study.reporting import render_card, render_checklist, render_report

QUICK = Config().changed({"evaluate.n_resamples": 100})


@pytest.fixture
def copy(run, tmp_path) -> Run:
    """A copy of a finished run whose record says that it was made where it lies."""
    made = Run.open(shutil.copytree(run, tmp_path / "run"))
    (made.folder / FILE).unlink()
    note(made.folder, "train", "every figure", made.name_of_test())
    return made


def invoke(*arguments):
    result = CliRunner().invoke(group, [str(argument) for argument in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_training_is_the_first_look(copy) -> None:
    first, *_ = (copy.folder / FILE).read_text().splitlines(keepends=True)  # other tests have looked at the run since
    (copy.folder / FILE).write_text(first)
    looks = copy.looks()
    assert (looks.n, looks.looks[0].verb) == (1, "train")
    assert looks.sentence().startswith("The test images were looked at once (train, 20")
    line = json.loads(first)
    assert (line["schema_version"], line["what"]) == (1, "every figure")


def test_evaluate_compare_and_stress_are_looks_and_a_report_is_none(copy, tmp_path) -> None:
    evaluate_run(copy)
    compare(copy.folder, "prevalence", config=QUICK)
    stress(copy.folder, n_images=6, only=["jpeg"], out=tmp_path / "stress")
    report_inputs(copy)
    looks = copy.looks()
    assert [look.verb for look in looks.looks] == ["train", "evaluate", "compare", "stress"]
    assert "looked at 4 times (train 1, evaluate 1, compare 1, stress 1, 20" in looks.sentence()
    assert looks.is_known


def test_thresholds_chosen_again_after_a_look_are_told(copy) -> None:
    calibrate_run(copy)
    assert not copy.looks().is_chosen_after  # the same numbers once more choose nothing
    calibrate_run(copy, config=copy.config().changed({"calibrate.sensitivities": [0.8]}))
    looks = copy.looks()
    assert looks.n == 1
    assert "Thresholds were chosen again later" in looks.sentence()


def test_force_replaces_a_run_and_keeps_the_count(phantom, tiny, tmp_path) -> None:
    config = tiny.changed({"train.epochs": 1, "evaluate.n_resamples": 100})
    first = train(phantom, tmp_path / "run", config=config)
    evaluate_run(first)
    train(phantom, tmp_path / "run", config=config, force=True)
    looks = first.looks()
    assert looks.n == 3
    assert "earlier runs in this folder are counted" in looks.sentence()


def test_a_copied_run_says_what_it_cannot_know(copy, tmp_path) -> None:
    other = Run.open(shutil.copytree(copy.folder, tmp_path / "other"))
    assert copy.looks().is_known
    assert not other.looks().is_known
    assert "copied or moved" in other.looks().sentence()


def test_a_run_of_before_there_was_a_record_says_so(copy) -> None:
    (copy.folder / FILE).unlink()
    assert copy.looks().short == "looked at once or more"
    assert "before this record began are not known" in copy.looks().sentence()


def test_a_run_that_cannot_be_written_says_so(copy, monkeypatch, caplog) -> None:
    monkeypatch.setattr("lentigo.numbers.evaluation._test_looks.os.access", lambda *_: False)
    (copy.folder / FILE).unlink()
    (copy.folder / FILE).mkdir()  # nobody can append to a folder, not even root
    compare(copy.folder, "prevalence", config=QUICK)
    assert "this look at its test images is not counted" in caplog.text
    assert "could not be written or read" in copy.looks().sentence()


def test_looks_at_other_test_images_are_not_counted(copy) -> None:
    note(copy.folder, "evaluate", "every figure", "0123456789abcdef")
    assert copy.looks().n == 1


def test_a_damaged_line_is_no_look_and_is_told(copy) -> None:
    with (copy.folder / FILE).open("a") as stream:
        stream.write("{half a li")
    assert copy.looks().n == 1
    assert not copy.looks().is_known


def test_every_place_that_speaks_of_it_says_the_count(copy) -> None:
    evaluate_run(copy)
    inputs = report_inputs(copy)
    page, sentence = render_report(inputs, with_pictures=False), copy.looks().sentence()
    assert "looked at once" not in page
    assert page.count("looked at twice") >= 3  # first page, flow of the images, lead of the data
    assert sentence in page
    assert sentence in render_card(inputs)
    assert sentence in render_checklist(inputs)
    assert sentence in invoke("info", copy.folder)


def test_commands_say_the_count_and_files_that_they_keep_none(copy, tmp_path) -> None:
    assert "looked at twice (train 1, evaluate 1" in invoke("evaluate", copy.folder)
    assert "A: The test images were looked at 3 times" in invoke("compare", copy.folder, "prevalence")
    own = copy.predictions_path("test")
    assert "looked at 4 times" in invoke("evaluate", own)  # the same images by another name
    foreign = shutil.copy(own, tmp_path / "anyone.csv")
    assert UNCOUNTED in invoke("evaluate", foreign)
    assert copy.looks().n == 4


def test_a_look_reads_back_as_it_was_written() -> None:
    look = LookAtTest("2026-11-29T12:00:00+00:00", "stress", "figures", "ab", "cd")
    assert LookAtTest.from_line(look.line()) == look
    with pytest.raises(ValueError, match="no look"):
        LookAtTest.from_line('{"schema_version": 1}')
    assert LooksAtTest().short == "not looked at yet"


def test_when_thresholds_were_chosen_is_not_claimed_where_looks_are_not_counted() -> None:
    look = LookAtTest("2026-11-29T12:00:00+00:00", "train", "every figure", "ab", "cd")
    assert LooksAtTest((look,)).chosen == "before the test was seen"
    assert LooksAtTest((look,), is_elsewhere=True).chosen == "whether before the test was seen is not known"
    again = replace(look, verb="calibrate")
    assert LooksAtTest((look, again)).chosen == "again after the test had been seen"
