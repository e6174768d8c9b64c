"""README.md of a bundle on the Hugging Face Hub: front matter that its search reads, how to use it, the model card."""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from lentigo.model._bundle_facts import Licence
from lentigo.model._bundle_record import BundleRecord
from lentigo.model.decision import Estimate
from lentigo.wording import figure_text

# The Hub's names of licences, by how sources state them; everything else is "other" with a link to the card.
LICENCES: Final[Mapping[str, str]] = {
    "cc0 1.0": "cc0-1.0",
    "cc0-1.0": "cc0-1.0",
    "cc by 4.0": "cc-by-4.0",
    "cc-by-4.0": "cc-by-4.0",
    "cc by-nc 4.0": "cc-by-nc-4.0",
    "cc-by-nc-4.0": "cc-by-nc-4.0",
    "cc by-nc-sa 4.0": "cc-by-nc-sa-4.0",
    "apache-2.0": "apache-2.0",
    "apache 2.0": "apache-2.0",
    "mit": "mit",
}
TAGS: Final = ("lentigo", "dermatology", "dermoscopy", "skin-lesion", "skin-cancer", "medical-imaging", "onnx")
# Figures of bundle.json that the Hub has a metric for.
METRICS: Final[Mapping[str, tuple[str, str]]] = {
    "auroc": ("roc_auc", "AUROC, malignant against benign"),
    "macro_auroc": ("roc_auc", "macro AUROC, one class against the rest"),
    "accuracy": ("accuracy", "accuracy"),
    "brier": ("brier_score", "Brier score"),
}
TASK: Final = "image-classification"


def render_readme(record: BundleRecord, card: str, repository: str) -> str:
    """Return the text of README.md.

    Args:
        record: of the bundle.
        card: text of model_card.md.
        repository: owner/name, for the lines that show how to use it.
    """
    folder = repository.rpartition("/")[2]
    use = [
        "Research use only; not a medical device.",
        "",
        "```console",
        f"lentigo pull {repository} --out {folder}",
        f"lentigo predict {folder} photo.jpg",
        "```",
        "",
    ]
    return "\n".join(["---", *_yaml(front_matter(record)), "---", "", *use, card.strip(), ""])


def front_matter(record: BundleRecord) -> dict[str, Any]:
    """Return what the Hub reads of a model card.

    Example:
        >>> from lentigo import open_model
        >>> front_matter(open_model(bundle_folder).record)["pipeline_tag"]
        'image-classification'
    """
    results = [
        {
            "type": METRICS[name][0],
            "name": f"{METRICS[name][1]}, 95 % interval {figure_text(low)} to {figure_text(high)}",
            "value": value,
        }
        for name, value, low, high in _figures(record.metrics)
    ]
    found: dict[str, Any] = {
        **_licence(record.licence),
        "library_name": "lentigo",
        "pipeline_tag": TASK,
        "tags": list(TAGS),
        "metrics": sorted({result["type"] for result in results}),
    }
    if results:
        task = {"type": TASK, "name": "skin lesions: " + ", ".join(record.classes)}
        dataset = {"type": "own-test-images", "name": "test images of the run that was exported"}
        found["model-index"] = [
            {"name": record.name, "results": [{"task": task, "dataset": dataset, "metrics": results}]}
        ]
    return {key: value for key, value in found.items() if value != []}


def _figures(metrics: Mapping[str, Estimate]) -> list[tuple[str, float, float, float]]:
    """Return name, value and interval of the figures that the Hub knows and that are numbers."""
    found = [(name, metrics[name].value, metrics[name].low, metrics[name].high) for name in METRICS if name in metrics]
    return [one for one in found if all(map(math.isfinite, one[1:]))]


def _licence(licence: Licence) -> dict[str, str]:
    """Return the licence by the Hub's name: that of the sources where they have one and the same, else "other"."""
    stated = {LICENCES.get(source.licence.strip().lower(), "") for source in licence.sources}
    if len(stated) == 1 and "" not in stated:
        return {"license": stated.pop()}
    use = {"yes": "free", "no": "non-commercial", "unknown": "unknown"}[licence.is_commercial]
    return {"license": "other", "license_name": f"{use}-see-model-card", "license_link": "model_card.md"}


def _yaml(values: Mapping[str, Any]) -> list[str]:
    """Return plain values as YAML, texts as JSON writes them, which YAML reads: no name of a run can break out."""
    lines: list[str] = []
    for key, value in values.items():
        lines += _entry(key, value, "")
    return lines


def _entry(key: str, value: Any, indent: str) -> list[str]:
    if isinstance(value, Mapping):
        return [
            f"{indent}{key}:",
            *(line for name, item in value.items() for line in _entry(name, item, indent + "  ")),
        ]
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [f"{indent}{key}:", *(line for item in value for line in _item(item, indent))]
    return [f"{indent}{key}: {json.dumps(value)}"]


def _item(item: Any, indent: str) -> list[str]:
    if not isinstance(item, Mapping):
        return [f"{indent}- {json.dumps(item)}"]
    lines = [line for name, value in item.items() for line in _entry(name, value, indent + "  ")]
    return [f"{indent}- {lines[0].strip()}", *lines[1:]]
