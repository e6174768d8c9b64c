"""The headline of a model: all three answers, where they were measured, the worst source, and melanoma."""

import dataclasses
import json
import math

from lentigo.model import BundleRecord, open_model
from lentigo.model._headline import ModelHeadline
from lentigo.model._measured_figures import MeasuredFigures
from lentigo.model.decision import Estimate, LesionRule


def of(refer: float, benign: float, none: float) -> dict[str, Estimate]:
    names = ("refer", "benign-looking", "cannot assess")
    return {
        name: Estimate(value, value - 0.04, value + 0.04, n=100)
        for name, value in zip(names, (refer, benign, none), strict=True)
    }


KINDS = {"malignant": of(0.76, 0.06, 0.18), "benign": of(0.3, 0.5, 0.2), "melanoma": of(0.7, 0.12, 0.18)}


def test_all_three_answers_of_both_sides_are_said_with_their_intervals() -> None:
    said = ModelHeadline.of(MeasuredFigures("", 660, KINDS))
    assert "refers 76 (72 to 80), calls 6 (2 to 10) benign-looking and cannot assess 18 (14 to 22)" in said.answers
    assert "benign ones it refers 30 (26 to 34), calls 50 (46 to 54)" in said.answers
    assert said.where == "Measured on its own test (660 images); no other source was tried."


def test_melanoma_stands_beside_malignant_or_is_called_unknown() -> None:
    said = ModelHeadline.of(MeasuredFigures("", 660, KINDS))
    assert said.melanoma == "Of 100 melanomas it refers 70 (66 to 74) and calls 12 (8 to 16) benign-looking."
    without = {kind: KINDS[kind] for kind in ("malignant", "benign")}
    assert "not recorded" in ModelHeadline.of(MeasuredFigures("", 660, without)).melanoma
    assert ModelHeadline.of(MeasuredFigures("", 660, without), names_diagnoses=False).melanoma == ""


def test_of_fewer_than_ten_images_no_100_is_said_whatever_the_interval() -> None:
    def malignant(n: int) -> str:
        some = {name: dataclasses.replace(figure, n=n) for name, figure in KINDS["malignant"].items()}
        return ModelHeadline.of(MeasuredFigures("", 60, {**KINDS, "malignant": some})).answers

    assert malignant(9).startswith("Of the 9 malignant images it refers 7")
    assert malignant(10).startswith("Of 100 malignant lesions it refers 76 (72 to 80)")


def test_melanomas_are_counted_where_the_table_of_subgroups_calls_them_too_few() -> None:
    def said(n: int) -> str:
        ten = {name: Estimate(share.value, share.low, share.high, n) for name, share in KINDS["melanoma"].items()}
        return ModelHeadline.of(MeasuredFigures("", 660, {**KINDS, "melanoma": ten})).melanoma

    assert said(10) == "Of the 10 images of melanoma it refers 7 and calls 1 benign-looking (too few to speak of 100)."
    assert said(20).startswith("Of 100 melanomas it refers 70 (66 to 74)")


def test_where_there_is_no_interval_images_are_counted_and_no_100_is_said() -> None:
    def few(n: int, *values: float) -> dict[str, Estimate]:
        note = "all images are of one patient: no interval"
        names = ("refer", "benign-looking", "cannot assess")
        return {name: Estimate(value, math.nan, math.nan, n, note) for name, value in zip(names, values, strict=True)}

    kinds = {"malignant": few(4, 0.75, 0.25, 0.0), "benign": of(0.3, 0.5, 0.2), "melanoma": few(2, 1.0, 0.0, 0.0)}
    said = ModelHeadline.of(MeasuredFigures("", 12, kinds))
    assert said.answers == (
        "Of the 4 malignant images it refers 3, calls 1 benign-looking and cannot assess 0 (too few to speak of 100); "
        "of 100 benign ones it refers 30 (26 to 34), calls 50 (46 to 54) benign-looking and cannot assess 20 "
        "(16 to 24)."
    )
    assert said.melanoma == (
        "Of the 2 images of melanoma it refers 2 and calls 0 benign-looking (too few to speak of 100)."
    )
    alone = MeasuredFigures("", 12, None, few(4, 0.75, 0.25, 0.0)["refer"], Estimate(0.6, 0.5, 0.7, n=100))
    assert ModelHeadline.of(alone).answers == (
        "Of the 4 malignant images 3 (too few to speak of 100) reach its threshold, and of 100 benign ones 40 "
        "(30 to 50)."
    )
    sources = (MeasuredFigures("home", 100, KINDS), MeasuredFigures("away", 12, {"malignant": few(12, 0.5, 0.5, 0.0)}))
    assert ModelHeadline.of(MeasuredFigures("", 112, KINDS), sources).worst == (
        "Worst source: away, where it refers 6 of 12 malignant images (too few to speak of 100)."
    )


def test_a_source_of_few_malignant_images_is_not_ranked() -> None:
    def source(name: str, n: int, value: float, half: float) -> MeasuredFigures:
        return MeasuredFigures(name, 3 * n, {"malignant": {"refer": Estimate(value, value - half, value + half, n=n)}})

    own = MeasuredFigures("", 900, KINDS)  # refers 76 of 100
    large = source("home", 200, 0.9, 0.05), source("away", 200, 0.6, 0.05)
    assert ModelHeadline.of(own, (*large, source("tiny", 9, 0.5, 0.4))).worst == (
        "Worst source: away, where it refers 60 (55 to 65) of 100 malignant lesions. Sources with too few "
        "malignant images to compare: tiny."
    )
    none = MeasuredFigures("none", 30, {"malignant": {"refer": Estimate.undefined("0 malignant images")}})
    assert ModelHeadline.of(own, (*large, none)).worst.endswith("malignant images to compare: none.")
    unsure = source("home", 20, 0.9, 0.1), source("away", 20, 0.6, 0.3)  # 0.9 is above the whole test's 0.76
    assert ModelHeadline.of(own, unsure).worst.startswith(
        "Lowest sensitivity of a source (not shown to be lower than the others): away,"
    )
    assert ModelHeadline.of(own, (large[0], source("tiny", 9, 0.5, 0.4))).worst == (
        "Sources with too few malignant images to compare: tiny."
    )


def test_the_worst_source_of_the_test_is_named() -> None:
    sources = tuple(
        MeasuredFigures(name, 100, {"malignant": of(value, 0.05, 0.05)})
        for name, value in (("home", 0.95), ("away", 0.6))
    )
    assert ModelHeadline.of(MeasuredFigures("", 200, KINDS), sources).worst == (
        "Worst source: away, where it refers 60 (56 to 64) of 100 malignant lesions."
    )
    assert ModelHeadline.of(MeasuredFigures("", 200, KINDS), sources[:1]).worst == ""


def test_sources_that_were_left_out_come_before_the_own_test() -> None:
    left_out = tuple(
        MeasuredFigures(
            name,
            595,
            None,
            Estimate(value, value - 0.05, value + 0.05, n=100),
            Estimate(0.6, 0.5, 0.7, n=100),
            Estimate(0.4, 0.35, 0.45, n=100),
        )
        for name, value in (("home", 0.95), ("away", 0.85))
    )
    said = ModelHeadline.of(MeasuredFigures("", 660, KINDS), (), left_out)
    assert said.answers.startswith("Of 100 malignant lesions 85 (80 to 90) reach its threshold")
    assert "gives no answer on 40 (35 to 45) of 100 photographs." in said.answers
    start = "Estimate for a collection it has not learned from, by a network trained without it: "
    assert said.where.startswith(f"{start}away (595 images), lowest of 2.")
    assert "home 95 (90 to 100), and of 100 benign ones 40 (30 to 50)." in said.where
    assert said.melanoma.startswith("Of 100 melanomas of its own test it refers")  # and not of the left-out source
    assert "no other source" not in said.text


def test_a_bundle_keeps_what_was_measured_and_says_it(bundle_folder) -> None:
    record = open_model(bundle_folder, threads=1).record
    measured = (
        MeasuredFigures("", 1_595, KINDS),
        MeasuredFigures("home", 1_000, {"malignant": of(0.9, 0.05, 0.05)}),
        MeasuredFigures("away, (far)", 595, {"malignant": of(0.6, 0.05, 0.05)}),
    )
    written = json.loads(json.dumps(dataclasses.replace(record, measured=measured).json()))
    kept = BundleRecord.from_json(written, "bundle.json")
    assert kept.measured == measured
    assert kept.headline().answers.startswith("Of 100 malignant lesions it refers 76 (72 to 80)")
    assert "Worst source: away, (far), where it refers 60 (56 to 64)" in kept.headline().worst
    there = MeasuredFigures("there", 200, None, Estimate(0.7, 0.6, 0.8, n=100), is_left_out=True)
    told = dataclasses.replace(record, measured=(*measured, there)).headline()
    assert told.where.startswith(
        "Estimate for a collection it has not learned from, by a network trained without it: there (200 images)."
    )


def test_figures_of_sources_in_bundles_of_before_are_found_by_their_names(bundle_folder) -> None:
    record = open_model(bundle_folder, threads=1).record
    named = {
        "sensitivity, home (1,000 images)": Estimate(0.9, 0.8, 0.95, n=100),
        "sensitivity, away, (far) (595 images)": Estimate(0.6, 0.5, 0.7, n=100),
    }
    worst = dataclasses.replace(record, metrics=record.metrics | named).headline().worst
    assert "Worst source: away, (far), where above the threshold are 60 (50 to 70)" in worst


def test_the_shipped_model_says_its_three_answers_and_its_worst_source() -> None:
    said = open_model("lentigo", threads=1).record.headline()
    assert "cannot assess" in said.text or "gives no answer" in said.text
    assert said.worst or "it has not learned from" in said.where


def test_a_bundle_without_figures_on_test_says_on_what_it_was_measured(bundle_folder) -> None:
    record = dataclasses.replace(open_model(bundle_folder, threads=1).record, metrics={})
    assert "validation images on which its threshold was chosen (too optimistic)" in record.headline().where


def test_numbers_that_do_not_add_up_to_a_hundred_are_called_rounded() -> None:
    uneven = {"malignant": of(0.877, 0.007, 0.116), "benign": of(0.3, 0.5, 0.2)}  # 88, 1 and 12
    assert ModelHeadline.of(MeasuredFigures("", 660, uneven)).answers.endswith(". Numbers of 100 are rounded.")
    assert "rounded" not in ModelHeadline.of(MeasuredFigures("", 660, KINDS)).answers


def test_photographs_are_not_called_lesions_where_lesions_have_several() -> None:
    said = ModelHeadline.of(MeasuredFigures("", 660, KINDS), by_photograph=True)
    assert said.answers.startswith("Of 100 malignant photographs it refers 76")
    assert said.melanoma.startswith("Of 100 photographs of melanoma it refers")


def test_a_bundle_whose_lesions_have_several_photographs_counts_photographs(bundle_folder) -> None:
    """The report said "of 100 malignant photographs", the bundle exported from the run "of 100 malignant lesions"."""
    record = dataclasses.replace(open_model(bundle_folder).record, measured=(MeasuredFigures("", 660, KINDS),))
    assert "Of 100 malignant lesions" in dataclasses.replace(record, lesion=None).headline().text
    several = LesionRule("mean_logit", record.decision, 17)
    assert "Of 100 malignant photographs" in dataclasses.replace(record, lesion=several).headline().text


def test_a_share_without_an_answer_names_the_images_it_was_measured_on() -> None:
    found = [Estimate(1.0, 0.78, 1.0, n=14), Estimate(0.41, 0.28, 0.56, n=46), Estimate(0.03, math.nan, math.nan, n=0)]
    said = [
        ModelHeadline.of(MeasuredFigures("", 60, None, *found), measured_on=where).answers
        for where in ("calibration", "validation")
    ]
    assert "(calibration images)" in said[0]
    assert "(validation images)" in said[1]
