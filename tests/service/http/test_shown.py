"""What the page asks of its service: what is kept, where it begins, and each photograph as it was judged."""

import base64
import io

import numpy as np
import pytest
from PIL import Image
from tests.service.http.conftest import client_of, png

from lentigo.errors import ConfigError
from lentigo.service.http import _reply_models as models
from lentigo.service.http._settings import ServiceSettings
from lentigo.service.http._shown import CLINIC


def about(bundle, **settings):
    with client_of(bundle, ServiceSettings(workers=1, **settings)) as client:
        return client.get("/v1/model").json()["service"], client.get("/openapi.json").json()["info"]["description"]


def test_a_service_without_logs_says_that_it_keeps_nothing(bundle):
    said, document = about(bundle)
    assert said["keeps"] == "The service keeps nothing of photographs or answers."
    assert (said["audit_log"], said["drift_log"]) == (False, False)
    assert said["keeps"] in document


def test_a_service_with_logs_says_what_is_kept(bundle, tmp_path):
    said, document = about(bundle, audit_log=tmp_path / "audit", drift_log=tmp_path / "drift")
    assert "fingerprint (SHA-256) of the photograph" in said["keeps"]
    assert "a score, the decision and its reasons" in said["keeps"]
    assert "keeps nothing" not in said["keeps"] + document


def test_the_page_begins_at_the_prevalence_of_the_service_or_of_a_clinic(bundle):
    assert about(bundle)[0]["prevalence"] == CLINIC
    assert about(bundle, prevalence=0.02)[0]["prevalence"] == 0.02
    with pytest.raises(ConfigError, match="For 7 % write 0.07"):
        ServiceSettings(prevalence=7)


def test_the_preview_is_what_the_network_sees(client, bundle, make_dicom):
    wide = png(200, 100)
    for content in (wide, make_dicom()):
        reply = client.post("/v1/preview", files={"image": ("a", content)})
        said = models.PreviewReply.model_validate(reply.json())
        shown = np.asarray(Image.open(io.BytesIO(base64.b64decode(said.png.split(",")[1]))))
        seen = bundle.look(content)
        assert said.ratio == pytest.approx(seen.size[0] / seen.size[1])
        if bundle.record.image.fit != "pad":
            assert np.array_equal(shown, seen.pixels)
        assert max(shown.shape) == bundle.record.image.size


def test_what_cannot_be_decoded_has_no_preview(client):
    assert client.post("/v1/preview", files={"image": ("a", b"no image")}).status_code == 422


def test_nobody_is_told_to_export_the_shipped_model_again(bundle, tmp_path):
    import dataclasses

    from lentigo.service.http._drift_log import DriftLog

    record = dataclasses.replace(bundle.record, scores=None)
    drift = DriftLog(tmp_path, record).describe()
    assert "xport" not in str(drift["scores"]["note"]) + str(drift["outcomes"]["note"])
