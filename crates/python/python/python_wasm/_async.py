"""Calls into a sandbox that an event loop awaits."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")

_AGAIN = 1.0
"""Seconds that a guest has after each interrupt before the next one, the last of which ends it for good."""


async def awaited(call: Callable[[], T], interrupt: Callable[[], None], terminate: Callable[[], None]) -> T:
    """Makes the call on a thread of its own. If it is cancelled, the guest is stopped first.

    The thread is a daemon, so that a loop that is gone does not keep the process.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()
    context = contextvars.copy_context()
    wanted = threading.Event()
    wanted.set()

    def set_result(result: T | None, error: BaseException | None) -> None:
        if future.cancelled():
            return
        if error is None:
            future.set_result(result)  # type: ignore[arg-type]
        else:
            future.set_exception(error)

    def run() -> None:
        result, error = None, None
        try:
            if wanted.is_set():
                result = context.run(call)
        except BaseException as raised:
            error = raised
        try:
            loop.call_soon_threadsafe(set_result, result, error)
        except RuntimeError:
            pass  # The loop is closed, and nobody waits.

    threading.Thread(target=run, name="python-wasm call", daemon=True).start()
    try:
        return await asyncio.shield(future)
    except asyncio.CancelledError:
        wanted.clear()
        await _stopped(future, interrupt, terminate)
        raise


async def _stopped(
    future: asyncio.Future[Any], interrupt: Callable[[], None], terminate: Callable[[], None]
) -> None:
    """Stops the guest and waits for its end, whatever cancels this meanwhile."""
    attempts = 0
    while not future.done():
        (interrupt if attempts < 2 else terminate)()
        attempts += 1
        try:
            await asyncio.wait({future}, timeout=_AGAIN)
        except asyncio.CancelledError:
            attempts = 2
    if not future.cancelled():
        # Retrieved, so that nobody complains: the cancellation is what is raised.
        future.exception()
