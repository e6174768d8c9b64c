"""The load on a service: photographs as requests on plain keep-alive sockets, from clients that wait or that do not.

A comfortable HTTP client costs more than the service.
"""

import asyncio
import json
import re
import time
from collections.abc import Sequence

import numpy as np


def request_of(content: bytes) -> bytes:
    edge = b"----edge7f3a9"
    body = (
        b"--" + edge + b'\r\nContent-Disposition: form-data; name="images"; filename="a.jpg"\r\n'
        b"Content-Type: image/jpeg\r\n\r\n" + content + b"\r\n--" + edge + b"--\r\n"
    )
    head = (
        b"POST /v1/predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary="
        + edge
        + b"\r\nContent-Length: "
        + str(len(body)).encode()
        + b"\r\n\r\n"
    )
    return head + body


class Connection:
    """One keep-alive connection."""

    def __init__(self, port: int) -> None:
        self.port, self.streams, self.used = port, None, 0.0

    async def ask(self, content: bytes) -> tuple[int, dict]:
        if self.streams is None:
            self.streams = await asyncio.open_connection("127.0.0.1", self.port)
        reader, writer = self.streams
        writer.write(content)
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(re.search(rb"content-length: (\d+)", head)[1])
        return int(head[9:12]), json.loads(await reader.readexactly(length))

    def close(self) -> None:
        if self.streams is not None:
            self.streams[1].close()


async def closed_loop(port: int, requests: Sequence[bytes], n_clients: int, n_each: int) -> list:
    """Each client asks, waits for the answer, asks again; one row a request: place, status, payload, seconds, when."""
    rows = []

    async def client(number: int) -> None:
        connection = Connection(port)
        for turn in range(n_each):
            place = (number * n_each + turn) % len(requests)
            start = time.perf_counter()
            try:
                status, payload = await connection.ask(requests[place])
            except (OSError, asyncio.IncompleteReadError) as error:
                status, payload, connection = 0, {"lost": repr(error)}, Connection(port)
            rows.append((place, status, payload, time.perf_counter() - start, time.perf_counter()))
        connection.close()

    await asyncio.gather(*(client(number) for number in range(n_clients)))
    return rows


async def open_loop(port: int, requests: Sequence[bytes], per_second: float, seconds: float, seed: int) -> list:
    """Requests come at random times (Poisson), whether or not the service keeps up; seconds from when each was due."""
    rng = np.random.default_rng(seed)
    idle: list[Connection] = []
    rows = []

    async def one(place: int, due: float) -> None:
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        while idle and time.perf_counter() - idle[0].used > 5:  # the service hangs up after 15 s
            idle.pop(0).close()
        connection = idle.pop() if idle else Connection(port)
        status, _ = await connection.ask(requests[place])
        connection.used = time.perf_counter()
        rows.append((place, status, None, time.perf_counter() - due, 0))
        idle.append(connection)

    due, tasks, end = time.perf_counter(), [], time.perf_counter() + seconds
    while due < end:
        due += rng.exponential(1 / per_second)
        tasks.append(asyncio.create_task(one(int(rng.integers(len(requests))), due)))
    await asyncio.gather(*tasks)
    return rows
