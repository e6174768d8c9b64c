"""Reports and audits over small invented data: two classes without ids, or seven diagnoses of lesions with metadata."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from lentigo.config import Config
from lentigo.data.manifest import SPLITS, Manifest
from lentigo.model.decision import Estimate
from lentigo.numbers.calibration import Calibration
from lentigo.numbers.evaluation import evaluate
from lentigo.numbers.predictions import Predictions
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
from lentigo.study.auditing._participant_flow import LEAKING
from lentigo.study.reporting import ReportInputs, render_audit, render_report
from lentigo.study.reporting._inputs import RunFacts
from lentigo.taxonomy import Taxonomy

SEVEN = ("MEL", "NV", "BCC", "AKIEC", "BKL", "DF", "VASC")
ENVIRONMENT = {
    "schema_version": 1,
    "started": "2025-06-03T09:14:07+00:00",
    "lentigo": "0.1.0",
    "python": "3.11.9",
    "packages": {"numpy": "2.3.1"},
    "device": "cpu (x86_64)",
    "pixels_sha256": "9f" * 32,
}
EPOCHS = [
    {"epoch": n, "lr": 1e-3, "train_loss": 1 / n, "val_loss": 1.1 / n, "val_auroc": 0.9 - 0.01 * (n - 3) ** 2}
    | {"val_accuracy": 0.8, "images_per_s": 40.0, "seconds": 2.0}
    for n in range(1, 6)
]


def predict(manifest: Manifest, *, seed: int) -> Predictions:
    """Scores that are right more often than not, with the wrong confidence."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 1, (len(manifest), len(manifest.classes)))
    logits[np.arange(len(manifest)), manifest.targets] += 1.5
    shares = np.exp(1.8 * logits)
    shares /= shares.sum(axis=1, keepdims=True)
    return Predictions(manifest.table["image_id"].to_numpy(dtype=str), manifest.targets, shares, manifest.classes)


def assemble(manifest: Manifest, **changes: Any) -> ReportInputs:
    """Everything a report needs, calibrated and evaluated as a run does it."""
    taxonomy = Taxonomy()
    malignant = taxonomy.malignant(manifest.classes)
    val, test = (predict(manifest.subset(split), seed=seed) for seed, split in enumerate(("val", "test")))
    calibration = Calibration.fit(val, malignant=malignant)
    groups, unit = manifest.subset("test").groups()
    evaluation = evaluate(
        calibration.apply(test),
        malignant=malignant,
        groups=groups,
        unit=unit,
        operating_points=calibration.operating_points,
        n_resamples=100,
    )
    sizes = [{"step": split, "n_images": len(manifest.subset(split))} for split in ("train", "val", "test")]
    flow = [{"step": "found", "n_images": len(manifest) + 2}, {"step": "unreadable", "n_images": -2}, *sizes]
    inputs = ReportInputs(
        title="first run",
        config=Config(),
        taxonomy=taxonomy,
        manifest=manifest,
        flow=flow,
        environment=ENVIRONMENT,
        history=EPOCHS,
        val=val,
        test=test,
        calibration=calibration,
        evaluation=evaluation,
    )
    return replace(inputs, **changes)


def tabulate(folder: Path, classes: tuple[str, ...], n_images: int, **columns: Any) -> Manifest:
    """A manifest of images that take the classes in turn; all share one picture file."""
    picture = folder / "picture.jpg"
    if not picture.exists():
        pixels = np.random.default_rng(0).integers(60, 220, (30, 40, 3), dtype=np.uint8)
        Image.fromarray(pixels).resize((400, 300)).save(picture)
    places = np.arange(n_images)
    table = pd.DataFrame(
        {
            "image_id": [f"IMG_{place:04d}" for place in places],
            "path": str(picture),
            "target": np.array(classes)[places % len(classes)],
            "split": np.array(["train", "val", "test", "test"])[(places // len(classes)) % 4],
            **columns,
        }
    )
    return Manifest(table, origin="invented")


def audit_of(manifest: Manifest, **changes: Any) -> Audit:
    """An audit with something of everything: two leaks, a conflict, a copy, shortcuts, doubts, flaws, tones."""
    ids, target = manifest.table["image_id"].tolist(), manifest.table["target"].tolist()
    split = manifest.table["split"].tolist()

    def pair(i: int, j: int, kind: str, similarity: float, change: str = "") -> DuplicatePair:
        return DuplicatePair(ids[i], ids[j], kind, similarity, change, (split[i], split[j]), (target[i], target[j]))

    k = len(manifest.classes)
    is_malignant = np.isin(target, Taxonomy().malignant(manifest.classes))
    has = is_malignant & (np.arange(len(ids)) % 3 == 0)
    by_class = {name: (int((has & (np.array(target) == name)).sum()), target.count(name)) for name in manifest.classes}
    by_split = {name: (int((has & (np.array(split) == name)).sum()), split.count(name)) for name in SPLITS}
    flaws = (int(has.sum()), float(has.mean()), by_class, by_split)
    by_histology = {name: target.count(name) for name in manifest.classes}
    ruled = tuple(np.array(ids)[has][:24].tolist())
    n_images = len(manifest)
    fields: dict[str, Any] = {
        "data": "invented",
        "n_images": n_images + 1,
        "n_readable": n_images,
        "classes": manifest.classes,
        "malignant": tuple(Taxonomy().malignant(manifest.classes)),
        "unit": manifest.groups()[1],
        "findings": (
            Finding("leak.picture", "error", "2 pairs of images show the same picture in two splits.", "Why.", "Drop.",
                    tuple(ids[:7])),
            Finding("shortcut.border", "warning", "The border ring tells the classes apart.", remedy="Crop."),
            Finding("duplicate.picture", "note", "1 pair of images shows the same picture.", images=(ids[1], "gone")),
        ),
        "pairs": (
            pair(0, k, "near", 0.9876, "mirrored, turned 90°"),
            pair(0, 2 * k, "bytes", 1.0),
            pair(0, 1, "near", 0.95),
            pair(2 * k, 3 * k, "pixels", 1.0),
        ),
        "n_pairs": 4,
        "shortcuts": (
            ShortcutScore("file", "file", Estimate(0.7, 0.6, 0.8, n=n_images), 9, "bytes a pixel"),
            ShortcutScore("border ring", "border", Estimate(0.91, 0.9, 0.92, n=n_images), 24, "mean blue"),
            ShortcutScore("source", "source", Estimate.undefined("one source"), 1),
            ShortcutScore("all together", "all", Estimate(0.93, 0.92, 0.94, n=n_images), 34),
        ),
        "doubts": tuple(LabelError(ids[i], target[i], target[i + 1], 0.001 * i) for i in range(30)),
        "flags": (
            QualityFlag("blurred", "blurred", 1, 1 / n_images, {}, {}, float("nan"), (ids[3],)),
            QualityFlag("ruler", "with a ruler", *flaws, 1e-9, ruled),
            QualityFlag("ink", "with ink", 0, 0.0, {}, {}, float("nan")),
        ),
        "skin_tone": SkinTone({"light": n_images - 3, "dark": 1, "uncertain": 2}, 44.0, 9.0),
        "flow": (FlowStep("found", n_images + 1), FlowStep("unreadable", -1), FlowStep(LEAKING, -2),
                 *(FlowStep(name, split.count(name) - 2 * (name == "train")) for name in SPLITS)),
        "tables": (DataTable("dx_type", {"histo": by_histology, "unknown": {}}),),
    }  # fmt: skip
    return Audit(**fields | changes)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pictures")


@pytest.fixture(scope="session")
def make_manifest(folder: Path) -> Callable[..., Manifest]:
    """A maker of manifests: `make_manifest(classes, n_images, site=[...])`."""

    def make(classes: tuple[str, ...] = ("benign", "malignant"), n_images: int = 160, **columns: Any) -> Manifest:
        return tabulate(folder, classes, n_images, **columns)

    return make


@pytest.fixture(scope="session")
def binary(make_manifest: Callable[..., Manifest]) -> ReportInputs:
    """Benign and malignant images, nothing else known; 80 in test."""
    return assemble(make_manifest())


@pytest.fixture(scope="session")
def seven(make_manifest: Callable[..., Manifest]) -> ReportInputs:
    """Seven diagnoses with metadata; 280 images in test, two of each lesion."""
    n_images = 560
    places = np.arange(n_images)
    manifest = make_manifest(
        SEVEN,
        n_images,
        diagnosis=np.array(SEVEN)[places % 7],
        lesion_id=[f"L{place // 28}_{place % 7}_{min(place // 7 % 4, 2)}" for place in places],
        age=np.where(places % 10 == 0, np.nan, 5.0 * (places % 18)),
        sex=np.where(places % 2 == 0, "female", "male"),
        site=np.array(["back", "lower_extremity", "<b>face</b>"])[places % 3],
        dx_type=np.array(["histo", "follow_up"])[places % 2],
    )
    penalties = [{"penalty": 10.0**-n, "val_loss": 1 + (n - 2) ** 2, "val_accuracy": 0.7} for n in range(1, 5)]
    return assemble(manifest, title="seven diagnoses", history=penalties)


@pytest.fixture(scope="session")
def binary_facts(binary: ReportInputs) -> RunFacts:
    return RunFacts.of(binary)


@pytest.fixture(scope="session")
def seven_facts(seven: ReportInputs) -> RunFacts:
    return RunFacts.of(seven)


@pytest.fixture(scope="session")
def binary_page(binary: ReportInputs) -> str:
    return render_report(binary)


@pytest.fixture(scope="session")
def seven_page(seven: ReportInputs) -> str:
    return render_report(seven)


@pytest.fixture(scope="session")
def audit(binary: ReportInputs) -> Audit:
    return audit_of(binary.manifest)


@pytest.fixture(scope="session")
def seven_audit(seven: ReportInputs) -> Audit:
    return audit_of(seven.manifest)


@pytest.fixture(scope="session")
def audit_page(audit: Audit, binary: ReportInputs) -> str:
    return render_audit(audit, binary.manifest)


@pytest.fixture(scope="session")
def seven_audit_page(seven_audit: Audit, seven: ReportInputs) -> str:
    return render_audit(seven_audit, seven.manifest)


@pytest.fixture(scope="session")
def audited(binary: ReportInputs, audit: Audit) -> ReportInputs:
    """The binary run with its audit and a model that looks beside the lesion."""
    looks = {"whole": 0.9, "centre": 0.85, "masked": 0.8}
    second_look = {key: Estimate(value, value - 0.04, value + 0.04, n=60).json() for key, value in looks.items()}
    return replace(binary, audit=audit, second_look={**second_look, "n_images": 60})


@pytest.fixture(scope="session")
def audited_page(audited: ReportInputs) -> str:
    return render_report(audited)


@pytest.fixture(scope="session")
def assembled() -> Callable[..., ReportInputs]:
    """The maker of inputs from a manifest: `assembled(manifest, history=[])`."""
    return assemble
