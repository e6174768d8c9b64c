"""The tables repeat the evaluation."""

import pytest

from lentigo.study.reporting._tables import (
    average_rows,
    class_scores,
    confusion_rows,
    overall_scores,
    point_rows,
)


def test_every_class_has_a_row_with_its_support(seven_facts) -> None:
    rows = class_scores(seven_facts)
    assert [row.code for row in rows] == list(seven_facts.classes)
    assert sum(row.support for row in rows) == seven_facts.inputs.evaluation.n_images
    recall = seven_facts.inputs.evaluation.per_class["MEL"]["recall"]
    assert rows[0].cells[1].value == f"{100 * recall.value:.0f}%"


def test_means_over_classes_are_both_shown(seven_facts) -> None:
    assert [name for name, _ in average_rows(seven_facts)] == ["mean over classes", "mean weighted by images"]


def test_confusion_rows_add_up_to_their_class(seven_facts) -> None:
    for name, _, total, cells in confusion_rows(seven_facts):
        assert total == sum(cell.n_images for cell in cells) == seven_facts.inputs.evaluation.support[name]
        assert sum(cell.level for cell in cells) == pytest.approx(1)
        assert [cell.is_right for cell in cells].count(True) == 1


def test_macro_figures_appear_for_diagnoses_only(binary_facts, seven_facts) -> None:
    names = {facts: [name for name, _, _ in overall_scores(facts)] for facts in (binary_facts, seven_facts)}
    assert "Macro AUROC" in names[seven_facts]
    assert "Macro AUROC" not in names[binary_facts]


def test_operating_point_stands_beside_what_it_reached_on_validation(binary_facts) -> None:
    row, *others = point_rows(binary_facts)
    assert [other.wanted for other in others] == [
        "90% sensitivity",
        "98% sensitivity",
        "the greatest sum of sensitivity and specificity (Youden)",
    ]
    names = [name for name, _, _ in row.cells]
    assert names[:4] == ["sensitivity", "specificity", "PPV", "NPV"]
    assert names[4:] == ["sensitivity, validation", "specificity, validation"]
    chosen = binary_facts.inputs.calibration.operating_points[0]
    assert row.cells[4][1].value == f"{100 * chosen.sensitivity.value:.1f}%"
