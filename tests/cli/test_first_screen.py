"""The first screen after a training: what was made, how good it is and where it lies, and no more than a screen."""

from lentigo.cli._train import _print
from lentigo.numbers.evaluation import Evaluation
from lentigo.stages import Run


def test_a_training_ends_with_one_screen_that_says_what_was_made_and_where(run, capsys):
    _print(Run.open(run), as_json=False, has_pictures=True)
    text = capsys.readouterr().out
    evaluation = Evaluation.read(run / "evaluation.json")
    assert len(text.splitlines()) <= 28  # with the twelve lines of log of `make demo` and its last ones: a screen of 40
    auroc = evaluation.metrics["auroc"]
    assert f"{auroc.value:.3f} [{auroc.low:.3f}, {auroc.high:.3f}]" in text
    assert str(run / "report.html") in text
    assert f"lentigo figures {run}" in text
    assert "malignant" in text
