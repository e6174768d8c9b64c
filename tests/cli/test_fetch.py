import json
import subprocess
import sys
from pathlib import Path

from click.testing import CliRunner

from lentigo.cli import group
from lentigo.data.fetching import FetchedFile, find_set, public_sets
from lentigo.data.fetching._fetched import write_record


def lentigo(*arguments: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "lentigo", *map(str, arguments)], capture_output=True, text=True, cwd=cwd
    )


def invoke(*arguments: str | Path) -> str:
    result = CliRunner().invoke(group, [str(argument) for argument in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_without_a_name_the_sets_are_listed_with_size_and_licence() -> None:
    printed = invoke("fetch")
    for name, about in public_sets().items():
        (line,) = [line for line in printed.splitlines() if line.startswith(f"{name} ")]
        assert about.licence in line
        assert f"{about.images:,}" in line
    listed = json.loads(invoke("fetch", "--list", "--json"))["sets"]
    assert [each["name"] for each in listed] == list(public_sets())


def test_offline_is_one_sentence_and_exit_1(tmp_path: Path) -> None:
    done = lentigo("fetch", "dermamnist", "--mirror", "http://127.0.0.1:9", cwd=tmp_path)
    assert done.returncode == 1
    assert "error: dermamnist.npz cannot be downloaded: 127.0.0.1 cannot be reached (connection refused)" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_set_that_is_complete_is_told_in_words_and_as_json(tmp_path: Path) -> None:
    about = find_set("isic2016")
    for file in about.files:
        (tmp_path / file.target).touch()
    write_record(tmp_path, about, [FetchedFile(file.name, file.target, 1, "ab", "") for file in about.files])
    told = json.loads(invoke("fetch", "isic2016", "--out", tmp_path, "--json"))
    assert told["is_new"] is False
    assert told["folder"] == str(tmp_path)
    words = invoke("fetch", "isic2016", "--out", tmp_path)
    assert "complete already" in words
    assert f"lentigo train {tmp_path}" in words


def test_wrong_usage_is_exit_2() -> None:
    wrong = ((("ham10000", "--limit", "3"), "are for isic-archive"), (("isic-archive",), "--query or --collection"))
    for arguments, text in wrong:
        result = CliRunner().invoke(group, ["fetch", *arguments])
        assert result.exit_code == 2
        assert text in result.output
