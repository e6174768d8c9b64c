"""The service: HTTP under `/v1`, a page, limits, metrics and a client.

settings        everything that can be set, checked once
errors          every refusal with its stable code
worker, pool    processes that decode, within limits, and the queue before them
batching        the network, asked about whatever has queued up
engine          what answers; HTTP and DICOM both ask it
guards, protocol    who may ask, from where, how many at a time, how slowly
uploads, outcomes   bodies of requests, in memory and within limits
routes, pages, replies, models, app     HTTP
meters          figures for Prometheus
journal, line_file, drift_log, drift    what is written down, where that is wanted
patients        the odd one among a patient's lesions
server, heap    the process: sockets, signals, drain, memory
client, remote_answers    the other side, in Python
"""

from typing import TYPE_CHECKING

from lentigo.lazy import lazy_names

if TYPE_CHECKING:
    from lentigo.service.http._app import make_app
    from lentigo.service.http._client import Client
    from lentigo.service.http._engine import Engine
    from lentigo.service.http._server import Beside, serve
    from lentigo.service.http._settings import ServiceSettings, read_token, warn_of_readers

__all__ = [
    "Beside",
    "Client",
    "Engine",
    "ServiceSettings",
    "make_app",
    "read_token",
    "serve",
    "warn_of_readers",
]

_WHERE = {
    "_app": ("make_app",),
    "_client": ("Client",),
    "_engine": ("Engine",),
    "_server": ("Beside", "serve"),
    "_settings": ("ServiceSettings", "read_token", "warn_of_readers"),
}
__getattr__ = lazy_names(__name__, {name: f"{__name__}.{module}" for module, names in _WHERE.items() for name in names})
