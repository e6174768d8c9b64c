"""The page and the table of a stress test: the worst first, numbers that people can read, nothing from outside."""

import re
from dataclasses import replace

import numpy as np
import pytest

from lentigo.study.reporting import render_stress, stress_summary
from lentigo.study.reporting._stress.words import headline, points, reach
from lentigo.study.stressing import StressPredictions, StressReport, measure
from lentigo.study.stressing._catalogue import CORRUPTIONS


@pytest.fixture(scope="module")
def report() -> StressReport:
    """Sixty images; the n-th corruption moves every probability down by n hundredths a strength."""
    truth = np.arange(60) % 2 == 0
    clean = np.clip(np.random.default_rng(0).normal(0.4, 0.15, 60) + 0.3 * truth, 0, 1)
    step = 0.01 * np.arange(15)[:, None, None] * np.arange(1, 6)[None, :, None]
    answers = StressPredictions(truth, np.arange(60), "image", clean, np.clip(clean - step, 0, 1), CORRUPTIONS)
    about = {"model": "a-run", "data": "its own test images", "views": 1, "views_of_run": 8}
    return replace(measure(answers, threshold=0.5, n_resamples=200), provenance=about)


@pytest.fixture(scope="module")
def page(report: StressReport) -> str:
    return render_stress(report)


def test_headline_names_the_worst_with_before_and_after(report: StressReport) -> None:
    cell = report.worst.worst
    before, after = report.clean["sensitivity"].value, cell.sensitivity.value
    where = f"At strength {cell.strength} ({cell.amount})"
    falls = f"{where} sensitivity falls from {before:.0%} to {after:.0%}."
    assert headline(report) == f"Greatest loss beyond chance in this sample: rotated. {falls}"
    assert "beyond chance from strength" in reach(report)
    assert "no corruption is known to change fewer than 5%" in reach(report)  # 0 of 60 may be 6%


def test_without_a_certain_loss_none_is_claimed(report: StressReport) -> None:
    calm = replace(report, endured=report.endured[-1:])  # the first corruption moved nothing
    few = "is shown to be beyond chance, but 60 images do not rule out a loss of 11 points."  # 0 of 30: Wilson to 11 %
    assert headline(calm) == f"In 1 corruption no loss of sensitivity or specificity {few}"


def test_many_images_without_a_loss_may_reassure() -> None:
    truth = np.arange(1200) % 2 == 0
    clean = np.where(truth, 0.9, 0.1)
    answers = StressPredictions(truth, np.arange(1200), "image", clean, np.tile(clean, (1, 5, 1)), CORRUPTIONS[:1])
    calm = measure(answers, threshold=0.5, n_resamples=50)
    assert headline(calm).endswith("is greater than 5 points.")
    assert "fewer than 5% of decisions change under" in reach(calm)


def test_table_rows_stand_worst_first(page: str, report: StressReport) -> None:
    names = re.findall(r'<tr><th scope="row"><a href="#(\w+)">', page)
    assert names == [row.key for row in report.endured]
    assert page.count('<td class="cell') == 75


def test_every_corruption_has_five_pictures_beside_the_intact_one_and_a_figure(page: str) -> None:
    panels = re.findall(r"<article.*?</article>", page, re.DOTALL)
    assert len(panels) == 15
    for panel in panels:
        assert panel.count("data:image/jpeg;base64,") == 6
        assert panel.count("<svg") == 1


def test_page_needs_nothing_from_outside_and_runs_no_script(page: str) -> None:
    assert not re.findall(r'(?:src|href)="(?!#|data:)', page)
    assert "<script" not in page


def test_page_says_that_fewer_views_were_asked_than_the_run_uses(page: str) -> None:
    assert "with 1 view of each picture" in page


def test_a_hostile_name_does_nothing(report: StressReport) -> None:
    hostile = replace(report, provenance={"model": "<script>alert(1)</script>", "data": "<b>"})
    assert "<script" not in render_stress(hostile)


def test_summary_fits_the_terminal_and_is_ascii(report: StressReport) -> None:
    text = stress_summary(report)
    assert max(map(len, text.splitlines())) <= 110
    assert text.isascii()
    assert text.index("rotated") < text.index("\nhair")


def test_points_have_a_true_minus_sign_and_no_minus_zero() -> None:
    assert (points(-0.004), points(-0.236), points(0.05), points(float("nan"))) == ("−0.4", "−24", "+5", "n/a")
    assert points(-0.0) == points(0.0) == "0"


def losses(truth: np.ndarray, *shifts: list[float]) -> StressReport:
    """Return a stress test in which the k-th corruption lowers every probability by its shifts, one a strength."""
    clean = np.where(truth, 0.9, 0.1) - 0.004 * (np.arange(truth.size) % 100)
    step = np.array(shifts)[:, :, None]
    answers = StressPredictions(
        truth, np.arange(truth.size), "image", clean, np.clip(clean - step, 0, 1), CORRUPTIONS[: len(shifts)]
    )
    return measure(answers, threshold=0.5, n_resamples=100)


def test_a_loss_that_a_greater_strength_does_not_show_is_not_said_to_begin_at_the_least_one() -> None:
    truth = np.arange(400) % 2 == 0
    assert "beyond chance from strength 3 on" in reach(losses(truth, [0, 0, 0.3, 0.3, 0.3]))
    assert "beyond chance at strengths 2 and 4" in reach(losses(truth, [0, 0.3, 0, 0.3, 0]))
    assert "beyond chance at strength 5" in reach(losses(truth, [0, 0, 0, 0, 0.3]))


def test_the_greatest_loss_is_that_of_all_corruptions_not_of_the_first_row() -> None:
    """The first row is the worst on average; the greatest single loss may be another's."""
    truth = np.arange(400) % 2 == 0
    found = losses(truth, [0.2, 0.2, 0.2, 0.2, 0.2], [0, 0, 0, 0, 0.4])
    assert f"sample: {CORRUPTIONS[1].name}. At strength 5" in headline(found)


@pytest.mark.parametrize("n", [12, 120])
def test_with_too_few_images_no_interval_is_spoken_of(n: int) -> None:
    found = losses(np.arange(n) % 2 == 0, [0, 0, 0.3, 0.3, 0.3])
    said = render_stress(found)
    assert ("No change has an interval: 12 images are too few" in said) is (n == 12)
    assert ("Intervals (95%) are for the paired difference" in said) is (n == 120)
    assert ("no change has an interval: 12 images are too few" in stress_summary(found)) is (n == 12)


@pytest.mark.parametrize("n", [12, 1200])
def test_every_corruption_changes_decisions_only_where_the_data_show_it(n: int) -> None:
    # one of 12 is 8 %, which may be chance; 100 of 1,200 are 8 % as well and are not
    truth = np.arange(n) % 2 == 0
    clean = np.where(truth, 0.9, 0.1)
    spoilt = clean.copy()
    spoilt[: n // 12] = 1 - spoilt[: n // 12]
    answers = StressPredictions(truth, np.arange(n), "image", clean, np.tile(spoilt, (1, 5, 1)), CORRUPTIONS[:1])
    text = reach(measure(answers, threshold=0.5, n_resamples=100))
    assert ("every corruption changes more than 5%" in text) is (n == 1200)
    assert ("no corruption is known to change fewer" in text) is (n == 12)
