import numpy as np
import pandas as pd
import pytest
from scipy import stats

from lentigo.data.manifest import Manifest
from lentigo.study.auditing._findings import QualityFlag
from lentigo.study.auditing.quality import quality_findings, summarize_flags
from lentigo.study.auditing.quality._rules import RULES


def manifest(targets, splits=None):
    table = pd.DataFrame({"target": targets})
    table["image_id"] = [f"i{row}" for row in range(len(table))]
    table["path"] = "/" + table["image_id"]
    if splits is not None:
        table["split"] = splits
    return Manifest(table, origin="memory")


def flag(key, malignant, benign, *, n=200):
    counts = {"benign": (benign, n), "malignant": (malignant, n)}
    return QualityFlag(key, key, malignant + benign, (malignant + benign) / (2 * n), counts, {}, 0.5, ("a",))


def only(flags):
    return quality_findings(flags, malignant=["malignant"])


def test_flags_are_counted_by_class_and_split_without_unreadable_images():
    data = manifest(["NV", "NV", "MEL", "MEL"], ["train", "train", "train", "test"])
    raised, measured = pd.DataFrame({"hair": [True, True, True, False]}), pd.DataFrame({"hair": [0.1, 0.2, 0.3, 0.0]})
    (summary,) = summarize_flags(raised, measured, data, np.array([False, True, True, True]))
    assert (summary.key, summary.name, summary.n_images) == ("hair", "with hair", 2)
    assert summary.share == pytest.approx(2 / 3)
    assert summary.by_class == {"MEL": (1, 2), "NV": (1, 1)}
    assert summary.by_split == {"train": (2, 2), "test": (0, 1)}
    assert summary.images == ("i2", "i1")  # the hairiest first


def test_clearest_examples_of_a_low_measure_are_the_lowest():
    data = manifest(["NV"] * 3)
    raised, measured = pd.DataFrame({"tiny": [True] * 3}), pd.DataFrame({"short_side": [90.0, 30.0, 60.0]})
    assert summarize_flags(raised, measured, data, np.ones(3, dtype=bool))[0].images == ("i1", "i2", "i0")


def test_p_value_is_fishers_for_two_classes_and_chi_squared_for_more():
    rng = np.random.default_rng(0)
    measured = pd.DataFrame({"hair": np.zeros(90)})
    readable = np.ones(90, dtype=bool)
    raised = pd.DataFrame({"hair": rng.random(90) < np.repeat([0.2, 0.4, 0.6], 30)})
    counts = raised["hair"].to_numpy().reshape(3, 30).sum(axis=1)
    two = summarize_flags(raised, measured, manifest(["MEL"] * 30 + ["NV"] * 60), readable)[0]
    expected = stats.fisher_exact([[counts[0], 30 - counts[0]], [counts[1:].sum(), 60 - counts[1:].sum()]]).pvalue
    assert two.p_value == pytest.approx(expected)
    three = summarize_flags(raised, measured, manifest(["MEL"] * 30 + ["NV"] * 30 + ["BCC"] * 30), readable)[0]
    assert three.p_value == pytest.approx(stats.chi2_contingency([counts, 30 - counts]).pvalue)


def test_p_value_is_undefined_with_one_class_or_no_flag():
    measured, readable = pd.DataFrame({"hair": np.zeros(4)}), np.ones(4, dtype=bool)
    raised = pd.DataFrame({"hair": [True, False, True, False]})
    assert np.isnan(summarize_flags(raised, measured, manifest(["NV"] * 4), readable)[0].p_value)
    none = pd.DataFrame({"hair": [False] * 4})
    assert np.isnan(summarize_flags(none, measured, manifest(["NV", "MEL"] * 2), readable)[0].p_value)


def test_no_readable_image_is_no_error():
    raised, measured = pd.DataFrame({"hair": [False]}), pd.DataFrame({"hair": [np.nan]})
    summary = summarize_flags(raised, measured, manifest(["NV"]), np.zeros(1, dtype=bool))
    assert summary[0].n_images == 0
    assert quality_findings(summary, malignant=["MEL"]) == []


def test_a_ruler_on_one_side_is_a_shortcut_and_the_sentence_says_so():
    (finding,) = only([flag("ruler", malignant=60, benign=8)])
    assert (finding.code, finding.level) == ("shortcut.artefact.ruler", "warning")
    assert finding.title == "30% of malignant and 4% of benign images show a ruler."
    assert "malignant 60 of 200" in finding.detail
    assert finding.images == ("a",)


def test_a_flag_that_tells_the_side_alone_is_an_error():
    assert [f.level for f in only([flag("ink", malignant=150, benign=10)])] == ["error"]
    assert [f.level for f in only([flag("ink", malignant=10, benign=150)])] == ["error"]


def test_a_small_difference_is_no_shortcut_however_significant():
    (finding,) = only([flag("hair", malignant=20_000, benign=11_000, n=100_000)])
    assert finding.code == "quality.hair"


def test_a_large_difference_in_few_images_is_no_shortcut():
    (finding,) = only([flag("hair", malignant=3, benign=0, n=6)])
    assert finding.code == "quality.hair"


def test_holm_counts_every_flag_that_was_tested():
    # Fisher of 36 against 8 in 100 gives p = 2.2e-6, of 38 against 8 p = 5.2e-7: below 1e-6, not below 1e-6 / 11.
    alone = flag("hair", malignant=38, benign=8, n=100)
    others = [flag(rule.key, malignant=50, benign=50, n=100) for rule in RULES if rule.key != "hair"]
    assert [f.code for f in only([alone])] == ["shortcut.artefact.hair"]
    assert not [f for f in only([alone, *others]) if f.code.startswith("shortcut")]


def test_frequent_flaws_are_warnings_rare_ones_notes_and_single_ones_nothing():
    levels = {n: [(f.code, f.level) for f in only([flag("blurred", malignant=n, benign=n)])] for n in (1, 10, 40)}
    assert levels == {1: [], 10: [("quality.blurred", "note")], 40: [("quality.blurred", "warning")]}


def test_rulers_on_both_sides_are_no_flaw():
    assert [f.level for f in only([flag("ruler", malignant=180, benign=180)])] == ["note"]


def test_every_flag_has_its_sentence():
    for rule in RULES:
        for counts in ((190, 10), (100, 100)):
            (finding,) = only([flag(rule.key, *counts)])
            assert finding.title.endswith(".")


def test_class_of_neither_name_counts_as_benign():
    counts = {"MEL": (90, 100), "NV": (5, 100), "BKL": (5, 100)}
    ruler = QualityFlag("ruler", "with a ruler", 100, 1 / 3, counts, {}, 0.0)
    (finding,) = quality_findings([ruler], malignant=["MEL"])
    assert finding.title.startswith("90% of malignant and 5% of benign")


def test_where_most_images_have_a_flaw_nobody_is_sent_to_evaluate_without_them():
    (few,) = only([flag("tiny", malignant=60, benign=60)])
    assert "evaluate the model without them" in few.remedy
    (most,) = only([flag("tiny", malignant=199, benign=200)])
    assert "there are too few other images" in most.remedy
    for n in (6, 200):
        (all_of_them,) = only([flag("tiny", malignant=n, benign=n, n=n)])
        assert all_of_them.remedy.startswith("Use the originals")
        assert "there are no other images" in all_of_them.remedy
