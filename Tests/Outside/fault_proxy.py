"""A TCP proxy that does harm on request, between a client and Tacet or between Tacet and a provider.

Faults hold for a direction: `up` is towards the target, `down` towards whoever connected. They are taken when a connection
is made, so that a test can change them between two.
"""

import asyncio
import dataclasses
import random
import socket
import struct
import threading


@dataclasses.dataclass
class Faults:
    """What happens to the bytes of one direction; counts in bytes, times in seconds."""

    latency: float = 0.0
    jitter: float = 0.0
    #: bytes a second
    bandwidth: int = 0
    #: writes of so many bytes, with `gap` between
    slice: int = 0
    gap: float = 0.0
    #: a TCP reset after so many bytes
    reset_after: int | None = None
    #: the direction is closed after so many bytes, the other lives on
    half_close_after: int | None = None
    #: after so many bytes everything is swallowed and nothing said
    black_hole_after: int | None = None
    #: both directions are closed in order after so many bytes
    limit: int | None = None


class FaultProxy:
    """Serves until stopped, on its own thread."""

    def __init__(self, target, seed=1):
        self.target = target
        self.random = random.Random(seed)
        self.up, self.down = Faults(), Faults()
        #: called per connection for its faults, instead of `up` and `down`
        self.choose = None
        self.connections = 0
        self.loop = asyncio.new_event_loop()
        listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.port = listener.getsockname()[1]
        self.thread = threading.Thread(target=self.run, args=(listener,), daemon=True)
        self.thread.start()

    def run(self, listener):
        asyncio.set_event_loop(self.loop)
        self.server = self.loop.run_until_complete(asyncio.start_server(self.serve, sock=listener))
        self.loop.run_forever()
        tasks = asyncio.all_tasks(self.loop)
        for task in tasks:
            task.cancel()
        self.loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))

    def stop(self):
        self.loop.call_soon_threadsafe(self.server.close)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(5)

    def calm(self):
        self.up, self.down, self.choose = Faults(), Faults(), None

    async def serve(self, reader, writer):
        self.connections += 1
        up, down = self.choose() if self.choose else (self.up, self.down)
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            return abort(writer)
        writers = (writer, far_writer)
        await asyncio.gather(
            self.pipe(reader, far_writer, up, writers), self.pipe(far_reader, writer, down, writers)
        )
        for each in writers:
            each.close()

    async def pipe(self, reader, writer, faults, both):
        passed = 0
        try:
            while data := await reader.read(65536):
                if faults.black_hole_after is not None and passed >= faults.black_hole_after:
                    continue
                if faults.latency or faults.jitter:
                    await asyncio.sleep(faults.latency + self.random.random() * faults.jitter)
                stop = min(
                    (limit for limit in (
                        faults.reset_after, faults.half_close_after, faults.black_hole_after, faults.limit
                    ) if limit is not None), default=None)
                if stop is not None:
                    data = data[: stop - passed]
                await self.write(data, writer, faults)
                passed += len(data)
                if stop is None or passed < stop:
                    continue
                if stop == faults.reset_after:
                    for each in both:
                        abort(each)
                    return
                if stop == faults.limit:
                    for each in both:
                        each.close()
                    return
                if stop == faults.half_close_after:
                    break
            if writer.can_write_eof():
                writer.write_eof()
        except (OSError, asyncio.CancelledError):
            abort(writer)

    async def write(self, data, writer, faults):
        size = faults.slice or len(data) or 1
        for at in range(0, len(data), size):
            piece = data[at : at + size]
            writer.write(piece)
            await writer.drain()
            if faults.bandwidth:
                await asyncio.sleep(len(piece) / faults.bandwidth)
            elif faults.gap:
                await asyncio.sleep(faults.gap)


def abort(writer):
    """Closes with a TCP reset."""
    sock = writer.get_extra_info("socket")
    if sock:
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        except OSError:
            pass
    writer.transport.abort()


def some_faults(draw):
    """A random pair of faults, most of them mild: (up, down)."""
    kinds = [
        lambda: Faults(),
        lambda: Faults(latency=0.01, jitter=0.05),
        lambda: Faults(slice=draw.randint(1, 40)),
        lambda: Faults(bandwidth=200_000, slice=4096),
        lambda: Faults(reset_after=draw.randint(0, 4000)),
        lambda: Faults(half_close_after=draw.randint(0, 4000)),
        lambda: Faults(limit=draw.randint(0, 4000)),
        lambda: Faults(black_hole_after=draw.randint(0, 4000)),
    ]
    weights = [8, 4, 4, 2, 1, 1, 1, 1]
    return tuple(draw.choices(kinds, weights)[0]() for _ in range(2))
