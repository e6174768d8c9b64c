"""What each route answers, in this process; the workers are real."""

import base64
import dataclasses
import io
import math

import numpy as np
import pytest
from PIL import Image
from tests.service.http.conftest import client_of, png

from lentigo.model.decision import Estimate, OperatingPoint, ProbabilityMap
from lentigo.service.http import _reply_models as models
from lentigo.service.http._settings import ServiceSettings

ENCODED = b"Content-Transfer-Encoding: base64"


def form(*contents, field="images", name="a.jpg"):
    return [(field, (name, content, "image/jpeg")) for content in contents]


def code_of(reply):
    payload = reply.json()
    models.ErrorModel.model_validate(payload)
    assert payload["error"]["status"] == reply.status_code
    return payload["error"]["code"]


EDGE = {"content-type": "multipart/form-data; boundary=edge"}


def test_predict_gives_the_probabilities_of_the_bundle(client, bundle, jpegs):
    reply = client.post("/v1/predict", files=form(*jpegs))
    assert reply.status_code == 200
    said = models.PredictReply.model_validate(reply.json())
    for answer, expected in zip(said.answers, bundle.answers(jpegs), strict=True):
        assert answer.malignant_probability == pytest.approx(expected.malignant, abs=1e-6)
        assert answer.probabilities == pytest.approx(expected.probabilities, abs=1e-6)
        assert (answer.decision, tuple(answer.reasons)) == (expected.decision, expected.reasons)
    assert len({answer.answer_id for answer in said.answers}) == len(jpegs)


def test_one_photograph_is_calibrated_once(client, jpegs, monkeypatch):
    plain, calibrated = ProbabilityMap.of_logits, []
    counted = lambda self, rows: calibrated.append(len(rows)) or plain(self, rows)  # noqa: E731
    monkeypatch.setattr(ProbabilityMap, "of_logits", counted)
    assert client.post("/v1/predict", params={"prevalence": 0.02}, files=form(jpegs[0])).status_code == 200
    assert calibrated == [1]


def test_predict_says_the_operating_point_that_decides(client, jpegs):
    point = client.post("/v1/predict", files=form(jpegs[0])).json()["operating_point"]
    assert point["threshold"] == 0.3
    assert (point["rule"], point["wanted_sensitivity"]) == ("sensitivity", 0.95)
    assert (point["chosen_on"], point["n"]) == ("validation", None)  # a bundle of the first version does not say it
    assert point["sensitivity"] == {"value": 0.95, "low": 0.9, "high": 0.98, "n": 0, "reason": None}


def test_the_operating_point_is_served_whole(bundle, jpegs):
    figures = Estimate(0.98, 0.95, 0.99, n=200), Estimate(0.6, 0.5, 0.7, n=300)
    point = OperatingPoint("sensitivity_97.5", 0.2, 0.975, *figures, 200, 300, source="calibration")
    decision = dataclasses.replace(bundle.decision, operating_points=(point,))
    model = bundle.with_record(dataclasses.replace(bundle.record, decision=decision, metrics={}))
    with client_of(model, ServiceSettings(workers=1)) as client:
        said = client.post("/v1/predict", files=form(jpegs[0])).json()["operating_point"]
    assert (said["wanted_sensitivity"], said["n"], said["threshold"]) == (0.975, 500, 0.2)
    assert said["chosen_on"] == said["measured_on"] == "calibration"
    assert said["specificity"] == {"value": 0.6, "low": 0.5, "high": 0.7, "n": 300, "reason": None}


def test_prevalence_shifts_probability_and_threshold_together(client, jpegs):
    plain = client.post("/v1/predict", files=form(jpegs[0])).json()["answers"][0]
    shifted = client.post("/v1/predict?prevalence=0.05", files=form(jpegs[0])).json()["answers"][0]
    # odds are multiplied by (0.05 / 0.95) / (0.35 / 0.65)
    factor = (0.05 / 0.95) / (0.35 / 0.65)
    p = plain["malignant_probability"]
    assert shifted["malignant_probability"] == pytest.approx(p * factor / (1 - p + p * factor))
    assert shifted["threshold"] == pytest.approx(0.3 * factor / (0.7 + 0.3 * factor))
    assert shifted["decision"] == plain["decision"]


def test_a_photograph_that_cannot_be_decoded_gets_an_answer_beside_the_others(client, jpegs):
    contents = [jpegs[0], b"no image", jpegs[1][: len(jpegs[1]) // 2], b"", png(4, 4)]
    answers = client.post("/v1/predict", files=form(*contents)).json()["answers"]
    codes = [answer["error_code"] for answer in answers]
    assert codes == [None, "image_unreadable", "image_damaged", "image_damaged", "image_unreadable"]
    assert [answer["decision"] for answer in answers[1:]] == ["cannot assess"] * 4
    assert answers[1]["malignant_probability"] is None


def test_file_names_are_echoed_without_path_and_control_characters(client, jpegs):
    reply = client.post("/v1/predict", files=form(jpegs[0], name="../../etc/pass\u202ewd.jpg"))
    assert reply.json()["answers"][0]["image"] == "passwd.jpg"


def test_too_many_pixels_are_refused_from_the_header(client):
    # 8000 x 8000 = 64 megapixels, above the 60 of the settings
    stream = io.BytesIO()
    Image.new("1", (8000, 8000)).save(stream, "PNG")
    answer = client.post("/v1/predict", files=form(stream.getvalue())).json()["answers"][0]
    assert answer["error_code"] == "image_too_large"


def test_explain_gives_a_map_that_covers_the_photograph(client, bundle, jpegs):
    reply = client.post("/v1/explain", files=form(jpegs[0], field="image"))
    said = models.ExplainReply.model_validate(reply.json())
    picture = Image.open(io.BytesIO(base64.b64decode(said.map.png.partition(",")[2])))
    assert (picture.mode, picture.size, said.map.box) == ("RGBA", (32, 32), [0, 0, 1, 1])
    assert np.asarray(picture)[..., 3].max() == 255
    assert said.explained_class == max(said.answer.probabilities, key=said.answer.probabilities.get)
    assert len(said.similar_cases) == 5


def test_explain_maps_the_malignant_class_of_a_referral(cautious, benign_but_referred):
    with client_of(cautious, ServiceSettings(workers=1)) as client:
        reply = client.post("/v1/explain", files=form(benign_but_referred.read_bytes(), field="image"))
    said = models.ExplainReply.model_validate(reply.json())
    assert (said.answer.decision, said.explained_class) == ("refer", "malignant")
    assert said.map_words.startswith("Do not rely on this map: ") is said.sanity.is_doubtful


def test_explain_cuts_the_padding_off_the_map_of_a_wide_photograph(client):
    reply = client.post("/v1/explain", files=form(png(200, 100), field="image"))
    picture = Image.open(io.BytesIO(base64.b64decode(reply.json()["map"]["png"].partition(",")[2])))
    assert picture.size == (32, 16)


def test_explain_refuses_what_is_no_image(client):
    reply = client.post("/v1/explain", files=form(b"nothing", field="image"))
    assert (reply.status_code, code_of(reply)) == (422, "image_unreadable")


def test_similar_gives_the_nearest_cases_first(client, jpegs):
    said = models.SimilarReply.model_validate(
        client.post("/v1/similar?n=7", files=form(jpegs[0], field="image")).json()
    )
    similarity = [case.similarity for case in said.similar_cases]
    assert len(similarity) == 7
    assert similarity == sorted(similarity, reverse=True)


def test_patient_ranks_the_lesions_by_distance(client, jpegs):
    said = models.PatientReply.model_validate(client.post("/v1/patient", files=form(*jpegs[:4], b"no image")).json())
    assert said.answers[4].stands_out is None
    ranks = {answer.stands_out.rank: answer.stands_out.distance for answer in said.answers[:4]}
    assert sorted(ranks) == [1, 2, 3, 4]
    assert ranks[1] == max(ranks.values())


def test_model_tells_everything_but_where_it_lies(client, bundle):
    reply = client.get("/v1/model")
    models.ModelInfo.model_validate(reply.json())
    assert reply.json()["classes"] == ["benign", "malignant"]
    assert str(bundle.folder) not in reply.text


def test_card_is_markdown(client, bundle):
    reply = client.get("/v1/card")
    assert reply.headers["content-type"] == "text/markdown; charset=utf-8"
    assert reply.text == bundle.card


@pytest.mark.parametrize(
    ("path", "content", "status", "code"),
    [
        ("/v1/predict", {"files": [("image", ("a", b"x"))]}, 400, "bad_request"),
        (
            "/v1/predict",
            {"data": {"images": "text"}, "files": [("images", ("a", b""))][:0]},
            415,
            "unsupported_media_type",
        ),
        ("/v1/predict", {"json": {"url": "http://elsewhere/a.jpg"}}, 415, "unsupported_media_type"),
        ("/v1/predict", {"files": [("images", (None, b"text"))]}, 422, "no_image"),
        ("/v1/predict", {"files": [("images", ("a", b"x"))] * 33}, 422, "too_many_images"),
        ("/v1/explain", {"files": [("image", ("a", b"x"))] * 2}, 422, "too_many_images"),
        ("/v1/patient", {"files": [("images", ("a", b"x"))]}, 422, "too_many_images"),
        ("/v1/predict?prevalence=1", {"files": [("images", ("a", b"x"))]}, 422, "bad_prevalence"),
        ("/v1/predict?prevalence=nan", {"files": [("images", ("a", b"x"))]}, 422, "bad_prevalence"),
        ("/v1/predict?prevalence=x", {"files": [("images", ("a", b"x"))]}, 422, "bad_prevalence"),
        ("/v1/similar?n=21", {"files": [("image", ("a", b"x"))]}, 400, "bad_request"),
        ("/v1/nothing", {}, 404, "not_found"),
        ("/v1/outcomes", {"json": {}}, 404, "drift_off"),
    ],
)
def test_what_cannot_be_answered_has_a_stable_code(client, path, content, status, code):
    reply = client.post(path, **content)
    assert (reply.status_code, code_of(reply)) == (status, code)


def test_a_wrong_method_names_the_right_one(client):
    reply = client.get("/v1/predict")
    assert (reply.status_code, code_of(reply), reply.headers["allow"]) == (405, "method_not_allowed", "POST")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--edge",
        b"--edge\r\n\r\n",
        b'--edge\r\nContent-Disposition: form-data; name="images"; filename="a"\r\n\r\nno end',
        b"--edge\r\nX-Long: " + b"a" * 10_000 + b"\r\n\r\n",
        b"--edge\r\n" + b"".join(b"X-%d: 1\r\n" % k for k in range(50)) + b"\r\n\r\n--edge--\r\n",
        b"\x00\xff" * 1000,
        b"--edge\r\nContent-Disposition: form-data; name=images; filename=a\r\n%s\r\n\r\nAA" % ENCODED,
    ],
)
def test_a_malformed_form_is_a_bad_request(client, body):
    reply = client.post("/v1/predict", content=body, headers={"content-type": "multipart/form-data; boundary=edge"})
    assert (reply.status_code, code_of(reply)) == (400, "bad_request")


@pytest.mark.parametrize("boundary", ["", "; boundary=", "; boundary=" + "a" * 71])
def test_a_form_needs_a_boundary_of_a_usual_length(client, boundary):
    reply = client.post("/v1/predict", content=b"x", headers={"content-type": "multipart/form-data" + boundary})
    assert (reply.status_code, code_of(reply)) == (400, "bad_request")


def test_health_ready_and_metrics_tell_the_state(client, jpegs):
    client.post("/v1/predict", files=form(jpegs[0], b"no image"))
    assert client.get("/health").json()["status"] == "alive"
    assert client.get("/ready").json()["status"] == "ready"
    text = client.get("/metrics").text
    for line in (
        'lentigo_unreadable_images_total{code="image_unreadable"}',
        "lentigo_queue_length 0.0",
        "lentigo_workers_ready 1.0",
        'lentigo_request_seconds_count{route="/v1/predict"}',
        "lentigo_batch_size_sum",
        "lentigo_worker_restarts_total 0.0",
        'lentigo_images_total{decision="refer"}',
        'lentigo_reasons_total{reason="blurred"}',
    ):
        assert line in text, line


def test_nothing_of_the_documentation_comes_from_a_third_party(client):
    assert client.get("/docs").status_code == 404
    assert client.get("/redoc").status_code == 404


def test_an_undefined_number_is_null(client):
    answer = client.post("/v1/predict", files=form(b"x")).json()["answers"][0]
    assert answer["out_of_distribution_score"] is None
    assert not any(isinstance(value, float) and math.isnan(value) for value in answer.values())


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        (b"filename*=UTF-8''na%C3%AFve.jpg", "na\u00efve.jpg"),
        (b"filename=\"x.jpg\"; filename*=utf-8'de'%e2%82%ac.jpg", "\u20ac.jpg"),
        (b"filename*=ISO-8859-1''na%EFve.jpg", "na\u00efve.jpg"),
        (b"filename=\"a;filename*=UTF-8''b.jpg\"", "a;filename*=UTF-8''b.jpg"),
    ],
)
def test_file_names_of_rfc_5987_are_read(client, jpegs, disposition, name):
    head = b"--edge\r\nContent-Disposition: form-data; name=images; " + disposition + b"\r\n\r\n"
    reply = client.post("/v1/predict", content=head + jpegs[0] + b"\r\n--edge--\r\n", headers=EDGE)
    assert reply.status_code == 200
    assert reply.json()["answers"][0]["image"] == name


def test_a_file_name_in_another_character_set_is_refused(client):
    body = b"--edge\r\nContent-Disposition: form-data; name=images; filename*=ebcdic''x\r\n\r\nx\r\n--edge--\r\n"
    assert client.post("/v1/predict", content=body, headers=EDGE).status_code == 400


BEFORE = (b"", b"\r\n", b"This is a form.\r\nIn two lines.\r\n", b"mentions --edge\r\n", b"x" * 5000 + b"\r\n")


@pytest.mark.parametrize("before", BEFORE)
@pytest.mark.parametrize("step", [1 << 20, 7])
def test_what_stands_before_a_form_is_passed_over(client, jpegs, before, step):
    head = b"--edge\r\nContent-Disposition: form-data; name=images; filename=a\r\n\r\n"
    body = before + head + jpegs[0] + b"\r\n--edge--\r\nand after it"
    pieces = (body[start : start + step] for start in range(0, len(body), step))
    reply = client.post("/v1/predict", content=pieces, headers=EDGE)
    assert reply.status_code == 200, reply.text


def test_a_body_without_the_boundary_is_a_form_that_ends_too_early(client):
    reply = client.post("/v1/predict", content=b"no boundary at all", headers=EDGE)
    assert (reply.status_code, reply.json()["error"]["code"]) == (400, "bad_request")
