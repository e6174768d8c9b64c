"""Pages with photographs say so before they are shared, and can be made without."""

import pytest
from click.testing import CliRunner

from lentigo.cli import group


def invoke(*arguments):
    result = CliRunner().invoke(group, [str(argument) for argument in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture
def pages(run, phantom, tmp_path):
    """Where each command writes its page, and the command."""
    import shutil

    copy = shutil.copytree(run, tmp_path / "run")
    return {copy / "report.html": ("report", copy), tmp_path / "audit" / "audit.html":
            ("audit", phantom, "--out", tmp_path / "audit", "--force")}  # fmt: skip


def test_a_page_with_photographs_says_so_on_itself_and_in_the_terminal(pages):
    for page, command in pages.items():
        assert "share it only as these may be shared" in invoke(*command)
        assert "holds photographs from the data" in page.read_text()


def test_without_images_a_page_holds_none(pages):
    for page, command in pages.items():
        assert "share it only" not in invoke(*command, "--without-images")
        assert "data:image/jpeg" not in page.read_text()
        assert "holds photographs from the data" not in page.read_text()
