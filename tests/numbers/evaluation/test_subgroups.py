"""Subgroups: figures of each, the worst of them, and what is left unsaid."""

import json

import numpy as np
import pytest
from sklearn import metrics as oracle

from lentigo.errors import PredictionsError
from lentigo.numbers.evaluation import Subgroups
from lentigo.numbers.evaluation._attributes import labels_of
from lentigo.numbers.evaluation._resampling import resample_all
from lentigo.numbers.evaluation._subgroups import resample_subgroups
from lentigo.numbers.metrics import jackknife
from lentigo.numbers.metrics._acceleration import bca_interval
from lentigo.numbers.metrics._few_clusters import expanded_confidence, variance_freedom
from lentigo.storage import jsonable


def asked(said, manifest, draws, *, threshold=0.4, min_images=20, min_cases=10) -> Subgroups:
    labels, missing = labels_of(manifest, said.image)
    question = resample_subgroups(
        labels,
        missing,
        is_malignant=said.is_malignant(["MEL"]),
        probability=said.malignant(["MEL"]),
        point="sensitivity_95",
        threshold=threshold,
        min_images=min_images,
        min_cases=min_cases,
        draws=draws,
    )
    return resample_all({"x": question}, draws.resampler)["x"]


def test_each_subgroup_has_scikit_learns_figures_and_the_intervals_of_a_plain_loop(said, listed, drawn) -> None:
    one = said()
    sex = np.array(["female", "male"])[np.arange(300) % 2]
    draws = drawn(one, n_resamples=40)
    found = asked(one, listed(one, sex=sex), draws)
    (table,) = found.tables
    truth, p = one.is_malignant(["MEL"]), one.malignant(["MEL"])
    weights = draws.resampler.weights(0, 40)
    for group in table.groups:
        rows = sex == group.value
        assert (group.n_images, group.n_malignant) == (rows.sum(), (rows & truth).sum())
        assert group.sensitivity.value == pytest.approx(oracle.recall_score(truth[rows], p[rows] >= 0.4))
        assert group.specificity.value == pytest.approx(oracle.recall_score(~truth[rows], p[rows] < 0.4))
        assert group.auroc.value == pytest.approx(oracle.roc_auc_score(truth[rows], p[rows]))
        areas = [oracle.roc_auc_score(truth[rows], p[rows], sample_weight=w[rows]) for w in weights.T]
        fewer = min(rows & truth, rows & ~truth, key=np.sum)

        def area(w, rows=rows):
            return {"auroc": np.array([oracle.roc_auc_score(truth[rows], p[rows], sample_weight=c[rows]) for c in w.T])}

        influence = jackknife(area, draws.resampler).influence("auroc")
        effective = draws.resampler.effective_clusters(fewer)
        wider = expanded_confidence(0.95, effective, freedom=variance_freedom(influence))
        ends = bca_interval(group.auroc.value, np.array(areas), influence, confidence=wider)
        assert (group.auroc.low, group.auroc.high) == pytest.approx(ends, abs=1e-6)


def test_a_subgroup_the_model_fails_is_named_the_worst_and_its_attribute_differs(said, listed, drawn) -> None:
    one = said(600)
    site = np.array(["back", "face", "scalp"])[np.arange(600) % 3]
    rows = one.probabilities.copy()
    missed = (site == "scalp") & (np.arange(600) % 2 == 0)
    rows[missed] = [0.95, 0.05]
    failing = type(one)(one.image, one.target, rows, one.classes)
    sex = np.array(["female", "male"])[np.arange(600) // 2 % 2]
    found = asked(failing, listed(failing, site=site, sex=sex), drawn(failing, n_resamples=500))
    table, group = found.worst
    assert (table.key, group.value, found.n_compared) == ("site", "scalp", 5)
    tests = {(t.key, one.figure): one for t in found.tables for one in t.disparities}
    assert tests["site", "sensitivity"].is_significant
    assert not tests["sex", "sensitivity"].is_significant
    assert tests["sex", "sensitivity"].p_corrected >= tests["sex", "sensitivity"].p_value
    assert tests["site", "sensitivity"].difference == pytest.approx(
        max(g.sensitivity.value for g in table.groups) - group.sensitivity.value
    )


def test_small_groups_are_named_but_not_judged(said, listed, drawn) -> None:
    one = said(300)
    truth = one.is_malignant(["MEL"])
    sex = np.full(300, "female", dtype=object)
    sex[:19] = "male"
    sex[np.flatnonzero(truth)[-9:]] = "other"
    sex[np.flatnonzero(~truth)[-30:]] = "other"
    male, other = (
        next(g for g in asked(one, listed(one, sex=sex), drawn(one)).tables[0].groups if g.value == value)
        for value in ("male", "other")
    )
    assert male.n_images < 20
    assert not male.is_judged
    assert male.sensitivity.reason == f"too few: {male.n_images} images"
    assert other.sensitivity.reason == "too few: 9 malignant images"
    assert other.specificity.is_defined
    assert other.is_judged


def test_a_subgroup_without_malignant_images_is_listed_and_its_sensitivity_is_neither_0_nor_skipped(
    said, listed, drawn
) -> None:
    """fairlearn 0.15.0 says 0.0 (recall_score) or leaves the group out of the difference (NaN)."""
    one = said(300)
    truth = one.is_malignant(["MEL"])
    site = np.array(["arm", "leg"], dtype=object)[np.arange(300) % 2]
    site[np.flatnonzero(~truth)[:40]] = "palm"
    palm = next(g for g in asked(one, listed(one, sex=site), drawn(one)).tables[0].groups if g.value == "palm")
    assert (palm.n_images, palm.n_malignant) == (40, 0)
    assert np.isnan(palm.sensitivity.value)
    assert palm.sensitivity.reason == "too few: 0 malignant images"
    assert palm.specificity.is_defined


def test_what_is_not_recorded_is_a_group_but_never_the_worst(said, listed, drawn) -> None:
    one = said(300)
    truth = one.is_malignant(["MEL"])
    sex = np.array(["female", "male"], dtype=object)[np.arange(300) % 2]
    missing = truth & (one.malignant(["MEL"]) < 0.4)
    sex[missing] = None
    sex[:40] = None
    found = asked(one, listed(one, sex=sex), drawn(one))
    groups = {group.value: group for group in found.tables[0].groups}
    assert list(groups) == ["female", "male", "not recorded"]
    assert groups["not recorded"].sensitivity.value < groups["female"].sensitivity.value
    assert found.worst[1].value != "not recorded"
    assert found.tables[0].disparities[0].n_groups == 2


def test_an_uncertain_tone_is_shown_and_compared_with_nobody(said, listed, drawn) -> None:
    one = said()
    tone = np.array(["very light", "light", "uncertain"])[np.arange(300) % 3]
    found = asked(one, listed(one, skin_tone=tone), drawn(one, n_resamples=40))
    assert [group.value for group in found.tables[0].groups] == ["very light", "light", "uncertain"]
    assert found.n_compared == 2
    assert all(one.n_groups == 2 for one in found.tables[0].disparities)


def test_ages_and_sizes_come_in_bands_and_tones_from_light_to_dark(said, listed) -> None:
    one = said(6)
    manifest = listed(
        one,
        age=[5, 85, 47, 42, None, 20],
        width=[600, 4000, 224, 800, 600, None],
        height=[450, 3000, 224, 900, 450, 450],
        skin_tone=["dark", "very light", "uncertain", "tan", "light", None],
    )
    labels, missing = labels_of(manifest, one.image)
    values = {one.key: one.values for one in labels}
    assert values["age"] == ("under 20", "20 to 29", "40 to 49", "80 and over", "not recorded")
    assert values["image_size"] == (
        "under 300 px", "300 to 599 px", "600 to 1199 px", "1200 px and over", "not recorded",
    )  # fmt: skip
    assert values["skin_tone"] == ("very light", "light", "tan", "dark", "uncertain", "not recorded")
    assert missing["sex"] == "not recorded"


def test_an_attribute_with_one_value_makes_no_subgroups_and_the_reason_is_kept(said, listed) -> None:
    one = said(4)
    labels, missing = labels_of(listed(one, source="HAM"), one.image)
    assert labels == []
    assert missing["source"] == "all images: HAM"


def test_subgroups_follow_the_image_id_not_the_row(said, listed, drawn) -> None:
    one = said(200)
    manifest = listed(one, sex=np.array(["female", "male"])[np.arange(200) % 2])
    turned = manifest.select(np.arange(200)[::-1].copy())
    assert asked(one, manifest, drawn(one)).json() == asked(one, turned, drawn(one)).json()
    with pytest.raises(PredictionsError, match="1 predicted image is not in memory: i0000"):
        labels_of(manifest.select(np.arange(1, 200)), one.image)


def test_subgroups_read_back_from_strict_json(said, listed, drawn) -> None:
    one = said(100)
    found = asked(one, listed(one, sex=np.array(["female", "male"])[np.arange(100) // 90]), drawn(one))
    payload = json.loads(json.dumps(jsonable(found.json()), allow_nan=False))
    assert jsonable(Subgroups.from_json(payload).json()) == payload


def test_groups_are_called_alike_only_where_the_lower_ends_say_so() -> None:
    """With p = 0.6 no difference is shown; whether there is none depends on how far down the intervals reach."""
    from lentigo.model.decision import Estimate
    from lentigo.numbers.evaluation._subgroup_record import Disparity, Subgroup, SubgroupTable

    def groups(half_width: float) -> Subgroups:
        none = Estimate.undefined("not asked")
        figures = [Estimate(value, value - half_width, value + half_width, 50) for value in (0.94, 0.92)]
        members = tuple(
            Subgroup(name, 90, 90, 50, figure, none, none)
            for name, figure in zip(("female", "male"), figures, strict=True)
        )
        table = SubgroupTable("sex", "sex", members, (Disparity("sensitivity", 2, 0.02, 0.6, 0.6),))
        return Subgroups("sensitivity_95", 0.2, 20, 10, (table,), {})

    whole = Estimate(0.93, 0.9, 0.95, 100)
    assert "no group's sensitivity lies more than 10 points below" in groups(0.03).difference_in_words(whole)
    assert "do not rule out a sensitivity of 67% in sex male" in groups(0.25).difference_in_words(whole)
