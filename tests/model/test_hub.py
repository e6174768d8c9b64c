"""A bundle to the Hugging Face Hub and back, against a server on this machine that speaks the part that is used."""

import base64
import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

import pytest
from click.testing import CliRunner

import lentigo
from lentigo.cli import group
from lentigo.errors import BundleError, ConfigError, HubError, MissingExtraError
from lentigo.model import KNOWN_FILES, open_model
from lentigo.model._hub_card import front_matter, render_readme

pytest.importorskip("huggingface_hub", reason="huggingface_hub is the extra 'hub'")
COMMIT = "0a" * 20


class Hub(BaseHTTPRequestHandler):
    """Keeps the files of one repository, anna/skin; a file larger than the Hub's limit would go another way."""

    def log_message(self, *given):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        server = self.server
        server.asked.append((self.path, self.headers.get("Authorization")))
        if self.path == "/api/repos/create":
            server.made = json.loads(body)
            return self.answer(200, {"url": f"{server.address}/anna/skin", "name": "anna/skin"})
        if "/preupload/" in self.path:
            files = [
                {"path": one["path"], "uploadMode": "regular", "shouldIgnore": False}
                for one in json.loads(body)["files"]
            ]
            return self.answer(200, {"files": files})
        if "/commit/" in self.path:
            for line in map(json.loads, body.splitlines()):
                if line["key"] == "file":
                    server.files[line["value"]["path"]] = base64.b64decode(line["value"]["content"])
                if line["key"] == "deletedFile":
                    server.files.pop(line["value"]["path"], None)
            return self.answer(200, {"commitOid": COMMIT, "commitUrl": f"{server.address}/anna/skin/commit/{COMMIT}"})
        return self.answer(200, {})

    def do_HEAD(self):
        self.do_GET()

    def do_GET(self):
        path = unquote(self.path.partition("?")[0])
        self.server.asked.append((path, self.headers.get("Authorization")))
        if path.startswith("/api/models/anna/skin") and not path.endswith("/nowhere"):
            if "/tree/" in path:
                tree = [{"type": "file", "path": name, "size": len(content), "oid": "0" * 40}
                        for name, content in self.server.files.items()]  # fmt: skip
                return self.answer(200, tree)
            siblings = [{"rfilename": name} for name in self.server.files]
            about = {"_id": "1", "id": "anna/skin", "sha": COMMIT, "private": True, "siblings": siblings, "tags": []}
            return self.answer(200, about | {"downloads": 0, "likes": 0})
        name = path.removeprefix(f"/anna/skin/resolve/{COMMIT}/")
        if name in self.server.files:
            content = self.server.files[name]
            return self.answer(
                200, content, {"ETag": f'"{hashlib.sha256(content).hexdigest()}"', "X-Repo-Commit": COMMIT}
            )
        code = (
            "RevisionNotFound"
            if path.endswith("/nowhere")
            else "EntryNotFound"
            if "/resolve/" in path
            else "RepoNotFound"
        )
        return self.answer(404, {"error": "none"}, {"X-Error-Code": code})

    def answer(self, status, payload, headers=None):
        content = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        self.send_response(status)
        for key, value in {
            "Content-Length": str(len(content)),
            "Content-Type": "application/json",
            **(headers or {}),
        }.items():
            self.send_header(key, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)


def is_private(made):
    """What the client asked for, by its older or its newer word."""
    return made["private"] if "private" in made else made["visibility"] == "private"


@pytest.fixture
def hub(monkeypatch, tmp_path):
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    monkeypatch.setenv("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    server.address = f"http://127.0.0.1:{server.server_port}"
    server.files, server.asked, server.made = {}, [], None
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def test_what_was_pushed_is_pulled_equal_byte_by_byte_and_verified(hub, bundle_folder, tmp_path):
    pushed = lentigo.push(bundle_folder, "anna/skin", endpoint=hub.address)
    assert (pushed.commit, pushed.is_private, is_private(hub.made)) == (COMMIT, True, True)
    assert set(hub.files) == {"README.md", *(path.name for path in bundle_folder.iterdir())}
    model = lentigo.pull("anna/skin", tmp_path / "skin", endpoint=hub.address)
    brought = {path.name: path.read_bytes() for path in (tmp_path / "skin").iterdir()}
    assert brought == {path.name: path.read_bytes() for path in bundle_folder.iterdir()}
    assert model.classes == open_model(bundle_folder).classes
    assert {token for _, token in hub.asked} == {"Bearer hf_secret"}
    with pytest.raises(lentigo.LentigoError, match="--force"):
        lentigo.pull("anna/skin", tmp_path / "skin", endpoint=hub.address)


def test_a_later_push_takes_away_what_the_new_bundle_lacks(hub, bundle_folder):
    hub.files |= {"pictures.npy": b"old", "notes.txt": b"the owner's"}
    lentigo.push(bundle_folder, "anna/skin", public=True, endpoint=hub.address)
    assert not is_private(hub.made)
    assert "pictures.npy" not in hub.files
    assert hub.files["notes.txt"] == b"the owner's"


@pytest.mark.parametrize("name", ["model.onnx", "bundle.json", "model_card.md"])
def test_a_bundle_that_was_altered_on_the_hub_is_refused_and_nothing_is_written(hub, bundle_folder, tmp_path, name):
    lentigo.push(bundle_folder, "anna/skin", endpoint=hub.address)
    hub.files[name] = hub.files[name].replace(b"malignant", b"benignnnn") + b" "
    with pytest.raises(BundleError):
        lentigo.pull("anna/skin", tmp_path / "skin", endpoint=hub.address)
    assert not (tmp_path / "skin").exists()


def test_files_that_are_not_of_a_bundle_are_not_brought(hub, bundle_folder, tmp_path):
    lentigo.push(bundle_folder, "anna/skin", endpoint=hub.address)
    record = json.loads(hub.files["bundle.json"])
    record["files"]["../outside"] = record["files"]["model.onnx"]
    hub.files["bundle.json"] = json.dumps(record).encode()
    with pytest.raises(HubError, match="does not hold a lentigo bundle"):
        lentigo.pull("anna/skin", tmp_path / "skin", endpoint=hub.address)
    assert not any("outside" in path for path, _ in hub.asked)


def test_what_the_hub_lacks_is_said_in_one_sentence(hub, bundle_folder, tmp_path):
    with pytest.raises(HubError, match=r"anna/mole is not on the Hub, or not for this token"):
        lentigo.pull("anna/mole", tmp_path / "skin", endpoint=hub.address)
    with pytest.raises(HubError, match="no such revision"):
        lentigo.pull("anna/skin", tmp_path / "skin", revision="nowhere", endpoint=hub.address)
    with pytest.raises(HubError, match="lacks a file of a lentigo bundle"):
        lentigo.pull("anna/skin", tmp_path / "skin", endpoint=hub.address)
    hub.shutdown()
    hub.server_close()
    with pytest.raises(HubError, match="cannot be reached"):
        lentigo.pull("anna/skin", tmp_path / "skin", endpoint=hub.address)


@pytest.mark.parametrize("name", ["skin", "anna/skin/mole", "https://a/b", "anna/..", "anna/skin mole", "", "a--b/c"])
def test_what_is_no_repository_is_refused_before_anything_is_asked(name, tmp_path, bundle_folder):
    with pytest.raises(ConfigError, match="Write it as owner/name"):
        lentigo.pull(name, tmp_path / "out")
    with pytest.raises(ConfigError, match="Write it as owner/name"):
        lentigo.push(bundle_folder, name)


def test_a_damaged_bundle_is_not_pushed(hub, bundle_folder, tmp_path):
    import shutil

    folder = shutil.copytree(bundle_folder, tmp_path / "bundle")
    (folder / "model_card.md").write_text("better figures")
    with pytest.raises(BundleError, match="altered"):
        lentigo.push(folder, "anna/skin", endpoint=hub.address)
    assert hub.made is None


def test_the_front_matter_is_what_the_hub_reads(bundle_folder):
    from huggingface_hub import ModelCard

    model = open_model(bundle_folder)
    card = ModelCard(render_readme(model.record, model.card, "anna/skin"))
    about = card.data.to_dict()
    assert (about["license"], about["library_name"], about["pipeline_tag"]) == (
        "cc0-1.0",
        "lentigo",
        "image-classification",
    )
    assert {"dermoscopy", "lentigo"} <= set(about["tags"])
    assert about["metrics"] == ["roc_auc"]
    (result,) = card.data.eval_results
    assert (result.metric_value, result.metric_type) == (0.9, "roc_auc")
    assert "lentigo pull anna/skin --out skin" in card.text
    assert model.card.strip() in card.text


def test_sources_of_several_licences_are_other_with_a_link_to_the_card():
    about = front_matter(open_model("lentigo").record)
    assert (about["license"], about["license_name"]) == ("other", "non-commercial-see-model-card")
    assert about["license_link"] in KNOWN_FILES


def test_a_name_with_quotes_and_colons_does_not_break_the_front_matter(bundle_folder):
    import dataclasses

    import yaml

    record = dataclasses.replace(open_model(bundle_folder).record, name='a: "b"\n---\nlicense: mit')
    _, text, _ = render_readme(record, "card", "anna/skin").split("---\n", 2)
    assert yaml.safe_load(text)["model-index"][0]["name"] == record.name
    assert yaml.safe_load(text)["license"] == "cc0-1.0"


def test_the_commands_say_where_it_lies(hub, bundle_folder, tmp_path, monkeypatch):
    from lentigo.model import _hub

    monkeypatch.chdir(tmp_path)
    made = _hub._api
    monkeypatch.setattr(_hub, "_api", lambda endpoint: made(hub.address))
    pushed = CliRunner().invoke(group, ["push", str(bundle_folder), "anna/skin"])
    assert pushed.exit_code == 0, pushed.output
    assert "anna/skin (private), commit 0a0a0a0a0a0a" in pushed.stdout
    pulled = CliRunner().invoke(group, ["pull", "anna/skin"])
    assert pulled.exit_code == 0, pulled.output
    assert "Every file is verified" in pulled.stdout
    assert open_model("skin").record.name == "small"


def test_a_missing_package_is_named_with_its_install_line(monkeypatch, bundle_folder):
    import sys

    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(MissingExtraError, match="huggingface_hub is needed to talk to the Hugging Face Hub"):
        lentigo.push(bundle_folder, "anna/skin")
