"""Loops compiled by numba, where it is installed (the extra `fast`): how they are declared, kept and loaded.

Importing numba takes 0.5 s and compiling a loop for the first time on a machine about one second, so a package keeps
its loops in modules of their own and loads them when there is enough to do.
"""

import functools
import importlib
import logging
from collections.abc import Callable
from types import ModuleType
from typing import Any, ParamSpec, TypeVar

__all__ = ["compiled_module", "loop", "part"]

logger = logging.getLogger(__name__)
P = ParamSpec("P")
R = TypeVar("R")


def loop(*signature: Any) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Return a decorator that compiles a function; its machine code is kept in __pycache__ or the user's cache.

    Numbers that a loop takes from other modules are arguments: kept machine code does not notice when they change.

    Args:
        signature: of the arguments; compiled when the module is loaded. Without one, on the first call.
    """
    from numba import njit

    compile_it: Any = njit

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        try:
            compiled: Callable[P, R] = compile_it(*signature, cache=True, nogil=True, error_model="numpy")(function)
        except RuntimeError:  # neither can be written
            compiled = compile_it(*signature, nogil=True, error_model="numpy")(function)
        return compiled

    return decorate


def part(function: Callable[P, R]) -> Callable[P, R]:
    """Return a function that loops call: it becomes a part of each of them, and is not loaded by itself."""
    from numba import njit

    compiled: Callable[P, R] = njit(nogil=True, error_model="numpy")(function)
    return compiled


@functools.cache
def compiled_module(name: str) -> ModuleType | None:
    """Return a module of compiled loops; None without numba.

    Example:
        >>> compiled_module("lentigo.errors").__name__
        'lentigo.errors'
    """
    try:
        return importlib.import_module(name)
    except ImportError:
        return None
    except (AttributeError, OSError, RuntimeError, SystemError) as error:  # a numba that does not fit its surroundings
        logger.warning("numba cannot be loaded (%s); NumPy computes the same figures, more slowly", error)
        return None
