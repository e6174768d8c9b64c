import csv

from lentigo.numbers.evaluation import CHANGE_COLUMNS, ChangedAnswer, changed_answers
from lentigo.stages import write_changes
from lentigo.study.reporting import changes_table


def change(image, truth, old, new, fell=0.0):
    is_malignant = truth in {"MEL", "BCC"}
    return ChangedAnswer(image, truth, is_malignant, old, new, 0.5, 0.5 - fell)


ANSWERED = [
    change("benign-now-referred", "NV", "benign-looking", "refer"),
    change("stays", "MEL", "refer", "refer"),
    change("lost-bcc", "BCC", "refer", "benign-looking", 0.45),
    change("unsure-melanoma", "MEL", "refer", "cannot assess", 0.1),
    change("lost-melanoma", "MEL", "refer", "benign-looking", 0.2),
    change("lost-melanoma-deep", "MEL", "refer", "benign-looking", 0.4),
    change("found-melanoma", "MEL", "benign-looking", "refer", -0.3),
]


def test_lost_melanomas_come_first_and_what_stays_is_not_listed():
    changes = changed_answers(ANSWERED)
    assert [one.image for one in changes.listed] == [
        "lost-melanoma-deep", "lost-melanoma", "lost-bcc", "unsure-melanoma", "found-melanoma", "benign-now-referred",
    ]  # fmt: skip
    assert [one.image for one in changes.lost] == ["lost-melanoma-deep", "lost-melanoma", "lost-bcc"]
    assert changes.n_images == sum(changes.counts.values()) == 7
    assert changes.counts["malignant", "refer", "benign-looking"] == 3
    assert changes.json()["n_lost"] == 3


def test_the_table_says_how_many_malignant_ones_are_lost_and_how_many_of_them_are_melanomas():
    shown = changes_table(changed_answers(ANSWERED))
    assert "MALIGNANT, referred by A and benign-looking for B: 3, 2 of them melanomas" in shown
    assert shown.index("lost-melanoma-deep") < shown.index("lost-bcc") < shown.index("benign-now-referred")
    none = changes_table(changed_answers(ANSWERED[:2]))
    assert "the malignant image that A refers is not benign-looking for B" in none


def test_a_long_list_says_where_the_rest_is():
    many = [change(f"image-{number}", "NV", "refer", "benign-looking") for number in range(40)]
    shown = changes_table(changed_answers(many))
    assert "and 10 more; --changes FILE writes all of them" in shown


def test_the_csv_has_a_row_for_every_change(tmp_path):
    write_changes(tmp_path / "changes.csv", changed_answers(ANSWERED))
    with (tmp_path / "changes.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert tuple(rows[0]) == CHANGE_COLUMNS
    assert [row["is_lost"] for row in rows] == ["True"] * 3 + ["False"] * 3
    assert rows[0]["image"] == "lost-melanoma-deep"
