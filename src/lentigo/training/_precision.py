"""Whether a training step computes in bfloat16."""

import torch

from lentigo.config import TrainConfig


def uses_bfloat16(settings: TrainConfig, device: torch.device) -> bool:
    """Return whether matrix products of a step are made in bfloat16, as asked for or as the device does it faster.

    Example:
        >>> uses_bfloat16(TrainConfig(precision="float32"), torch.device("cpu"))
        False
    """
    if settings.precision != "auto":
        return settings.precision == "bfloat16"
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))  # which is slower than float32
    # With AMX a step is 1.6 (128 px) to 2.3 times (160 px) as fast as in float32, with AVX-512 BF16 (Zen 5) 1.8 to 2.1
    # times; without either it was seven times slower.
    has = torch.cpu.get_capabilities()
    return device.type == "cpu" and bool(has.get("amx_bf16") or has.get("avx512_bf16"))
