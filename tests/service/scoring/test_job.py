import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image
from tests.service.scoring.tables import NUMBERS, assert_same, rows_of

import lentigo
from lentigo.cli import group
from lentigo.errors import BundleError, ConfigError, DataError, LentigoError, MissingExtraError, ModelError
from lentigo.model import open_model
from lentigo.service.scoring import _job as job
from lentigo.service.scoring import score
from lentigo.service.scoring._local import score_locally
from lentigo.service.scoring._plan import Shard
from lentigo.service.scoring._process import WorkerSettings
from lentigo.stages import predict
from lentigo.storage import sha256_of


@pytest.fixture
def source(tmp_path, photos):
    """Nested photographs, one that cannot be read and some that cannot be assessed."""
    folder = tmp_path / "source"
    (folder / "deep" / "er").mkdir(parents=True)
    for number, photo in enumerate(photos[:40]):
        shutil.copy(photo, folder / ("deep/er" if number % 3 == 0 else "deep") / f"{number}.jpg")
    (folder / "empty.jpg").write_bytes(b"")
    noise = np.random.default_rng(0).integers(0, 256, (60, 60, 3)).astype(np.uint8)
    Image.fromarray(noise).save(folder / "noise.png")
    return folder


def names_in(folder):
    return sorted(path.name for path in folder.iterdir())


def test_rows_are_those_of_predict_in_the_same_order(bundle_folder, source, tmp_path):
    expected = predict(bundle_folder, [source], out=tmp_path / "p.csv", prevalence=0.1)
    scored = score(bundle_folder, source, tmp_path / "s", shard_size=17, workers=2, prevalence=0.1)
    assert_same(rows_of(tmp_path / "s"), rows_of(tmp_path / "p.csv"))
    assert names_in(tmp_path / "s") == [*(f"part-0000{n}.csv" for n in range(3)), "plan.json", "score.json"]
    assert [len(path.read_text().splitlines()) for path in sorted((tmp_path / "s").glob("part*"))] == [18, 18, 9]
    assert (scored.n_images, scored.n_errors, scored.n_refused) == (42, 1, expected.n_refused)
    assert expected.n_refused > 0
    header = (tmp_path / "p.csv").read_text().splitlines()[0]
    assert (tmp_path / "s" / "part-00002.csv").read_text().splitlines()[0] == header


def test_the_called_class_is_a_column_as_in_predict(photos, tmp_path):
    expected = predict("lentigo", photos[:6], out=tmp_path / "p.csv")
    (tmp_path / "list.txt").write_text("\n".join(map(str, photos[:6])))
    scored = score("lentigo", tmp_path / "list.txt", tmp_path / "s", workers=1)
    found, wanted = rows_of(tmp_path / "s"), rows_of(tmp_path / "p.csv")
    assert list(found[0]) == list(wanted[0])
    assert [(row["decision"], row["called"]) for row in found] == [(row["decision"], row["called"]) for row in wanted]
    assert all(row["called"] for row in found)
    assert (scored.n_images, scored.n_errors, scored.n_refused) == (6, 0, expected.n_refused)


def test_score_json_says_what_was_done(bundle_folder, source, tmp_path):
    summary = score(bundle_folder, source, tmp_path / "s", shard_size=40, workers=1).summary
    assert summary == json.loads((tmp_path / "s" / "score.json").read_text())
    assert summary["schema_version"] == 1
    assert summary["bundle"]["sha256"] == sha256_of(bundle_folder / "bundle.json")
    decided = [row["decision"] for row in rows_of(tmp_path / "s")]
    assert (summary["n_refer"], summary["n_benign_looking"]) == (
        decided.count("refer"),
        decided.count("benign-looking"),
    )
    assert [table["n_images"] for table in summary["tables"]] == [40, 2]
    assert summary["tables"][1]["sha256"] == sha256_of(tmp_path / "s" / "part-00001.csv")
    assert summary["n_asked"] == 42
    assert summary["versions"]["lentigo"] == lentigo.__version__


def test_lists_and_tables_may_name_what_is_not_there(bundle_folder, photos, tmp_path):
    for name, header in (("list.txt", ""), ("table.csv", "path\n")):
        (tmp_path / name).write_text(f"{header}{photos[0]}\nnone.jpg\n")
        score(bundle_folder, tmp_path / name, tmp_path / f"{name}.scores", workers=1)
        rows = rows_of(tmp_path / f"{name}.scores")
        assert [row["image"] == str(photos[0]) for row in rows] == [True, False]
        assert [bool(row["error"]) for row in rows] == [False, True]
        assert "No such file" in rows[1]["error"]


def test_parquet_holds_what_csv_holds(bundle_folder, source, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    for name in ("csv", "parquet"):
        score(bundle_folder, source, tmp_path / name, workers=1, table_format=name, shard_size=30)
    tables = [parquet.read_table(path) for path in sorted((tmp_path / "parquet").glob("part-*.parquet"))]
    assert {str(tables[0].schema.field(name).type) for name in NUMBERS} == {"double"}
    rows = [row for table in tables for row in table.to_pylist()]
    found = [{key: "" if value is None else str(value) for key, value in row.items()} for row in rows]
    assert_same(found, rows_of(tmp_path / "csv"))
    (tmp_path / "parquet" / "part-00000.parquet").unlink()
    again = score(
        bundle_folder, source, tmp_path / "parquet", workers=1, table_format="parquet", shard_size=30, resume=True
    )
    assert (again.n_images, again.n_errors, again.summary["n_asked"]) == (42, 1, 30)


def test_an_image_that_kills_its_worker_costs_a_row_and_no_other(bundle_folder, harmful, tmp_path, caplog):
    scored = score(bundle_folder, harmful, tmp_path / "s", workers=2)
    rows = rows_of(tmp_path / "s")
    assert [row["image"] for row in rows] == [f"{number:02d}.jpg" for number in range(12)]
    assert [number for number, row in enumerate(rows) if row["error"]] == [1, 3, 6]
    assert "ended the process that read it, 2 times" in rows[3]["error"]
    assert rows[3]["decision"] == "cannot assess"
    assert rows[3]["malignant_probability"] == ""
    assert scored.n_errors == 3
    assert "03.jpg" in caplog.text
    predict(bundle_folder, [harmful], out=tmp_path / "p.csv")  # in this process they do no harm
    good = [number for number, row in enumerate(rows) if not row["error"]]
    expected = rows_of(tmp_path / "p.csv")
    assert_same([rows[number] for number in good], [expected[number] for number in good])


def started(bundle_folder, table, out, *options):
    command = [sys.executable, "-m", "lentigo", "score", bundle_folder, table, "--out", out, "--shard-size", 20]
    return subprocess.Popen(
        [str(word) for word in (*command, "--workers", 2, *options)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # a shell that runs the tests in the background has them ignore Ctrl-C
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    )


def children_of(pid):
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            if int(path.read_text().rpartition(")")[2].split()[1]) == pid:
                found.append(int(path.parent.name))
        except (OSError, ValueError):
            continue
    return found


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks for worker processes in /proc")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_a_job_that_is_ended_in_the_middle_resumes_where_it_was(bundle_folder, many, tmp_path, number):
    table, out = many(3000), tmp_path / "s"
    process = started(bundle_folder, table, out)
    while process.poll() is None and len(list(out.glob("part-*.csv"))) < 3:
        time.sleep(0.005)
    workers = children_of(process.pid)
    for worker in workers:  # Ctrl-C reaches all processes of a terminal, also one that is just starting
        masks = re.findall(r"Sig(?:Blk|Ign):\s+([0-9a-f]+)", Path(f"/proc/{worker}/status").read_text())
        assert any(int(mask, 16) >> (signal.SIGINT - 1) & 1 for mask in masks)
    os.killpg(process.pid, number) if number == signal.SIGINT else process.send_signal(number)
    _, complaint = process.communicate(timeout=300)
    assert len(workers) >= 2
    assert not (out / "score.json").exists()
    if number == signal.SIGINT:
        assert process.returncode == 130
        assert complaint.strip().splitlines()[-1] == "interrupted"
        assert "Traceback" not in complaint
        assert all(name == "plan.json" or name.startswith("part-") for name in names_in(out))
    end = time.monotonic() + 60
    while any(os.path.exists(f"/proc/{worker}") for worker in workers):  # noqa: PTH110
        assert time.monotonic() < end, "workers outlive the job"
        time.sleep(0.05)
    before = {path.name: path.stat().st_mtime_ns for path in out.glob("part-*.csv")}
    assert 3 <= len(before) < 150
    resumed = started(bundle_folder, table, out, "--resume", "--json")
    summary = json.loads(resumed.communicate(timeout=300)[0])
    assert summary["n_images"] == 3000
    assert summary["n_asked"] == 3000 - 20 * len(before)
    assert {path.name: path.stat().st_mtime_ns for path in out.glob("part-*.csv")}.items() >= before.items()
    rows = rows_of(out)
    assert [row["image"] for row in rows] == [f"i{number:05d}" for number in range(3000)]
    assert_same([{**row, "image": ""} for row in rows[120:240]], [{**row, "image": ""} for row in rows[:120]])
    assert names_in(out)[-2:] == ["plan.json", "score.json"]


def test_what_is_complete_is_not_asked_again(bundle_folder, source, tmp_path):
    first = score(bundle_folder, source, tmp_path / "s", workers=1)
    stamp = (tmp_path / "s" / "score.json").stat().st_mtime_ns
    again = score(bundle_folder, source, tmp_path / "s", workers=1, resume=True)
    assert again.summary == first.summary
    assert (tmp_path / "s" / "score.json").stat().st_mtime_ns == stamp


def test_another_job_is_not_resumed(bundle_folder, source, tmp_path):
    out = tmp_path / "s"
    score(bundle_folder, source, out, workers=1)
    other = shutil.copytree(bundle_folder, tmp_path / "other")
    payload = json.loads((other / "bundle.json").read_text())
    from lentigo.model._files import write_record

    del payload["files"], payload["seal"], payload["schema_version"]
    write_record(other, {**payload, "name": "another"})
    with pytest.raises(LentigoError, match=r"started with another bundle \(small"):
        score(other, source, out, resume=True)
    for settings in ({"shard_size": 7}, {"prevalence": 0.5}, {"table_format": "parquet"}, {"max_pixels": 9999}):
        with pytest.raises(LentigoError, match=r"was started with --.*--force"):
            score(bundle_folder, source, out, resume=True, **settings)
    (source / "noise.png").rename(source / "noise2.png")
    with pytest.raises(LentigoError, match=r"started with other images \(42"):
        score(bundle_folder, source, out, resume=True)
    assert (out / "score.json").exists()


def test_a_table_that_was_changed_is_named_and_not_counted(bundle_folder, source, tmp_path):
    out = tmp_path / "s"
    score(bundle_folder, source, out, workers=1, shard_size=20)
    table = out / "part-00001.csv"
    table.write_text(table.read_text().rpartition("\n")[0].rpartition("\n")[0] + "\n")
    with pytest.raises(DataError, match=r"part-00001\.csv is not the table"):
        score(bundle_folder, source, out, resume=True, shard_size=20)


def test_a_taken_place_is_refused_and_force_replaces_scores_only(bundle_folder, photos, tmp_path):
    out = tmp_path / "s"
    (tmp_path / "one.txt").write_text(f"{photos[0]}\n")
    score(bundle_folder, tmp_path / "one.txt", out, workers=1)
    with pytest.raises(LentigoError, match="exists already.*--force"):
        score(bundle_folder, tmp_path / "one.txt", out)
    (out / "part-00007.csv").write_text("left by a larger job")
    assert score(bundle_folder, tmp_path / "one.txt", out, workers=1, force=True).n_images == 1
    assert names_in(out) == ["part-00000.csv", "plan.json", "score.json"]
    (out / "mine.txt").write_text("mine")
    with pytest.raises(LentigoError, match="is not a folder of scores, so --force does not overwrite it.*mine.txt"):
        score(bundle_folder, tmp_path / "one.txt", out, force=True)
    assert len(names_in(out)) == 4


def test_two_jobs_never_write_into_one_folder(bundle_folder, photos, tmp_path):
    fcntl = pytest.importorskip("fcntl")
    (tmp_path / "one.txt").write_text(f"{photos[0]}\n")
    (tmp_path / "s").mkdir()
    with (tmp_path / "s" / ".lock").open("a") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        with pytest.raises(LentigoError, match="another process is scoring"):
            score(bundle_folder, tmp_path / "one.txt", tmp_path / "s", workers=1, force=True)


def test_what_makes_no_sense_is_said_before_anything_is_written(bundle_folder, source, tmp_path, monkeypatch):
    (tmp_path / "empty").mkdir()
    wrong = [
        (DataError, "does not exist", (bundle_folder, tmp_path / "none"), {}),
        (DataError, "contains no images", (bundle_folder, tmp_path / "empty"), {}),
        (ModelError, "is not a model", (source, source), {}),
        (ConfigError, "engines are local, ray", (bundle_folder, source), {"engine": "slurm"}),
        (ConfigError, "at least one image", (bundle_folder, source), {"shard_size": 0}),
        (ConfigError, "at least one image", (bundle_folder, source), {"workers": 0}),
        (ConfigError, "needs --engine ray", (bundle_folder, source), {"ray_address": "auto"}),
        (ConfigError, "write 0.07", (bundle_folder, source), {"prevalence": 7}),
    ]
    for kind, words, given, settings in wrong:
        with pytest.raises(kind, match=words):
            score(*given, tmp_path / "s", **settings)
    for package, settings in (("ray", {"engine": "ray"}), ("pyarrow", {"table_format": "parquet"})):
        monkeypatch.setitem(sys.modules, package, None)
        with pytest.raises(MissingExtraError, match=r"pip install .*\[(ray|parquet)\]'"):
            score(bundle_folder, source, tmp_path / "s", **settings)
    assert not (tmp_path / "s").exists()


def test_a_worker_refuses_another_bundle_than_the_job_s(bundle_folder, photos):
    asking = WorkerSettings(str(bundle_folder), "0" * 64, ("benign", "malignant"), 0.3, None)
    with pytest.raises(BundleError, match="is not the bundle that this job began with"):
        next(score_locally(asking, [[("a", str(photos[0]))]], workers=1))


def test_pieces_are_taken_as_they_are_needed(bundle_folder, photos):
    bundle = open_model(bundle_folder, threads=1)
    sha256 = sha256_of(bundle_folder / "bundle.json")
    asking = WorkerSettings(str(bundle_folder), sha256, bundle.classes, bundle.decision.threshold(), None)
    taken = []
    pieces = ([(str(taken.append(number)), str(photos[0]))] for number in range(1000))
    answers = score_locally(asking, pieces, workers=2)
    next(answers)
    assert len(taken) == 4
    answers.close()


def test_pieces_of_a_shard_are_nearly_equal_and_cover_it():
    for size in (1, 127, 128, 129, 2000, 2049):
        pieces = list(Shard("x", 10, 10 + size).pieces())
        assert [start for start, _ in pieces[1:]] == [stop for _, stop in pieces[:-1]]
        assert (pieces[0][0], pieces[-1][1]) == (10, 10 + size)
        assert max(stop - start for start, stop in pieces) <= 128


def test_the_verb_prints_a_sentence_or_score_json_and_exits_1_where_nothing_could_be_read(
    bundle_folder, tmp_path, photos
):
    (tmp_path / "one.txt").write_text(f"{photos[0]}\n{photos[0].parent}/none.jpg\n")
    ask = ["score", str(bundle_folder), str(tmp_path / "one.txt"), "--out", str(tmp_path / "s"), "--workers", "1"]
    done = CliRunner().invoke(group, ask, catch_exceptions=False)
    assert done.exit_code == 0
    assert done.stdout.startswith("2 images, 1 unreadable")
    done = CliRunner().invoke(group, [*ask, "--resume", "--json"], catch_exceptions=False)
    assert json.loads(done.stdout)["n_errors"] == 1
    (tmp_path / "one.txt").write_text("none.jpg\n")
    assert CliRunner().invoke(group, [*ask, "--force"], catch_exceptions=False).exit_code == 1


def test_scoring_needs_no_torch(bundle_folder):
    names = "lentigo.service.scoring._process, lentigo.service.scoring._on_ray"
    code = f"import sys, lentigo; lentigo.score; import {names}; print(sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert not any(f"'{name}'" in loaded for name in ("torch", "ray", "pandas"))


assert job.ENGINES == ("local", "ray")


def test_scores_that_another_job_has_finished_meanwhile_are_not_replaced(bundle_folder, photos, tmp_path, monkeypatch):
    (tmp_path / "one.txt").write_text(f"{photos[0]}\n")
    plain, out = job.find_images, tmp_path / "s"

    def slowly(sources):
        monkeypatch.setattr(job, "find_images", plain)
        score(bundle_folder, tmp_path / "one.txt", out, workers=1)
        return plain(sources)

    monkeypatch.setattr(job, "find_images", slowly)
    with pytest.raises(LentigoError, match="exists already.*--force"):
        score(bundle_folder, tmp_path / "one.txt", out, workers=1, prevalence=0.1)
    assert json.loads((out / "score.json").read_text())["prevalence"] is None
    assert names_in(out) == ["part-00000.csv", "plan.json", "score.json"]


def test_names_with_line_breaks_are_resumed_as_others_are(bundle_folder, photos, tmp_path):
    folder = tmp_path / "odd"
    folder.mkdir()
    shutil.copy(photos[0], folder / "a\rb.jpg")
    assert score(bundle_folder, folder, tmp_path / "s", workers=1).n_errors == 0
    assert score(bundle_folder, folder, tmp_path / "s", workers=1, resume=True).n_images == 1


def test_a_store_s_address_is_no_folder(bundle_folder, photos, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(LentigoError, match="is not a folder. Mount the store"):
        score(bundle_folder, photos[0], "s3://bucket/scores")
    assert not list(tmp_path.iterdir())
