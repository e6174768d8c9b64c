"""The three documents: templates filled with what the other modules computed."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from lentigo.study.reporting._answer import answer_of
from lentigo.study.reporting._audit.section import data_audit
from lentigo.study.reporting._by_lesion import lesions_of
from lentigo.study.reporting._card import card_metrics, card_sections, model_name
from lentigo.study.reporting._checklist.checklist import LISTS, checklist_sections, count_items
from lentigo.study.reporting._cohort import class_rows, cohort_rows, flow_of
from lentigo.study.reporting._consequences import coverage_of, deferral_of, net_benefit_of
from lentigo.study.reporting._discrimination import draw_class_roc, draw_precision_recall, draw_roc
from lentigo.study.reporting._held_out_section import held_out_section
from lentigo.study.reporting._inputs import ReportInputs, RunFacts, weights_name
from lentigo.study.reporting._learning import draw_losses, draw_penalties, draw_scores, kept_sentence
from lentigo.study.reporting._mistakes import galleries
from lentigo.study.reporting._prevalence import prevalence_note, prevalence_rows
from lentigo.study.reporting._probabilities import chance_ece, draw_histogram, draw_reliability, malignant_ece
from lentigo.study.reporting._rendering import render
from lentigo.study.reporting._subgroup_section import subgroup_section
from lentigo.study.reporting._tables import (
    average_rows,
    class_scores,
    confusion_rows,
    overall_scores,
    point_rows,
)
from lentigo.study.reporting._words import join
from lentigo.wording import counted


def render_report(inputs: ReportInputs, *, with_pictures: bool = True) -> str:
    """Return the report as one HTML file that needs nothing else.

    Args:
        inputs: what it shows.
        with_pictures: whether mistakes are shown as thumbnails; without, the page holds no image of a person.

    Example:
        >>> render_report(report_inputs).splitlines()[0]
        '<!doctype html>'
    """
    facts = RunFacts.of(inputs)
    return render("report.html.j2", _content(facts, with_pictures=with_pictures) | _figures(facts))


def render_card(inputs: ReportInputs) -> str:
    """Return model_card.md: YAML front matter and Markdown.

    Example:
        >>> render_card(report_inputs).splitlines()[0]
        '---'
    """
    facts = RunFacts.of(inputs)
    return render(
        "card.md.j2",
        {"name": model_name(facts), "sections": card_sections(facts), "metrics": card_metrics(facts)},
    )


def render_checklist(inputs: ReportInputs) -> str:
    """Return checklist.md: what TRIPOD+AI, CLAIM, STARD-AI and CLEAR Derm ask for, filled as far as the run allows.

    Example:
        >>> render_checklist(report_inputs).splitlines()[0].split(":")[0]
        '# Reporting checklist'
    """
    facts = RunFacts.of(inputs)
    sections = checklist_sections(facts)
    return render(
        "checklist.md.j2",
        {"name": model_name(facts), "sections": sections, "counts": count_items(sections), "lists": LISTS},
    )


def _content(facts: RunFacts, *, with_pictures: bool) -> dict[str, Any]:
    inputs, card, flow = facts.inputs, card_sections(facts), flow_of(facts)
    return {
        "facts": facts,
        "title": model_name(facts),
        "answer": answer_of(facts),
        "flow": flow,
        "class_rows": class_rows(facts),
        "cohort_rows": cohort_rows(inputs.manifest),
        "data_audit": data_audit(facts, with_pictures=with_pictures),
        "columns": [box.title.lower() for box in flow.splits],
        "points": point_rows(facts),
        "net_benefit": net_benefit_of(inputs.evaluation),
        "deferral": deferral_of(inputs.evaluation),
        "coverage": coverage_of(facts),
        "subgroups": subgroup_section(inputs.evaluation),
        "elsewhere": held_out_section(inputs.evaluation),
        "lesions": lesions_of(inputs.evaluation),
        "beside": inputs.beside,
        "has_bands": bool(np.isfinite(inputs.evaluation.curves["roc"].low).any()),
        "prevalences": prevalence_rows(facts),
        "prevalence_note": prevalence_note(facts),
        "class_scores": class_scores(facts),
        "averages": average_rows(facts),
        "overall": overall_scores(facts),
        "confusion": confusion_rows(facts),
        "galleries": galleries(facts, with_pictures=with_pictures),
        "with_pictures": with_pictures,
        "kept": kept_sentence(inputs.history, inputs.config.train.keep, len(inputs.val)),
        "environment": list(_environment(inputs.environment)),
        "settings": _settings(facts),
        "card": card,
        "checklist": checklist_sections(facts),
        "lists": LISTS,
        "checklist_counts": count_items(checklist_sections(facts)),
        "above": join([section.title.lower() for section in card if section.is_above]),
        "names_diagnoses": facts.names_diagnoses,
    }


def _figures(facts: RunFacts) -> dict[str, Any]:
    history, keep = facts.inputs.history, facts.inputs.config.train.keep
    is_probe = any("penalty" in record for record in history)
    is_trained = any("epoch" in record for record in history)
    return {
        "roc": draw_roc(facts),
        "precision_recall": draw_precision_recall(facts),
        "class_rocs": [draw_class_roc(facts, k) for k in range(len(facts.classes))] if facts.has_diagnoses else [],
        "histogram": draw_histogram(facts),
        "reliability": [(word, draw_reliability(facts, calibrated=word == "after")) for word in ("before", "after")],
        "ece": {
            **{word: malignant_ece(facts, calibrated=word == "after") for word in ("before", "after")},
            "chance": chance_ece(facts),
        },
        "learning": [draw_losses(history, keep), draw_scores(history, keep)]
        if is_trained
        else [draw_penalties(history)]
        if is_probe
        else [],
    }


def _environment(environment: dict[str, Any]) -> list[tuple[str, str]]:
    names = {
        "started": "started",
        "lentigo": "lentigo",
        "python": "Python",
        "platform": "platform",
        "device": "device",
        "n_processes": "processes that trained together",
        "n_cpus": "processors",
        "n_threads": "threads",
        "pixels_sha256": "fingerprint of the images (sha256)",
        "features_sha256": "fingerprint of the embeddings (sha256)",
    }
    rows = [(label, str(environment[key])) for key, label in names.items() if environment.get(key) is not None]
    if parts := environment.get("predictions"):
        rows.append(("precision of the predictions of val and test", _precision(parts)))
    packages = environment.get("packages") or {}
    return [*rows, *((str(package), str(version)) for package, version in packages.items())]


def _precision(parts: Mapping[str, dict[str, Any]]) -> str:
    kinds = {part["precision"] for part in parts.values()}
    used = kinds.pop() if len(kinds) == 1 else join([f"{name} in {part['precision']}" for name, part in parts.items()])
    compared = [
        f"{part['largest_logit_difference']:.3f} in {counted(part['n_compared'], 'image')} of {name}"
        for name, part in parts.items()
        if part["n_compared"]
    ]
    return f"{used} (bfloat16 moves a logit by at most {join(compared)})" if compared else used


def _settings(facts: RunFacts) -> str:
    """Return the settings as TOML, without the folders of the machine they were used on."""
    config = facts.inputs.config
    if config.train.method == "features":
        return config.changed({"features.tables": [Path(path).name for path in config.features.tables]}).to_toml()
    if config.model.weights in {"imagenet", "none"}:
        return config.to_toml()
    return config.changed({"model.weights": weights_name(facts)}).to_toml()
