"""Several photographs of one lesion as one answer over HTTP, by the bundle's own rule."""

import dataclasses
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from tests.service.http.conftest import client_of

from lentigo.model import Model, answers_by_lesion
from lentigo.model.decision import Estimate, LesionRule
from lentigo.service.http import _reply_models as models
from lentigo.service.http._remote_answers import RemoteLesion
from lentigo.service.http._settings import ServiceSettings

KINDS = ["dermoscopic", "clinical", "clinical"]


@pytest.fixture(scope="module")
def joined(bundle: Model) -> Model:
    """A bundle that joins photographs, with a threshold of its own for lesions."""
    figure = Estimate(0.9, 0.8, 0.95, n=120)
    (first, *_) = bundle.decision.operating_points
    point = dataclasses.replace(first, threshold=0.4, sensitivity=figure, specificity=figure)
    decision = dataclasses.replace(bundle.decision, operating_points=(point,), low_confidence=None)
    rule = LesionRule("mean_logit", decision, n_lesions=120)
    return bundle.with_record(dataclasses.replace(bundle.record, lesion=rule))


@pytest.fixture(scope="module")
def asked(joined: Model, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[TestClient, Path]]:
    folder = tmp_path_factory.mktemp("logs")
    settings = ServiceSettings(workers=1, audit_log=folder / "audit", drift_log=folder / "drift")
    with client_of(joined, settings) as client:
        yield client, folder


def sent(client: TestClient, contents: list[bytes], **fields: object) -> models.LesionReply:
    files = [("images", (f"{place}.jpg", content)) for place, content in enumerate(contents)]
    reply = client.post("/v1/lesion", files=files, data=fields)
    assert reply.status_code == 200, reply.text
    return models.LesionReply.model_validate(reply.json())


def test_a_lesion_gets_the_answer_that_predict_by_lesion_gives(asked, joined, jpegs):
    said = sent(asked[0], jpegs[:3], image_type=KINDS)
    (expected,) = answers_by_lesion(joined, joined.held(jpegs[:3]), ["lesion"] * 3, KINDS)
    assert said.answer.malignant_probability == pytest.approx(expected.malignant, abs=1e-6)
    assert (said.answer.decision, said.answer.image) == (expected.decision, "lesion")
    assert [one.image_type for one in said.photographs] == KINDS
    assert [one.is_used for one in said.photographs] == [True] * 3
    assert (said.rule, said.operating_point.threshold, said.operating_point.n) == ("mean_logit", 0.4, None)
    assert (said.operating_point.measured_on, said.operating_point.sensitivity.n) == ("validation", 120)
    others = sent(asked[0], jpegs[:3], image_type="dermoscopic").answer.malignant_probability
    assert others != pytest.approx(expected.malignant, abs=1e-6)  # kinds count alike, repeats of one do not


def test_one_photograph_of_a_lesion_is_decided_by_the_rule_of_lesions(asked, jpegs):
    said = sent(asked[0], jpegs[:1])
    assert said.answer.threshold == 0.4
    assert said.photographs[0].image_type is None


def test_a_photograph_that_cannot_be_read_is_left_out_and_named(asked, jpegs):
    alone, beside = sent(asked[0], jpegs[:1]), sent(asked[0], [b"no photograph", jpegs[0]])
    assert beside.answer.malignant_probability == alone.answer.malignant_probability
    assert [(one.is_used, one.error_code) for one in beside.photographs] == [
        (False, "image_unreadable"),
        (True, None),
    ]
    nothing = sent(asked[0], [b"no photograph"])
    assert (nothing.answer.decision, nothing.answer.malignant_probability) == ("cannot assess", None)


def test_the_logs_hold_one_answer_per_lesion_and_drift_counts_its_photographs(joined, jpegs, tmp_path):
    settings = ServiceSettings(workers=1, audit_log=tmp_path / "audit", drift_log=tmp_path / "drift")
    with client_of(joined, settings) as client:
        said = sent(client, jpegs[:3])
        (line,) = [json.loads(text) for text in (tmp_path / "audit").read_text().splitlines()]
        assert line["answer_id"] == said.answer.answer_id
        assert line["image_sha256"] == [hashlib.sha256(content).hexdigest() for content in jpegs[:3]]
        kept = client.post("/v1/outcomes", json={"answer_id": said.answer.answer_id, "malignant": True}).json()
        assert (kept["kept"], kept["outcomes"]["n"]) == (1, 1)
        assert client.get("/v1/monitor").json()["window"]["n"] == 3
    with client_of(joined, settings) as again:  # from the files
        told = again.get("/v1/monitor").json()
        assert (told["window"]["n"], told["outcomes"]["n"], told["days"][0]["answers"]) == (3, 1, 3)


def test_a_bundle_without_a_rule_says_so(client, jpegs):
    reply = client.post("/v1/lesion", files=[("images", ("a.jpg", jpegs[0]))])
    assert (reply.status_code, reply.json()["error"]["code"]) == (422, "no_lesion_rule")


def test_kinds_are_sent_once_or_for_each(asked, jpegs):
    files = [("images", ("a.jpg", content)) for content in jpegs[:3]]
    reply = asked[0].post("/v1/lesion", files=files, data={"image_type": ["dermoscopic", "clinical"]})
    assert (reply.status_code, "Send it once, or for each" in reply.text) == (400, True)
    reply = asked[0].post("/v1/predict", files=files, data={"image_type": "dermoscopic"})
    assert reply.status_code == 400


def test_the_client_has_a_method_for_lesions(live, jpegs):
    from lentigo.service.http._client import Client, RemoteError

    with Client(live.address) as remote, pytest.raises(RemoteError) as caught:
        remote.lesion(jpegs[:2], image_type=KINDS[:2])
    assert caught.value.code == "no_lesion_rule"


def test_the_client_gives_the_answer_of_a_lesion_as_a_record(asked, jpegs, monkeypatch):
    from lentigo.service.http._client import Client

    remote = Client("http://localhost")
    post = lambda path, name, images, query, texts: sent(asked[0], list(images), **texts).model_dump()  # noqa: E731
    monkeypatch.setattr(remote, "_post", post)
    found = remote.lesion(jpegs[:2], image_type=KINDS[:2])
    assert isinstance(found, RemoteLesion)
    assert [one["image_type"] for one in found.photographs] == KINDS[:2]
    assert found.answer.answer.threshold == 0.4
