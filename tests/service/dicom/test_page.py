"""The command lines of docs/dicom.md, run as they are printed; only ports, folders and files are put in."""

import functools
import io
import re
import shlex
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from lentigo.cli import group

PAGE = Path(__file__).parents[3] / "docs" / "dicom.md"
JPEG, PROGRESSIVE, J2K = (f"1.2.840.10008.1.2.4.{end}" for end in ("50", "55", "90"))


def commands():
    """Return the command lines of the page, those over several lines as one, without comments."""
    blocks = re.findall(r"```console\n(.*?)```", PAGE.read_text(), re.DOTALL)
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    return [re.sub(r"\s{2,}#.*", "", line) for line in lines]


def lines_of(program):
    found = [line for line in commands() if line.split()[0] == program]
    assert found
    return found


def photograph(make_dicom, kind):
    pixels = np.random.default_rng(0).integers(0, 255, (64, 64, 3)).astype(np.uint8)
    if kind == "uncompressed":
        return make_dicom(pixels)
    stream = io.BytesIO()
    options = {"progressive": True} if kind == PROGRESSIVE else {"no_jp2": True} if kind == J2K else {}
    Image.fromarray(pixels).save(stream, "JPEG2000" if kind == J2K else "JPEG", **options)
    colours = {} if kind == J2K else {"PhotometricInterpretation": "YBR_FULL_422"}
    return make_dicom(pixels, syntax=kind, frame=stream.getvalue(), **colours)


@pytest.mark.parametrize("line", lines_of("lentigo"))
def test_lentigo_knows_the_commands_and_options_of_the_page(line):
    name, *arguments = shlex.split(line)[1:]
    command = group.get_command(None, name)
    assert command.make_context(name, arguments).params


def test_the_first_line_of_the_page_answers_a_folder_of_dicom(make_dicom, bundle_folder, tmp_path):
    (tmp_path / "study").mkdir()
    (tmp_path / "study" / "a.dcm").write_bytes(make_dicom())
    line = lines_of("lentigo")[0].replace(" bundle ", f" {bundle_folder} ").replace("study/", str(tmp_path / "study"))
    done = CliRunner().invoke(group, shlex.split(line)[1:])
    assert done.exit_code == 0, done.output
    assert "a.dcm" in done.output


@pytest.mark.parametrize("kind", ["uncompressed", JPEG, PROGRESSIVE, J2K])
def test_dcmsend_as_printed_sends_photographs_of_every_transfer_syntax(start, make_dicom, dcmtk, tmp_path, kind):
    receiver = start(ae_title="ORTHANC")
    (tmp_path / "photo.dcm").write_bytes(photograph(make_dicom, kind))
    (line,) = lines_of("dcmsend")
    line = line.replace("4242", str(receiver.port)).replace("photo.dcm", str(tmp_path / "photo.dcm"))
    sent = dcmtk(*shlex.split(line))
    assert sent.returncode == 0, sent.stdout + sent.stderr
    assert list((tmp_path / "answers").glob("report-*"))


@pytest.mark.parametrize(("kind", "is_sent"), [("uncompressed", True), (JPEG, True), (PROGRESSIVE, False)])
def test_storescu_sends_what_the_page_says_it_does(start, make_dicom, dcmtk, tmp_path, kind, is_sent):
    options = re.search(r"`storescu (-R -xy)`", PAGE.read_text())[1].split()
    receiver = start()
    (tmp_path / "photo.dcm").write_bytes(photograph(make_dicom, kind))
    sent = dcmtk("storescu", *options, "-aec", "LENTIGO", "127.0.0.1", receiver.port, tmp_path / "photo.dcm")
    assert (sent.returncode == 0) == is_sent, sent.stderr


def test_the_python_block_of_the_page_runs(bundle_folder, tmp_path, monkeypatch):
    """Only the port is put in, a free one; the dots stand for what the reader does meanwhile."""
    import lentigo.service.dicom as dicom

    (block,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bundle").symlink_to(bundle_folder)
    monkeypatch.setattr(dicom, "ReceiverSettings", functools.partial(dicom.ReceiverSettings, port=0), raising=False)
    made = {}
    exec(compile(block, "docs/dicom.md", "exec"), made)
    assert made["settings"].allowed_callers == ("SCOPE",)
    assert (tmp_path / "spool" / "failed").is_dir()  # it listened, was stopped, and keeps what waits
