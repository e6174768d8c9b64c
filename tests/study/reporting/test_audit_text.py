"""The audit in a terminal: within 100 columns, worst first, aligned, and unable to act on the terminal."""

from dataclasses import replace

import pytest

from lentigo.model.decision import Estimate
from lentigo.study.auditing._findings import Finding, FlowStep, QualityFlag, SkinTone
from lentigo.study.reporting import audit_summary


@pytest.fixture(params=["audit", "seven_audit"])
def any_audit(request: pytest.FixtureRequest):
    return request.getfixturevalue(request.param)


def test_no_line_is_wider_than_a_hundred_columns(any_audit) -> None:
    long = Finding("x", "error", "word " * 60, remedy="do " * 90, images=tuple(f"{i}-{'x' * 70}" for i in range(9)))
    wide = replace(any_audit, data="d" * 300, findings=(long, *any_audit.findings), flow=(FlowStep("s" * 200, 10**9),))
    lines = audit_summary(wide).splitlines()
    assert max(map(len, lines)) <= 100
    assert not any(line != line.rstrip() for line in lines)


def test_verdict_then_findings_then_tables(any_audit) -> None:
    text = audit_summary(any_audit)
    heads = ["Data audit of invented", "These data need work", "ERROR ", "warning ", "note ", "Shortcuts ", "Quality "]
    places = [text.index(head) for head in [*heads, "Skin tone ", "Flow "]]
    assert places == sorted(places)


def test_finding_names_five_images_and_what_to_do(audit) -> None:
    text = audit_summary(audit)
    assert "IMG_0000, IMG_0001, IMG_0002, IMG_0003, IMG_0004 (+2)" in text
    assert "         To do: Drop." in text


def test_id_is_never_broken(audit) -> None:
    ids = tuple(f"train-malignant-{i}" for i in range(5))
    text = audit_summary(replace(audit, findings=(Finding("x", "note", "Title.", images=ids),)))
    assert all(name in text for name in ids)


def test_shortcuts_run_from_the_strongest_down_with_all_together_last(audit) -> None:
    lines = audit_summary(audit).splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("Shortcuts"))
    names = [line.split("  ")[1] for line in lines[start + 2 : start + 6]]
    assert names == ["border ring", "file", "source", "all together"]


def test_rail_shows_value_and_interval(audit) -> None:
    """21 signs from 0.5 to 1: 0.75 is the eleventh, 0.7 and 0.8 the ninth and the thirteenth."""
    score = replace(audit.shortcuts[0], auroc=Estimate(0.75, 0.7, 0.8, n=9))
    line = next(line for line in audit_summary(replace(audit, shortcuts=(score,))).splitlines() if "0.750" in line)
    assert "========--o--........" in line
    assert "0.750 [0.700, 0.800]" in line


def test_columns_of_the_flaws_align(seven_audit) -> None:
    lines = audit_summary(seven_audit).splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("Quality"))
    ends = {len(line) for line in lines[start + 1 : start + 4]}
    assert len(ends) == 1


def test_many_classes_are_added_up_to_their_sides(seven_audit) -> None:
    """Seven classes and three splits are too many columns: MEL 2 of 10 and BCC 1 of 10 are 3 of 20 malignant."""
    by_class = dict.fromkeys(seven_audit.classes, (0, 10)) | {"MEL": (2, 10), "BCC": (1, 10), "AKIEC": (0, 0)}
    flag = QualityFlag(
        "ruler", "with a ruler", 3, 0.05, by_class, dict.fromkeys(("train", "val", "test"), (1, 20)), 0.01
    )
    lines = audit_summary(replace(seven_audit, n_readable=60, flags=(flag,))).splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("Quality"))
    assert lines[start + 1].split() == ["all", "benign", "malignant", "train", "val", "test", "p"]
    assert lines[start + 2].split()[3:] == ["5.0%", "0%", "15.0%", "5.0%", "5.0%", "5.0%", "0.010"]


def test_control_characters_do_not_reach_the_terminal(audit) -> None:
    attack = "\x1b[2J\x07\r\nERROR fake"
    hostile = replace(
        audit,
        data=attack,
        findings=(Finding("x", "note", attack, attack, attack, (attack,)),),
        shortcuts=tuple(replace(score, name=attack, strongest=attack) for score in audit.shortcuts),
        flags=tuple(replace(flag, name=attack) for flag in audit.flags),
        flow=(FlowStep(attack, 1),),
    )
    text = audit_summary(hostile)
    assert all(letter.isprintable() or letter == "\n" for letter in text)
    assert not any(line.startswith("ERROR") for line in text.splitlines())


def test_bare_audit_is_a_verdict(audit) -> None:
    tone = SkinTone({}, float("nan"), float("nan"))
    bare = replace(audit, findings=(), shortcuts=(), flags=(), flow=(), skin_tone=tone)
    text = audit_summary(bare)
    assert text.splitlines()[1] == "No fault was found, but with these images a shortcut cannot be ruled out."
    assert "Shortcuts" not in text
    assert not text.endswith("\n")
