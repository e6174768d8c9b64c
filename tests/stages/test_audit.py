import pytest
from click.testing import CliRunner

from lentigo.cli import group
from lentigo.errors import LentigoError
from lentigo.phantoms import draw_phantom
from lentigo.stages import audit
from lentigo.study.auditing import Audit


@pytest.fixture(scope="module")
def leaky(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data") / "leaky"
    return draw_phantom(
        folder,
        n_images=90,
        size=64,
        difficulty="easy",
        leaks=6,
        leak_kinds=("near", "exact"),
        hide_ids=True,
        conflicts=2,
    )


def test_a_page_and_a_record_are_written_and_read_back(leaky, tmp_path):
    result = audit(leaky, tmp_path / "audit")
    assert repr(Audit.read(tmp_path / "audit" / "audit.json")) == repr(result)
    page = (tmp_path / "audit" / "audit.html").read_text()
    assert page.startswith("<!doctype html>")
    assert {"leak.picture", "conflict.lesion"} <= {finding.code for finding in result.findings}


def test_a_folder_that_is_no_audit_is_never_replaced(leaky, tmp_path):
    (tmp_path / "thesis.doc").touch()
    with pytest.raises(LentigoError, match="is not an audit, so --force does not overwrite it"):
        audit(leaky, tmp_path, force=True)
    assert (tmp_path / "thesis.doc").exists()


def test_the_verb_prints_the_worst_first_and_fails_where_an_error_stands(leaky, phantom):
    def run(*arguments):
        return CliRunner().invoke(group, ["-q", "audit", *map(str, arguments)], standalone_mode=False)

    bad = run(leaky)
    assert bad.return_value == 1
    assert bad.output.index("ERROR") < bad.output.index("note")
    good = run(phantom, "--json")
    assert good.return_value in (0, None)
    assert '"schema_version": 2' in good.output
