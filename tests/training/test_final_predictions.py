import numpy as np
import torch

from lentigo.config import Config, ImageConfig
from lentigo.images import Preprocess
from lentigo.progress import silent
from lentigo.training import Classifier, Examples, predict_finally
from lentigo.training import _final_predictions as final


class Loud(torch.nn.Module):
    """A network whose logits are so large that bfloat16 rounds them by whole numbers."""

    def __init__(self, scale: float) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.convolution = torch.nn.Conv2d(3, 8, 3)
        self.head = torch.nn.Linear(8, 2)
        self.scale = scale

    def forward(self, batch: torch.Tensor) -> torch.Tensor:
        return self.head(self.convolution(batch).mean(dim=(2, 3)) * self.scale)


def asked(scale, **predict):
    config = Config(image=ImageConfig(size=32)).changed({f"predict.{name}": value for name, value in predict.items()})
    pixels = np.random.default_rng(0).integers(0, 256, (40, 32, 32, 3), dtype=np.uint8)
    examples = Examples(pixels, np.arange(40), np.zeros(40, np.int64))
    device = torch.device("cpu")
    classifier = Classifier(Loud(scale).eval(), ("a", "b"), Preprocess(config.image), device, views=8)
    return predict_finally(classifier, examples, config, track=silent, what="Predicting"), classifier, pixels


def test_bfloat16_is_used_where_the_steps_use_it_and_says_how_far_logits_move(monkeypatch):
    monkeypatch.setattr(final, "uses_bfloat16", lambda settings, device: True)
    said, classifier, pixels = asked(1.0)
    assert (said.precision, said.n_compared) == ("bfloat16", 32)
    assert 0 < said.largest_difference < 0.1
    exact = classifier.probabilities(pixels)
    assert 0 < np.abs(said.probabilities - exact).max() < 0.025  # a tenth of a logit moves no probability further
    assert said.json()["largest_logit_difference"] == said.largest_difference


def test_a_network_whose_logits_move_too_far_predicts_in_float32(monkeypatch, caplog):
    monkeypatch.setattr(final, "uses_bfloat16", lambda settings, device: True)
    with caplog.at_level("INFO", logger="lentigo"):
        said, classifier, pixels = asked(5_000.0)
    assert said.precision == "float32"
    assert said.largest_difference > 0.1
    np.testing.assert_array_equal(said.probabilities, classifier.probabilities(pixels))
    assert ": in float32, because bfloat16 moves a logit by" in caplog.text


def test_float32_is_float32_and_compares_nothing(monkeypatch):
    monkeypatch.setattr(final, "uses_bfloat16", lambda settings, device: True)
    said, classifier, pixels = asked(1.0, precision="float32")
    assert said.json() == {"precision": "float32", "n_compared": 0, "largest_logit_difference": None}
    np.testing.assert_array_equal(said.probabilities, classifier.probabilities(pixels))


def test_a_probe_predicts_in_the_precision_of_its_features(monkeypatch):
    monkeypatch.setattr(final, "uses_bfloat16", lambda settings, device: True)
    config = Config().changed({"train.method": "probe"})
    assert not final.may_reduce(config, torch.device("cpu"))
    assert final.may_reduce(Config(), torch.device("cpu"))
    assert not final.may_reduce(Config(), torch.device("meta"))
