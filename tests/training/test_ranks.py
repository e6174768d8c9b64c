import copy

import numpy as np
import pytest
import torch
import torch.distributed as dist
from safetensors.torch import load_file
from tests.launching import finished, torchrun
from tests.training import ranks_program

from lentigo.config import TrainConfig, load_config
from lentigo.errors import ConfigError, ModelError
from lentigo.launch import Launch, launch
from lentigo.training._precision import uses_bfloat16
from lentigo.training._ranks import Ranks, refuse_share

MOVES = ("rotate", "zoom", "shift", "stretch", "brightness", "contrast", "saturation", "cast", "blur")
STILL = [f"augment.{name}=0" for name in MOVES]
SMALL = ["image.size=32", "model.weights=none", "train.epochs=1", "train.device=cpu", "train.precision=float32"]
# Without batch normalisation, 15 images that two ranks share as 8 and 7, and classes of unequal weight.
PLAIN = [*SMALL, *STILL, "augment.flips=false", "model.backbone=vit_tiny_patch16_224", "train.batch_size=16"]
NORMALISED = [*SMALL, "train.batch_size=16", "model.drop_rate=0.2", "augment.mixup=0.2"]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """What two ranks left of an epoch of each of the settings."""
    folder = tmp_path_factory.mktemp("ranks")
    for name, settings in {
        "equal-32": PLAIN,
        "weighted-15": [*PLAIN, "train.imbalance=weights"],
        "uneven-15": PLAIN,
        "normalised-48": NORMALISED,
    }.items():
        (folder / f"{name}.toml").write_text(load_config(overrides=settings).to_toml())
    process = torchrun(ranks_program.__file__, folder)
    _, log = finished(process)
    assert process.returncode == 0, log
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("name", ["equal-32", "weighted-15", "uneven-15"])
def test_two_ranks_step_as_one_process_does(place, name, tmp_path):
    config = ranks_program.Config.read(place / f"{name}.toml")
    n_train = int(name.split("-")[1])
    record = ranks_program.epoch(config, ranks_program.examples_of(n_train), tmp_path, Ranks(), "alone")
    train_loss, val_loss = map(float, (place / f"{name}-rank0.txt").read_text().split())
    assert (train_loss, val_loss) == pytest.approx((record["train_loss"], record["val_loss"]), rel=1e-4)
    one, two = (
        load_file(tmp_path / "alone-optimizer.safetensors"),
        load_file(place / f"{name}-rank1-optimizer.safetensors"),
    )
    gradients = [key for key in one if key.endswith("exp_avg")]  # a tenth of the gradient after one step
    assert len(gradients) > 100
    for key in gradients:
        scale = float(one[key].abs().max())
        torch.testing.assert_close(two[key], one[key], rtol=1e-3, atol=1e-4 * scale + 1e-9)
    for table in ("network", "average"):
        one, two = (
            load_file(tmp_path / f"alone-{table}.safetensors"),
            load_file(place / f"{name}-rank1-{table}.safetensors"),
        )
        for key in one:
            torch.testing.assert_close(two[key], one[key], rtol=1e-3, atol=2e-5)


@pytest.mark.slow
@pytest.mark.parametrize("table", ["network", "average", "optimizer"])
def test_ranks_stay_equal_running_statistics_included(place, table):
    one, other = (load_file(place / f"normalised-48-rank{rank}-{table}.safetensors") for rank in (0, 1))
    assert one.keys() == other.keys()
    assert all(torch.equal(one[key], other[key]) for key in one)


def test_a_batch_is_shared_in_equal_parts_or_refused():
    refuse_share(32, 100, 4)
    refuse_share(3, 2, 1)
    with pytest.raises(ConfigError, match=r"batch_size is 32, the batch of all.*Set train\.batch_size=33"):
        refuse_share(32, 100, 3)
    with pytest.raises(ConfigError, match=r"batch_size=32"):
        refuse_share(16, 100, 16)
    with pytest.raises(ConfigError, match="7 images are too few to train on with 4 processes"):
        refuse_share(32, 7, 4)


def test_one_device_for_several_processes_is_refused():
    with pytest.raises(ConfigError, match=r"'cuda:1', one device, and 2 processes"):
        Ranks(Launch(size=2, local_size=2))._own_device("cuda:1")
    if not torch.cuda.is_available():
        with pytest.raises(ConfigError, match="has 0 CUDA devices for 2 processes"):
            Ranks(Launch(size=2, local_size=2))._own_device("cuda")
    with pytest.raises(ModelError, match="not available"):
        Ranks().on("cuda:99")


def test_layers_that_hold_the_group_of_the_gradients_are_copied_without_it():
    group = dist.ProcessGroup(0, 2)  # can be copied as little as NCCL's
    network = torch.nn.Sequential(torch.nn.SyncBatchNorm(3, process_group=group))
    with pytest.raises(TypeError):
        copy.deepcopy(network)
    copied = Ranks(gradients=group).copied(network)
    assert copied[0].process_group is group
    assert copied[0].weight is not network[0].weight
    assert Ranks().copied(network[0].weight).equal(network[0].weight)


def test_bfloat16_that_is_only_emulated_is_not_taken(monkeypatch):
    """On a T4 or V100 it is slower than float32."""
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation=True: including_emulation)
    assert not uses_bfloat16(TrainConfig(), torch.device("cuda"))


def test_only_torchrun_is_listened_to(monkeypatch):
    for name, value in {"WORLD_SIZE": "8", "RANK": "3", "LOCAL_RANK": "3", "LOCAL_WORLD_SIZE": "8"}.items():
        monkeypatch.setenv(name, value)
    assert launch() == Launch()
    monkeypatch.setenv("TORCHELASTIC_RUN_ID", "none")

    assert launch() == Launch(8, 3, 3, 8, is_by_torchrun=True)


def test_the_first_rank_draws_as_a_process_alone_always_did():
    for numbers in ([0, 1, 0], [2**31 - 1, 12, 345]):
        before, first, second = (
            np.random.SeedSequence(entropy).generate_state(1, np.uint64)[0]
            for entropy in (numbers, [*numbers, 0], [*numbers, 1])
        )
        assert before == first != second
