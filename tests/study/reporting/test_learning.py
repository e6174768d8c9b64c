"""Training curves, also of runs that were stopped early or diverged."""

import math

import pytest

from lentigo.study.reporting._learning import best_record, draw_losses, draw_penalties, draw_scores, kept_sentence


def epochs(*auroc: float | None) -> list[dict[str, object]]:
    return [
        {"epoch": n, "train_loss": 1 / n, "val_loss": 1.2 / n, "val_auroc": value, "val_accuracy": 0.8}
        for n, value in enumerate(auroc, start=1)
    ]


def test_best_epoch_has_the_highest_auroc() -> None:
    assert best_record(epochs(0.8, 0.9, 0.85))["epoch"] == 2


def test_best_penalty_has_the_least_loss() -> None:
    history = [{"penalty": 0.1, "val_loss": 0.5}, {"penalty": 1.0, "val_loss": 0.4}]
    assert best_record(history)["penalty"] == 1.0


@pytest.mark.parametrize("history", [[], epochs(math.nan), epochs(None)])
def test_there_is_no_best_of_nothing(history) -> None:
    assert best_record(history) is None


@pytest.mark.parametrize("history", [epochs(0.8, 0.9, 0.85), epochs(0.8), epochs(math.nan, 0.9), epochs(None, None)])
def test_curves_are_drawn_whatever_is_missing(history) -> None:
    assert ">epoch</text>" in draw_scores(history)
    assert ">training</text>" in draw_losses(history)


def test_penalties_are_drawn() -> None:
    svg = draw_penalties([{"penalty": 0.1, "val_loss": 0.5}, {"penalty": 1.0, "val_loss": 0.4}])
    assert ">0.1</text>" in svg


def test_the_last_epoch_is_not_called_the_best_and_one_epoch_is_no_choice() -> None:
    history = epochs(0.8, 0.9, 0.85)
    assert best_record(history, "last")["epoch"] == 3
    assert kept_sentence(history, "best", 547).startswith(
        "Kept: epoch 2 (dashed), with the best validation AUROC, 0.900."
    )
    assert kept_sentence(history, "last", 547).startswith("Kept: epoch 3 (dashed), the last one")
    for keep in ("best", "last"):
        assert kept_sentence(epochs(0.8), keep, 547) == (
            "Kept: epoch 1 (dashed), the only one; its validation AUROC is 0.800."
        )


def test_few_validation_images_have_an_auroc_of_two_decimals() -> None:
    told = {n: kept_sentence(epochs(0.8091), "best", n) for n in (13, 99, 100, 547)}
    assert told[13].endswith("its validation AUROC is 0.81.")
    assert told[13] == told[99]
    assert told[100] == told[547]
    assert told[547].endswith("its validation AUROC is 0.809.")
