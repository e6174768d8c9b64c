"""What stands in requests and responses, for the OpenAPI document; docs/serving.md tells the same in words."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class _StrictModel(BaseModel):
    model_config = ConfigDict(extra="forbid", protected_namespaces=())


class ErrorBody(_StrictModel):
    """What went wrong."""

    code: str = Field(description="stable; see docs/serving.md", examples=["busy"])
    message: str = Field(description="a sentence for a person, with what to do about it")
    status: int = Field(description="the HTTP status again")


class ErrorModel(_StrictModel):
    """Every error has this form."""

    schema_version: Literal[1]
    error: ErrorBody


class FigureModel(_StrictModel):
    """A measured number with its 95 % interval; null where undefined."""

    value: float | None
    low: float | None
    high: float | None
    n: int | None = Field(description="number of cases; 0 if an old bundle does not record it")
    reason: str | None = Field(description="why there is no value")


class PointModel(_StrictModel):
    """The threshold that decides, and how it did on test images, or where these are unknown on those that chose it."""

    name: str = Field(examples=["sensitivity_95"])
    rule: Literal["sensitivity", "cost", "youden"] = Field(description="how the threshold was chosen")
    threshold: float = Field(description="on the malignant probability, shifted along with a prevalence", ge=0, le=1)
    wanted_sensitivity: float | None = Field(description="what the threshold was chosen for; null for another aim")
    sensitivity: FigureModel
    specificity: FigureModel
    measured_on: Literal["test", "validation", "calibration"] = Field(description="the images of both figures")
    chosen_on: Literal["validation", "calibration", "held-out sources", "every source"]
    n: int | None = Field(description="number of images it was chosen on; null if an old bundle does not record it")


class AnswerModel(_StrictModel):
    """What the model says about one photograph."""

    answer_id: str = Field(description="names this answer in the audit log and for outcomes", pattern="^[0-9a-f]{32}$")
    image: str = Field(description="the file name as it was sent")
    decision: Literal["refer", "benign-looking", "cannot assess"]
    reasons: list[str] = Field(description="why it cannot be assessed although it could be read")
    malignant_probability: float | None = Field(description="calibrated; null when the photograph cannot be read")
    threshold: float | None = Field(description="refer at this malignant probability and above")
    probabilities: dict[str, float] = Field(description="of each diagnosis, the most probable first; they sum to one")
    diagnosis: str | None = Field(None, description="the class that the bundle's rule for classes calls, if it has one")
    diagnosis_rule: str | None = Field(None, description="that rule, in words")
    contributions: dict[str, float] | None = Field(
        None, description="what each column added to the malignant log-odds, if the bundle uses columns"
    )
    out_of_distribution_score: float | None = Field(description="how unlike the training images it is to the network")
    error: str | None = Field(description="why there is no answer")
    error_code: str | None = Field(description="image_unreadable, image_damaged or image_too_large")
    runtime: str | None = Field(description="what computed the network; null when the photograph cannot be read")
    precision: str | None = Field(description="float32 or bfloat16; near a border it is float32")


class ModelReply(_StrictModel):
    """What every answer begins with."""

    schema_version: Literal[1]
    model: str = Field(description="name of the bundle")
    model_sha256: str = Field(description="of model.onnx", pattern="^[0-9a-f]{64}$")


class PredictReply(ModelReply):
    """Answers, in the order of the photographs."""

    answers: list[AnswerModel]
    operating_point: PointModel


class StandsOutModel(_StrictModel):
    """How far a photograph is from the others of the patient."""

    distance: float = Field(description="median cosine distance of its embedding from those of the others, 0..2")
    rank: int = Field(description="1 for the one that is farthest from the others")


class PatientAnswer(AnswerModel):
    """An answer beside those about the patient's other lesions."""

    stands_out: StandsOutModel | None = Field(description="null when it cannot be read, or fewer than three can")


class PatientReply(ModelReply):
    """Several lesions of one patient."""

    answers: list[PatientAnswer]
    operating_point: PointModel
    odd_one_out: int | None = Field(description="index of the one that clearly stands out (ugly duckling); or null")


class LesionPhotograph(_StrictModel):
    """One photograph of a lesion, and whether it counts."""

    image: str = Field(description="the file name as it was sent")
    image_type: str | None = Field(description="the kind of photograph, as it was sent", examples=["dermoscopic"])
    is_used: bool = Field(description="false where it cannot be read or assessed")
    reasons: list[str] = Field(description="why it cannot be assessed although it could be read")
    error: str | None = Field(description="why it cannot be read")
    error_code: str | None = Field(description="image_unreadable, image_damaged or image_too_large")


class LesionReply(ModelReply):
    """Several photographs of one lesion: one answer."""

    answer: AnswerModel = Field(description="about the lesion; its `image` is `lesion`")
    photographs: list[LesionPhotograph] = Field(description="in the order in which they were sent")
    rule: str = Field(description="that joins the photographs: mean_logit, mean_probability or max_malignant")
    operating_point: PointModel = Field(description="of lesions: chosen and measured on lesions, `n` is their number")


class CaseModel(_StrictModel):
    """A case that the network learned from."""

    image_id: str
    diagnosis: str
    similarity: float = Field(description="cosine, -1..1")
    picture: str | None = Field(description="data URI of a small picture, where the bundle's owner shows them")


class SimilarReply(ModelReply):
    """The most similar reference cases, the nearest first."""

    similar_cases: list[CaseModel]


class PreviewReply(ModelReply):
    """A photograph as the network sees it."""

    png: str = Field(description="data URI of the pixels that the network gets, without padding")
    box: list[float] = Field(
        description="left, top, width, height of what they show, as fractions of the upright photograph",
        min_length=4,
        max_length=4,
    )
    ratio: float = Field(description="width of the upright photograph to its height")


class SanityModel(_StrictModel):
    """How far the map can be believed."""

    score: float | None = Field(
        description="insertion minus deletion; at 0 the map is not informative, below 0 it is misleading"
    )
    insertion: float | None
    deletion: float | None
    in_lesion: float | None = Field(description="share of the map inside what stands out from the skin")
    on_border: float | None = Field(description="share of the map on the outermost eighth of the picture")
    is_doubtful: bool = Field(description="the map is not reliable; map_words gives the reason")


class MapModel(_StrictModel):
    """Where the network looks."""

    png: str = Field(description="data URI; RGBA, orange for the class, blue against it, without the photograph")
    box: list[float] = Field(
        description="left, top, width, height of what it covers, as fractions of the upright photograph",
        min_length=4,
        max_length=4,
    )


class ExplainReply(ModelReply):
    """Explain a prediction."""

    answer: AnswerModel
    explained_class: str = Field(
        description="class of the map: for a referral the most probable malignant one, otherwise the most probable"
    )
    method: str = Field(examples=["class-activation map"])
    sanity: SanityModel
    map_words: str = Field(description="how reliable the map is, in a sentence; a warning where it is doubtful")
    similar_cases: list[CaseModel]
    map: MapModel
    operating_point: PointModel


class ModelInfo(BaseModel):
    """Everything the bundle says about itself, as in bundle.json (docs/bundle.md)."""

    model_config = ConfigDict(extra="allow", protected_namespaces=())

    schema_version: Literal[1]
    model_sha256: str
    name: str
    classes: list[str]
    malignant_classes: list[str]


class MonitorReply(BaseModel):
    """Drift; docs/serving.md says what each figure means."""

    model_config = ConfigDict(extra="forbid", protected_namespaces=())

    schema_version: Literal[1]
    model: str
    model_sha256: str
    window: dict[str, Any]
    scores: dict[str, Any]
    rates: list[dict[str, Any]]
    outcomes: dict[str, Any]
    days: list[dict[str, Any]]


class OutcomeModel(_StrictModel):
    """What became of a lesion that was answered."""

    answer_id: str = Field(pattern="^[0-9a-f]{32}$")
    malignant: bool


class OutcomesReply(_StrictModel):
    """What was done with outcomes."""

    schema_version: Literal[1]
    received: int
    kept: int = Field(description="those whose answer is known")
    outcomes: dict[str, Any] = Field(description="rolling sensitivity and specificity, as in /v1/monitor")


class HealthReply(_StrictModel):
    """Whether the service works."""

    schema_version: Literal[1]
    status: Literal["alive", "ready"]
    runtime: str | None = Field(description="what computes the network: onnxruntime or openvino")
    precision: str | None = Field(description="in which precision: float32 or bfloat16")
