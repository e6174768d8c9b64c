"""Fixtures that every test folder may use."""

import dataclasses
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

if TYPE_CHECKING:
    from subprocess import CompletedProcess

    from lentigo.config import Config
    from lentigo.model import Model


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Decoded images of the tests never meet the user's."""
    os.environ["LENTIGO_CACHE"] = str(tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="session", autouse=True)
def threads_are_traced() -> None:
    """CPython lets one thread at a time install coverage's trace function, and a thread that loses the race dies."""
    import sys
    import threading
    import time

    class PatientSys:
        def __getattr__(self, name: str) -> object:
            return getattr(sys, name)

        @staticmethod
        def settrace(hook: Any) -> None:
            for _ in range(1000):
                try:
                    return sys.settrace(hook)
                except RuntimeError:
                    time.sleep(0.001)
            return sys.settrace(hook)

    threading._sys = PatientSys()  # type: ignore[attr-defined]


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    """Tests run side by side, and threads only wait for one another; bfloat16 sums depend on their number, too."""
    import torch

    torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def own_log_level() -> Iterator[None]:
    """A command run inside a test sets how much lentigo logs; the next test starts as a user's process does."""
    import logging

    logger = logging.getLogger("lentigo")
    level = logger.level
    yield
    logger.setLevel(level)


@pytest.fixture(autouse=True)
def fresh_cache_folder(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Each test of the cache itself gets an empty one."""
    if request.node.path.name == "test_cache.py":
        monkeypatch.setenv("LENTIGO_CACHE", str(request.getfixturevalue("tmp_path") / "cache"))


@pytest.fixture(scope="session")
def phantom(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of 120 phantom images of 48 px that are easy to tell apart, with ids and splits."""
    from lentigo.phantoms import draw_phantom

    folder = tmp_path_factory.mktemp("data") / "phantom"
    return draw_phantom(folder, n_images=120, size=48, difficulty="easy", seed=1)


@pytest.fixture(scope="session")
def tiny() -> "Config":
    """Settings that go the whole way in seconds."""
    from lentigo.config import load_config

    small = [
        "model.backbone=test_resnet",
        "image.size=32",
        "model.weights=none",
        "train.epochs=2",
        "train.batch_size=16",
        "train.device=cpu",
        "predict.precision=float32",  # which a processor has or has not: figures are compared to the last digits
    ]
    quick = ["data.task=binary", "train.lr=3e-3", "train.layer_decay=1.0", "evaluate.n_resamples=200"]
    return load_config(overrides=[*small, *quick])


@pytest.fixture(scope="session")
def run(phantom: Path, tiny: "Config", tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finished run on the phantom; tests that change it work on a copy."""
    from lentigo.stages import train

    return train(phantom, tmp_path_factory.mktemp("runs") / "run", config=tiny).folder


@pytest.fixture(scope="session")
def photo(phantom: Path) -> Path:
    """One image."""
    return sorted((phantom / "images").iterdir())[0]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real images; a test that asks for it is skipped where there is none."""
    beside_repository = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("LENTIGO_SHARED_DATA", beside_repository))
    if not folder.is_dir():
        pytest.skip(
            f"no real images in {folder}: set LENTIGO_SHARED_DATA to the folder that holds isic-binary, ham10000, ..."
        )
    return folder


@pytest.fixture(scope="session")
def faults() -> "Callable[[str, object], list[str]]":
    """What is wrong with a JSON file by its schema, every record closed: a key that the schema does not know is one."""
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema comes with the extra 'dev'")
    from lentigo.cli._schemas import schemas

    def close(value: object) -> None:
        if isinstance(value, dict):
            if value.get("type") == "object" and "properties" in value:
                value.setdefault("additionalProperties", False)
            for inner in value.values():
                close(inner)
        elif isinstance(value, list):
            for inner in value:
                close(inner)

    made = schemas()
    close(made)

    def found(name: str, content: object) -> list[str]:
        errors = jsonschema.Draft202012Validator(made[name]).iter_errors(content)
        return [f"{error.json_path}: {error.message[:200]}" for error in errors]

    return found


@pytest.fixture
def tiny_images(tmp_path: Path) -> Callable[..., Path]:
    """A maker of small images: `tiny_images({"train/benign": 3, "train/malignant": 2})` returns their folder.

    The files are distinct JPEGs named 0.jpg, 1.jpg, ... in each class folder, after `prefix`; the second
    class is darker than the first, the third darker again.
    """

    def make(counts: Mapping[str, int], *, folder: Path | None = None, size: int = 16, prefix: str = "") -> Path:
        root = tmp_path / "images" if folder is None else folder
        classes = sorted({Path(name).name for name in counts})
        rng = np.random.default_rng(0)
        for name, n_images in counts.items():
            (root / name).mkdir(parents=True, exist_ok=True)
            level = 200 - 60 * classes.index(Path(name).name) % 200
            for i in range(n_images):
                pixels = np.clip(rng.normal(level, 25, (size, size, 3)), 0, 255).astype(np.uint8)
                Image.fromarray(pixels).save(root / name / f"{prefix}{i}.jpg", quality=90)
        return root

    return make


@pytest.fixture(scope="session")
def bundle_folder() -> Path:
    """A small bundle as the first lentigo that wrote bundles wrote it; tests that change it work on a copy."""
    return Path(__file__).parent / "fixtures" / "bundle-v1"


@pytest.fixture(scope="session")
def cautious(bundle_folder: Path) -> "Model":
    """The same bundle with a threshold of 0.001: it refers what it holds for benign."""
    from lentigo.model import open_model

    made = open_model(bundle_folder, threads=1)
    point = dataclasses.replace(made.record.decision.operating_points[0], threshold=0.001)
    decision = dataclasses.replace(made.decision, operating_points=(point,), low_confidence=None)
    return made.with_record(dataclasses.replace(made.record, decision=decision))


@pytest.fixture(scope="session")
def benign_but_referred(cautious: "Model", phantom: Path) -> Path:
    """A photograph that the cautious bundle refers although benign is the most probable class."""
    paths = sorted((phantom / "images").iterdir())
    answers = cautious.predict(paths)
    return next(
        path
        for path, answer in zip(paths, answers, strict=True)
        if answer.decision == "refer" and answer.differential[0][0] == "benign"
    )


@pytest.fixture(scope="session")
def exported(run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle of the finished run, ResNet-18 at 32 px."""
    from lentigo.stages import export

    return export(run, tmp_path_factory.mktemp("bundles") / "bundle", n_references=40).folder


@pytest.fixture(scope="session")
def make_dicom() -> Callable[..., bytes]:
    """A maker of DICOM files: `make_dicom(pixels, PatientID="1")` returns the bytes of a dermoscopic photograph.

    Pixels are uint8 or (u)int16, shape (H, W, 3) or (H, W); `syntax` is a UID, and compressed frames are given as
    `frame`. Attributes may be replaced, or left out with None.
    """
    import io

    import pydicom
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.encaps import encapsulate
    from pydicom.uid import ExplicitVRLittleEndian, generate_uid

    def make(
        pixels: np.ndarray | None = None,
        *,
        syntax: str = ExplicitVRLittleEndian,
        frame: bytes | None = None,
        uid: str | None = None,
        **attributes: object,
    ) -> bytes:
        if pixels is None:
            across, down = np.meshgrid(np.linspace(0, 255, 48), np.linspace(0, 255, 40))
            pixels = np.stack([across, down, np.full_like(across, 90)], axis=-1).astype(np.uint8)
        uid = uid or generate_uid(entropy_srcs=[str(sorted(attributes.items())), str(pixels.sum())])
        data = Dataset()
        data.SpecificCharacterSet = "ISO_IR 192"
        data.SOPClassUID = "1.2.840.10008.5.1.4.1.1.77.1.7"
        data.SOPInstanceUID = uid
        data.StudyDate, data.StudyTime, data.AccessionNumber = "20260102", "101112", "A1"
        data.Modality, data.Manufacturer, data.ManufacturerModelName = "XC", "Maker", "Scope 3"
        data.ReferringPhysicianName, data.PatientName, data.PatientID = "Ref^Doc", "Mustermann^Erika", "4711"
        data.PatientBirthDate, data.PatientSex, data.PatientAge = "19700601", "F", "055Y"
        data.StudyInstanceUID, data.SeriesInstanceUID = "1.2.3.4", "1.2.3.4.5"
        data.StudyID, data.SeriesNumber, data.InstanceNumber = "S1", 1, 1
        samples = pixels.shape[2] if pixels.ndim == 3 else 1
        data.SamplesPerPixel = samples
        data.PhotometricInterpretation = "RGB" if samples == 3 else "MONOCHROME2"
        if samples == 3:
            data.PlanarConfiguration = 0
        data.Rows, data.Columns = pixels.shape[:2]
        data.BitsAllocated = data.BitsStored = 8 * pixels.dtype.itemsize
        data.HighBit = data.BitsStored - 1
        data.PixelRepresentation = int(pixels.dtype.kind == "i")
        big = syntax == "1.2.840.10008.1.2.2"
        raw = pixels.astype(pixels.dtype.newbyteorder(">" if big else "<")).tobytes()
        data.PixelData = encapsulate([frame]) if frame is not None else raw + b"\0" * (len(raw) % 2)
        data["PixelData"].VR = "OB" if frame is not None or pixels.dtype.itemsize == 1 else "OW"
        data["PixelData"].is_undefined_length = frame is not None
        for name, value in attributes.items():
            if value is None:
                delattr(data, name)
            else:
                setattr(data, name, value)
        data.file_meta = FileMetaDataset()
        data.file_meta.TransferSyntaxUID = syntax
        data.file_meta.MediaStorageSOPClassUID, data.file_meta.MediaStorageSOPInstanceUID = data.SOPClassUID, uid
        stream = io.BytesIO()
        pydicom.dcmwrite(stream, data, enforce_file_format=True)
        return stream.getvalue()

    return make


@pytest.fixture(scope="session")
def program_of_dcmtk() -> Callable[[str], str]:
    """What finds a program of DCMTK, or skips the test; pynetdicom installs others of the same names."""
    import shutil
    import subprocess

    def find(name: str) -> str:
        for folder in os.environ.get("PATH", "").split(os.pathsep):
            path = shutil.which(name, path=folder)
            if path and "dcmtk" in subprocess.run([path, "--version"], capture_output=True, text=True).stdout:
                return path
        pytest.skip(f"{name} of DCMTK is not installed: apt install dcmtk")

    return find


@pytest.fixture
def dcmtk(program_of_dcmtk: Callable[[str], str]) -> Callable[..., "CompletedProcess[str]"]:
    """A runner of DCMTK's programs: `dcmtk("storescu", "-aec", ...)` returns the finished process."""
    import subprocess

    def run(program: str, *arguments: object, timeout: float = 90) -> "CompletedProcess[str]":
        command = [program_of_dcmtk(program), *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, timeout=timeout)

    return run
