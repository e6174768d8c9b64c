"""What stands before every route: who may ask, from where, how many at a time; and what every response carries.

Plain ASGI, in one pass. Refused requests never reach a route, and nothing here reads a body.
"""

import hmac
import json
import logging
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

from lentigo.service.http._engine import Engine
from lentigo.service.http._errors import (
    BadRequest,
    CrossOrigin,
    Draining,
    HostRefused,
    ServiceError,
    SlowBody,
    Unauthorized,
)
from lentigo.service.http._settings import ServiceSettings
from lentigo.service.http._uploads import Traffic
from lentigo.wording import counted

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

log = logging.getLogger(__name__)

# The page holds no secret, and a browser cannot send a token with the address that a person types.
OPEN: Final = ("/health", "/ready", "/", "/monitor", "/favicon.ico")
ALWAYS: Final = ("/health", "/ready", "/metrics")  # also while the service drains
LOOPBACK_NAMES: Final = ("localhost", "127.0.0.1", "[::1]", "::1")
_POLICY: Final = (
    "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
HEADERS: Final = tuple(
    (name.encode(), value.encode())
    for name, value in {
        "content-security-policy": _POLICY,
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "no-referrer",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "permissions-policy": "camera=(self), geolocation=(), microphone=()",
    }.items()
)


class Guard:
    """The outermost layer of the service.

    Args:
        app: what answers those that are let in.
        engine: whose meters count, and which may be draining.
        settings: token, hosts.
        traffic: counted here; what a request held is given back here.
    """

    def __init__(self, app: App, *, engine: Engine, settings: ServiceSettings, traffic: Traffic) -> None:
        self.app, self.engine, self.settings, self.traffic = app, engine, settings, traffic
        self._token = settings.token.encode()
        # Names of hosts have no case (RFC 3986, 3.2.2).
        self._hosts = {name.lower() for name in (*LOOPBACK_NAMES, settings.host, *settings.allowed_hosts)}
        # With a token a rebound name gains nothing: the page of a stranger does not know the token.
        self._is_any_host = "*" in settings.allowed_hosts or (bool(settings.token) and not settings.allowed_hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self.app(scope, receive, send)
            return
        start, answered = time.perf_counter(), _ResponseHeaders(send, is_api=scope["path"].startswith("/v1/"))
        scope.setdefault("state", {})
        self.traffic.n_running += 1
        try:
            self._let_in(scope)
            await self.app(scope, receive, answered)
        except ServiceError as error:
            await answered.refuse(error)
        except Exception:
            await answered.refuse(ServiceError("an internal error occurred; the log of the service gives the details."))
            raise
        finally:
            self.traffic.n_running -= 1
            self.traffic.free(scope["state"].pop("held", 0))
            self._note(scope, answered.status, time.perf_counter() - start)

    def _let_in(self, scope: Scope) -> None:
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        path = scope["path"]
        if b"content-length" in headers and b"transfer-encoding" in headers:
            # A proxy may believe the one and we the other, and what one of us takes for the next request is somebody
            # else's (RFC 9112, 6.1).
            raise BadRequest("the body has a length and a transfer encoding. Send one of them.")
        host = headers.get(b"host", "").lower()
        if not self._is_any_host and _without_port(host) not in self._hosts:
            raise HostRefused("this host name is not allowed. Add it with --allowed-host.")
        origin = headers.get(b"origin")
        is_foreign = origin is not None and origin.partition("://")[2].lower() != host
        if is_foreign or headers.get(b"sec-fetch-site") == "cross-site":
            is_visit = scope["method"] == "GET" and headers.get(b"sec-fetch-mode") == "navigate"  # a link to the page
            if not (is_visit and path in OPEN):
                raise CrossOrigin("another web site sent this request. Open the page of the service itself.")
        if self.engine.is_draining and path not in ALWAYS:
            raise Draining("the service is shutting down. Try again in a few seconds.")
        if self._token and not (path in OPEN or path.startswith("/static/")):
            kind, _, token = headers.get(b"authorization", "").partition(" ")
            is_right = hmac.compare_digest(token.strip().encode("latin-1"), self._token)
            if kind.lower() != "bearer" or not is_right:
                raise Unauthorized("this needs the header 'Authorization: Bearer TOKEN' with the token of the service.")

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        """Count and log; of what was asked, no more than the route, because paths and names may tell of patients."""
        route = getattr(scope.get("route"), "path", "unmatched")
        method = scope["method"] if scope["method"] in _METHODS else "other"
        self.engine.meters.requests.labels(method, route, str(status)).inc()
        self.engine.meters.seconds.labels(route).observe(seconds)
        n_images = scope["state"].get("n_images", 0)
        log.info("%s %s %s %.1f ms %s", method, route, status, 1000 * seconds, counted(n_images, "image"))


_METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


class _ResponseHeaders:
    """Adds the headers that every response carries, and remembers the status."""

    def __init__(self, send: Send, *, is_api: bool) -> None:
        self.send, self.status = send, 0
        self._further = (*HEADERS, (b"cache-control", b"no-store")) if is_api else HEADERS

    async def __call__(self, message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = [*message.get("headers", ()), *self._further]
        await self.send(message)

    async def refuse(self, error: ServiceError) -> None:
        if self.status:
            return
        body = json.dumps(error.json()).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        if error.retry_after_s is not None:
            headers.append((b"retry-after", str(error.retry_after_s).encode()))
        if isinstance(error, BadRequest | SlowBody):  # where the next request would begin is not certain
            headers.append((b"connection", b"close"))
        if isinstance(error, Unauthorized):
            headers.append((b"www-authenticate", b"Bearer"))
        await self({"type": "http.response.start", "status": error.status, "headers": headers})
        await self({"type": "http.response.body", "body": body})


def _without_port(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdigit() else host
