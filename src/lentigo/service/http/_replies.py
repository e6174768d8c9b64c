"""From what the engine says to what is sent: the very models that the OpenAPI document is made of; NaN becomes null."""

import base64
import io
from dataclasses import asdict
from typing import Any

from fastapi import Response
from PIL import Image
from pydantic import BaseModel

from lentigo.model import DecodedImage, draw_map, lesion_rule_of
from lentigo.model.decision import DecisionRule
from lentigo.service.http import _reply_models as models
from lentigo.service.http._cases import AnsweredCase, ExplainedCase, LesionCase
from lentigo.service.http._engine import Engine
from lentigo.service.http._patients import compare_lesions
from lentigo.service.http._shown import about_service
from lentigo.service.http._shown import preview as preview_of


class Reply(Response):
    """A model, sent as JSON."""

    media_type = "application/json"

    def render(self, content: BaseModel) -> bytes:
        """Return the model as strict JSON."""
        return content.model_dump_json().encode()


def predicted(engine: Engine, cases: list[AnsweredCase], prevalence: float | None) -> models.PredictReply:
    """Return the reply to /v1/predict."""
    answers = [models.AnswerModel(**_answer(case)) for case in cases]
    return models.PredictReply(**_about(engine), answers=answers, operating_point=_point(engine, prevalence))


def patient(engine: Engine, cases: list[AnsweredCase], prevalence: float | None) -> models.PatientReply:
    """Return the reply to /v1/patient."""
    distances, odd = compare_lesions([case.embedding for case in cases])
    apart = [None if distance is None else models.StandsOutModel(**asdict(distance)) for distance in distances]
    answers = [models.PatientAnswer(**_answer(case), stands_out=one) for case, one in zip(cases, apart, strict=True)]
    point = _point(engine, prevalence)
    return models.PatientReply(**_about(engine), answers=answers, operating_point=point, odd_one_out=odd)


def lesion(engine: Engine, found: LesionCase, prevalence: float | None) -> models.LesionReply:
    """Return the reply to /v1/lesion."""
    rule = lesion_rule_of(engine.model)
    photographs = [
        models.LesionPhotograph(
            image=case.answer.image,
            image_type=kind or None,
            is_used=is_used,
            reasons=[] if is_used else list(case.answer.reasons),
            error=case.answer.error or None,
            error_code=case.answer.error_code or None,
        )
        for case, kind, is_used in zip(found.photographs, found.kinds, found.is_used, strict=True)
    ]
    return models.LesionReply(
        **_about(engine),
        answer=models.AnswerModel(**_answer(found.case)),
        photographs=photographs,
        rule=rule.rule,
        operating_point=_point_of(rule.decision, prevalence, **rule.reached()),
    )


def similar(engine: Engine, case: AnsweredCase, n_cases: int) -> models.SimilarReply:
    """Return the reply to /v1/similar."""
    return models.SimilarReply(**_about(engine), similar_cases=_with_pictures(engine, engine.similar(case, n_cases)))


def explained(engine: Engine, found: ExplainedCase, prevalence: float | None) -> models.ExplainReply:
    """Return the reply to /v1/explain."""
    why = found.explanation
    picture, box = draw_map(why.map, why.size, engine.model.preprocess.settings.fit)
    return models.ExplainReply(
        **_about(engine),
        answer=models.AnswerModel(**_answer(found.case)),
        explained_class=why.target,
        method=why.method,
        sanity=models.SanityModel.model_validate(why.sanity.json()),
        map_words=why.sanity.sentence(),
        similar_cases=_with_pictures(engine, list(why.similar)),
        map=models.MapModel(png=_data_uri(picture), box=list(box)),
        operating_point=_point(engine, prevalence),
    )


def preview(engine: Engine, seen: DecodedImage) -> models.PreviewReply:
    """Return the reply to /v1/preview."""
    return models.PreviewReply(**_about(engine), **preview_of(seen, engine.model.record.image.fit))


def describe_model(engine: Engine) -> models.ModelInfo:
    """Return the reply to /v1/model: all of bundle.json, what its threshold reaches, and nothing of where it lies."""
    record = engine.model.record
    told = {
        **record.json(),
        "reached": record.reached(),
        "headline": record.headline().json(),
        "service": about_service(engine.settings),
        **engine.model.computation.json(),
    }
    return models.ModelInfo(schema_version=1, model_sha256=engine.journal.model_sha256, **told)


def monitored(engine: Engine, figures: dict[str, Any]) -> models.MonitorReply:
    """Return the reply to /v1/monitor."""
    return models.MonitorReply(**_about(engine), **figures)


def outcomes_kept(received: int, kept: int, figures: dict[str, Any]) -> models.OutcomesReply:
    """Return the reply to /v1/outcomes."""
    return models.OutcomesReply(schema_version=1, received=received, kept=kept, outcomes=figures)


def _about(engine: Engine) -> dict[str, Any]:
    return {"schema_version": 1, "model": engine.model.name, "model_sha256": engine.journal.model_sha256}


def _answer(case: AnsweredCase) -> dict[str, Any]:
    return {"answer_id": case.answer_id, **case.answer.json()}


def _point(engine: Engine, prevalence: float | None) -> models.PointModel:
    return _point_of(engine.model.decision, prevalence, **engine.model.record.reached())


def _point_of(decision: DecisionRule, prevalence: float | None, **reached: Any) -> models.PointModel:
    point = decision.point
    return models.PointModel(
        name=point.name,
        rule=point.rule,
        threshold=decision.threshold(prevalence),
        wanted_sensitivity=point.target_sensitivity,
        chosen_on=point.source,
        n=point.n,
        **reached,
    )


def _with_pictures(engine: Engine, cases: list[dict[str, Any]]) -> list[models.CaseModel]:
    references = engine.model.references
    pictures: dict[str, str] = {}
    if references is not None and references.pictures is not None:
        rows = {name: row for row, name in enumerate(references.image_id)}
        shown = {case["image_id"]: references.pictures[rows[case["image_id"]]] for case in cases}
        pictures = {name: _data_uri(Image.fromarray(pixels)) for name, pixels in shown.items()}
    return [models.CaseModel(**case, picture=pictures.get(case["image_id"])) for case in cases]


def _data_uri(picture: Image.Image) -> str:
    stream = io.BytesIO()
    picture.save(stream, "PNG")
    return f"data:image/png;base64,{base64.b64encode(stream.getvalue()).decode()}"
