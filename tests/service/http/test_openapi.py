"""The OpenAPI document against the service: schemathesis sends what it allows and what it does not."""

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.service.http.live import started

EVERY = list(HealthCheck)
CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance, status_code_conformance]


@pytest.fixture(scope="module")
def api(bundle_folder, tmp_path_factory):
    """The address of a service with everything switched on."""
    folder = tmp_path_factory.mktemp("openapi")
    options = ("--workers", "1", "--drift-log", str(folder / "drift"), "--audit-log", str(folder / "audit"))
    with started(bundle_folder, folder / "log", *options) as live:
        yield live.address


@pytest.fixture
def session():
    with requests.Session() as made:
        yield made


def document_of(address):
    return requests.get(f"{address}/openapi.json", timeout=10).json()


def cases(address):
    document = schemathesis.openapi.from_dict(document_of(address))
    return [operation.ok() for operation in document.get_all_operations()]


def test_every_route_conforms_to_its_document(api, session):
    operations = cases(api)
    assert len(operations) == 13
    n_asked = 0
    for operation in operations:

        @seeded(7)
        @settings(max_examples=40, deadline=None, database=None, phases=(Phase.generate,), suppress_health_check=EVERY)
        @given(case=operation.as_strategy())
        def ask(case):
            nonlocal n_asked
            n_asked += 1
            case.validate_response(case.call(base_url=api, session=session), checks=CHECKS)

        ask()
    assert n_asked > 200


def test_the_document_names_every_code_of_error_and_the_token(api):
    document = document_of(api)
    assert document["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    for path, methods in document["paths"].items():
        for method, about in methods.items():
            assert about["summary"], path
            assert "401" in about["responses"], (method, path)
            assert "HTTPValidationError" not in str(about)
