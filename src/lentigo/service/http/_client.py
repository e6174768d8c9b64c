"""The other side of the service, in Python: typed answers, patience with a busy service, nothing but `requests`."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import requests

from lentigo.errors import DataError, LentigoError
from lentigo.service.http._remote_answers import (
    RemoteAnswer,
    RemoteExplanation,
    RemoteLesion,
    RemotePatient,
    answer_of,
)

LONGEST_WAIT_S: Final = 30.0
Image = str | Path | bytes
Columns = Mapping[str, object | Sequence[object]]


class RemoteError(LentigoError):
    """The service refused, or could not be reached.

    Args:
        message: the service's own words.
        code: stable; `unreachable` where there was no service, `not_lentigo` where something else answered.
        status: of HTTP; 0 where there was no response.
    """

    def __init__(self, message: str, *, code: str, status: int) -> None:
        super().__init__(message)
        self.code, self.status = code, status


class Client:
    """Sends requests to a running service.

    Args:
        address: such as "http://127.0.0.1:8000".
        token: where the service needs one.
        timeout_s: for each try.
        tries: of a request that the service is too busy for (503), with the pauses that it asks for.
        verify: the service's certificate; a file of certificates to trust, or False for none of that.

    Example:
        >>> with Client(address) as client:
        ...     (said,) = client.predict([photo])
        >>> said.answer.decision in ("refer", "benign-looking", "cannot assess")
        True
    """

    def __init__(
        self,
        address: str,
        *,
        token: str = "",
        timeout_s: float = 60.0,
        tries: int = 5,
        verify: bool | str = True,
    ) -> None:
        self.address, self.timeout_s, self.tries = address.rstrip("/"), timeout_s, tries
        self._session = requests.Session()
        self._session.verify = verify
        self._session.trust_env = False  # photographs do not go through a proxy that somebody set for web pages
        if token:
            self._session.headers["Authorization"] = f"Bearer {token}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._session.close()

    def predict(
        self, images: Sequence[Image], *, prevalence: float | None = None, columns: Columns | None = None
    ) -> tuple[RemoteAnswer, ...]:
        """Return one answer a photograph.

        Args:
            images: files, or their bytes.
            prevalence: as for `Model.predict`.
            columns: what is known beside the images, for a bundle that uses it: {"age": 63}, or a list of values, one
                for each image.

        Raises:
            RemoteError: the service refuses, stays busy, or is not there.
        """
        payload = self._post("/v1/predict", "images", images, {"prevalence": prevalence}, columns)
        return tuple(answer_of(answer) for answer in payload["answers"])

    def patient(
        self, images: Sequence[Image], *, prevalence: float | None = None, columns: Columns | None = None
    ) -> RemotePatient:
        """Return the answers about several lesions of one patient, and which one stands out."""
        payload = self._post("/v1/patient", "images", images, {"prevalence": prevalence}, columns)
        return RemotePatient(tuple(answer_of(answer) for answer in payload["answers"]), payload["odd_one_out"])

    def lesion(
        self,
        images: Sequence[Image],
        *,
        image_type: str | Sequence[str] | None = None,
        prevalence: float | None = None,
        columns: Columns | None = None,
    ) -> RemoteLesion:
        """Return the one answer about several photographs of a lesion.

        Args:
            images: as for `predict`.
            image_type: kind of the photographs, such as dermoscopic; one for all, or one for each.
            prevalence: as for `predict`.
            columns: likewise.
        """
        texts = {**(columns or {}), **({} if image_type is None else {"image_type": image_type})}
        payload = self._post("/v1/lesion", "images", images, {"prevalence": prevalence}, texts)
        return RemoteLesion(answer_of(payload["answer"]), tuple(payload["photographs"]), payload["rule"])

    def explain(
        self, image: Image, *, prevalence: float | None = None, columns: Columns | None = None
    ) -> RemoteExplanation:
        """Return why the service answers as it does about one photograph."""
        payload = self._post("/v1/explain", "image", [image], {"prevalence": prevalence}, columns)
        return RemoteExplanation(
            answer=answer_of(payload["answer"]),
            explained_class=payload["explained_class"],
            method=payload["method"],
            sanity=payload["sanity"],
            similar_cases=tuple(payload["similar_cases"]),
            map_png=payload["map"]["png"],
            map_box=tuple(payload["map"]["box"]),
            map_words=payload.get("map_words", ""),
        )

    def similar(self, image: Image, n_cases: int = 5) -> tuple[Mapping[str, Any], ...]:
        """Return the reference cases most similar to a photograph, the nearest first."""
        return tuple(self._post("/v1/similar", "image", [image], {"n": n_cases})["similar_cases"])

    def model(self) -> dict[str, Any]:
        """Return what the bundle says about itself."""
        return self._json("GET", "/v1/model")

    def card(self) -> str:
        """Return the model card, Markdown."""
        return self._ask("GET", "/v1/card").text

    def monitor(self) -> dict[str, Any]:
        """Return the figures of the drift log."""
        return self._json("GET", "/v1/monitor")

    def note_outcomes(self, outcomes: Mapping[str, bool]) -> dict[str, Any]:
        """Return how many outcomes were kept, and the figures with them.

        Args:
            outcomes: whether the lesion was malignant, by answer id.
        """
        rows = [{"answer_id": name, "malignant": malignant} for name, malignant in outcomes.items()]
        return self._json("POST", "/v1/outcomes", json=rows)

    def is_ready(self) -> bool:
        """Return whether a photograph sent now would be answered."""
        try:
            reply = self._session.get(f"{self.address}/ready", timeout=self.timeout_s)
        except requests.RequestException:
            return False
        return reply.status_code == 200

    def _post(
        self, path: str, name: str, images: Sequence[Image], query: dict[str, Any], columns: Columns | None = None
    ) -> dict[str, Any]:
        files = [(name, _named(image, place)) for place, image in enumerate(images, start=1)]
        asked = {key: value for key, value in query.items() if value is not None}
        return self._json("POST", path, files=files, params=asked, data=dict(columns or {}))

    def _json(self, method: str, path: str, **content: Any) -> dict[str, Any]:
        reply = self._ask(method, path, **content)
        try:
            payload = reply.json()
        except ValueError:
            payload = None
        if not isinstance(payload, dict) or payload.get("schema_version") != 1:
            raise RemoteError(
                f"{self.address} is not a lentigo service that this client knows.",
                code="not_lentigo",
                status=reply.status_code,
            )
        return payload

    def _ask(self, method: str, path: str, **content: Any) -> requests.Response:
        """Return a response that is not an error.

        Raises:
            RemoteError: there is none.
        """
        n_lost = 0
        for left in reversed(range(self.tries)):
            try:
                reply = self._session.request(method, self.address + path, timeout=self.timeout_s, **content)
            except requests.RequestException as error:
                message = f"{self.address} cannot be reached: {type(error).__name__}. Is 'lentigo serve' running there?"
                raise RemoteError(message, code="unreachable", status=0) from error
            if reply.status_code != 503 or not left:
                break
            if b'"worker_lost"' in reply.content:  # perhaps by this photograph: it may end one more worker, not five
                n_lost += 1
                if n_lost > 1:
                    break
            time.sleep(_pause_s(reply))
        if reply.ok:
            return reply
        refusal = _refusal(reply)
        raise refusal


def _refusal(reply: requests.Response) -> RemoteError:
    try:
        error = reply.json()["error"]
        return RemoteError(str(error["message"]), code=str(error["code"]), status=reply.status_code)
    except (ValueError, KeyError, TypeError):
        return RemoteError(
            f"the response has status {reply.status_code} and does not come from lentigo.",
            code="not_lentigo",
            status=reply.status_code,
        )


def _pause_s(reply: requests.Response) -> float:
    wanted = reply.headers.get("Retry-After", "")
    return min(float(wanted), LONGEST_WAIT_S) if wanted.isdigit() else 1.0


def _named(image: Image, place: int) -> tuple[str, bytes]:
    if isinstance(image, bytes):
        return f"image {place}", image
    path = Path(image)
    try:
        return path.name, path.read_bytes()
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}.") from error
