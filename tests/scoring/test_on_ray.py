import importlib.util
import json
import os
import subprocess
import sys

import pytest
from tests.scoring.tables import assert_same, rows_of

from lentigo.scoring import score

pytestmark = pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="needs ray: pip install 'lentigo[ray]'")


def on_ray(bundle, source, out, *options, **environment):
    command = [sys.executable, "-m", "lentigo", "score", bundle, source, "--out", out, "--engine", "ray", *options]
    done = subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, timeout=600, env=os.environ | environment
    )
    if "does not start" in done.stderr:
        pytest.skip(f"Ray does not start on this machine: {done.stderr.strip()}")
    return done


@pytest.mark.slow
def test_ray_gives_the_rows_of_the_local_engine_harmful_images_included(bundle_folder, harmful, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    options = ("--workers", 2, "--shard-size", 5, "--json")
    done = on_ray(bundle_folder, harmful, tmp_path / "ray", *options, HOME=str(home))
    assert done.returncode == 0, done.stderr
    (tmp_path / "twitched").unlink(missing_ok=True)
    score(bundle_folder, harmful, tmp_path / "local", workers=1, shard_size=5)
    assert_same(rows_of(tmp_path / "ray"), rows_of(tmp_path / "local"))
    summary = json.loads(done.stdout)
    assert (summary["engine"], summary["n_images"], summary["n_errors"]) == ("ray", 12, 3)
    assert summary["versions"]["ray"]
    assert list(home.iterdir()) == []  # no configuration, no statistics


def test_a_cluster_that_is_not_there_is_one_sentence(bundle_folder, harmful, tmp_path):
    done = on_ray(
        bundle_folder,
        harmful,
        tmp_path / "ray",
        "--ray-address",
        "127.0.0.1:1",
        RAY_gcs_rpc_server_reconnect_timeout_s="1",
    )
    assert done.returncode == 1
    assert "no Ray cluster answers at 127.0.0.1:1" in done.stderr
    assert "Traceback" not in done.stderr
