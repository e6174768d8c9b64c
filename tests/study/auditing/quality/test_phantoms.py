"""The flags against phantoms, whose truth is written down."""

import json

import pandas as pd
import pytest
from PIL import Image

from lentigo.phantoms import draw_phantom
from lentigo.study.auditing.quality import flags, measure


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    """Truth and flags of 120 phantoms of six devices, some of them out of focus."""
    folder = draw_phantom(tmp_path_factory.mktemp("phantom") / "set", n_images=120, seed=41, n_devices=6, blurred=0.2)
    truth = pd.read_csv(folder / "metadata.csv")
    measures = pd.DataFrame([measure(Image.open(folder / path).convert("RGB")) for path in truth["path"]])
    blurred = json.loads((folder / "phantom.json").read_text(encoding="utf-8"))["blurred"]
    truth["truth_is_blurred"] = truth["image_id"].isin(blurred)
    truth["truth_has_tube"] = truth["source"].isin(["contact_b", "tube_f"])
    return truth, flags(measures), measures


@pytest.mark.parametrize(
    ("flag", "truth", "least_precision", "least_recall"),
    [
        ("ruler", "truth_has_ruler", 0.95, 0.5),
        ("blurred", "truth_is_blurred", 0.9, 0.6),
        ("dark_corners", "truth_has_tube", 0.99, 0.99),
    ],
)
def test_flags_agree_with_the_truth(judged, flag, truth, least_precision, least_recall):
    table, raised, _ = judged
    is_hit = raised[flag] & table[truth]
    assert is_hit.sum() / raised[flag].sum() >= least_precision
    assert is_hit.sum() / table[truth].sum() >= least_recall


def test_hair_is_found_on_hairy_skin_only(judged):
    table, raised, _ = judged
    assert not raised.loc[table["truth_n_hairs"] == 0, "hair"].any()
    assert raised.loc[table["truth_n_hairs"] >= 20, "hair"].mean() > 0.5


def test_ink_is_not_found_where_none_is(judged):
    table, raised, _ = judged
    assert not raised.loc[~table["truth_has_ink"], "ink"].any()


def test_tone_follows_the_skin_type(judged):
    table, _, measures = judged
    median = measures["ita"].groupby(table["skin_type"]).median()
    assert median.loc[["I", "III", "IV", "V"]].is_monotonic_decreasing
