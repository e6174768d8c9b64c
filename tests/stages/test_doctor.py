import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from lentigo.cli import group
from lentigo.errors import BundleError
from lentigo.extras import extras, packages_of
from lentigo.stages import _doctor, examine
from lentigo.stages._doctor import cpu_flags, has_any


def test_the_doctor_loads_neither_pandas_nor_torch_in_a_fresh_process():
    code = (
        "import lentigo.cli, sys; lentigo.cli.group.main(['doctor', '--no-time'], standalone_mode=False); "
        "print([name for name in ('torch', 'pandas', 'scipy', 'matplotlib') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip().endswith("[]")


def test_a_missing_extra_is_named_with_its_packages_and_its_install_line(monkeypatch):
    monkeypatch.setattr(_doctor, "find_spec", lambda name: None if name in {"pandas", "torch"} else object())
    printed = CliRunner().invoke(group, ["doctor", "--no-time"], catch_exceptions=False).stdout
    assert "missing pandas\n" in printed
    assert "missing torch\n" in printed
    assert "[lab]" in printed
    assert "[serve]" not in printed
    assert "PyTorch is not installed" in printed


def test_a_shipped_model_that_fails_is_reported_and_the_rest_still_shown(monkeypatch):
    def refuse(name):
        raise BundleError("model.onnx was altered")

    monkeypatch.setattr(_doctor, "open_model", refuse)
    monkeypatch.setattr(_doctor, "find_spec", lambda name: None)
    health = examine()
    assert health.fault == "model.onnx was altered"
    assert health.seconds_per_thousand is None
    done = CliRunner().invoke(group, ["doctor"], catch_exceptions=False)
    assert "fails: model.onnx was altered" in done.stdout
    assert "Extras" in done.stdout


def test_the_time_of_a_thousand_photographs_is_measured_with_the_shipped_model(monkeypatch):
    monkeypatch.setattr(_doctor, "N_TIMED", 1)
    monkeypatch.setattr(_doctor, "find_spec", lambda name: None)
    done = CliRunner().invoke(group, ["doctor", "--json"], catch_exceptions=False)
    assert 1 < json.loads(done.stdout)["seconds_per_thousand"] < 100_000


@pytest.mark.parametrize(
    ("text", "has_vnni"),
    [("processor : 0\nflags\t\t: fpu avx512_vnni sse\n", True), ("Features : fp asimd\n", False), ("", None)],
)
def test_what_the_processor_can_do_is_read_from_the_kernel_s_list(text, has_vnni, tmp_path):
    (tmp_path / "cpuinfo").write_text(text)
    assert has_any(cpu_flags(tmp_path / "cpuinfo"), ("avx512_vnni", "asimddp")) is has_vnni


def test_every_extra_for_users_has_packages_to_look_for(request):
    import tomllib

    told = tomllib.loads((request.config.rootpath / "pyproject.toml").read_text())
    assert set(extras()) == set(told["project"]["optional-dependencies"]) - {"dev"}
    assert all(packages_of(name) for name in extras())
