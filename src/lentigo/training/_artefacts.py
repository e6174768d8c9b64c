"""What lies between skin and lens, drawn over training batches: hairs, ruler ticks, ink, dark corners.

A network that has met them next to every diagnosis cannot learn them as signs of one. Their masks are drawn once for
each size of image; a step picks one for each image, turns it, and blends a colour in, which costs next to nothing. They
are drawn otherwise than the obstacles of `lentigo.study.stressing`, so that its figures measure more than memory.
"""

import functools
import math
import random
from collections.abc import Callable
from typing import Final, TypeAlias

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFilter
from torch import Generator, Tensor

Kind: TypeAlias = Callable[[ImageDraw.ImageDraw, int, random.Random], None]

N_MASKS: Final = 96  # a third hairs, a third ink, a third ruler ticks
FINE: Final = 4  # drawn at so many times the size, then reduced: soft edges


def add_marks(batch: Tensor, generator: Generator) -> Tensor:
    """Return images with hairs, ink or ruler ticks over them; shape (N, 3, S, S), RGB in 0..1.

    Example:
        >>> add_marks(torch.ones(2, 3, 64, 64), Generator().manual_seed(0)).min() < 0.9
        tensor(True)
    """
    masks, is_ink = _masks(batch.shape[-1])
    chosen = torch.randint(0, len(masks), (len(batch),), generator=generator, device=batch.device)
    cover = masks.to(batch.device)[chosen]
    turns = int(torch.randint(0, 4, (), generator=generator, device=batch.device))
    cover = torch.rot90(cover, turns, (1, 2)).float()[:, None] / 255
    draws = torch.rand(len(batch), 3, 1, 1, generator=generator, device=batch.device)
    # hairs and ticks run from black to brown and sometimes white; ink is violet, blue or green
    dark = 0.35 * draws[:, :1] * torch.tensor([1.0, 0.8, 0.65], device=batch.device).view(1, 3, 1, 1)
    bright = 0.75 + 0.25 * draws
    ink = torch.cat([0.45 * draws[:, :1], 0.4 * draws[:, 1:2], 0.35 + 0.5 * draws[:, 2:]], dim=1)
    is_bright = torch.rand(len(batch), 1, 1, 1, generator=generator, device=batch.device) < 0.15
    colour = torch.where(is_bright, bright, dark)
    colour = torch.where(is_ink.to(batch.device)[chosen].view(-1, 1, 1, 1), ink, colour)
    strength = 0.5 + 0.5 * torch.rand(len(batch), 1, 1, 1, generator=generator, device=batch.device)
    return batch + cover * strength * (colour - batch)


def add_corners(batch: Tensor, generator: Generator) -> Tensor:
    """Return images seen through a round tube: black from some radius on, or only darker towards the corners.

    Example:
        >>> round(float(add_corners(torch.ones(1, 3, 64, 64), Generator().manual_seed(0))[0, 0, 32, 32]), 1)
        1.0
    """
    side, device = batch.shape[-1], batch.device
    axis = (torch.arange(side, device=device) + 0.5) / side - 0.5
    draws = torch.rand(len(batch), 4, generator=generator, device=device)
    shift = 0.12 * (2 * draws[:, :2] - 1)
    distance = torch.hypot(
        axis.view(1, 1, side) - shift[:, 0].view(-1, 1, 1), axis.view(1, side, 1) - shift[:, 1].view(-1, 1, 1)
    )
    radius = (0.45 + 0.25 * draws[:, 2]).view(-1, 1, 1)  # of the side: 0.71 reaches the corner
    # a tube's rim is sharp, a lamp's fall-off is soft
    width = torch.where(draws[:, 3] < 0.6, 0.01, 0.25 * draws[:, 3]).view(-1, 1, 1)
    shade = torch.sigmoid((radius - distance) / width)
    return batch * shade[:, None].to(batch.dtype)


@functools.lru_cache(maxsize=4)
def _masks(side: int) -> tuple[Tensor, Tensor]:
    """Return masks (M, side, side), uint8, and which of them are ink, (M,)."""
    rng = random.Random(0)  # noqa: S311 - pictures, no secrets
    kinds = (_hairs, _ink, _ticks)
    pictures = [np.asarray(_drawn(kinds[i % 3], side, rng)) for i in range(N_MASKS)]
    return torch.from_numpy(np.stack(pictures)), torch.tensor([i % 3 == 1 for i in range(N_MASKS)])


def _drawn(kind: Kind, side: int, rng: random.Random) -> Image.Image:
    large = FINE * side
    picture = Image.new("L", (large, large))
    kind(ImageDraw.Draw(picture), large, rng)
    if kind is _ink:  # ink runs
        picture = picture.filter(ImageFilter.GaussianBlur(large * rng.uniform(0.001, 0.008)))
    return picture.resize((side, side), Image.Resampling.BOX)


def _hairs(draw: ImageDraw.ImageDraw, side: int, rng: random.Random) -> None:
    lean = rng.uniform(0, math.pi)  # hairs of one place lie roughly in one direction
    for _ in range(rng.randint(2, 22)):
        angle = lean + rng.gauss(0, 0.5)
        x, y = rng.uniform(0, side), rng.uniform(0, side)
        bend = rng.gauss(0, 1.5) / side
        points = []
        for _ in range(rng.randint(15, 60)):
            points.append((x, y))
            x, y = x + 0.02 * side * math.cos(angle), y + 0.02 * side * math.sin(angle)
            angle += bend * 0.02 * side
        width = max(1, round(side * rng.uniform(0.003, 0.012)))
        draw.line(points, fill=rng.randint(150, 255), width=width, joint="curve")


def _ink(draw: ImageDraw.ImageDraw, side: int, rng: random.Random) -> None:
    for _ in range(rng.randint(1, 3)):
        width = round(side * rng.uniform(0.015, 0.05))
        radius, start = side * rng.uniform(0.3, 0.7), rng.uniform(0, 360)
        x, y = (side * rng.uniform(0.2, 0.8) for _ in range(2))
        box = (x - radius, y - radius, x + radius, y + radius)
        draw.arc(box, start, start + rng.uniform(20, 200), fill=rng.randint(140, 255), width=width)
        if rng.random() < 0.5:
            dot, angle = side * rng.uniform(0.02, 0.06), rng.uniform(0, 2 * math.pi)
            u, v = side / 2 + 0.42 * side * math.cos(angle), side / 2 + 0.42 * side * math.sin(angle)
            draw.ellipse((u - dot, v - dot, u + dot, v + dot), fill=220)


def _ticks(draw: ImageDraw.ImageDraw, side: int, rng: random.Random) -> None:
    at, step = side * rng.uniform(0.02, 0.25), side * rng.uniform(0.02, 0.09)
    width = max(1, round(side * rng.uniform(0.003, 0.009)))
    tone, length = rng.randint(150, 255), side * rng.uniform(0.02, 0.06)
    for i in range(int(side / step) + 1):
        reach = length * (2 if i % 5 == 0 else 1)
        draw.line((i * step, at, i * step, at + reach), fill=tone, width=width)
    if rng.random() < 0.5:
        draw.line((0, at, side, at), fill=tone, width=width)
