"""The audit in a run's report and card: the model beside the shortcut, and quiet where there is no audit."""

from dataclasses import replace

import pytest

from lentigo.data.manifest import Manifest
from lentigo.model.decision import Estimate
from lentigo.study.auditing._findings import Finding, FlowStep, ShortcutScore
from lentigo.study.reporting import render_card, render_report
from lentigo.study.reporting._answer import answer_of
from lentigo.study.reporting._audit.section import audit_notes, comparison_text, data_audit
from lentigo.study.reporting._audit.words import leakage_text, occlusion_text
from lentigo.study.reporting._cautions import beware
from lentigo.study.reporting._inputs import RunFacts


def looks(whole: float, masked: float, *, half: float = 0.02) -> dict[str, object]:
    values = {"whole": whole, "masked": masked}
    return {key: Estimate(value, value - half, value + half, n=60).json() for key, value in values.items()}


def titles(facts: RunFacts) -> list[str]:
    return [title for title, _ in audit_notes(facts)]


def test_run_without_an_audit_has_no_section(binary, binary_page: str) -> None:
    assert data_audit(RunFacts.of(binary)) is None
    assert 'id="data-audit"' not in binary_page
    assert "#data-audit" not in binary_page
    assert "## Data audit" not in render_card(binary)


def test_model_stands_beside_the_strongest_shortcut(audited, audited_page: str) -> None:
    auroc = audited.evaluation.metrics["auroc"]
    text = (
        f"The model: {auroc.value:.3f} ({auroc.low:.3f} to {auroc.high:.3f}); "
        "“border ring” alone: 0.910 (0.900 to 0.920); all such features together: 0.930 (0.920 to 0.940)."
    )
    assert comparison_text(RunFacts.of(audited)) == text
    assert text in audited_page
    assert text in render_card(audited)


def test_first_bar_is_the_model_and_the_last_is_all_together(audited) -> None:
    section = data_audit(RunFacts.of(audited), with_pictures=False)
    assert section is not None
    assert [bar.kind for bar in section.bars] == ["model", "strongest", "shortcut", "shortcut", "all"]
    assert section.bars[1].value == 82.0  # 0.91 of 0.5 to 1


def test_leaks_that_were_left_out_are_counted(audited) -> None:
    section = data_audit(RunFacts.of(audited), with_pictures=False)
    assert section is not None
    assert "2 images were excluded from training (or validation)" in section.lead
    assert (section.n_leaks, len(section.pairs)) == (2, 2)
    assert "Leaks." not in titles(RunFacts.of(audited))


def test_leaks_that_were_left_in_are_a_caution(audited) -> None:
    flow = (FlowStep("found", 160), FlowStep("in a later split too", 0))
    facts = RunFacts.of(replace(audited, audit=replace(audited.audit, flow=flow)))
    assert titles(facts)[0] == "Leaks."
    assert dict(audit_notes(facts))["Leaks."].endswith("results on test may be better than on new patients.")
    assert "some of them of lesions that training images show as well" in answer_of(facts).does
    assert "not used for training" in answer_of(RunFacts.of(audited)).does


def test_shortcut_is_a_caution_when_the_audit_warns_of_it(audited) -> None:
    assert "A shortcut in the data." in [note.title for note in beware(RunFacts.of(audited))]
    note = Finding("shortcut.border", "note", "weak")
    quiet = replace(audited, audit=replace(audited.audit, findings=(note,)))
    assert "A shortcut in the data." not in titles(RunFacts.of(quiet))


def test_a_shortcut_in_which_the_lesion_has_a_part_is_a_possible_one(audited) -> None:
    def told(key: str, *more: Finding) -> list[str]:
        score = ShortcutScore("mean colours", key, Estimate(0.935, 0.826, 1.0, n=60), 6, "mean red")
        findings = (Finding(f"shortcut.{key}", "warning", "strong"), *more)
        audit = replace(audited.audit, shortcuts=(score,), findings=findings)
        return titles(RunFacts.of(replace(audited, audit=audit)))

    ruler = Finding("shortcut.artefact.ruler", "error", "61% of malignant and 4% of benign images show a ruler.")
    assert "A possible shortcut in the data." in told("colour")
    assert "A possible shortcut in the data." in told("artefacts")
    assert "A shortcut in the data." in told("artefacts", ruler)
    assert "A shortcut in the data." in told("border")


def test_all_shortcuts_together_are_named_where_they_reach_more_than_the_strongest(audited) -> None:
    one = ShortcutScore("border ring", "border", Estimate(0.906, 0.894, 0.917, n=3297), 16, "")
    for value, is_named in ((0.935, True), (0.9, False)):
        every = ShortcutScore(
            "all of these together", "all", Estimate(value, value - 0.01, value + 0.01, n=3297), 42, ""
        )
        audit = replace(audited.audit, shortcuts=(one, every))
        text = comparison_text(RunFacts.of(replace(audited, audit=audit)))
        assert ("; all such features together: 0.935 (0.925 to 0.945)." in text) is is_named


@pytest.mark.parametrize(
    ("unit", "same"),
    [
        ("image", "same picture"),
        ("lesion", "same picture or lesion"),
        ("patient", "same picture, lesion or patient"),
    ],
)
def test_images_left_out_share_only_what_the_data_know(audited, unit: str, same: str) -> None:
    assert leakage_text(replace(audited.audit, unit=unit)).endswith(f"{same}, or a copy of one that is excluded.")


def test_pictures_of_images_that_training_left_out_come_from_what_was_audited(audited) -> None:
    left = audited.manifest.table.iloc[1:]  # IMG_0000 is of both leaks
    thinned = replace(audited, manifest=Manifest(left, origin="invented", classes=audited.manifest.classes))
    without = data_audit(RunFacts.of(thinned))
    assert without is not None
    assert without.pairs[0].shots[0].picture.problem == "no file in the manifest"
    shown = data_audit(RunFacts.of(replace(thinned, audited=audited.manifest)))
    assert shown is not None
    assert shown.pairs[0].shots[0].picture.jpeg is not None


def test_second_look_stands_without_an_audit(binary) -> None:
    only = replace(binary, second_look=looks(0.9, 0.85))
    page = render_report(only, with_pictures=False)
    assert "With the lesion covered the model still reaches 0.850 (0.830 to 0.870)" in page
    assert "Uses regions outside the lesion." in titles(RunFacts.of(only))
    assert "| AUROC, the lesion covered | 0.850 (0.830 to 0.870) |" in render_card(only)


def test_second_look_is_read_by_what_is_left_of_the_lead_over_a_coin() -> None:
    """Of 0.4 over a coin, 0.21 is more than half; 0.15 less, also at the far ends: 0.17 of 0.38; 0.51 is a coin."""
    assert "still reaches 0.710" in occlusion_text(looks(0.9, 0.71))
    assert "falls to 0.650" in occlusion_text(looks(0.9, 0.65))
    assert "do not decide whether most" in occlusion_text(looks(0.9, 0.69))
    assert "hardly better than chance" in occlusion_text(looks(0.9, 0.51))


def test_few_images_with_the_lesion_covered_reassure_nobody() -> None:
    """0.654 (0.479 to 0.792) beside 0.9: with few images the lower end lies at a coin, and the upper end does not."""
    few = {"whole": Estimate(0.9, 0.82, 0.95, n=40).json(), "masked": Estimate(0.654, 0.479, 0.792, n=40).json()}
    said = occlusion_text(few)
    assert "hardly better" not in said
    assert "0.654 (0.479 to 0.792): 40 images do not decide" in said


def test_second_look_that_cannot_be_read_says_nothing() -> None:
    assert occlusion_text({}) == ""
    assert occlusion_text(looks(0.45, 0.6)).endswith(
        "which is not better than chance: nothing follows about what it relies on."
    )
    undefined = {"whole": Estimate.undefined("one class").json(), "masked": Estimate.undefined("one class").json()}
    assert occlusion_text(undefined) == ""


def test_empty_parts_of_an_audit_leave_no_headings(audited) -> None:
    empty = replace(audited.audit, findings=(), pairs=(), n_pairs=0, shortcuts=(), flow=())
    page = render_report(replace(audited, audit=empty, second_look=None), with_pictures=False)
    assert "found before training: nothing found." in page
    assert "The model compared with" not in page
    assert "Occlusion" not in page
    assert "two splits <span" not in page
