"""A service that speaks the wire of `lentigo.service.http` in a few lines, for tests of the page and for looking at it.

It answers from a bundle, or says what a test told it to (`say`, `fault`, `token`, `monitor`), and remembers what it was
asked. Run by hand: `python tests/service/http_page/stub.py BUNDLE [PORT]`.
"""

import base64
import hashlib
import io
import json
import math
import sys
import threading
import uuid
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from PIL import Image

from lentigo.errors import ImageError
from lentigo.model import Model, open_model
from lentigo.model._answer import unreadable
from lentigo.model._explain import explain
from lentigo.model._image_statistics import content_box
from lentigo.model._overlay import AGAINST, FOR, STRONGEST
from lentigo.service.http._settings import ServiceSettings
from lentigo.service.http._shown import about_service, preview

STATIC = Path(__file__).parents[3] / "src/lentigo/service/http/static"
TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self'; script-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@dataclass
class Stub:
    """What is answered from.

    Args:
        bundle: answers where nothing else was said.
        model: replaces what the bundle says of itself.
        spoken: by the SHA-256 of a file, fields that replace those of its answer or explanation.
        faults: errors still to be given, first one first: status, code, message, seconds to wait.
        token: what requests have to bring.
        monitor: drift, as /v1/monitor gives it; None when switched off.
        odd_one_out: of the next patients.
        settings: of the service, for what the page asks about it.
        asked: path of every request under /v1.
        bodies: what was sent with them.
    """

    bundle: Model
    model: dict[str, Any] | None = None
    spoken: dict[str, dict[str, Any]] = field(default_factory=dict)
    faults: list[tuple[int, str, str, int]] = field(default_factory=list)
    token: str = ""
    monitor: dict[str, Any] | None = None
    odd_one_out: int | None = None
    settings: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    def say(self, photograph: bytes, **fields: Any) -> None:
        """Answer so, whenever this photograph is sent."""
        self.spoken.setdefault(hashlib.sha256(photograph).hexdigest(), {}).update(fields)

    def describe(self) -> dict[str, Any]:
        said = {key: value for key, value in self.bundle.describe().items() if key != "bundle"}
        return {**said, "service": about_service(ServiceSettings(**self.settings)), **(self.model or {})}

    def operating_point(self) -> dict[str, Any]:
        point = self.describe()["operating_points"][0]
        return {
            **{key: point[key] for key in ("name", "rule", "threshold")},
            **self.describe()["reached"],
            "wanted_sensitivity": point["target_sensitivity"],
            "chosen_on": point["source"],
            "n": point["n_malignant"] + point["n_benign"] or None,
        }

    def head(self) -> dict[str, Any]:
        sha = hashlib.sha256((self.bundle.folder / "model.onnx").read_bytes()).hexdigest()
        return {"schema_version": 1, "model": self.describe()["name"], "model_sha256": sha}

    def answer(self, photograph: bytes, name: str, columns: dict[str, str] | None = None) -> dict[str, Any]:
        fields = self.spoken.get(hashlib.sha256(photograph).hexdigest(), {})
        extra = {"answer_id": uuid.uuid4().hex, "error_code": None}
        try:
            seen = self.bundle.look(photograph)
        except ImageError as error:
            return {**unreadable(name, error).json(), **extra, "error_code": "image_unreadable"}
        said = self.bundle.judge([seen], [name], columns=[columns or {}])[0].json()
        return {**said, **extra, **{key: value for key, value in fields.items() if key in said}}

    def explanation(self, photograph: bytes, name: str, columns: dict[str, str] | None = None) -> dict[str, Any]:
        fields = self.spoken.get(hashlib.sha256(photograph).hexdigest(), {})
        seen = self.bundle.look(photograph)
        made = explain(self.bundle, seen, name)
        said = made.json()
        size = Image.open(io.BytesIO(photograph)).size
        rows, columns = content_box(*size, len(seen.pixels), self.bundle.record.image.fit)
        answer = {
            "answer": self.answer(photograph, name, columns),
            "explained_class": said["explained_class"],
            "method": said["method"],
            "sanity": said["sanity"],
            "map_words": said["map_words"],
            "similar_cases": [{**case, "picture": self.picture(case["image_id"])} for case in said["similar_cases"]],
            "map": {"png": data_uri(map_picture(made.map[rows, columns])), "box": [0, 0, 1, 1]},
            "operating_point": self.operating_point(),
        }
        return {**self.head(), **answer, **{key: value for key, value in fields.items() if key in answer}}

    def lesion(self, answers: list[dict[str, Any]], kinds: list[str]) -> dict[str, Any]:
        """Answer as the first photograph that can be assessed, in the service's words; a test says what it joins."""
        close = "too close to the threshold to call"
        used = [not one["error"] and set(one["reasons"]) <= {close} for one in answers]
        first = next((one for one, is_used in zip(answers, used, strict=True) if is_used), answers[0])
        rule = self.describe()["lesion"]
        point = rule["operating_points"][0]
        kept = ("image", "error", "error_code")
        return {
            **self.head(),
            "answer": {**first, "image": "lesion", "threshold": point["threshold"]},
            "photographs": [
                {**{key: one[key] for key in kept}, "image_type": kind or None, "is_used": is_used,
                 "reasons": [] if is_used else one["reasons"]}
                for one, kind, is_used in zip(answers, kinds, used, strict=True)
            ],
            "rule": rule["rule"],
            "operating_point": {**self.operating_point(), **point, "measured_on": "validation"},
        }  # fmt: skip

    def picture(self, image_id: str) -> str | None:
        cases = self.bundle.references
        if cases is None or cases.pictures is None:
            return None
        return data_uri(Image.fromarray(cases.pictures[cases.image_id.index(image_id)]))


def map_picture(found: Any) -> Image.Image:
    strength = found / max(float(np.abs(found).max()), 1e-9)
    colour = np.where((strength > 0)[..., None], np.array(FOR), np.array(AGAINST))
    alpha = np.clip(np.abs(strength), 0, 1)[..., None] * 255 * STRONGEST
    return Image.fromarray(np.concatenate([colour, alpha], axis=2).astype(np.uint8), "RGBA")


def data_uri(picture: Image.Image) -> str:
    stream = io.BytesIO()
    picture.save(stream, "PNG")
    return "data:image/png;base64," + base64.b64encode(stream.getvalue()).decode()


def files_of(headers: Message, body: bytes) -> list[tuple[str, str, bytes]]:
    """Return field, name and content of every part of a multipart body; texts have no name."""
    head = f"Content-Type: {headers['Content-Type']}\r\n\r\n".encode()
    parts = BytesParser(policy=HTTP).parsebytes(head + body).iter_parts()
    return [
        (
            str(part.get_param("name", header="content-disposition")),
            part.get_filename() or "",
            part.get_payload(decode=True),
        )
        for part in parts
    ]


class Handler(BaseHTTPRequestHandler):
    """One request."""

    stub: Stub

    def log_message(self, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path in ("/", "/monitor") or path.startswith("/static/"):
            self.file({"/": "index.html", "/monitor": "monitor.html"}.get(path, path.removeprefix("/static/")))
            return
        if not self.let_in(path):
            return
        if path == "/v1/model":
            self.json({"schema_version": 1, "model_sha256": self.stub.head()["model_sha256"], **self.stub.describe()})
        elif path == "/v1/card":
            self.send(200, "text/markdown; charset=utf-8", self.stub.bundle.card.encode())
        elif path == "/v1/monitor" and self.stub.monitor is not None:
            self.json({"schema_version": 1, **self.stub.monitor})
        elif path == "/v1/monitor":
            self.error(404, "drift_off", "The drift log is off. Start the service with --drift-log FOLDER.")
        else:
            self.error(404, "not_found", f"There is nothing at {path}.")

    def do_POST(self) -> None:
        path = urlsplit(self.path).path
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.stub.bodies.append(body)
        if not self.let_in(path):
            return
        parts = files_of(self.headers, body)
        files, texts = [part for part in parts if part[1]], [part for part in parts if not part[1]]
        columns: list[dict[str, str]] = [{} for _ in files]
        for field_name in dict.fromkeys(field_name for field_name, _, _ in texts):
            values = [content.decode() for other, _, content in texts if other == field_name]
            for row, value in zip(columns, values, strict=True):
                row[field_name] = value
        stub = self.stub
        if path == "/v1/preview":
            seen = stub.bundle.look(files[0][2])
            self.json({**stub.head(), **preview(seen, stub.bundle.record.image.fit)})
            return
        if path == "/v1/explain":
            _, name, photograph = files[0]
            self.json(stub.explanation(photograph, name, columns[0]))
            return
        kinds = [row.pop("image_type", "") for row in columns] if path == "/v1/lesion" else []
        answers = [stub.answer(content, name, row) for (_, name, content), row in zip(files, columns, strict=True)]
        said = {**stub.head(), "answers": answers, "operating_point": stub.operating_point()}
        if path == "/v1/lesion":
            self.json(stub.lesion(answers, kinds))
            return
        if path == "/v1/patient":
            order = sorted(range(len(answers)), key=lambda i: i != stub.odd_one_out)
            for i, answer in enumerate(answers):
                distance = 0.62 if i == stub.odd_one_out else 0.2 + 0.01 * i
                answer["stands_out"] = None if answer["error"] else {"distance": distance, "rank": order.index(i) + 1}
            said["odd_one_out"] = stub.odd_one_out
        self.json(said)

    def let_in(self, path: str) -> bool:
        stub = self.stub
        stub.asked.append(path)
        if stub.token and self.headers["Authorization"] != f"Bearer {stub.token}":
            self.error(401, "unauthorized", "This service wants a token. Send it as 'Authorization: Bearer TOKEN'.")
            return False
        if stub.faults and path.startswith("/v1/") and self.command == "POST":
            status, code, message, wait = stub.faults.pop(0)
            self.error(status, code, message, {"Retry-After": str(wait)} if wait else {})
            return False
        return True

    def file(self, name: str) -> None:
        path = STATIC / name
        if not path.is_file():
            self.error(404, "not_found", f"There is nothing at {self.path}.")
            return
        self.send(200, f"{TYPES[path.suffix]}; charset=utf-8", path.read_bytes())

    def error(self, status: int, code: str, message: str, headers: dict[str, str] | None = None) -> None:
        error = {"code": code, "message": message, "status": status}
        self.json({"schema_version": 1, "error": error}, status, headers or {})

    def json(self, payload: Any, status: int = 200, headers: dict[str, str] | None = None) -> None:
        self.send(status, "application/json", json.dumps(without_nan(payload), allow_nan=False).encode(), headers or {})

    def send(self, status: int, kind: str, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        fixed = {"Content-Type": kind, "Content-Length": str(len(body)), "Content-Security-Policy": POLICY}
        for key, value in {**fixed, "X-Content-Type-Options": "nosniff", **(headers or {})}.items():
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(body)


def without_nan(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_nan(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [without_nan(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def start(stub: Stub, port: int = 0) -> ThreadingHTTPServer:
    """Return a server of this stub that runs in a thread of its own."""
    server = ThreadingHTTPServer(("127.0.0.1", port), type("Bound", (Handler,), {"stub": stub}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


if __name__ == "__main__":
    from drift import DRIFT

    start(Stub(open_model(sys.argv[1], threads=1), monitor=DRIFT), int(sys.argv[2]) if len(sys.argv) > 2 else 8700)
    threading.Event().wait()
