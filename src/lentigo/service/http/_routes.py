"""The routes under /v1. Each reads its request, asks the engine, and says what the engine said."""

import asyncio
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import PlainTextResponse

from lentigo.errors import ImageError
from lentigo.service.http import _replies as replies
from lentigo.service.http import _reply_models as models
from lentigo.service.http._engine import Engine
from lentigo.service.http._errors import ImageRefused
from lentigo.service.http._form import Upload
from lentigo.service.http._outcomes import read_outcomes
from lentigo.service.http._replies import Reply
from lentigo.service.http._settings import ServiceSettings
from lentigo.service.http._uploads import read_body, read_images
from lentigo.wording import counted

MOST_SIMILAR: Final = 20
KIND: Final = "image_type"  # text field: the kind of a photograph
OUTCOME_BYTES: Final = 1 << 20
Prevalence = Annotated[
    float | None,
    Query(
        description=(
            "Share of malignant lesions where the answers are used, between 0 and 1; that of validation when omitted. "
            "Probabilities and threshold are shifted together, so decisions do not change."
        ),
        examples=[0.02],
        json_schema_extra={"exclusiveMinimum": 0, "exclusiveMaximum": 1},
    ),
]


def make_router(engine: Engine, settings: ServiceSettings) -> APIRouter:
    """Return the routes of one engine.

    Args:
        engine: what answers.
        settings: limits of requests.
    """
    router = APIRouter(prefix="/v1")
    _add_answers(router, engine, settings)
    _add_explanations(router, engine, settings)
    _add_descriptions(router, engine)
    _add_monitoring(router, engine, settings)
    return router


def _add_answers(router: APIRouter, engine: Engine, settings: ServiceSettings) -> None:
    async def answered(request: Request, prevalence: float | None, *, least: int = 1) -> Any:
        sent = await read_images(request, "images", settings, least=least, texts=engine.columns)
        request.state.n_images = len(sent.uploads)
        return await engine.answer_cases(
            [upload.content for upload in sent.uploads],
            prevalence,
            names=[upload.name for upload in sent.uploads],
            columns=sent.columns(),
            is_patient=least > 1,
        )

    @router.post(
        "/predict",
        summary="Predict photographs",
        description=(
            f"One form with 1 to {counted(settings.max_images, 'file')} "
            "in the field `images`. A photograph that cannot be "
            'decoded also gets an answer: "cannot assess", with `error` and `error_code`. Where the bundle uses '
            "columns beside the image (`fusion` in /v1/model), each may be a text field, once for all files or for "
            'each; "unknown", an empty text and a field that is not there count as the average.'
        ),
        response_model=models.PredictReply,
        **_asks_with("images"),
        tags=["answers"],
    )
    async def predict(request: Request, prevalence: Prevalence = None) -> Reply:
        cases = await answered(request, prevalence)
        return Reply(replies.predicted(engine, cases, prevalence))

    @router.post(
        "/patient",
        summary="Several lesions of one patient",
        description=(
            "As /v1/predict, with at least two photographs, and which one stands out from the others, if one clearly "
            "does (ugly duckling). The rule compares embeddings and is described in docs/serving.md; it is not a "
            "finding. A bundle that uses patient context also judges each photograph beside the others."
        ),
        response_model=models.PatientReply,
        **_asks_with("images"),
        tags=["answers"],
    )
    async def patient(request: Request, prevalence: Prevalence = None) -> Reply:
        cases = await answered(request, prevalence, least=2)
        return Reply(replies.patient(engine, cases, prevalence))

    @router.post(
        "/lesion",
        summary="Several photographs of one lesion",
        description=(
            "As /v1/predict, but with one answer for all photographs of the form, as `lentigo predict --by-lesion` "
            "gives it: the rule and the threshold were chosen on validation lesions (`lesion` in /v1/model). The text "
            f"field `{KIND}` (dermoscopic, clinical, ...) may be sent once or for each file; kinds count alike, "
            "however many photographs there are of each. A photograph that cannot be read or assessed is left out, "
            "and `photographs` says why. A bundle without such a rule replies `no_lesion_rule`."
        ),
        response_model=models.LesionReply,
        **_asks_with("images", KIND),
        tags=["answers"],
    )
    async def lesion(request: Request, prevalence: Prevalence = None) -> Reply:
        sent = await read_images(request, "images", settings, texts={*engine.columns, KIND})
        request.state.n_images = len(sent.uploads)
        found = await engine.answer_lesion(
            [upload.content for upload in sent.uploads],
            prevalence,
            names=[upload.name for upload in sent.uploads],
            kinds=sent.values_of(KIND),
            columns=sent.columns(engine.columns),
        )
        return Reply(replies.lesion(engine, found, prevalence))


def _add_explanations(router: APIRouter, engine: Engine, settings: ServiceSettings) -> None:
    async def one_image(request: Request) -> tuple[Upload, dict[str, str] | None]:
        sent = await read_images(request, "image", settings, texts=engine.columns)
        request.state.n_images = 1
        columns = sent.columns()
        return sent.uploads[0], columns[0] if columns else None

    @router.post(
        "/explain",
        summary="Explain a prediction",
        description=(
            "One form with one file in the field `image`: the answer, a map of where the network looks and how far "
            "that can be believed, and similar cases. Costs as much as some twenty answers."
        ),
        response_model=models.ExplainReply,
        **_asks_with("image"),
        tags=["explanations"],
    )
    async def explain(request: Request, prevalence: Prevalence = None) -> Reply:
        upload, columns = await one_image(request)
        try:
            found = await engine.explained(upload.content, prevalence, name=upload.name, columns=columns)
        except ImageError as error:
            raise ImageRefused(str(error), code=error.code) from None
        return await asyncio.to_thread(lambda: Reply(replies.explained(engine, found, prevalence)))

    @router.post(
        "/preview",
        summary="A photograph as the network sees it",
        description="One form with one file in the field `image`: what the network sees of it. Nothing is logged.",
        response_model=models.PreviewReply,
        **_asks_with("image"),
        tags=["explanations"],
    )
    async def preview(request: Request) -> Reply:
        upload, _ = await one_image(request)
        try:
            seen = await engine.pool.decode(upload.content)
        except ImageError as error:
            raise ImageRefused(str(error), code=error.code) from None
        return await asyncio.to_thread(lambda: Reply(replies.preview(engine, seen)))

    @router.post(
        "/similar",
        summary="Similar cases",
        description="One form with one file in the field `image`: the cases of training most similar to it.",
        response_model=models.SimilarReply,
        **_asks_with("image"),
        tags=["explanations"],
    )
    async def similar(
        request: Request, n: Annotated[int, Query(ge=1, le=MOST_SIMILAR, description="How many.")] = 5
    ) -> Reply:
        upload, _ = await one_image(request)
        (case,) = await engine.answer_cases([upload.content], names=[upload.name])
        if case.embedding is None:
            raise ImageRefused(case.answer.error, code=case.answer.error_code)
        return Reply(replies.similar(engine, case, n))


def _add_descriptions(router: APIRouter, engine: Engine) -> None:
    model, card = replies.describe_model(engine), engine.model.card

    @router.get(
        "/model",
        summary="Facts about the bundle",
        description="All of bundle.json (docs/bundle.md): classes, operating points, gate, figures on test, licence.",
        response_model=models.ModelInfo,
        responses=refusals(503),
        tags=["model"],
    )
    async def describe() -> Reply:
        return Reply(model)

    @router.get(
        "/card",
        summary="The model card",
        description="For people, as Markdown.",
        response_class=PlainTextResponse,
        responses={200: {"content": {"text/markdown": {}}, "description": "The card."}, **refusals(503)},
        tags=["model"],
    )
    async def describe_in_words() -> PlainTextResponse:
        return PlainTextResponse(card, media_type="text/markdown")


def _add_monitoring(router: APIRouter, engine: Engine, settings: ServiceSettings) -> None:
    @router.get(
        "/monitor",
        summary="Drift",
        description="Scores, decisions and reasons of the last answers against those at export; outcomes.",
        response_model=models.MonitorReply,
        responses=refusals(404, 503),
        tags=["monitoring"],
    )
    async def monitor() -> Reply:
        return Reply(replies.monitored(engine, engine.journal.require_drift().describe()))

    @router.post(
        "/outcomes",
        summary="What became of lesions",
        description=(
            "One outcome or a list of them as JSON, or a CSV with the columns `answer_id` and `malignant` (true or "
            "false). Outcomes of answers that this service does not know are counted, not kept."
        ),
        response_model=models.OutcomesReply,
        responses=refusals(400, 404, 408, 413, 415, 503),
        openapi_extra={"requestBody": {"required": True, "content": _OUTCOMES}},
        tags=["monitoring"],
    )
    async def note_outcomes(request: Request) -> Reply:
        drift = engine.journal.require_drift()
        body = await read_body(request, settings, most_bytes=OUTCOME_BYTES)
        outcomes = read_outcomes(body, request.headers.get("content-type", ""))
        kept = drift.note_outcomes(outcomes)
        return Reply(replies.outcomes_kept(len(outcomes), kept, drift.describe()["outcomes"]))


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return what the OpenAPI document says of the errors of a route; those of the guard come with every one."""
    words = {
        400: "The request cannot be understood.",
        401: "A token is needed.",
        403: "Another web site sent this request.",
        404: "This address does not exist.",
        413: "Too large.",
        415: "This media type is not supported.",
        421: "This host name is not allowed.",
        408: "The body did not come in time.",
        422: "What was sent can be read but not used.",
        503: "Not available now; try again after the seconds in Retry-After.",
    }
    return {status: {"model": models.ErrorModel, "description": words[status]} for status in (401, 403, 421, *statuses)}


def _asks_with(name: str, *texts: str) -> dict[str, Any]:
    """Return what the OpenAPI document says of a route that takes photographs in the field `name`, and texts."""
    one = {"type": "string", "contentMediaType": "application/octet-stream", "format": "binary"}
    shape = one if name == "image" else {"type": "array", "items": one, "minItems": 1}
    fields = {name: shape, **{text: {"type": "array", "items": {"type": "string"}} for text in texts}}
    schema = {"type": "object", "properties": fields, "required": [name]}
    body = {"required": True, "content": {"multipart/form-data": {"schema": schema}}}
    return {"responses": refusals(400, 408, 413, 415, 422, 503), "openapi_extra": {"requestBody": body}}


_ONE: Final = models.OutcomeModel.model_json_schema()
_OUTCOMES: Final = {
    "application/json": {"schema": {"anyOf": [_ONE, {"type": "array", "items": _ONE}]}},
    "text/csv": {"schema": {"type": "string"}, "example": f"answer_id,malignant\n{'0' * 32},true\n"},
}
