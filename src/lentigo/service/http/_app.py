"""The HTTP application: routes, errors as JSON, and the guard around them."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.telemetry import TelemetryConfig
from starlette.exceptions import HTTPException

from lentigo import __version__
from lentigo.service.http._engine import Engine
from lentigo.service.http._errors import BadPrevalence, BadRequest, MethodNotAllowed, NotFound, ServiceError
from lentigo.service.http._guards import Guard
from lentigo.service.http._pages import make_pages
from lentigo.service.http._routes import make_router
from lentigo.service.http._settings import ServiceSettings
from lentigo.service.http._shown import keeps_in_words
from lentigo.service.http._uploads import Traffic

ABOUT: Final = """Answers about dermatoscopic photographs. Research use only; not a medical device.

Every error has the form of `ErrorModel`; its codes are stable. 503 comes with Retry-After. Where the service has a
token, everything but /health, /ready and the page needs `Authorization: Bearer TOKEN`."""

# FastAPI hands requests and tracebacks to OpenTelemetry wherever that is installed; nothing leaves this process.
_SILENT: Final[TelemetryConfig] = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}


def make_app(engine: Engine, settings: ServiceSettings) -> FastAPI:
    """Return the application; its lifespan starts and ends the engine.

    Args:
        engine: what answers.
        settings: limits, token, hosts.

    Example:
        >>> settings = ServiceSettings(workers=1)
        >>> make_app(Engine(open_model(bundle_folder), settings), settings).title
        'lentigo'
    """

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with engine:
            yield

    app = FastAPI(
        title="lentigo",
        version=__version__,
        description=f"{ABOUT}\n\n{keeps_in_words(settings)}",
        lifespan=lifespan,
        docs_url=None,  # both would load their scripts from a third party
        redoc_url=None,
        redirect_slashes=False,
        telemetry=_SILENT,
    )
    app.state.traffic = Traffic(settings.max_inflight_bytes)
    app.include_router(make_router(engine, settings))
    app.include_router(make_pages(engine, app.state.traffic))
    app.add_exception_handler(ServiceError, _refuse)
    app.add_exception_handler(HTTPException, _refuse_route)
    app.add_exception_handler(RequestValidationError, _refuse_parameters)
    app.add_middleware(Guard, engine=engine, settings=settings, traffic=app.state.traffic)
    _add_token(app)
    return app


def _refuse(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ServiceError)
    seconds = error.retry_after_s
    headers = {} if seconds is None else {"Retry-After": str(seconds)}
    return JSONResponse(error.json(), status_code=error.status, headers=headers)


def _refuse_route(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    if error.status_code == 405:
        reply = _refuse(request, MethodNotAllowed("this path does not support this method; see /openapi.json."))
        reply.headers.update(error.headers or {})  # Allow
        return reply
    if error.status_code == 404:
        return _refuse(request, NotFound("this address does not exist. /openapi.json lists all addresses."))
    return _refuse(request, BadRequest("the request cannot be understood."))


def _refuse_parameters(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    name, problem = first["loc"][-1], first["msg"]
    if name == "prevalence":
        return _refuse(request, BadPrevalence("a prevalence is a number between 0 and 1. For 7 % write 0.07."))
    return _refuse(request, BadRequest(f"{name}: {problem}."))


def _add_token(app: FastAPI) -> None:
    """Say in the OpenAPI document that a token may be needed."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        document = plain()
        scheme = {"type": "http", "scheme": "bearer", "description": "Only where the service has a token."}
        document.setdefault("components", {})["securitySchemes"] = {"token": scheme}
        document["security"] = [{}, {"token": []}]
        return document

    app.openapi = openapi  # type: ignore[method-assign]
