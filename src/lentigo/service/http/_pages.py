"""Everything that is not under /v1: the page and its files, whether the service lives and works, and its figures."""

import hashlib
import mimetypes
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from lentigo.service.http import _reply_models as models
from lentigo.service.http._engine import Engine
from lentigo.service.http._errors import Draining, NotFound
from lentigo.service.http._meters import memory_bytes
from lentigo.service.http._routes import refusals
from lentigo.service.http._uploads import Traffic

_TEXT: Final = ("text/html", "text/css", "text/javascript", "application/javascript", "image/svg+xml")


def make_pages(engine: Engine, traffic: Traffic) -> APIRouter:
    """Return the routes beside /v1.

    Args:
        engine: whose state they tell.
        traffic: of the service.
    """
    router = APIRouter()
    _add_state(router, engine, traffic)
    _add_files(router)
    return router


def _add_state(router: APIRouter, engine: Engine, traffic: Traffic) -> None:
    engine.meters.watch(lambda: _gauges(engine, traffic))

    @router.get(
        "/health",
        summary="Whether the process lives",
        response_model=models.HealthReply,
        tags=["state"],
        responses=refusals(),
    )
    async def health() -> JSONResponse:
        return JSONResponse(_state(engine, "alive"))

    @router.get(
        "/ready",
        summary="Whether a photograph sent now would be answered",
        response_model=models.HealthReply,
        responses=refusals(503),
        tags=["state"],
    )
    async def ready() -> JSONResponse:
        if not engine.is_ready:
            raise Draining("the service is shutting down, or its decoding processes have not started yet.")
        return JSONResponse(_state(engine, "ready"))

    @router.get(
        "/metrics",
        summary="Figures for Prometheus",
        response_class=Response,
        responses={200: {"content": {"text/plain": {}}, "description": "Text format 0.0.4."}, **refusals()},
        tags=["state"],
    )
    async def metrics() -> Response:
        return Response(engine.meters.text(), media_type="text/plain; version=0.0.4")


def _state(engine: Engine, status: str) -> dict[str, str | int | None]:
    how = engine.model.computation.json()
    return {"schema_version": 1, "status": status, "runtime": how["runtime"], "precision": how["precision"]}


def _gauges(engine: Engine, traffic: Traffic) -> dict[str, tuple[str, float]]:
    return {
        "lentigo_queue_length": ("Photographs that wait to be decoded.", len(engine.pool.waiting)),
        "lentigo_requests_running": (
            "Requests that are being received or answered, including this one.",
            traffic.n_running,
        ),
        "lentigo_workers_ready": ("Running decoding processes.", engine.pool.n_ready),
        "lentigo_resident_memory_bytes": ("Resident memory of the service's own process.", memory_bytes()),
        "lentigo_workers_resident_memory_bytes": (
            "Resident memory of the decoding processes.",
            sum(memory_bytes(pid) for pid in engine.pool.pids),
        ),
    }


def _add_files(router: APIRouter) -> None:
    # Read once, by name: no path from a request ever reaches the file system.
    shipped = _read_all(files("lentigo.service.http") / "static", "")

    def reply(request: Request, name: str) -> Response:
        if name not in shipped:
            raise NotFound("there is no such page.")
        content, kind, tag = shipped[name]
        headers = {"etag": tag, "cache-control": "no-cache"}
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return Response(content, media_type=kind, headers=headers)

    @router.get("/", include_in_schema=False)
    async def page(request: Request) -> Response:
        return reply(request, "index.html")

    @router.get("/monitor", include_in_schema=False)
    async def monitor_page(request: Request) -> Response:
        return reply(request, "monitor.html")

    @router.get("/static/{name:path}", include_in_schema=False)
    async def static(request: Request, name: str) -> Response:
        return reply(request, name)


def _read_all(folder: Traversable, prefix: str) -> dict[str, tuple[bytes, str, str]]:
    found: dict[str, tuple[bytes, str, str]] = {}
    for item in folder.iterdir() if folder.is_dir() else ():
        if item.is_dir():
            found |= _read_all(item, f"{prefix}{item.name}/")
            continue
        content = item.read_bytes()
        kind = mimetypes.guess_type(item.name)[0] or "application/octet-stream"
        kind = f"{kind}; charset=utf-8" if kind in _TEXT else kind
        found[f"{prefix}{item.name}"] = content, kind, f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    return found
