"""Every writer, killed at every write, rename and deletion: old or new, nothing of the user's lost, and mended after.

Fetching is killed in `tests/data/fetching/test_killed_fetch.py`.
"""

import dataclasses
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from tests.killing import content, kills

from lentigo.bundling._folder import write_bundle
from lentigo.data.sources._arrays import unpack_arrays
from lentigo.errors import LentigoError
from lentigo.model import open_model
from lentigo.model._answer_table import row_of
from lentigo.model._files import CARD, read_bundle_folder
from lentigo.numbers.predictions import Predictions
from lentigo.phantoms import draw_phantom
from lentigo.service.scoring import score
from lentigo.service.scoring._shards import AnsweredShard
from lentigo.stages import Run, explain, report_run, train
from lentigo.stages import _audit as auditing
from lentigo.stages import _external_validation as external
from lentigo.stages import _stress as stressing
from lentigo.storage import recover_folder, write_text

MINE = {
    ".out.old/thesis.tex": b"mine",
    "out.txt": b"mine",
    ".out.0123abcd.old/x": b"mine",
    ".out.0123abcd.partial": b"",
}


def visit(root: Path, old: Callable[[Path], object], new: Callable[[Path], object]) -> None:
    """Kill `new`, which replaces `root/out` that `old` made, at every step."""
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir()
    old(root / "out")
    before, kept = content(root / "out"), root.with_name("kept")
    shutil.copytree(root / "out", kept)
    new(root / "out")
    after = content(root / "out")
    assert before != after

    def begin():
        shutil.copytree(kept, root / "out")
        for name, inside in MINE.items():
            (root / name).parent.mkdir(exist_ok=True)
            (root / name).write_bytes(inside)

    found = []
    for step in kills(root, lambda: new(root / "out"), begin=begin):
        recover_folder(root / "out")
        found.append(content(root / "out"))
        assert found[-1] in (before, after), step
        new(root / "out")
        assert content(root) == {**MINE, **{f"out/{name}": inside for name, inside in after.items()}}, step
    assert len(found) > 12
    assert before in found
    assert after in found


def test_a_phantom(tmp_path):
    old, new = ({"n_images": 2, "size": 32, "seed": seed, "split": False, "force": True} for seed in (1, 2))
    visit(tmp_path / "place", lambda out: draw_phantom(out, **old), lambda out: draw_phantom(out, **new))


def test_a_bundle(bundle_folder, tmp_path):
    record = open_model(bundle_folder, threads=1).record
    contents = {name: inside for name, inside in read_bundle_folder(bundle_folder)[1].items() if name != CARD}
    renamed = dataclasses.replace(record, name="newer")
    visit(
        tmp_path / "place",
        lambda out: write_bundle(out, record, contents, force=True),
        lambda out: write_bundle(out, renamed, contents, force=True),
    )


def test_an_audit(phantom, tmp_path, monkeypatch):
    examined = auditing.examine
    kept = []

    def once(*given, **options):
        kept.extend([] if kept else [examined(*given, **options)])
        return kept[0]

    monkeypatch.setattr(auditing, "examine", once)
    shutil.copytree(phantom, tmp_path / "renamed")
    monkeypatch.setattr("lentigo.study.reporting.render_audit", lambda audit, *_, **__: f"a page about {audit.data}")
    visit(
        tmp_path / "place",
        lambda out: auditing.audit(phantom, out, force=True),
        lambda out: auditing.audit(tmp_path / "renamed", out, force=True),
    )


def test_a_stress_test(run, tmp_path, monkeypatch):
    report = stressing.stress(run, n_images=6, only=["jpeg"], out=tmp_path / "stress", with_pictures=False)
    other = dataclasses.replace(report, provenance={**report.provenance, "data": "others"})
    monkeypatch.setattr("lentigo.study.reporting.render_stress", lambda report, picture: str(report.provenance))
    visit(
        tmp_path / "place",
        lambda out: stressing._write(report, out, picture=None, force=True),
        lambda out: stressing._write(other, out, picture=None, force=True),
    )


def test_explanations(bundle_folder, phantom, tmp_path, monkeypatch):
    photos, bundle = sorted((phantom / "images").iterdir()), open_model(bundle_folder, threads=1)
    monkeypatch.setattr("lentigo.model._opening.open_bundle", lambda *_, **__: bundle)
    visit(
        tmp_path / "place",
        lambda out: explain(bundle_folder, photos[:1], out, force=True),
        lambda out: explain(bundle_folder, photos[1:2], out, force=True),
    )


@dataclasses.dataclass
class Figures:
    text: str
    provenance: dict[str, str] = dataclasses.field(default_factory=dict)
    evaluation: object = dataclasses.field(
        default_factory=lambda: SimpleNamespace(resampling=SimpleNamespace(unit="patient"))
    )

    def write(self, path):
        write_text(path, self.text)


def test_an_external_test(tmp_path):
    said = Predictions(np.array(["a"]), np.array([0]), np.array([[0.5, 0.5]]), ("benign", "malignant"))
    patients = np.array(["patient:7"])
    visit(
        tmp_path / "place",
        lambda out: external._write(Figures("old"), said, patients, out, force=True),
        lambda out: external._write(Figures("new"), said, patients, out, force=True),
    )


def test_the_images_of_a_file_of_arrays(tmp_path):
    def make(place: Path, label: int) -> None:
        rng = np.random.default_rng(label)
        splits = ("train", "val", "test")
        arrays = {f"{split}_images": rng.integers(0, 256, (1, 28, 28, 3), np.uint8) for split in splits}
        labels = {f"{split}_labels": [[label]] for split in splits}
        np.savez(tmp_path / "dermamnist.npz", **arrays, **labels)
        shutil.copy(tmp_path / "dermamnist.npz", place.parent / "dermamnist.npz")
        unpack_arrays(place.parent / "dermamnist.npz")

    root = tmp_path / "place"
    root.mkdir()
    make(root / "x", 1)
    before = content(root / "dermamnist_images")

    def begin():
        shutil.copytree(kept, root, dirs_exist_ok=True)

    shutil.copytree(root, kept := tmp_path / "kept")
    make(root / "x", 2)
    after = content(root / "dermamnist_images")
    (kept / "dermamnist.npz").write_bytes((root / "dermamnist.npz").read_bytes())
    for step in kills(root, lambda: unpack_arrays(root / "dermamnist.npz"), begin=begin):
        recover_folder(root / "dermamnist_images")
        assert content(root / "dermamnist_images") in (before, after), step
        unpack_arrays(root / "dermamnist.npz")
        assert content(root / "dermamnist_images") == after, step
    assert step > 12


def test_scores(bundle_folder, phantom, tmp_path, monkeypatch):
    bundle = open_model(bundle_folder, threads=1)
    photos = sorted((phantom / "images").iterdir())[:3]
    (tmp_path / "photos.txt").write_text("".join(f"{photo}\n" for photo in photos))

    def here(asking, pieces, *, workers):
        for piece in pieces:
            found = bundle.answers([Path(path) for _, path in piece], names=[name for name, _ in piece])
            yield AnsweredShard([row_of(one, asking.classes, asking.threshold) for one in found])

    monkeypatch.setattr("lentigo.service.scoring._local.score_locally", here)
    out = tmp_path / "place" / "out"

    def write(**how):
        return score(bundle_folder, tmp_path / "photos.txt", out, shard_size=2, **how)

    def tables():
        return {name: inside for name, inside in content(out).items() if name.startswith("part-")}

    out.parent.mkdir()
    write()
    whole = tables()
    shutil.copytree(out, kept := tmp_path / "kept")
    n_resumed = 0
    for step in kills(out.parent, write, begin=lambda: (out.parent / "mine.txt").write_text("mine")):
        assert tables().items() <= whole.items(), step  # each table whole or absent
        assert not (out / "score.json").exists() or tables() == whole, step
        n_resumed += (out / "plan.json").exists()
        assert write(resume=True, force=True).n_images == 3
        assert set(content(out.parent)) == {"mine.txt", *(f"out/{name}" for name in content(kept))}, step
    assert n_resumed > 8
    for step in kills(out.parent, lambda: write(force=True), begin=lambda: shutil.copytree(kept, out)):
        assert not (out / "score.json").exists() or tables() == whole, step
        assert write(resume=True, force=True).n_images == 3
        assert tables() == whole, step
        assert set(content(out)) == set(content(kept)), step


def test_a_report(run, tmp_path, monkeypatch):
    files = ("model_card.md", "checklist.md", "report.html")
    made = iter(range(10**6))
    monkeypatch.setattr("lentigo.study.reporting.render_card", lambda _: f"card {next(made)}")
    monkeypatch.setattr("lentigo.study.reporting.render_checklist", lambda _: f"list {next(made)}")
    monkeypatch.setattr("lentigo.study.reporting.render_report", lambda _, with_pictures: f"page {next(made)}")
    monkeypatch.setattr("lentigo.stages._report.report_inputs", lambda _: None)
    root = tmp_path / "place"
    before = {name: (run / name).read_bytes() for name in files}
    for step in kills(root, lambda: report_run(Run(root / "run")), begin=lambda: shutil.copytree(run, root / "run")):
        found = {name: (root / "run" / name).read_bytes() for name in files}
        kinds = (b"card", b"list", b"page")
        assert all(found[name] == before[name] or found[name].split()[0] in kinds for name in files), step
        report_run(Run(root / "run"))
        assert (root / "run" / "report.html").read_text().startswith("page")
        assert set(content(run)) <= set(content(root / "run"))
    assert step > 9


@pytest.mark.slow
@pytest.mark.parametrize("first", [7, 55, 103])
def test_a_run_that_is_killed_while_it_replaces_another(phantom, tiny, run, tmp_path, first):
    """All steps take a quarter of an hour: here every 48th, a third of these each time."""
    config = tiny.changed({"train.epochs": 1, "evaluate.second_look": 0, "evaluate.n_resamples": 100})
    root, old = tmp_path / "place", content(run)

    def begin():
        shutil.copytree(run, root / "run")
        (root / ".run.old").mkdir()
        (root / ".run.old" / "thesis.tex").write_text("mine")

    def write():
        train(phantom, root / "run", config=config, force=True)

    for step in kills(root, write, begin=begin, every=144, first=first):
        recover_folder(root / "run")
        assert (root / ".run.old" / "thesis.tex").read_text() == "mine"
        made = Run.open(root / "run")
        if made.config() != config:
            assert content(root / "run") == old, step
            continue
        done = train(None, root / "run", resume=True)
        assert done.report_path.is_file()
        hidden = [path.name for path in root.rglob(".*") if path.name != ".run.old"]
        assert [name for name in hidden if not name.endswith(".partial")] == [], step


def test_a_place_that_only_looks_like_one_of_ours_is_not_replaced_by_force(tmp_path, bundle_folder, photo):
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "1.jpg").touch()
    (tmp_path / "metadata.csv").touch()
    with pytest.raises(LentigoError, match="is not a phantom, so --force does not overwrite it"):
        draw_phantom(tmp_path, n_images=6, size=32, force=True)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "0001-left.png").touch()
    with pytest.raises(LentigoError, match="is not a folder of explanations, so --force does not overwrite it"):
        explain(bundle_folder, [photo], tmp_path / "mine", force=True)
