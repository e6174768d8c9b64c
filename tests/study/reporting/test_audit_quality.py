"""The table of flaws: shares with their counts, bars of one scale, p-values that mean something."""

from dataclasses import replace

from lentigo.study.auditing._findings import QualityFlag, SkinTone
from lentigo.study.reporting._audit.quality import QualityCell, examples, flag_rows, tone_rows
from lentigo.study.reporting._pictures import Thumbnails

SILENT = Thumbnails({}, with_pictures=False)
RULER = QualityFlag(
    "ruler", "with a ruler", 30, 0.3, {"benign": (10, 50), "malignant": (20, 50)}, {"test": (3, 10)}, 0.02, ("a", "b")
)


def test_cells_are_all_then_classes_then_splits(audit) -> None:
    (row,) = flag_rows(replace(audit, n_readable=100, flags=(RULER,)))
    assert row.cells == (
        QualityCell("30.0%", "30 of 100 images", 0.75, ""),
        QualityCell("20.0%", "10 of 50 images", 0.5, "benign"),
        QualityCell("40.0%", "20 of 50 images", 1.0, "malignant"),
        QualityCell("30.0%", "3 of 10 images", 0.75, ""),
    )
    assert (row.p_value, row.is_uneven) == ("0.020", False)


def test_rare_flaws_do_not_fill_the_scale(audit) -> None:
    rare = replace(RULER, n_images=1, by_class={"benign": (1, 50), "malignant": (0, 50)}, by_split={})
    (row,) = flag_rows(replace(audit, n_readable=100, flags=(rare,)))
    assert [cell.bar for cell in row.cells] == [0.1, 0.2, 0.0]


def test_flaw_of_no_image_has_no_row_and_no_strip(audit) -> None:
    none = replace(audit, flags=(replace(RULER, n_images=0, images=()),))
    assert flag_rows(none) == ()
    assert examples(none, SILENT, {}) == ()


def test_frequent_flaws_come_first(audit) -> None:
    rare = replace(RULER, key="ink", share=0.01)
    assert [row.key for row in flag_rows(replace(audit, flags=(rare, RULER)))] == ["ruler", "ink"]


def test_strip_shows_eight_images_with_their_class(audit) -> None:
    many = replace(RULER, images=tuple("abcdefghij"))
    (strip,) = examples(replace(audit, flags=(many,)), SILENT, {"a": "malignant"})
    assert len(strip.shots) == 8
    assert strip.shots[0][1:] == ("malignant", "malignant")
    assert strip.shots[1][1:] == ("", "")


def test_tones_keep_their_order_and_uncertain_has_no_colour(audit) -> None:
    rows = tone_rows(replace(audit, skin_tone=SkinTone({"light": 30, "dark": 0, "uncertain": 10}, 45.0, 8.0)))
    assert [(row.name, row.share, row.bar) for row in rows] == [
        ("light", "75.0%", 100.0),
        ("dark", "0%", 0.0),
        ("uncertain", "25.0%", 33.3),
    ]
    assert rows[2].colour == ""


def test_nothing_but_uncertain_tones_is_no_distribution(audit) -> None:
    assert tone_rows(replace(audit, skin_tone=SkinTone({"uncertain": 9}, float("nan"), float("nan")))) == ()
