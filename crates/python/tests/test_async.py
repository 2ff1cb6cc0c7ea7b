"""Calls that an event loop awaits."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

import python_wasm as pw


def test_calls_run_at_once_and_the_loop_goes_on() -> None:
    async def main() -> tuple[list[Any], int]:
        ticks = 0

        async def tick() -> None:
            nonlocal ticks
            while True:
                await asyncio.sleep(0.02)
                ticks += 1

        ticking = asyncio.create_task(tick())
        with pw.Sandbox() as one, pw.Sandbox() as two:
            source = "import time\ntime.sleep(0.5)\n'done'"
            outs = await asyncio.gather(one.exec_async(source), two.exec_async(source))
        ticking.cancel()
        return [out.value for out in outs], ticks

    values, ticks = asyncio.run(main())
    assert values == ["done", "done"]
    assert ticks > 5


def test_values_and_errors_come_as_from_the_plain_calls() -> None:
    async def main() -> None:
        with pw.Sandbox() as sb:
            await sb.exec_async("def f(x, k=1): return x + k")
            assert await sb.call_async("f", 1, k=2) == 3
            assert await sb.eval_async("f(1)") == 2
            with pytest.raises(pw.PythonError, match="ZeroDivisionError"):
                await sb.exec_async("1 / 0")
            with pytest.raises(TypeError):
                await sb.call_async("f", object())

    asyncio.run(main())


@pytest.mark.parametrize("source", ["while True: pass", "import time; time.sleep(60)"])
def test_cancelling_stops_the_code_and_the_session_lives(source: str) -> None:
    async def main() -> None:
        with pw.Sandbox(timeout=50) as sb:
            sb["x"] = 1
            task = asyncio.create_task(sb.exec_async(source))
            await asyncio.sleep(0.3)
            started = time.monotonic()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert time.monotonic() - started < 10
            assert sb["x"] == 1

    asyncio.run(main())


def test_code_that_ignores_the_interrupt_is_ended() -> None:
    async def main() -> None:
        with pw.Sandbox(timeout=50) as sb:
            source = "while True:\n    try:\n        while True: pass\n    except BaseException: pass"
            started = time.monotonic()
            with pytest.raises((asyncio.TimeoutError, TimeoutError)):
                await asyncio.wait_for(sb.exec_async(source), 0.3)
            assert time.monotonic() - started < 15
            assert not sb.usable

    asyncio.run(main())


def test_a_call_that_is_cancelled_before_it_begins_stops_too() -> None:
    async def main() -> None:
        for _ in range(5):
            with pw.Sandbox(timeout=50) as sb:
                task = asyncio.create_task(sb.exec_async("while True: pass"))
                await asyncio.sleep(0)
                task.cancel()
                started = time.monotonic()
                with pytest.raises(asyncio.CancelledError):
                    await task
                assert time.monotonic() - started < 10

    asyncio.run(main())


def test_two_calls_into_one_sandbox_are_refused() -> None:
    async def main() -> None:
        with pw.Sandbox() as sb:
            first = asyncio.create_task(sb.exec_async("import time; time.sleep(0.5)"))
            await asyncio.sleep(0.2)
            with pytest.raises(pw.SandboxError, match="in use by another call"):
                await sb.exec_async("1")
            await first

    asyncio.run(main())


def test_a_cancelled_call_cancels_the_tool_that_it_awaits() -> None:
    ended: list[str] = []
    begun = asyncio.Event()

    @pw.tool
    async def forever() -> None:
        begun.set()
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise

    async def main() -> None:
        with pw.Sandbox(tools=[forever]) as sb:
            task = asyncio.create_task(sb.exec_async("import asyncio, host\nasyncio.run(host.forever())"))
            await begun.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            while not ended:
                await asyncio.sleep(0.01)

    asyncio.run(main())
    assert ended == ["cancelled"]
