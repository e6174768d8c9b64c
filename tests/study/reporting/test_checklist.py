"""The checklist: what the run knows is filled in, what only a person knows is marked, and no number stands alone."""

import re
from dataclasses import replace

import numpy as np
import pytest

from lentigo.model.decision import Estimate
from lentigo.study.reporting import render_checklist
from lentigo.study.reporting._checklist.answers import failures
from lentigo.study.reporting._checklist.checklist import LISTS, checklist_sections, count_items
from lentigo.study.reporting._inputs import RunFacts
from lentigo.study.reporting._mistakes import SHOWN


def items_of(inputs):
    return {item.topic: item for section in checklist_sections(RunFacts.of(inputs)) for item in section.items}


@pytest.fixture(scope="module")
def items(seven):
    return items_of(seven)


def test_every_item_of_the_numbered_lists_is_asked_for(items) -> None:
    asked = {"TRIPOD+AI": set(), "CLAIM": set(), "STARD-AI": set()}
    for item in items.values():
        for part in item.where.split(" · "):
            name, _, numbers = part.rpartition(" ") if part.startswith("CLEAR") else part.partition(" ")
            for number in numbers.split(", ") if name in asked else []:
                low, _, high = number.partition("-")
                first = int(re.match(r"\d+", low).group())
                asked[name] |= set(range(first, int(high or first) + 1))
    assert asked["TRIPOD+AI"] == set(range(1, 28))
    assert asked["CLAIM"] == set(range(1, 45))  # the 2024 update; 42 items in 2020
    assert asked["STARD-AI"] == set(range(1, 31))


def test_an_item_is_filled_or_says_what_to_write(items) -> None:
    for item in items.values():
        assert item.answer or item.to_write, item.topic
        assert not item.answer or item.answer.endswith((".", ")")), item.answer


def test_figures_carry_their_interval(items) -> None:
    assert re.search(r"AUROC 0\.\d+ \(0\.\d+ to ", items["Performance"].answer)
    assert "points wide" in items["Sample size"].answer


def test_what_the_data_do_not_hold_is_left_to_a_person(binary) -> None:
    items = items_of(binary)
    assert items["Sources and dates"].state == "to be written"
    assert items["Fairness and subgroups"].state == "to be written"
    assert items["Doubtful labels"].to_write == "not known to this run"


def test_the_flow_names_only_steps_that_left_something_out(binary) -> None:
    flow = [{"step": "found", "n_images": 9}, {"step": "unreadable", "n_images": 0}, {"step": "copies", "n_images": -2}]
    assert (
        items_of(replace(binary, flow=flow))["Flow of images"].answer
        == "9 found; 2 copies, 7 left. Figure in the report."
    )


def test_images_that_no_step_accounts_for_are_counted(binary) -> None:
    said = {}
    for n_found in (len(binary.manifest), len(binary.manifest) + 4904):
        flow = [{"step": "found", "n_images": n_found}]
        said[n_found] = next(
            item.answer for item in items_of(replace(binary, flow=flow)).values() if "excluded: none" in item.answer
        )
    assert ["4,904 more are not accounted for" in text for text in said.values()] == [False, True]


@pytest.mark.parametrize(
    ("weights", "start"),
    [("lentigo@1", "The model shipped with lentigo"), ("efficientnet-lite0", "Published ImageNet weights")],
)
def test_weights_that_come_by_name_are_no_local_file(binary, weights, start) -> None:
    config = binary.config.changed({"model.weights": weights})
    assert items_of(replace(binary, config=config))["Initial weights"].answer.startswith(start)


def test_counts_add_up(seven) -> None:
    sections = checklist_sections(RunFacts.of(seven))
    counts = count_items(sections)
    assert sum(counts.values()) == sum(len(section.items) for section in sections)
    assert counts["filled"] >= 20


def test_the_weights_file_is_named_without_its_folder(binary) -> None:
    config = binary.config.changed({"model.weights": "/home/someone/resnet18.safetensors"})
    assert items_of(replace(binary, config=config))["Initial weights"].answer == "A local file: resnet18.safetensors."


def test_the_markdown_has_one_row_an_item_and_is_not_broken_by_the_title(seven) -> None:
    text = render_checklist(replace(seven, title="a | b\n# c"))
    sections = checklist_sections(RunFacts.of(seven))
    rows = [line for line in text.splitlines() if line.startswith("| ") and not line.startswith("| item")]
    rows = rows[1 + len(LISTS) :]  # the lists and their versions come first
    assert len(rows) == sum(len(section.items) for section in sections)
    assert all(len(re.findall(r"(?<!\\)\|", row)) == 4 for row in rows)


def test_version_and_date_of_each_list_stand_beside_it(binary, binary_page) -> None:
    page = render_checklist(binary)
    for name, version, date, _ in LISTS:
        assert f"| {name} | {version} | {date} |" in page.replace("\\", "")
        assert f"{name} ({version}; {date})" in binary_page


def test_what_a_run_can_answer_is_answered(items) -> None:
    for topic in ("Cut-offs chosen before the test", "Indeterminate answers", "Cross table", "Baseline by partition"):
        assert items[topic].state == "filled", topic
    assert "before the test was seen" in items["Cut-offs chosen before the test"].answer
    assert "No other source was evaluated" in items["What differs in other sets"].answer


def test_one_epoch_is_not_the_best_of_several(seven) -> None:
    history = [{"epoch": 1, "val_auroc": 0.81}, {"epoch": 2, "val_auroc": 0.9996}]
    one, several = (
        items_of(replace(seven, history=known))["Choice of the final model"].answer for known in (history[:1], history)
    )
    assert one == "The only epoch; its validation AUROC is 0.810."
    assert several == "Epoch 2 of 2, with the best validation AUROC, 0.9996."


def test_a_decay_of_the_learning_rate_is_named_only_where_there_is_one(seven) -> None:
    def told(decay: float) -> str:
        train = replace(seven.config.train, method="finetune", layer_decay=decay)
        return items_of(replace(seven, config=replace(seven.config, train=train)))["Training"].answer

    assert "(times 0.65 for each stage further from the head)" in told(0.65)
    assert "stage" not in told(1.0)


def test_the_interval_of_few_images_has_a_width_in_whole_points(binary) -> None:
    def told(low: float, high: float) -> str:
        point = replace(binary.evaluation.operating_points[0], sensitivity=Estimate(low, low, high, n=9))
        evaluation = replace(binary.evaluation, operating_points=(point,))
        return items_of(replace(binary, evaluation=evaluation))["Sample size"].answer

    assert told(0.0034, 0.9966).endswith("is 99 points wide.")
    assert told(0.953, 0.988).endswith("is 3.5 points wide.")


def test_mistakes_are_the_most_confident_only_where_some_are_left_out(binary) -> None:
    facts = RunFacts.of(binary)
    n_missed, n_needless = (int((side & wrong).sum()) for side, wrong in (
        (facts.is_malignant, ~facts.is_flagged), (~facts.is_malignant, facts.is_flagged)))  # fmt: skip
    whole = "the most confident are shown." if max(n_missed, n_needless) > SHOWN else "all are shown."
    assert items_of(binary)["Failure analysis"].answer.endswith(whole)
    for n, end in ((SHOWN, "all are shown."), (SHOWN + 1, "the most confident are shown."), (0, "flagged.")):
        assert failures(Sides(n)).endswith(end)


class Sides:
    """What `failures` asks of the facts of a run: `n` malignant images, none of them flagged."""

    def __init__(self, n: int) -> None:
        self.is_malignant, self.is_flagged = np.ones(n, dtype=bool), np.zeros(n, dtype=bool)


def test_labels_in_doubt_are_not_said_to_be_wrong(audited) -> None:
    for n, said in (
        (0, "no label is in doubt, but among so few images (160) hardly any could be."),
        (1, "1 label in doubt; it may be right."),
        (43, "43 labels in doubt; some of them may be right."),
    ):
        audit = replace(audited.audit, doubts=(None,) * n)  # they are counted only
        assert said in items_of(replace(audited, audit=audit))["Doubtful labels"].answer
    many = replace(audited.audit, doubts=(), n_readable=2000)
    said = items_of(replace(audited, audit=many))["Doubtful labels"].answer
    assert said == "Confident learning: no label is contradicted by the other images."


def test_one_missing_fact_is_it_and_several_are_these(seven) -> None:
    table = seven.manifest.table
    columns = [name for name in ("age", "sex", "site", "skin_type", "image_type", "source", "dx_type") if name in table]
    full = table.assign(**dict.fromkeys(columns, "x"))
    some = replace(seven, manifest=replace(seven.manifest, table=full.drop(columns=columns[:1])))
    more = replace(seven, manifest=replace(seven.manifest, table=full.drop(columns=columns[:2])))
    told = [items_of(inputs)["Missing data"].answer for inputs in (some, more)]
    n_absent = 7 - len(columns)
    assert told[0].endswith("It does not enter the model." if n_absent == 0 else "None of these enters the model.")
    assert told[1].endswith("None of these enters the model.")
