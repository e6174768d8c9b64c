import contextlib
import importlib.util
import json
import os
import socket
import subprocess
import sys
from dataclasses import replace
from types import SimpleNamespace

import pytest
from tests.service.scoring.tables import assert_same, rows_of

from lentigo.errors import LentigoError
from lentigo.model import open_model
from lentigo.model._answer_table import row_of
from lentigo.service.scoring import _on_ray as on_ray
from lentigo.service.scoring import score
from lentigo.service.scoring._on_ray import Actor
from lentigo.service.scoring._process import WorkerSettings
from lentigo.service.scoring._shards import AnsweredShard
from lentigo.storage import sha256_of

needs_ray = pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="needs ray: pip install 'lentigo[ray]'")


def test_an_actor_answers_in_text_and_so_do_its_refusals(bundle_folder, photos):
    bundle = open_model(bundle_folder, threads=1)
    sha256 = sha256_of(bundle_folder / "bundle.json")
    asking = WorkerSettings(str(bundle_folder), sha256, bundle.classes, bundle.decision.threshold(), None)
    pieces = [[["a", str(photos[0])], ["b", str(photos[1])]], [["c", "none.jpg"]]]
    actor = Actor(asking)
    with contextlib.closing(actor.worker):
        texts = actor({"images": [json.dumps(piece) for piece in pieces]})["rows"]
    found = [json.loads(text)["rows"] for text in texts]
    assert [[row[0] for row in rows] for rows in found] == [["a", "b"], ["c"]]
    said = bundle.answers(photos[:2], names=["a", "b"])
    assert found[0] == [row_of(answer, bundle.classes, bundle.decision.threshold()) for answer in said]
    actor = Actor(replace(asking, version="0.0.1"))
    with contextlib.closing(actor.worker):
        (text,) = actor({"images": [json.dumps(pieces[0])]})["rows"]
    assert "the job runs with lentigo 0.0.1" in json.loads(text)["error"]


def ask_ray(bundle, source, out, *options, **environment):
    command = [sys.executable, "-m", "lentigo", "score", bundle, source, "--out", out, "--engine", "ray", *options]
    done = subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, timeout=600, env=os.environ | environment
    )
    if "does not start" in done.stderr:
        pytest.skip(f"Ray does not start on this machine: {done.stderr.strip()}")
    return done


@needs_ray
@pytest.mark.slow
def test_ray_gives_the_rows_of_the_local_engine_harmful_images_included(bundle_folder, harmful, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    options = ("--workers", 2, "--shard-size", 5, "--json")
    done = ask_ray(bundle_folder, harmful, tmp_path / "ray", *options, HOME=str(home))
    assert done.returncode == 0, done.stderr
    (tmp_path / "twitched").unlink(missing_ok=True)
    score(bundle_folder, harmful, tmp_path / "local", workers=1, shard_size=5)
    assert_same(rows_of(tmp_path / "ray"), rows_of(tmp_path / "local"))
    summary = json.loads(done.stdout)
    assert (summary["engine"], summary["n_images"], summary["n_errors"]) == ("ray", 12, 3)
    assert summary["versions"]["ray"]
    # No statistics, no configuration; the token keeps other users of the machine out of this Ray.
    assert {str(path.relative_to(home)) for path in home.rglob("*")} <= {".ray", ".ray/auth_token"}


class StandIn:
    """As much of Ray as the driver uses, without a process: what is handed over, in which order, and what is ended."""

    def __init__(self):
        self.calls = []
        self.data = SimpleNamespace(from_items=self.from_items, ActorPoolStrategy=lambda **settings: settings)
        self.context = SimpleNamespace(execution_options=SimpleNamespace())

    def is_initialized(self):
        return False

    def init(self, **settings):
        self.calls.append(("init", settings))

    def cluster_resources(self):
        return {"CPU": 8.0}

    def shutdown(self):
        self.calls.append(("shutdown", {}))

    def from_items(self, items, *, override_num_blocks):
        self.items, self.n_blocks = items, override_num_blocks
        return self

    def map_batches(self, made, *, fn_constructor_args, batch_size, **settings):
        assert batch_size == 1
        self.calls.append(("map", settings))
        self.actor = made(*fn_constructor_args)
        return self

    def iter_rows(self):
        for item in self.items:
            yield {"rows": self.actor({"images": [item["images"]]})["rows"][0]}


def test_the_driver_hands_out_all_pieces_and_ends_the_ray_it_started(monkeypatch):
    ray = StandIn()
    monkeypatch.setattr(on_ray, "import_ray", lambda: ray)
    monkeypatch.setattr(
        on_ray, "Actor", lambda asking: lambda batch: {"rows": [json.dumps({"rows": batch["images"], "n_again": 2})]}
    )
    pieces = [[(str(number), "a.jpg")] for number in range(5)]
    found = list(on_ray.score_on_ray(None, pieces, workers=None, address="auto"))
    assert found == [AnsweredShard([json.dumps(piece)], 2) for piece in pieces]
    assert [name for name, _ in ray.calls] == ["init", "map", "shutdown"]
    assert ray.calls[0][1]["address"] == "auto"
    assert ray.calls[1][1]["compute"]["max_size"] == 5  # no more actors than pieces
    assert ray.context.execution_options.preserve_order
    monkeypatch.setattr(on_ray, "Actor", lambda asking: lambda batch: {"rows": ['{"error": "no such bundle."}']})
    with pytest.raises(LentigoError, match=r"^no such bundle\.$"):
        list(on_ray.score_on_ray(None, pieces, workers=2, address=None))
    assert ray.calls[-1][0] == "shutdown"
    assert ray.calls[3][1]["num_cpus"] == 2


def test_a_cluster_that_is_not_there_is_one_sentence(monkeypatch):
    ray = StandIn()  # Ray itself would end this process
    monkeypatch.setattr(on_ray, "import_ray", lambda: ray)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"  # bound, and nobody listens
        with pytest.raises(LentigoError, match=rf"no Ray cluster responds at {address}: .*refused.*ray start --head"):
            list(on_ray.score_on_ray(None, [[("a", "a.jpg")]], workers=1, address=address))
    assert ray.calls == []
