"""Every caution appears when, and only when, it is due."""

import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from lentigo.model.decision import Estimate
from lentigo.study.reporting._card import card_sections
from lentigo.study.reporting._cautions import beware, not_for
from lentigo.study.reporting._inputs import RunFacts


def titles(notes) -> list[str]:
    return [note.title for note in notes]


def with_point(inputs, **changes) -> RunFacts:
    evaluation = inputs.evaluation
    point = replace(evaluation.operating_points[0], **changes)
    return RunFacts.of(replace(inputs, evaluation=replace(evaluation, operating_points=(point,))))


def test_missing_ids_are_a_caution(binary_facts, seven_facts) -> None:
    assert "Images, not lesions." in titles(beware(binary_facts))
    assert "Images, not lesions." not in titles(beware(seven_facts))


def test_side_of_actinic_keratosis_is_told_where_there_are_diagnoses(binary_facts, seven_facts) -> None:
    told = {facts: next(n.text for n in beware(facts) if n.title == "What malignant means.") for facts in
            (binary_facts, seven_facts)}  # fmt: skip
    assert "not recorded" in told[binary_facts]
    assert "AKIEC (actinic keratosis or intraepithelial carcinoma) as malignant" in told[seven_facts]


def test_sensitivity_below_the_wanted_one_is_a_caution(binary) -> None:
    short = with_point(binary, target_sensitivity=0.95, sensitivity=Estimate(0.8, 0.7, 0.9, n=40))
    within = with_point(binary, target_sensitivity=0.95, sensitivity=Estimate(0.9, 0.85, 0.96, n=40))
    assert "Finds fewer malignant images than its target." in titles(beware(short))
    assert "Finds fewer malignant images than its target." not in titles(beware(within))
    assert "May find fewer malignant images than its target." in titles(
        beware(within)
    )  # 0.85 is 10 points short of 0.95
    sure = with_point(binary, target_sensitivity=0.95, sensitivity=Estimate(0.95, 0.93, 0.97, n=900))
    assert not any("fewer than asked for" in title for title in titles(beware(sure)))


def test_a_teacher_that_knew_validation_is_a_caution_in_report_and_card(binary) -> None:
    known = "n_val_labels_seen_by_teacher"
    taught = {n: RunFacts.of(replace(binary, environment={**binary.environment, known: n})) for n in (0, 7)}
    told = next(note for note in beware(taught[7]) if note.title == "Validation was known to the teacher.")
    assert f"had seen the labels of 7 of the {binary.calibration.n_images} validation images" in told.text
    limits = next(section for section in card_sections(taught[7]) if section.title == "Limits")
    assert (told.title, told.text) in limits.points
    assert told.title not in titles(beware(taught[0]))


def test_malignant_among_flagged_comes_with_the_ends_of_both_intervals_or_not_at_all(binary) -> None:
    def told(**figures: Estimate) -> str:
        notes = beware(with_point(binary, **figures))
        return next(note.text for note in notes if note.title == "How common malignancy is.")

    sure = told(sensitivity=Estimate(0.9, 0.8, 1.0, n=40), specificity=Estimate(0.8, 0.7, 0.9, n=60))
    # 0.9 * 5 / (0.9 * 5 + 0.2 * 95) = 0.19; 0.8 * 5 / (0.8 * 5 + 0.3 * 95) = 0.12; 5 / (5 + 0.1 * 95) = 0.34
    assert "about 19 of 100 flagged lesions are malignant (12 at the lower and 34 at the upper ends" in sure
    one_patient = Estimate(1.0, math.nan, math.nan, 4, "all of one patient: no interval")
    few = told(sensitivity=one_patient, specificity=Estimate(0.4, 0.1, 0.9, n=8))
    assert "too few to estimate how many flagged lesions are malignant at a prevalence of 5%" in few
    assert "of 100" not in few


def test_few_malignant_images_are_a_caution(binary_facts) -> None:
    assert binary_facts.is_malignant.sum() == 40
    assert "Few malignant images." in titles(beware(binary_facts))


def test_what_was_not_recorded_is_named(binary_facts, seven_facts) -> None:
    unknown = next(n for n in not_for(binary_facts) if n.title.startswith("People"))
    assert unknown.text.startswith("Not recorded: skin type, age, sex and body site.")
    assert next(n for n in not_for(seven_facts) if n.title.startswith("People")).text.startswith(
        "Not recorded: skin type."
    )


def test_children_in_training_are_counted(seven_facts) -> None:
    table = seven_facts.inputs.manifest.table
    n_minors = int(((table["split"] == "train") & (table["age"] < 18)).sum())
    note = next(n for n in not_for(seven_facts) if n.title == "Children.")
    assert note.text.startswith(f"Training images of people under 18: {n_minors} of ")


@pytest.mark.parametrize("n_unknown", [0, 6])
def test_images_without_an_age_are_not_counted_as_grown_ups(seven, n_unknown: int) -> None:
    """ "0 of 33" were under 18, and 6 of the 33 had no age."""
    is_train = seven.manifest.table["split"] == "train"
    ages = np.full(len(seven.manifest), 40.0)
    ages[np.flatnonzero(is_train)[:n_unknown]] = np.nan
    facts = RunFacts.of(with_manifest(seven, age=ages))
    n = int(is_train.sum())
    known = f"0 of {n - n_unknown} whose age is known, age unknown for 6 more." if n_unknown else f"0 of {n}."
    assert next(n.text for n in not_for(facts) if n.title == "Children.").endswith(known)


def test_known_lesions_that_were_not_resampled_are_a_caution(seven) -> None:
    resampling = replace(seven.evaluation.resampling, unit="image", n_units=280)
    facts = RunFacts.of(replace(seven, evaluation=replace(seven.evaluation, resampling=resampling)))
    note = next(note for note in beware(facts) if note.title == "Images, not lesions.")
    assert note.text.startswith("Intervals count each image")


def note_of(inputs, title: str) -> str:
    return next((note.text for note in beware(RunFacts.of(inputs)) if note.title == title), "")


def with_manifest(inputs, **columns):
    table = inputs.manifest.table.assign(**columns)
    return replace(inputs, manifest=replace(inputs.manifest, table=table))


def test_a_test_of_several_sources_is_not_called_one_collection(binary) -> None:
    n = len(binary.manifest)
    several = with_manifest(binary, source=["here" if k % 2 else "there" for k in range(n)])
    assert "a held-out part of 2 sources of the data" in note_of(several, "The same sources.")
    assert not note_of(several, "One collection.")
    for one in (binary, with_manifest(binary, source="here")):
        assert note_of(one, "One collection.")
        assert not note_of(one, "The same sources.")


def test_a_test_of_one_of_several_sources_names_it(binary) -> None:
    splits = binary.manifest.table["split"]
    one = with_manifest(binary, source=["here" if split == "test" else "there" for split in splits])
    assert note_of(one, "One source.").startswith("Test images are all of here, one of 2 sources of the data;")
    assert not note_of(one, "One collection.")


def test_chance_ruled_out_by_lesion_is_said_beside_an_image_that_does_not(binary) -> None:
    evaluation = binary.evaluation
    weak = {**evaluation.metrics, "auroc": Estimate(0.805, 0.455, 0.948, n=42)}

    def told(low: float) -> list[str]:
        lesions = SimpleNamespace(metrics={"auroc": Estimate(0.846, low, 0.962, n=19)}, points=())
        return titles(
            beware(RunFacts.of(replace(binary, evaluation=replace(evaluation, metrics=weak, lesions=lesions))))
        )

    assert "Better than chance by lesion only." in told(0.516)
    assert "Not shown to be better than chance." not in told(0.516)
    assert "Not shown to be better than chance." in told(0.48)
    sure = {**evaluation.metrics, "auroc": Estimate(0.805, 0.75, 0.86, n=4200)}
    facts = RunFacts.of(replace(binary, evaluation=replace(evaluation, metrics=sure)))
    assert not any("chance" in title for title in titles(beware(facts)))


def test_diagnoses_without_a_basis_are_not_called_opinion(binary) -> None:
    is_test = binary.manifest.table["split"] == "test"
    whole = note_of(with_manifest(binary, dx_type="histo"), "Truth.")
    assert whole == "100% of the test diagnoses are proven by histology."
    basis = [("histo", "follow_up", None, None)[k % 4] for k in range(len(is_test))]
    assert note_of(with_manifest(binary, dx_type=basis), "Truth.") == (
        "25% of the test diagnoses are proven by histology; follow up 25%; for 50% the basis is not recorded."
    )


def test_an_auroc_below_chance_is_a_caution_without_an_interval_too(binary) -> None:
    def told(auroc: Estimate) -> list[str]:
        metrics = {**binary.evaluation.metrics, "auroc": auroc}
        facts = RunFacts.of(replace(binary, evaluation=replace(binary.evaluation, metrics=metrics)))
        return [
            title for title in titles(beware(facts)) if title in {"Useless.", "Not shown to be better than chance."}
        ]

    few = "the same in every resample: no interval"
    assert told(Estimate(0.167, math.nan, math.nan, 13, few)) == ["Not shown to be better than chance."]
    assert told(Estimate(1.0, math.nan, math.nan, 13, few)) == []
    assert told(Estimate(0.167, 0.15, 0.19, n=3000)) == ["Useless."]


def test_a_class_without_a_test_image_has_no_result(seven) -> None:
    support = dict.fromkeys(seven.evaluation.support, 200)
    evaluation = replace(seven.evaluation, support={**support, "DF": 25, "VASC": 0})
    facts = RunFacts.of(replace(seven, evaluation=evaluation))
    if "Few malignant images." not in titles(beware(facts)):
        text = note_of(facts.inputs, "Small classes.")
        assert text == (
            "Test images: DF 25. Their results are imprecise. No test image: VASC. How well the model finds it is "
            "unknown."
        )


def test_what_embeddings_and_initial_weights_may_have_learned_from_is_said(binary) -> None:
    """Embeddings of a model that had learned from the test images reached AUROC 0.964 without a word."""
    title, config = "What was learned before.", binary.config
    assert not note_of(replace(binary, config=config.changed({"model.weights": "imagenet"})), title)
    assert not note_of(replace(binary, config=config.changed({"model.weights": "efficientnet-lite0"})), title)
    begun = replace(binary, config=config.changed({"model.weights": "lentigo"}))
    assert "weights training started from (lentigo)" in note_of(begun, title)
    changes = {"train.method": "features", "features.origin": "PanDerm", "features.tables": ["emb.npz"]}
    made = note_of(replace(binary, config=config.changed(changes)), title)
    assert "embeddings (PanDerm)" in made
    assert made.endswith("all figures are too optimistic.")
