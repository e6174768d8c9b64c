"""What is written down of answers, and what is told from it."""

import dataclasses
import hashlib
import json
import logging
import math
import os
import stat
import threading

import numpy as np
import pytest
from scipy.stats import chi2
from starlette.testclient import TestClient

from lentigo.errors import BundleError, ConfigError
from lentigo.model._json_reader import Fields
from lentigo.model._scores import Scores, describe_scores
from lentigo.model.decision import Estimate, wilson_interval
from lentigo.service.http import _reply_models as models
from lentigo.service.http._app import make_app
from lentigo.service.http._drift import chance_index, describe_shift, stability_index
from lentigo.service.http._drift_log import NONE_AT_EXPORT, WINDOW, DriftLog, LoggedAnswer
from lentigo.service.http._engine import Engine
from lentigo.service.http._line_file import LineFile, now
from lentigo.service.http._settings import ServiceSettings


def logging_client(bundle, **options):
    settings = ServiceSettings(workers=1, **options)
    engine = Engine(bundle, settings)
    return TestClient(make_app(engine, settings), base_url="http://localhost", raise_server_exceptions=False)


def ask(client, *contents, path="/v1/predict"):
    files = [("images", ("anna.jpg", content, "image/jpeg")) for content in contents]
    return client.post(path, files=files)


def lines_of(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_the_audit_log_accounts_for_every_answer_and_names_nobody(bundle, tmp_path, jpegs):
    log = tmp_path / "audit.jsonl"
    with logging_client(bundle, audit_log=log) as client:
        answers = ask(client, jpegs[0], b"no image").json()["answers"]
        explained = client.post("/v1/explain", files=[("image", ("anna.jpg", jpegs[1]))]).json()["answer"]
    lines = lines_of(log)
    assert [line["answer_id"] for line in lines] == [a["answer_id"] for a in (*answers, explained)]
    assert [line["image_sha256"] for line in lines] == [
        hashlib.sha256(content).hexdigest() for content in (jpegs[0], b"no image", jpegs[1])
    ]
    assert lines[0]["probabilities"] == answers[0]["probabilities"]
    assert lines[0]["decision"] == answers[0]["decision"]
    assert lines[1]["error_code"] == "image_unreadable"
    assert len(lines[0]["model_sha256"]) == 64
    assert "anna" not in log.read_text()
    assert stat.S_IMODE(log.stat().st_mode) == 0o600


def test_an_answer_that_cannot_be_logged_is_not_given(bundle, tmp_path, jpegs, monkeypatch):
    with logging_client(bundle, audit_log=tmp_path / "audit.jsonl") as client:

        def full(_):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        reply = ask(client, jpegs[0])
        assert (reply.status_code, reply.json()["error"]["code"]) == (503, "log_unavailable")
        assert "decision" not in reply.text
    assert (tmp_path / "audit.jsonl").read_bytes() == b""  # no half line


def test_a_large_audit_log_is_put_aside_and_kept(tmp_path):
    lines = LineFile(tmp_path / "log", most_bytes=4096)
    for number in range(200):
        lines.append([{"number": number, "text": "x" * 50}])
    lines.close()
    kept = sorted(tmp_path.iterdir(), key=lambda path: (path.name == "log", path.name))
    assert len(kept) > 2
    assert all(path.stat().st_size <= 4096 for path in kept)
    assert [line["number"] for path in kept for line in lines_of(path)] == list(range(200))


def test_lines_of_many_threads_stay_whole(tmp_path):
    lines = LineFile(tmp_path / "log", most_bytes=1 << 20)
    threads = [
        threading.Thread(target=lambda k=k: [lines.append([{"k": k, "text": "y" * 500}]) for _ in range(20)])
        for k in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(lines_of(tmp_path / "log")) == 160
    lines.close()


def test_a_line_that_a_crash_left_half_is_passed_over(tmp_path):
    (tmp_path / "log").write_bytes(b'{"a": 1}\n{"a": 2')
    lines = LineFile(tmp_path / "log", most_bytes=4096)
    lines.append([{"a": 3}])
    assert list(lines.read()) == [{"a": 1}, {"a": 3}]
    lines.close()


def test_a_log_is_no_link_to_somewhere_else(tmp_path):
    (tmp_path / "precious").write_text("keep")
    (tmp_path / "log").symlink_to(tmp_path / "precious")
    with pytest.raises(ConfigError, match="cannot be written"):
        LineFile(tmp_path / "log", most_bytes=4096)


def test_nothing_is_written_where_no_log_is_wanted(bundle, tmp_path, jpegs, monkeypatch, caplog):
    monkeypatch.chdir(tmp_path)
    with caplog.at_level(logging.DEBUG), logging_client(bundle) as client:
        ask(client, jpegs[0], b"no image")
    assert list(tmp_path.iterdir()) == []
    assert "anna" not in caplog.text


def test_stability_index_is_the_sum_of_its_definition():
    # shares of 300 cases after half a case in each of two bins: 240.5/301 and 60.5/301, expected 0.5 each
    a, b = 240.5 / 301, 60.5 / 301
    wanted = (a - 0.5) * math.log(a / 0.5) + (b - 0.5) * math.log(b / 0.5)
    assert stability_index([0.5, 0.5], [240, 60]) == pytest.approx(wanted)
    assert math.isnan(stability_index([0.5, 0.5], [0, 0]))


def test_the_index_by_chance_holds_in_19_of_20_samples():
    rng = np.random.default_rng(0)
    shares = np.full(10, 0.1)
    below = []
    for _ in range(2000):
        reference = rng.multinomial(500, shares) / 500
        below.append(
            stability_index(reference.tolist(), rng.multinomial(400, shares).tolist()) <= chance_index(10, 400, 500)
        )
    assert chance_index(10, 400, 500) == pytest.approx(chi2.ppf(0.95, 9) * (1 / 400 + 1 / 500))
    assert 0.93 < np.mean(below) < 0.97


def reference(n=1000):
    rng = np.random.default_rng(1)
    return describe_scores(rng.beta(1, 4, n), {"refer": n // 4, "benign-looking": n - n // 4})


def test_drift_is_told_from_chance():
    rng = np.random.default_rng(2)
    same, other = rng.beta(1, 4, 800), rng.beta(2, 2, 800)
    assert describe_shift(reference(), same)["verdict"] == "stable"
    assert describe_shift(reference(), other)["verdict"] == "shifted"
    assert describe_shift(reference(), same[:15])["verdict"] == "too few"
    assert describe_shift(reference(), [])["verdict"] == "too few"
    assert describe_shift(None, same)["verdict"] == "no reference"


def test_scores_of_validation_fill_bins_of_equal_share():
    scores = describe_scores(np.linspace(0, 1, 1001), {"refer": 1001})
    assert len(scores.shares) == 10
    assert scores.shares == pytest.approx([0.1] * 10, abs=0.002)
    assert sum(scores.shares) == pytest.approx(1)


def test_scores_that_are_all_alike_have_two_bins():
    assert describe_scores(np.zeros(50), {"refer": 0}).shares == (1.0, 0.0)


def test_scores_that_do_not_fit_each_other_are_refused():
    with pytest.raises(BundleError):
        Scores((0.5, 0.2), (0.3, 0.3, 0.4), {}, 10)


def test_outcomes_give_rolling_figures_with_wilson_intervals(bundle, tmp_path):
    drift = DriftLog(tmp_path / "drift", bundle.record)
    ids = [f"{k:032x}" for k in range(40)]
    decisions = ["refer"] * 20 + ["benign-looking"] * 15 + ["cannot assess"] * 5
    drift.keep([LoggedAnswer(name, now()[:10], decision, 0.5) for name, decision in zip(ids, decisions, strict=True)])
    # 8 of the referred and 2 of the benign-looking were malignant: 8 of 10; 13 of the 15 others benign beside 12
    outcomes = [(name, k < 8 or k in {20, 21}) for k, name in enumerate(ids)]
    assert drift.note_outcomes([*outcomes, ("f" * 32, True)]) == 40
    told = drift.describe()["outcomes"]
    assert (told["sensitivity"]["count"], told["sensitivity"]["n"]) == (8, 10)
    assert (told["sensitivity"]["low"], told["sensitivity"]["high"]) == pytest.approx(wilson_interval(8, 10))
    assert (told["specificity"]["count"], told["specificity"]["n"]) == (13, 25)
    assert told["not_assessed"] == 5
    drift.note_outcomes([(ids[0], False)])  # a later outcome takes the place of the earlier
    assert drift.describe()["outcomes"]["sensitivity"]["n"] == 9
    drift.close()
    again = DriftLog(tmp_path / "drift", bundle.record)
    assert again.describe() == {**drift.describe()}
    again.close()


def test_outcomes_stand_beside_the_validation_images_that_were_judged_as_they_were(bundle, tmp_path):
    # over all validation images the sensitivity is another one: those that it cannot assess are the hard ones
    scores = dataclasses.replace(
        reference(), sensitivity=Estimate(0.984, 0.97, 0.99, n=100), specificity=Estimate(0.8, 0.7, 0.9, n=100)
    )
    drift = DriftLog(tmp_path, dataclasses.replace(bundle.record, scores=scores))
    told = drift.describe()["outcomes"]
    assert told["sensitivity"]["at_export"] == scores.sensitivity.json()
    assert told["specificity"]["at_export"] == scores.specificity.json()
    assert NONE_AT_EXPORT not in told["note"]
    drift.close()


def test_a_bundle_of_before_shows_no_figure_at_export_that_counts_other_images(bundle, tmp_path):
    for record in (bundle.record, dataclasses.replace(bundle.record, scores=reference())):
        drift = DriftLog(tmp_path, record)
        told = drift.describe()["outcomes"]
        for name in ("sensitivity", "specificity"):
            assert told[name]["at_export"] | {"n": 0, "reason": ""} == Estimate.undefined("?").json() | {"reason": ""}
        assert told["note"].endswith(NONE_AT_EXPORT)
        drift.close()


def test_scores_are_read_as_they_were_written_with_and_without_figures():
    known = dataclasses.replace(
        reference(), sensitivity=Estimate(0.9, 0.8, 0.95, n=100), specificity=Estimate.undefined("0 images")
    )
    for scores in (known, reference()):
        fields = Fields(json.loads(json.dumps(scores.json())), "bundle.json.scores")
        assert Scores.from_fields(fields) == scores
        fields.done()
    assert "sensitivity" not in reference().json()


def test_figures_are_of_the_last_thousand_answers(bundle, tmp_path):
    drift = DriftLog(tmp_path, bundle.record)
    for k in range(3):
        entries = [
            LoggedAnswer(f"{k}{i:031x}", f"2026-11-2{k}", "refer" if k == 2 else "benign-looking", 0.1)
            for i in range(500)
        ]
        drift.keep(entries)
    told = drift.describe()
    assert told["window"] == {"n": WINDOW, "most": WINDOW, "first_day": "2026-11-21", "last_day": "2026-11-22"}
    rates = {rate["name"]: rate["value"] for rate in told["rates"]}
    assert rates["refer"] == 0.5
    assert [day["answers"] for day in told["days"]] == [500, 500, 500]
    drift.close()


def test_a_changed_drift_log_does_not_stop_the_service(bundle, tmp_path):
    (tmp_path / "answers.jsonl").write_text('[]\n{"answer_id": 3}\n{"time": "x", "score": "NaN"}\nnot json\n')
    drift = DriftLog(tmp_path, bundle.record)
    assert drift.describe()["window"]["n"] == 0
    drift.close()


def test_monitor_tells_rates_beside_those_at_export(bundle, tmp_path, jpegs):
    with logging_client(bundle, drift_log=tmp_path / "drift") as client:
        # An unasked prevalence would shift the scores; the log holds those of validation's.
        answers = ask(client, *jpegs, b"no image", path="/v1/predict?prevalence=0.02").json()["answers"]
        plain = ask(client, *jpegs).json()["answers"]
        told = models.MonitorReply.model_validate(client.get("/v1/monitor").json())
        assert told.window["n"] == 17
        assert told.scores["verdict"] == "no reference"  # bundle-v1 was written before there was one
        assert sum(told.scores["observed"]) == 16
        rates = {rate["name"]: rate for rate in told.rates}
        assert rates["unreadable"]["count"] == 1
        assert rates["odd"]["expected"] == 0.01
        lines = lines_of(tmp_path / "drift" / "answers.jsonl")
        assert [line["score"] for line in lines[:8]] == pytest.approx([a["malignant_probability"] for a in plain])
        assert set(lines[0]) == {"time", "answer_id", "decision", "score", "reasons"}

        reply = client.post("/v1/outcomes", json={"answer_id": answers[0]["answer_id"], "malignant": True})
        kept = models.OutcomesReply.model_validate(reply.json())
        assert (kept.received, kept.kept) == (1, 1)
        rows = "\n".join(f"{a['answer_id']},no" for a in plain)
        body = f"answer_id,malignant\n{rows}\n{'f' * 32},yes\n"
        reply = client.post("/v1/outcomes", content=body, headers={"content-type": "text/csv"})
        assert (reply.json()["received"], reply.json()["kept"]) == (9, 8)
        assert reply.json()["outcomes"]["n"] == 9


@pytest.mark.parametrize(
    ("content", "kind", "status", "code"),
    [
        (b"{}", "application/json", 400, "bad_request"),
        (b'{"answer_id": "x", "malignant": true}', "application/json", 400, "bad_request"),
        (b'{"answer_id": "' + b"a" * 32 + b'", "malignant": "yes"}', "application/json", 400, "bad_request"),
        (b"[" * 100_000, "application/json", 400, "bad_request"),
        (b"\xff\xfe", "text/csv", 400, "bad_request"),
        (b"a,b\n1,2\n", "text/csv", 400, "bad_request"),
        (b"answer_id,malignant\n" + b"a" * 32 + b",maybe\n", "text/csv", 400, "bad_request"),
        (b"answer_id,malignant\n", "text/plain", 415, "unsupported_media_type"),
        (b"x" * 1_100_000, "text/csv", 413, "body_too_large"),
    ],
)
def test_outcomes_that_cannot_be_read_are_refused(bundle, tmp_path, content, kind, status, code):
    with logging_client(bundle, drift_log=tmp_path) as client:
        reply = client.post("/v1/outcomes", content=content, headers={"content-type": kind})
        assert (reply.status_code, reply.json()["error"]["code"]) == (status, code)
