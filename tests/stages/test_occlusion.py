"""The second look costs one view of each image, whatever the run predicts with."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import torch

from lentigo.config import Config, ImageConfig
from lentigo.images import Preprocess
from lentigo.progress import silent
from lentigo.stages._occlusion import VIEWS, predict_occluded
from lentigo.training import Classifier

N = 10


class Counting(torch.nn.Module):
    """A network that counts the pictures it sees."""

    n_seen = 0

    def forward(self, batch):
        self.n_seen += len(batch)
        return torch.zeros(len(batch), 2)


class Examples:
    targets = np.array([0, 1] * (N // 2))

    def __len__(self):
        return N

    def take(self, rows):
        return np.zeros((len(rows), 32, 32, 3), np.uint8)


def test_the_second_look_sees_each_image_once_without_the_lesion_and_once_without_the_rim(tmp_path):
    network = Counting()
    classes = ("benign", "malignant")
    classifier = Classifier(network, classes, Preprocess(ImageConfig(size=32)), torch.device("cpu"), views=8)
    part = SimpleNamespace(table=pd.DataFrame({"image_id": [f"{i}" for i in range(N)]}))
    prepared = SimpleNamespace(examples=lambda _: Examples(), manifest=SimpleNamespace(subset=lambda _: part))
    run = SimpleNamespace(config=Config, predictions_path=lambda name: tmp_path / f"{name}.csv")
    predict_occluded(run, classifier, prepared, track=silent)
    assert network.n_seen == len(VIEWS) * N
    assert {path.stem for path in tmp_path.iterdir()} == set(VIEWS)
    assert classifier.views == 8
