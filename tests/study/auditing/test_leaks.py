import numpy as np
import pandas as pd
import pytest

from lentigo.data.manifest import Manifest
from lentigo.errors import LeakageError
from lentigo.study.auditing._findings import DuplicatePair
from lentigo.study.auditing._leaks import group_findings, leaking, pair_findings, refuse_leaks, sort_pairs


def manifest(**columns):
    n = len(next(iter(columns.values())))
    table = pd.DataFrame({"image_id": [f"i{k}" for k in range(n)], "path": "/i", "target": "NV"}).assign(**columns)
    return Manifest(table, origin="memory")


def pair(first, second, splits=("train", "test"), targets=("NV", "NV"), kind="near", similarity=0.9, change=""):
    return DuplicatePair(first, second, kind, similarity, change, splits, targets)


def test_a_group_in_several_splits_stays_in_the_last_of_them_only():
    data = manifest(split=["train", "val", "test", "train", "val", "train"])
    groups = np.array(["a", "a", "a", "b", "b", "c"])
    # a: test keeps its image, train and val lose theirs; b: val keeps, train loses; c stays
    assert leaking(data, groups).tolist() == [True, True, False, True, False, False]


def test_nothing_leaks_without_splits():
    assert not leaking(manifest(target=["NV", "NV"]), np.array(["a", "a"])).any()


def test_refusing_names_the_images_and_both_remedies():
    data = manifest(split=["train", "test"])
    refuse_leaks(data, np.array(["a", "b"]))
    with pytest.raises(LeakageError, match=r"1 image shares .* of memory: i0\. .*--leaks drop.*lentigo split"):
        refuse_leaks(data, np.array(["a", "a"]))


def test_pairs_come_with_leaks_first_then_conflicts_then_the_most_similar():
    plain, similar = pair("a", "b", ("train", "train")), pair("c", "d", ("train", "train"), similarity=0.99)
    conflict = pair("e", "f", ("train", "train"), ("NV", "MEL"))
    leak = pair("g", "h")
    assert sort_pairs([plain, similar, conflict, leak]) == [leak, conflict, similar, plain]


def test_leaking_conflicting_and_redundant_pairs_are_three_findings():
    pairs = [
        pair("a", "b"), pair("a", "c", ("train", "val")), pair("d", "e", ("train", "train"), ("NV", "MEL")),
        pair("f", "g", ("test", "test"), kind="bytes"), pair("h", "i", change="mirrored, zoomed 1.12"),
    ]  # fmt: skip
    leak, conflict, rest = pair_findings(pairs)
    assert (leak.code, leak.level, leak.images) == ("leak.picture", "error", ("a", "b", "c", "h", "i"))
    assert leak.title == "3 pairs of images show the same picture in two splits."
    assert leak.detail.startswith("2 between train and test, 1 between train and val; 1 pair shows a copy that was mir")
    assert "2 pairs show nearly the same pixels" in leak.detail  # no change was found that would make a copy of them
    assert (conflict.code, conflict.level, conflict.images) == ("conflict.picture", "error", ("d", "e"))
    assert "MEL and NV" in conflict.detail
    assert (rest.code, rest.level) == ("duplicate.picture", "note")
    assert rest.title == "1 pair of images shows the same picture within one split."
    assert pair_findings([]) == []


def test_shared_ids_contradicting_diagnoses_and_several_views_are_told():
    data = manifest(
        lesion_id=["L1", "L1", "L2", "L2", None],
        patient_id=["P1", "P1", "P2", "P2", "P2"],
        target=["NV", "NV", "NV", "MEL", "NV"],
        split=["train", "train", "train", "test", "test"],
    )
    by_code = {finding.code: finding for finding in group_findings(data)}
    assert list(by_code) == ["leak.lesion", "conflict.lesion", "leak.patient", "group.patient"]
    assert by_code["leak.lesion"].title == "1 lesion has images in two splits."
    assert by_code["leak.lesion"].images == ("i2", "i3")
    assert by_code["conflict.lesion"].detail == "Lesion ids: L2."
    assert by_code["leak.patient"].images == ("i2", "i3", "i4")
    # P1 has two images, P2 three: all five belong to patients with several
    assert by_code["group.patient"].title.startswith("2 patients have several images (5 in all)")


def test_data_without_ids_are_told_so():
    assert [finding.code for finding in group_findings(manifest(target=["NV"]))] == ["group.none"]
