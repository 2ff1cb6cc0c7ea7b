"""What the tests share: a server, as a client starts it, and the calls of its tools."""

from __future__ import annotations

import os
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import anyio
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.types import CallToolResult, ImageContent, ResourceLink, TextContent

PROGRAM = os.environ["PYTHON_WASM_MCP"].split()


class Client:
    """A client with one server. Every tool is a method."""

    def __init__(self, session: ClientSession) -> None:
        self.session = session
        self.notifications: list[str] = []

    def __getattr__(self, tool: str) -> Callable[..., Awaitable[CallToolResult]]:
        async def call(
            progress_callback: Callable[[float, float | None, str | None], Awaitable[None]] | None = None, **arguments: Any
        ) -> CallToolResult:
            result = await self.session.call_tool(tool, arguments, progress_callback=progress_callback)
            assert isinstance(result, CallToolResult)
            return result

        return call

    async def run(self, code: str, session: str = "main", **more: Any) -> str:
        """Runs code, and returns the text for the model."""
        return text_of(await self.run_python(code=code, session=session, **more))


def text_of(result: CallToolResult) -> str:
    """The text of a result."""
    return "".join(each.text for each in result.content if isinstance(each, TextContent))


def details_of(result: CallToolResult) -> dict[str, Any]:
    """What a result of run_python tells programs."""
    assert result.meta is not None
    details: dict[str, Any] = result.meta["python-wasm"]
    return details


def images_of(result: CallToolResult) -> list[ImageContent]:
    return [each for each in result.content if isinstance(each, ImageContent)]


def links_of(result: CallToolResult) -> list[ResourceLink]:
    return [each for each in result.content if isinstance(each, ResourceLink)]


@asynccontextmanager
async def server(*options: str) -> AsyncIterator[Client]:
    """Starts a server with these options."""
    parameters = StdioServerParameters(command=PROGRAM[0], args=[*PROGRAM[1:], *options])
    client: Client

    async def note(message: Any) -> None:
        method = getattr(message, "method", None) or getattr(getattr(message, "root", None), "method", None)
        if method is not None:
            client.notifications.append(method)

    async with stdio_client(parameters) as (read, write):
        async with ClientSession(read, write, message_handler=note) as session:
            client = Client(session)
            await session.initialize()
            yield client


def with_server(*options: str) -> Callable[[Callable[[Client], Awaitable[None]]], Callable[[], None]]:
    """Makes a test of a coroutine that has a client."""

    def decorate(body: Callable[[Client], Awaitable[None]]) -> Callable[[], None]:
        def test() -> None:
            async def main() -> None:
                with anyio.fail_after(240):
                    async with server(*options) as client:
                        await body(client)

            anyio.run(main)

        test.__name__ = body.__name__
        test.__doc__ = body.__doc__
        return test

    return decorate


def program(*options: str, stdin: bytes = b"", timeout: float = 60) -> subprocess.CompletedProcess[bytes]:
    """Runs the program to its end."""
    return subprocess.run([*PROGRAM, *options], input=stdin, capture_output=True, timeout=timeout)
