"""The three answers are shares of all images of a kind, whatever is not answered; values by hand."""

import numpy as np

from lentigo.numbers.evaluation._resampling import Draws, resample_all
from lentigo.numbers.evaluation._three_answers import resample_answers
from lentigo.numbers.metrics._bootstrap import Resampler

TRUTH = np.array([True] * 4 + [False] * 4)
SAID = np.array([0.9, 0.8, 0.45, 0.1, 0.7, 0.4, 0.2, 0.1])  # threshold 0.5, band 0.3 to 0.6
SOURCES = ["here", "here", "there", "there"] * 2


def scores(sources=SOURCES, band=(0.3, 0.6)):
    draws = Draws(Resampler.of(TRUTH.astype(int), n_resamples=20), "image", 0.95)
    kinds = {"malignant": TRUTH, "benign": ~TRUTH, "melanoma": np.zeros(8, dtype=bool)}
    asked = resample_answers(SAID, kinds, sources, threshold=0.5, band=band, draws=draws)
    return resample_all({"answers": asked}, draws.resampler)["answers"]


def test_shares_are_of_all_images_of_a_kind_and_sum_to_one() -> None:
    malignant, benign = (scores().overall[kind] for kind in ("malignant", "benign"))
    assert [malignant[name].value for name in ("refer", "benign-looking", "cannot assess")] == [0.5, 0.25, 0.25]
    assert [benign[name].value for name in ("refer", "benign-looking", "cannot assess")] == [0.25, 0.5, 0.25]


def test_sources_have_their_own_where_there_are_several() -> None:
    assert scores().by_source["there"]["malignant"]["refer"].value == 0
    assert scores().n_by_source == {"here": 4, "there": 4}
    assert scores(["here"] * 8).by_source == {}
    assert scores(None).by_source == {}


def test_a_kind_without_images_has_no_figures_and_no_band_leaves_nothing_unanswered() -> None:
    assert "melanoma" not in scores().overall
    for band in (None, (0.4, 0.4)):
        none = scores(band=band).overall["malignant"]["cannot assess"]
        # no image can be without an answer, so that no interval belongs to it
        assert (none.value, none.has_interval, none.reason) == (0, False, "no low-confidence band")


def test_the_record_reads_back_as_it_was_written() -> None:
    found = scores()
    assert type(found).from_json(found.json()).json() == found.json()
