# asyncio: gather, task groups, queues, timeouts, cancellation, events, async generators, ordering by time.
import asyncio

async def work(name, seconds, log):
    await asyncio.sleep(seconds)
    log.append(name)
    return name * 2

async def numbers(n):
    for i in range(n):
        await asyncio.sleep(0)
        yield i

class Resource:
    async def __aenter__(self):
        print("open")
        return self
    async def __aexit__(self, *exc):
        print("closed after", exc[0].__name__ if exc[0] else None)

async def producer(queue):
    for i in range(3):
        await queue.put(i)
    await queue.put(None)

async def consumer(queue):
    got = []
    while (item := await queue.get()) is not None:
        got.append(item)
    return got

async def main():
    log = []
    print(await asyncio.gather(work("b", 0.02, log), work("a", 0.01, log), work("c", 0, log)))
    print(log)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(work(str(n), 0, log)) for n in range(3)]
    print([task.result() for task in tasks])
    try:
        async with asyncio.timeout(0.01):
            await asyncio.sleep(3600)
    except TimeoutError:
        print("timed out")
    task = asyncio.create_task(asyncio.sleep(3600))
    await asyncio.sleep(0)
    task.cancel("enough")
    try:
        await task
    except asyncio.CancelledError as error:
        print("cancelled:", error)
    queue = asyncio.Queue(maxsize=1)
    _, got = await asyncio.gather(producer(queue), consumer(queue))
    print(got, [n async for n in numbers(4) if n % 2])
    try:
        async with Resource():
            raise KeyError("k")
    except KeyError:
        pass
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(fail(ValueError("one")))
            group.create_task(fail(OSError("two")))
    except* ValueError as group:
        print("values", group.exceptions)
    except* OSError as group:
        print("os", group.exceptions)
    lock, event = asyncio.Lock(), asyncio.Event()
    async def waiter():
        await event.wait()
        async with lock:
            return "woken"
    waiting = asyncio.create_task(waiter())
    await asyncio.sleep(0)
    event.set()
    print(await waiting)
    print([r if isinstance(r, str) else repr(r) for r in await asyncio.gather(work("x", 0, log), fail(ZeroDivisionError()), return_exceptions=True)])
    loop = asyncio.get_running_loop()
    future = loop.create_future()
    loop.call_later(0.001, future.set_result, "called later")
    print(await future)

async def fail(error):
    raise error

asyncio.run(main())
with asyncio.Runner() as runner:
    print(runner.run(asyncio.sleep(0, "again")))
