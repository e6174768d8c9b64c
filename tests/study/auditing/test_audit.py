import json
import math

import pytest

from lentigo.errors import DataError
from lentigo.model.decision import Estimate
from lentigo.study.auditing._audit import Audit
from lentigo.study.auditing._findings import (
    DataTable,
    DuplicatePair,
    Finding,
    FlowStep,
    LabelError,
    QualityFlag,
    ShortcutScore,
    SkinTone,
)


def audit(**changes):
    fields = {
        "data": "set", "n_images": 4, "n_readable": 3, "classes": ("MEL", "NV"), "malignant": ("MEL",),
        "unit": "lesion",
        "findings": (Finding("leak.picture", "error", "1.", images=("a", "b")), Finding("group.none", "note", "2.")),
        "pairs": (DuplicatePair("a", "b", "near", 0.97, "mirrored", ("train", None), ("NV", "MEL")),),
        "n_pairs": 1,
        "shortcuts": (
            ShortcutScore("file", "file", Estimate(0.6, 0.5, 0.7, n=3), 9, "bytes"),
            ShortcutScore("border ring", "border", Estimate(0.9, 0.8, 0.95, n=3), 12, "blue"),
            ShortcutScore("all together", "all", Estimate(0.95, 0.9, 0.99, n=3), 21),
        ),
        "doubts": (LabelError("a", "NV", "MEL", 0.02),),
        "flags": (QualityFlag("ruler", "with a ruler", 1, 0.25, {"NV": (1, 2)}, {}, math.nan, ("a",)),),
        "skin_tone": SkinTone({"light": 3}, math.nan, math.nan),
        "flow": (FlowStep("found", 4),),
        "tables": (DataTable("sex", {"female": {"NV": 1}}),),
    }  # fmt: skip
    return Audit(**fields | changes)


def test_an_audit_reads_back_as_it_was_written(tmp_path):
    audit().write(tmp_path / "audit.json")
    text = (tmp_path / "audit.json").read_text()
    again = Audit.read(tmp_path / "audit.json")
    assert repr(again) == repr(audit())  # NaN is not equal to itself
    assert json.loads(text)["schema_version"] == 2
    assert json.loads(text)["flags"][0]["p_value"] is None


def test_the_worst_level_and_the_strongest_single_shortcut_are_known():
    assert audit().worst == "error"
    assert audit(findings=()).worst is None
    assert audit().strongest_shortcut.key == "border"
    assert audit(shortcuts=()).strongest_shortcut is None


def test_an_audit_of_another_version_is_refused(tmp_path):
    (tmp_path / "audit.json").write_text('{"schema_version": 1, "flow": []}')
    with pytest.raises(DataError, match=r"is not an audit of version 2\. Write it again with 'lentigo audit'"):
        Audit.read(tmp_path / "audit.json")
