"""Columns beside photographs as fields of the form, and a patient's photographs judged beside each other."""

import dataclasses
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient
from tests.service.http.conftest import client_of

from lentigo.model import Model
from lentigo.model._patient_context import CONTEXT
from lentigo.model.decision import Estimate, Fusion, FusionTerm, ProbabilityMap
from lentigo.service.http._settings import ServiceSettings

SCORE = CONTEXT[0]
AGE = FusionTerm("age", "number", (20.0, 80.0), (), (-1.0, 1.0))
SEX = FusionTerm("sex", "category", (), ("female", "male"), (-0.25, 0.25))
AMONG = FusionTerm(SCORE, "context", (-2.0, 2.0), (), (-0.5, 0.5))
GAIN = Estimate(0.02, 0.01, 0.03, n=500)


@pytest.fixture(scope="module")
def asked(bundle: Model) -> Iterator[TestClient]:
    lone = Fusion(1.0, 0.0, (AGE, SEX), 500, GAIN)
    fusion = Fusion(1.0, 0.0, (AGE, SEX, AMONG), 500, GAIN, lone=lone)
    rule = dataclasses.replace(bundle.decision, fusion=fusion)
    fused = bundle.with_record(dataclasses.replace(bundle.record, decision=rule))
    with client_of(fused, ServiceSettings(workers=1)) as client:
        yield client


def sent(client: TestClient, jpegs: list[bytes], path: str = "/v1/predict", **fields: object) -> list[dict[str, float]]:
    files = [("images", (f"{place}.jpg", content)) for place, content in enumerate(jpegs)]
    reply = client.post(path, files=files, data=fields)
    assert reply.status_code == 200, reply.text
    return [answer["contributions"] for answer in reply.json()["answers"]]


def test_a_value_is_for_all_photographs_or_each_has_its_own(asked: TestClient, jpegs: list[bytes]) -> None:
    assert [one["age"] for one in sent(asked, jpegs[:2], age="80", sex="male")] == [1.0, 1.0]
    assert [one["age"] for one in sent(asked, jpegs[:3], age=["80", "unknown", ""])] == [1.0, 0.0, 0.0]
    assert sent(asked, jpegs[:1])[0] == {"age": 0.0, "sex": 0.0, SCORE: 0.0}


def test_what_cannot_be_used_is_refused_with_what_can(asked: TestClient, jpegs: list[bytes]) -> None:
    files = [("images", ("a.jpg", content)) for content in jpegs[:3]]
    for fields, status, words in [
        ({"age": ["1", "2"]}, 400, "Send it once, or for each"),
        ({"age": "old"}, 422, "'old' is not a number"),
        ({"sex": "fem"}, 422, "Known: female, male, unknown"),
        ({"site": "back"}, 400, "Beside it there may be 'age', 'sex'"),
        ({SCORE: "1"}, 400, "other than 'images'"),
        ({"age": "9" * 300}, 400, "longer than 200 bytes"),
        ({"age": ["1"] * 99}, 400, "more than 32 times"),
    ]:
        reply = asked.post("/v1/predict", files=files, data=fields)
        assert (reply.status_code, words in reply.text) == (status, True), reply.text
    reply = asked.post("/v1/predict", files=[*files, ("age", ("a.txt", b"5"))])
    assert "'age' is a file" in reply.text


def test_photographs_of_one_patient_are_judged_beside_each_other_and_others_alone(
    asked: TestClient, jpegs: list[bytes]
) -> None:
    alone = [one[SCORE] for one in sent(asked, jpegs[:4])]
    beside = [one[SCORE] for one in sent(asked, [*jpegs[:4], b"no photograph"], path="/v1/patient")[:4]]
    assert alone == [0.0] * 4
    assert len(set(beside)) == 4


def test_photographs_of_one_patient_are_decided_once(
    asked: TestClient, jpegs: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, calibrated = ProbabilityMap.of_logits, []
    monkeypatch.setattr(
        ProbabilityMap, "of_logits", lambda self, rows: calibrated.append(len(rows)) or plain(self, rows)
    )
    sent(asked, [*jpegs[:3], b"no photograph"], path="/v1/patient")
    assert calibrated == [3]


def test_an_explanation_is_of_the_answer_with_its_columns(asked: TestClient, jpegs: list[bytes]) -> None:
    reply = asked.post("/v1/explain", files=[("image", ("a.jpg", jpegs[0]))], data={"age": "80"})
    assert reply.json()["answer"]["contributions"]["age"] == 1.0
    assert [term["name"] for term in asked.get("/v1/model").json()["fusion"]["terms"]] == ["age", "sex", SCORE]


def test_a_bundle_of_the_image_alone_takes_files_only(client: TestClient, jpegs: list[bytes]) -> None:
    reply = client.post("/v1/predict", files=[("images", ("a.jpg", jpegs[0]))], data={"age": "80"})
    assert reply.status_code == 400
    assert "Send only that field" in reply.text
