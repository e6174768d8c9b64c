"""Outcomes as they are sent: JSON or CSV, strict."""

import csv
import io
import json
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from lentigo.service.http._errors import BadRequest, UnsupportedMediaType
from lentigo.service.http._reply_models import OutcomeModel

_LIST: Final = TypeAdapter(list[OutcomeModel])
_TRUTHS: Final = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


def read_outcomes(body: bytes, content_type: str) -> list[tuple[str, bool]]:
    r"""Return answer ids and whether each lesion was malignant.

    Args:
        body: of the request.
        content_type: application/json or text/csv.

    Raises:
        UnsupportedMediaType: it is another one.
        BadRequest: the body does not hold outcomes.

    Example:
        >>> read_outcomes(b"answer_id,malignant\n" + b"a" * 32 + b",yes", "text/csv")[0][1]
        True
    """
    kind = content_type.partition(";")[0].strip().lower()
    try:
        text = body.decode("utf-8-sig")
        if kind == "application/json":
            payload = json.loads(text)
            rows = payload if isinstance(payload, list) else [payload]
        elif kind == "text/csv":
            rows = _rows(text)
        else:
            raise UnsupportedMediaType("send outcomes as application/json or text/csv.")
        outcomes = _LIST.validate_python(rows, strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise BadRequest(
            f"outcome {place}: {first['msg']}. Each needs answer_id (32 hex digits) and malignant."
        ) from None
    except (ValueError, RecursionError, csv.Error):
        raise BadRequest("the outcomes cannot be read. Send JSON, or CSV with answer_id and malignant.") from None
    return [(outcome.answer_id, outcome.malignant) for outcome in outcomes]


def _rows(text: str) -> list[dict[str, Any]]:
    table = csv.DictReader(io.StringIO(text), strict=True)
    if not {"answer_id", "malignant"} <= set(table.fieldnames or ()):
        raise BadRequest("the CSV needs the columns answer_id and malignant.")
    return [
        {"answer_id": row["answer_id"], "malignant": _TRUTHS.get((row["malignant"] or "").strip().lower())}
        for row in table
    ]
