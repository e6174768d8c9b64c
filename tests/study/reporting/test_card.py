"""The model card: front matter that is YAML, gaps that are marked, and nothing of the machine it was made on."""

import json
from dataclasses import replace

import pytest

from lentigo.model.decision import Estimate
from lentigo.study.reporting import render_card
from lentigo.study.reporting._card import card_metrics, card_sections, model_name
from lentigo.study.reporting._inputs import RunFacts


def front_matter(card: str) -> list[str]:
    start, matter, _ = card.split("---\n", maxsplit=2)
    assert start == ""
    return matter.splitlines()


@pytest.fixture(scope="session")
def card(seven) -> str:
    return render_card(seven)


def test_front_matter_holds_every_defined_figure(card, seven_facts) -> None:
    lines = front_matter(card)
    for metric in card_metrics(seven_facts):
        assert f"          - type: {metric.kind}" in lines
        assert f"            value: {metric.value}" in lines


def test_undefined_figure_is_left_out_of_the_front_matter(binary) -> None:
    metrics = {**binary.evaluation.metrics, "auroc": Estimate.undefined("0 malignant images")}
    lines = front_matter(render_card(replace(binary, evaluation=replace(binary.evaluation, metrics=metrics))))
    assert not any("roc_auc" in line or "value: nan" in line for line in lines)


def test_hostile_title_stays_one_line_of_text(binary) -> None:
    title = 'x"\n---\nlicense: mit\n<script>alert(1)</script> [a](b)'
    card = render_card(replace(binary, title=title))
    lines = front_matter(card)
    (name,) = [line for line in lines if line.startswith("  - name:")]
    assert json.loads(name.removeprefix("  - name: ")) == 'x" --- license: mit <script>alert(1)</script> [a](b)'
    assert "license: mit" not in lines
    assert "<script>" not in card.split("---\n", maxsplit=2)[2].replace(r"\<script\>", "")


def test_title_of_nothing_still_has_a_name(binary) -> None:
    assert model_name(RunFacts.of(replace(binary, title=" \n "))) == "model"


def test_sections_that_people_ask_for_are_there(card) -> None:
    for title in ("Intended use", "Out of scope", "Data", "Metrics", "Limits", "Ethical caveats", "Licence"):
        assert f"\n## {title}\n" in card
    assert "\n## Operating point for 95% sensitivity\n" in card


def test_gaps_are_marked(card) -> None:
    assert "- **To be written:** the licence of these weights" in card


def test_figures_come_with_their_intervals(card, seven) -> None:
    auroc = seven.evaluation.metrics["auroc"]
    assert f"{auroc.value:.3f} ({auroc.low:.3f} to {auroc.high:.3f})" in card


def test_weights_are_named_without_their_folder(binary) -> None:
    config = binary.config.changed({"model.weights": "/home/jane/secret/resnet18.safetensors"})
    facts = RunFacts.of(replace(binary, config=config))
    rows = dict(card_sections(facts)[0].rows)
    assert rows["network"] == "resnet18, started from resnet18.safetensors"
    assert "jane" not in render_card(replace(binary, config=config))


def test_tables_stand_apart_from_the_text(card) -> None:
    lines = card.splitlines()
    for place, line in enumerate(lines):
        if line == "| | |":
            assert lines[place - 1] == ""
            assert lines[place + 1] == "|---|---|"
