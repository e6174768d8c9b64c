"""Which bits of torch may be relied on. Seen with torch 2.15.0 on CPU.

Threads split sums, so that one and two of them train to different bits (asserted is only how near they stay, for a
machine may split alike); the same number gives the same bits. Eager torch answers a picture alone and in a batch up to
4e-7 apart, where onnxruntime answers equally (tests/images/test_pixels_of_others.py).
"""

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed: pip install 'lentigo[train]'")


def network():
    torch.manual_seed(0)
    layers = torch.nn.Conv2d(3, 16, 3, padding=1), torch.nn.ReLU(), torch.nn.AdaptiveAvgPool2d(4), torch.nn.Flatten()
    return torch.nn.Sequential(*layers, torch.nn.Linear(256, 3))


def pictures():
    return torch.rand(16, 3, 32, 32, generator=torch.Generator().manual_seed(1))


def trained(threads):
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        made = network()
        steps = torch.optim.SGD(made.parameters(), lr=0.1)
        for _ in range(3):
            steps.zero_grad()
            torch.nn.functional.cross_entropy(made(pictures()), torch.arange(16) % 3).backward()
            steps.step()
        return torch.cat([one.detach().flatten() for one in made.parameters()])
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize("threads", [1, 2])
def test_equal_numbers_of_threads_train_to_equal_bits(threads):
    assert torch.equal(trained(threads), trained(threads))


def test_one_and_two_threads_train_to_nearly_the_same_weights():
    torch.testing.assert_close(trained(1), trained(2), atol=1e-5, rtol=0)


def test_torch_answers_alone_and_in_a_batch_within_a_millionth():
    made = network().eval()
    with torch.inference_mode():
        whole = made(pictures())
        alone = torch.cat([made(one[None]) for one in pictures()])
    torch.testing.assert_close(alone, whole, atol=1e-6, rtol=0)
