"""The audit's page: the verdict first, every number from the record, and nothing that a hostile name could do."""

import html
import re
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from lentigo.data.manifest import Manifest
from lentigo.model.decision import Estimate
from lentigo.study.auditing._findings import (
    DataTable,
    DuplicatePair,
    Finding,
    FlowStep,
    LabelError,
    QualityFlag,
    SkinTone,
)
from lentigo.study.reporting import render_audit

ATTACK = "<script>alert('x')</script>"


def text_of(page: str) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<style>.*?</style>|<[^>]+>", " ", page, flags=re.DOTALL)))


def test_verdict_stands_before_the_findings_and_these_before_the_pictures(audit_page: str) -> None:
    text = text_of(audit_page)
    verdict = text.index("These data need work before training: 1 error, 1 warning.")
    assert (
        verdict < text.index("2 pairs of images show the same picture in two splits.") < text.index("In two splits 2")
    )


def test_findings_come_in_the_order_of_the_audit(audit_page: str, audit) -> None:
    places = [audit_page.index(finding.title) for finding in audit.findings]
    assert places == sorted(places)
    assert re.findall(r'<li class="finding (\w+)">', audit_page) == [finding.level for finding in audit.findings]


def test_more_than_five_ids_fold_away_but_stay_in_the_page(audit_page: str) -> None:
    text = text_of(audit_page)
    assert "IMG_0000, IMG_0001, IMG_0002, IMG_0003, IMG_0004 and 2 more IMG_0005, IMG_0006" in text
    assert "IMG_0001, gone" in text


def test_pairs_are_grouped_by_gravity(audit_page: str) -> None:
    text = text_of(audit_page)
    order = [text.index(title) for title in ("In two splits 2", "Under two labels 1", "Copies in one split 1")]
    assert order == sorted(order)
    assert "the same photograph, mirrored, turned 90° similarity 0.988" in text
    assert "the same pixels" in text


def test_pair_shows_split_and_class_of_both_images(audit_page: str) -> None:
    first = re.search(r'<ul class="pairs">.*?</li>', audit_page, re.DOTALL)
    assert first is not None
    assert re.findall(r'class="badge split-(\w+)"', first[0]) == ["train", "val"]
    assert first[0].count("data:image/jpeg") == 2


def test_flow_boxes_say_what_is_left_of_what_was_found(audit_page: str) -> None:
    text = text_of(audit_page)
    assert "161 images found" in text
    assert "1 unreadable, excluded" in text
    assert "Training 38 of 40 found" in text
    assert "do not add up" not in text


def test_flow_that_does_not_add_up_is_an_alert(audit, binary) -> None:
    page = render_audit(replace(audit, flow=(FlowStep("found", 170),)), binary.manifest, with_pictures=False)
    assert "10 images are not accounted for" in page


def test_tables_give_the_classes_of_every_value(seven_audit_page: str) -> None:
    rows = dict(re.findall(r'<th scope="row">([^<]+)</th>((?:<td>[\d,]+</td>)+)', seven_audit_page))
    assert re.findall(r"[\d,]+", rows["train"]) == ["20"] * 7 + ["140"]
    assert re.findall(r"[\d,]+", rows["histo"]) == ["80"] * 7 + ["560"]
    assert "diagnosis by" in seven_audit_page


def test_unevenly_spread_flaw_is_marked(audit_page: str) -> None:
    rows = re.findall(r'<tr( class="uneven")?><th scope="row">(with a ruler|blurred)', audit_page)
    assert rows == [(' class="uneven"', "with a ruler"), ("", "blurred")]
    assert "In no image: with ink." in text_of(audit_page)


def test_unreadable_image_is_a_labelled_gap(audit, binary) -> None:
    table = binary.manifest.table.assign(path="/nowhere/at/all.jpg")
    page = render_audit(audit, Manifest(table, origin="invented"))
    assert "no picture: the file cannot be read" in page
    assert "data:image" not in page
    assert "/nowhere" not in page


def test_image_that_is_not_in_the_manifest_is_a_labelled_gap(audit, binary) -> None:
    doubts = (LabelError("elsewhere", "benign", "malignant", 0.01),)
    page = render_audit(replace(audit, doubts=doubts), binary.manifest)
    assert "no picture: no file in the manifest" in page


def test_page_without_pictures_holds_none(audit, binary) -> None:
    page = render_audit(audit, binary.manifest, with_pictures=False)
    assert "data:image" not in page
    assert "no picture" not in page
    assert "IMG_0000" in page


def test_same_audit_gives_the_same_bytes(audit, binary, audit_page: str) -> None:
    assert render_audit(audit, binary.manifest) == audit_page


def test_words_of_users_are_escaped(audit, binary) -> None:
    table = binary.manifest.table.assign(image_id=[f"{name}{ATTACK}" for name in binary.manifest.table["image_id"]])
    ids = table["image_id"].tolist()
    hostile = replace(
        audit,
        data=ATTACK,
        classes=(ATTACK, "malignant"),
        findings=(Finding("x", "error", ATTACK, ATTACK, ATTACK, tuple(ids[:9])),),
        pairs=(DuplicatePair(ids[0], ids[1], "near", 0.9, ATTACK, ("train", "test"), (ATTACK, "malignant")),),
        doubts=(LabelError(ids[0], ATTACK, ATTACK, 0.1),),
        shortcuts=tuple(replace(score, name=ATTACK, strongest=ATTACK) for score in audit.shortcuts),
        flags=(QualityFlag("x", ATTACK, 1, 0.1, {ATTACK: (1, 2)}, {}, 0.5, (ids[0],)),),
        skin_tone=SkinTone({ATTACK: 1}, 40.0, 9.0),
        flow=(FlowStep(ATTACK, 160),),
        tables=(DataTable(ATTACK, {ATTACK: {ATTACK: 1}}),),
    )
    page = render_audit(hostile, Manifest(table, origin=ATTACK))
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_bare_audit_still_makes_a_page(audit, make_manifest) -> None:
    manifest = make_manifest(("NV",), 4, split=[None] * 4)
    bare = replace(
        audit,
        n_images=4,
        n_readable=4,
        classes=("NV",),
        malignant=(),
        findings=(),
        pairs=(),
        n_pairs=0,
        shortcuts=(),
        doubts=(),
        flags=(),
        skin_tone=SkinTone({}, float("nan"), float("nan")),
        flow=(),
        tables=(),
    )
    text = text_of(render_audit(bare, manifest))
    assert "No fault was found, but with these images a shortcut cannot be ruled out." in text
    assert "4 images, all readable, all NV." in text
    assert "Not measured: this needs enough benign and malignant images" in text
    assert "Skin tone" not in text
    assert "Under two labels" not in text


def test_undefined_shortcut_has_its_reason_and_no_bar(audit_page: str) -> None:
    (row,) = re.findall(
        r'<p class="bar-name">source<.*?</p>\s*<div class="rail"[^>]*>(.*?)</div>', audit_page, re.DOTALL
    )
    assert "class=" not in row
    assert "one source" in audit_page


@pytest.mark.slow
def test_page_with_everything_it_can_hold_stays_below_six_megabytes(audit, make_manifest, tmp_path) -> None:
    """Every picture as hard to compress as a hairy lesion is: noise of 12 grey levels on a gradient."""
    rng = np.random.default_rng(0)
    n_images = 300
    for place in range(n_images):
        slope = np.linspace(90, 200, 256)[:, None, None] + np.zeros((256, 256, 3))
        pixels = np.clip(slope + rng.normal(0, 12, slope.shape), 0, 255).astype(np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"{place}.jpg", quality=90)
    manifest = make_manifest(n_images=n_images, path=[str(tmp_path / f"{place}.jpg") for place in range(n_images)])
    ids = manifest.table["image_id"].tolist()
    sides = ("benign", "malignant")
    full = replace(
        audit,
        pairs=tuple(
            DuplicatePair(ids[i], ids[i + 1], "near", 0.9, "", ("train", "test"), sides) for i in range(0, 200, 2)
        ),
        doubts=tuple(LabelError(name, "benign", "malignant", 0.1) for name in ids[200:250]),
        flags=tuple(QualityFlag(f"f{k}", f"flaw {k}", 24, 0.1, {}, {}, 0.5, tuple(ids[k : k + 24])) for k in range(11)),
    )
    page = render_audit(full, manifest)
    assert page.count("data:image") == 120 + 24 + 88
    assert len(page.encode()) < 6_000_000


def test_shortcut_that_is_no_better_than_a_coin_is_called_so(audit, binary) -> None:
    weak = replace(audit.shortcuts[0], auroc=Estimate(0.52, 0.48, 0.56, n=160))
    page = render_audit(replace(audit, shortcuts=(weak,)), binary.manifest, with_pictures=False)
    assert "None separates malignant from benign much better than chance" in page
