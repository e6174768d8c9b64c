"""What answers runs in an environment that holds the built wheel and its base dependencies, and nothing of the lab."""

import contextlib
import csv
import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
import time
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LAB = ("pandas", "scipy", "sklearn", "matplotlib", "torch", "jinja2", "cleanlab", "requests")
MOST_BYTES = 260 * 2**20  # of the base install, without the shipped model


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    pytest.importorskip("setuptools", reason="the wheel is built with setuptools, which comes with the extra 'dev'")
    place = tmp_path_factory.mktemp("wheel")
    skipped = shutil.ignore_patterns("__pycache__", "*.egg-info")
    shutil.copytree(ROOT / "src", place / "tree" / "src", ignore=skipped)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, place / "tree" / name)
    build = f"from setuptools import build_meta; build_meta.build_wheel({str(place)!r})"
    subprocess.run([sys.executable, "-W", "ignore", "-c", build], cwd=place / "tree", check=True, capture_output=True)
    return next(place.glob("*.whl"))


def needed(distribution, extras=()):
    """Names of a distribution's dependencies, and of theirs, that are installed."""
    from packaging.requirements import Requirement

    found, waiting = set(), [(Requirement(text), extras) for text in distribution.requires or ()]
    while waiting:
        requirement, wanted = waiting.pop()
        is_due = requirement.marker is None or any(
            requirement.marker.evaluate({"extra": extra}) for extra in ("", *wanted)
        )
        if not is_due or requirement.name in found:
            continue
        found.add(requirement.name)
        texts = importlib.metadata.distribution(requirement.name).requires or ()
        waiting += [(Requirement(text), tuple(requirement.extras)) for text in texts]
    return found


def environment(wheel, place, extras=()):
    """An environment with the wheel and links to what it asks for; returns its python, and the bytes of it all."""
    venv.create(place, symlinks=True)
    (site,) = place.glob("lib/python*/site-packages")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    about = importlib.metadata.PathDistribution(next(site.glob("lentigo-*.dist-info")))
    n_bytes = sum(path.stat().st_size for path in site.rglob("*") if path.is_file() and "models" not in path.parts)
    for name in needed(about, extras):
        files = importlib.metadata.distribution(name).files or ()
        n_bytes += sum(file.locate().stat().st_size for file in files if file.locate().is_file())
        for top in {file.parts[0] for file in files if ".." not in file.parts}:
            with contextlib.suppress(FileExistsError):  # some share a folder
                (site / top).symlink_to(Path(importlib.metadata.distribution(name).locate_file(top)))
    return place / "bin" / "python", n_bytes


@pytest.fixture(scope="module")
def base(wheel, tmp_path_factory):
    return environment(wheel, tmp_path_factory.mktemp("base") / "env")


def lentigo(python, *arguments, **options):
    outside = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    command = [python, "-m", "lentigo", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, env=outside, **options)


def test_the_base_install_is_small_and_has_nothing_of_the_lab(base):
    python, n_bytes = base
    assert n_bytes <= MOST_BYTES
    code = f"import importlib.util as u; print([name for name in {LAB} if u.find_spec(name)])"
    found = subprocess.run([python, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_predict_explain_info_and_score_answer_in_the_base_install(base, photo, tmp_path):
    python, _ = base
    predicted = lentigo(python, "predict", "lentigo", photo, "--json")
    assert predicted.returncode == 0, predicted.stderr
    answer = json.loads(predicted.stdout)[0]
    assert answer["decision"] in ("refer", "benign-looking", "cannot assess")
    explained = lentigo(python, "explain", "lentigo", photo, "--out", tmp_path / "why")
    assert explained.returncode == 0, explained.stderr
    assert len(list((tmp_path / "why").glob("*.png"))) == 1
    informed = lentigo(python, "info", "lentigo")
    assert (informed.returncode, "Research use" in informed.stdout) == (0, True), informed.stderr
    with (tmp_path / "list.csv").open("w", newline="") as stream:
        csv.writer(stream).writerows([("image_id", "path"), ("a", photo)])
    scored = lentigo(python, "score", "lentigo", tmp_path / "list.csv", "--out", tmp_path / "scores", "--workers", 1)
    assert scored.returncode == 0, scored.stderr
    (row,) = csv.DictReader((tmp_path / "scores" / "part-00000.csv").read_text().splitlines())
    assert (row["image"], row["decision"]) == ("a", answer["decision"])
    assert float(row["malignant_probability"]) == pytest.approx(answer["malignant_probability"], abs=1e-6)


@pytest.mark.parametrize(
    ("arguments", "package"),
    [
        (("audit", "."), "pandas"),
        (("evaluate", "preds.csv"), "pandas"),
        (("serve", "lentigo"), "fastapi"),
        (("predict", "run", "run"), "torch"),
        (("score", "lentigo", "list.parquet", "--out", "scores"), "pyarrow"),
    ],
)
def test_what_the_base_install_lacks_is_named_by_its_extra(base, tmp_path, arguments, package):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "config.toml").touch()
    (tmp_path / "run" / "a.jpg").touch()
    (tmp_path / "preds.csv").touch()
    (tmp_path / "list.parquet").touch()
    done = lentigo(base[0], *arguments, cwd=tmp_path)
    assert done.returncode == 1
    assert re.fullmatch(
        rf"(run: 1 file not used.*\n)?error: \w+ is needed to .*pip install .*{package}.*\n", done.stderr
    ), done.stderr


def test_the_service_answers_without_the_lab(wheel, photo, tmp_path):
    requests = pytest.importorskip("requests")
    python, _ = environment(wheel, tmp_path / "env", extras=("serve",))
    outside = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    command = [python, "-m", "lentigo", "serve", "lentigo", "--port", "0", "--drift-log", tmp_path / "drift"]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(list(map(str, command)), stdout=log, stderr=log, env=outside)
    try:
        for _ in range(1200):
            found = re.search(r"answers at (\S+)", (tmp_path / "log").read_text())
            if found or process.poll() is not None:
                break
            time.sleep(0.1)
        assert found, (tmp_path / "log").read_text()
        said = requests.post(f"{found[1]}/v1/predict", files={"images": photo.read_bytes()}, timeout=60).json()
        assert said["answers"][0]["decision"] in ("refer", "benign-looking", "cannot assess")
        assert said["operating_point"]["wanted_sensitivity"] == 0.95
        assert requests.get(f"{found[1]}/v1/monitor", timeout=60).status_code == 200
    finally:
        process.terminate()
        process.wait(30)
