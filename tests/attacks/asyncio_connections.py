# Opens connections and subprocesses in an event loop. Ends: held
import asyncio


async def main():
    for attempt in (lambda: asyncio.open_connection("127.0.0.1", 80), lambda: asyncio.create_subprocess_shell("id"), lambda: asyncio.start_server(print, "127.0.0.1", 0)):
        try:
            await attempt()
            print("escaped:", attempt)
        except (OSError, NotImplementedError, RuntimeError, AttributeError):
            pass


asyncio.run(main())
print("held")
