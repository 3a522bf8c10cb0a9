"""A client of HTTP/1.1 that keeps its connections and costs little: the same for both servers, so that neither pays for
the other's. Also what a measurement needs beside it: how long each answer took, and what processor time the server used."""

import asyncio
import math
import os
import time


class Connection:
    """One connection; it is opened again when the server closed it."""

    def __init__(self, port):
        self.port = port
        self.reader = self.writer = None

    async def ask(self, method, path, headers=(), body=b""):
        """Status, headers in lower case, body."""
        for is_last in (False, True):
            if self.writer is None:
                self.reader, self.writer = await asyncio.open_connection("localhost", self.port, limit=1 << 20)
            try:
                return await self._once(method, path, headers, body)
            except (ConnectionError, asyncio.IncompleteReadError):
                self.close()
                if is_last:
                    raise
        raise AssertionError("unreachable")

    async def _once(self, method, path, headers, body):
        lines = [f"{method} {path} HTTP/1.1", f"Host: localhost:{self.port}", *headers]
        if body or method != "GET":
            lines.append(f"Content-Length: {len(body)}")
        self.writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        status = int(head[0].split(" ", 2)[1])
        told = [line.partition(":") for line in head[1:] if line]
        fields = {name.lower(): value.strip() for name, _, value in told}
        if fields.get("transfer-encoding") == "chunked":
            text = await self._chunks()
        else:
            text = await self.reader.readexactly(int(fields.get("content-length", 0)))
        if fields.get("connection", "").lower() == "close":
            self.close()
        return status, fields, text

    async def _chunks(self):
        parts = []
        while True:
            size = int((await self.reader.readuntil(b"\r\n")).split(b";")[0], 16)
            parts.append((await self.reader.readexactly(size + 2))[:-2])
            if size == 0:
                return b"".join(parts)

    def close(self):
        if self.writer is not None:
            self.writer.close()
        self.reader = self.writer = None


def cpu_seconds(pid):
    """Processor time of a process and of its children that run."""
    ticks = 0
    for one in [pid, *children(pid)]:
        try:
            with open(f"/proc/{one}/stat") as file:
                fields = file.read().rsplit(")", 1)[1].split()
        except FileNotFoundError:
            continue
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def children(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as file:
            found = [int(one) for one in file.read().split()]
    except FileNotFoundError:
        return []
    return found + [below for one in found for below in children(one)]


def share(times, part):
    """A quantile, in milliseconds."""
    ordered = sorted(times)
    return 1000 * ordered[min(len(ordered) - 1, math.ceil(part * len(ordered)) - 1)]


async def many(connections, seconds, ask):
    """Everybody asks again and again: how many answers a second, and how long each took. `ask` raises on a wrong one."""
    times = []
    end = time.perf_counter() + seconds

    async def one(connection):
        while time.perf_counter() < end:
            before = time.perf_counter()
            await ask(connection)
            times.append(time.perf_counter() - before)

    begun = time.perf_counter()
    await asyncio.gather(*(one(connection) for connection in connections))
    return len(times) / (time.perf_counter() - begun), times
