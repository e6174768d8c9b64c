"""What follows from the decision, as the report shows it: subgroups, net benefit, images put aside, sets of classes."""

from dataclasses import replace

import pytest

from lentigo.model.decision import Estimate
from lentigo.numbers.calibration import ChosenBand
from lentigo.numbers.evaluation import evaluate_whole
from lentigo.study.reporting import render_checklist, render_report
from lentigo.study.reporting._cautions import beware
from lentigo.study.reporting._consequences import coverage_of, deferral_of, net_benefit_drawing, net_benefit_of
from lentigo.study.reporting._inputs import RunFacts
from lentigo.study.reporting._subgroup_section import subgroup_section, worst_subgroup
from lentigo.study.reporting._words import threshold_text


@pytest.fixture(scope="module")
def detailed(seven):
    """A report on seven diagnoses with everything that follows from deciding; small groups are judged, too."""
    settings = replace(seven.config.evaluate, n_resamples=100, min_group=5, min_group_cases=2, prevalence=0.07)
    groups, unit = seven.manifest.subset("test").groups()
    detail = evaluate_whole(
        seven.test,
        malignant=seven.evaluation.malignant_classes,
        groups=groups,
        unit=unit,
        calibration=seven.calibration,
        manifest=seven.manifest,
        settings=settings,
    ).detail
    return replace(seven, evaluation=replace(seven.evaluation, detail=detail))


@pytest.fixture(scope="module")
def facts(detailed):
    return RunFacts.of(detailed)


def test_an_evaluation_without_detail_has_none_of_these_sections(binary_facts) -> None:
    assert net_benefit_of(binary_facts.inputs.evaluation) is None
    assert deferral_of(binary_facts.inputs.evaluation) is None
    assert coverage_of(binary_facts) is None
    assert subgroup_section(binary_facts.inputs.evaluation) is None
    assert worst_subgroup(binary_facts.inputs.evaluation) == ""


def test_the_worst_subgroup_is_said_on_the_first_page_and_marked_in_the_table(facts) -> None:
    groups = facts.inputs.evaluation.detail.subgroups
    lowest = min(
        group.sensitivity.value
        for table in groups.tables
        for group in table.groups
        if group.sensitivity.is_defined and group.value != "not recorded"
    )
    marked = [row for block in subgroup_section(facts.inputs.evaluation).blocks for row in block.rows if row.is_worst]
    assert [row.sensitivity.value for row in marked] == [lowest]
    assert marked[0].value in worst_subgroup(facts.inputs.evaluation)
    assert worst_subgroup(facts.inputs.evaluation) in {note.text for note in beware(facts)}


def test_subgroups_too_small_to_judge_are_named_without_a_figure(detailed) -> None:
    detail = detailed.evaluation.detail
    groups = replace(detail.subgroups, tables=tuple(
        replace(table, groups=tuple(replace(g, sensitivity=none, specificity=none, auroc=none) for g in table.groups))
        for table in detail.subgroups.tables for none in [table.groups[0].auroc.undefined("too few: 3 images")]
    ))  # fmt: skip
    judged = replace(detailed.evaluation, detail=replace(detail, subgroups=groups))
    section = subgroup_section(judged)
    assert section.lead == "No subgroup can be compared with another."
    assert not any(block.rows for block in section.blocks)
    assert all("(" in block.few for block in section.blocks)


def test_net_benefit_is_at_the_prevalence_that_was_asked_for(facts) -> None:
    shown = net_benefit_of(facts.inputs.evaluation)
    assert (shown.prevalence, shown.whose) == ("7%", "as set by evaluate.prevalence")
    assert len(shown.rows) == len(facts.inputs.evaluation.operating_points)
    assert "prevalence of 7%" in shown.figure


def test_a_shifted_threshold_is_said_beside_the_one_of_the_other_tables(facts) -> None:
    scores = facts.inputs.evaluation.detail.at_prevalence
    said = net_benefit_of(facts.inputs.evaluation).shift
    assert f"{threshold_text(scores.points[0].threshold)} becomes" in said
    assert said.endswith(f"{threshold_text(scores.points[0].threshold_there)}. The same images are flagged.")
    detail = replace(facts.inputs.evaluation.detail, at_prevalence=replace(scores, source=scores.prevalence))
    alike = replace(facts.inputs, evaluation=replace(facts.inputs.evaluation, detail=detail))
    assert net_benefit_of(alike.evaluation).shift == ""


def test_a_threshold_that_serves_two_points_has_one_table(detailed) -> None:
    first, second, *rest = detailed.evaluation.operating_points
    assert render_report(detailed).count("Another operating point") == 1 + len(rest)
    alike = replace(second, threshold=first.threshold)
    page = render_report(replace(detailed, evaluation=replace(detailed.evaluation, operating_points=(first, alike))))
    assert "the threshold is the same as one above" in page
    assert "Another operating point" not in page


def test_the_key_of_the_decision_curve_has_the_colours_of_what_it_names(facts) -> None:
    axes = net_benefit_drawing(facts.inputs.evaluation.detail.at_prevalence).figure().axes[0]
    colour_of = {text.get_text(): text.get_color() for text in axes.texts}
    (filled,) = [line for line in axes.lines if line.get_marker() == "o" and line.get_markerfacecolor() != "white"]
    (key,) = [text for text in colour_of if "threshold in use" in text]
    assert colour_of[key] == filled.get_color()
    dashed = next(line for line in axes.lines if line.is_dashed())
    assert colour_of["dashed: biopsy of all"] == dashed.get_color()


def test_the_sets_keep_their_promise_in_words_and_by_class(facts) -> None:
    shown = coverage_of(facts)
    assert shown.promised == "90%"
    assert [name for name, *_ in shown.per_class] == list(facts.classes)
    assert "exchangeability" in shown.guarantee


def test_the_page_has_the_sections_and_the_checklist_the_worst_group(detailed, facts) -> None:
    page = render_report(detailed, with_pictures=False)
    for words in ('id="subgroups"', "Net benefit", "Answering fewer", "Prediction sets"):
        assert words in page
    assert worst_subgroup(facts.inputs.evaluation).split(":")[0] in render_checklist(detailed)


def test_classes_below_the_promise_of_their_sets_are_named_by_the_far_end(facts) -> None:
    def told(low: float, high: float) -> str:
        detail = facts.inputs.evaluation.detail
        coverage = replace(detail.coverage, per_class={"DF": Estimate((low + high) / 2, low, high, n=25)}, promised=0.9)
        evaluation = replace(facts.inputs.evaluation, detail=replace(detail, coverage=coverage))
        return coverage_of(RunFacts.of(replace(facts.inputs, evaluation=evaluation))).below

    assert told(0.33, 0.82).startswith("Fewer than promised on test: DF 57.5%")
    assert told(0.56, 0.93) == ""  # a small sample: 0.9 is within


def test_without_a_low_confidence_band_none_is_said_to_be_chosen(facts) -> None:
    detail = facts.inputs.evaluation.detail

    def told(band) -> str:
        found = replace(detail, deferral=replace(detail.deferral, band=band))
        evaluation = replace(facts.inputs.evaluation, detail=found)
        return deferral_of(evaluation).band

    assert told(None).startswith("There is no low-confidence band.")
    assert "was chosen" not in told(None)
    widest = told(ChosenBand(0.1, 0.3, 0.12, 0.05, 0.02, False, 0.03, 0.09))
    assert "outside of it 5.0% of the malignant images are missed on validation (target: at most 2.0%)" in widest
    assert "The band was chosen on validation" in told(ChosenBand(0.1, 0.3, 0.12, 0.018, 0.02, True, 0.03, 0.09))


def test_none_of_equal_subgroups_is_called_the_lowest(facts) -> None:
    """With every group at 100 %, "sex female" was the lowest of 9."""
    evaluation = facts.inputs.evaluation
    groups = evaluation.detail.subgroups
    lows = iter((0.9, 0.7, 0.8, *[0.85] * 99))
    tables = tuple(
        replace(
            table,
            groups=tuple(replace(one, sensitivity=Estimate(1.0, next(lows), 1.0, n=20)) for one in table.groups),
        )
        for table in groups.tables
    )
    equal = replace(groups, tables=tables)
    whole = replace(evaluation, detail=replace(evaluation.detail, subgroups=equal))
    assert equal.worst[1].sensitivity.low == 0.7
    assert f"as in all {equal.n_compared} groups that can be compared, here the least certain" in worst_subgroup(whole)
    assert "the lowest of" not in worst_subgroup(whole)
    assert "have one sensitivity; least certain is that of" in whole.headline
    assert "the lowest of" in worst_subgroup(evaluation)
