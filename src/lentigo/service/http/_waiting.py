"""Waiting for the photographs of a request: for all of them or for none, and not longer than its limit."""

import asyncio
from collections.abc import Awaitable, Coroutine, Sequence
from typing import Any, TypeVar

from lentigo.service.http._errors import ServiceError, TimedOut

T = TypeVar("T")


async def in_time(asked: Awaitable[T], limit_s: float) -> T:
    """Return a result that is there within `limit_s` seconds.

    Raises:
        TimedOut: it is not.
    """
    try:
        async with asyncio.timeout(limit_s):
            return await asked
    except TimeoutError:
        raise TimedOut(f"there was no answer within {limit_s:g} s. Send fewer photographs at a time.") from None


async def all_or_none(asked: Sequence[Coroutine[Any, Any, T]]) -> list[T]:
    """Return all results in order; the first failure gives up the rest, so that nobody works for nothing.

    Raises:
        ServiceError: of the first one that failed.
    """
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one) for one in asked]
    except BaseExceptionGroup as errors:
        ours = errors.subgroup(ServiceError)
        raise (ours or errors).exceptions[0] from None
    return [task.result() for task in tasks]
