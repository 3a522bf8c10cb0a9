"""Our diary beside django-appointment: slot search, bookings, and 64 clients who want one slot. The client, its
connections and the machine are the same for both; each server runs alone. Started by `benches/peers/diary`."""

import argparse
import asyncio
import contextlib
import datetime
import json
import os
import pathlib
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.parse

import wire

HERE = pathlib.Path(__file__).resolve().parent
CSRF = "c" * 32
JSON = ["Content-Type: application/json"]


def free_port(kind=socket.SOCK_STREAM):
    with socket.socket(socket.AF_INET, kind) as one:
        one.bind(("localhost", 0))
        return one.getsockname()[1]


def until_open(port, process):
    for _ in range(600):
        if process.poll() is not None:
            sys.exit(f"error: a server ended with {process.returncode}")
        with contextlib.suppress(OSError), socket.create_connection(("localhost", port), 1):
            return
        time.sleep(0.05)
    sys.exit("error: a server did not start")


@contextlib.contextmanager
def running(command, port, **how):
    process = subprocess.Popen(command, start_new_session=True, **how)
    try:
        until_open(port, process)
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()


class Peer:
    """django-appointment under gunicorn, two workers."""

    name = "django-appointment 3.12.0"

    def __init__(self, scratch, wish):
        self.wish = wish
        self.environment = {
            **os.environ,
            "PYTHONPATH": str(HERE / "site"),
            "PEER_FILE": str(scratch / "peer.sqlite"),
            "PEER_DATABASE": wish.postgres or "",
        }
        self.seed = self.run("fill", str(wish.clients))
        self.days = [datetime.date.today() + datetime.timedelta(days=n) for n in range(1, 366)]

    def run(self, *words):
        command = [sys.executable, str(HERE / "site" / "seed.py"), *words]
        told = subprocess.run(command, env=self.environment, check=True, capture_output=True, text=True)
        return json.loads(told.stdout.strip().splitlines()[-1])

    @contextlib.contextmanager
    def server(self):
        self.port = free_port()
        command = [sys.executable, "-m", "gunicorn", "--workers", "2", "--threads", "8", "--keep-alive", "75"]
        command += ["--bind", f"localhost:{self.port}", "--log-level", "critical", "site_wsgi:application"]
        with running(command, self.port, env=self.environment) as process:
            yield process

    def headers(self, client):
        cookie = f"Cookie: sessionid={self.seed['cookies'][client]}; csrftoken={CSRF}"
        return [cookie, "Content-Type: application/x-www-form-urlencoded"]

    async def search(self, connection):
        query = f"selected_date={self.days[3]}&staff_member={self.seed['staff']}&service_id={self.seed['service']}"
        asked = ["X-Requested-With: XMLHttpRequest"]
        status, _, body = await connection.ask("GET", f"/ajax/available_slots/?{query}", asked)
        assert status == 200 and b"available_slots" in body, (status, body[:300])
        return json.loads(body)["available_slots"] if self.wish.check else None

    def slots(self, count):
        """Distinct slots: 16 a day."""
        for number in range(count):
            day, place = divmod(number, 16)
            start = datetime.datetime.combine(self.days[5 + day], datetime.time(11)) + place * datetime.timedelta(minutes=15)
            yield start

    async def book(self, connection, client, start):
        """What a signed-in browser sends: the wished time, then who comes. True if there is an appointment then."""
        end = start + datetime.timedelta(minutes=15)
        wish = {
            "csrfmiddlewaretoken": CSRF,
            "date": start.date().isoformat(),
            "start_time": start.strftime("%H:%M:%S"),
            "end_time": end.strftime("%H:%M:%S"),
            "service": self.seed["service"],
            "staff_member": self.seed["staff"],
        }
        headers = self.headers(client)
        status, told, body = await connection.ask("POST", "/request-submit/", headers, urllib.parse.urlencode(wish).encode())
        if status != 302:
            return False
        details = {
            "csrfmiddlewaretoken": CSRF,
            "name": f"Client {client}",
            "email": f"client{client}@example.in",
            "phone_0": "IN",
            "phone_1": "9876543210",
            "address": "",
            "additional_info": "Ration card",
            "payment_type": "full",
        }
        body = urllib.parse.urlencode(details).encode()
        status, told, _ = await connection.ask("POST", told["location"], headers, body)
        return status == 302 and "/thank-you/" in told.get("location", "")

    async def book_all(self, connections, count):
        wishes = iter(list(enumerate(self.slots(count))))
        booked = 0

        async def one(client, connection):
            nonlocal booked
            for _, start in wishes:
                stands = await self.book(connection, client, start)
                booked += stands

        before = time.perf_counter()
        await asyncio.gather(*(one(client, connection) for client, connection in enumerate(connections)))
        return booked, time.perf_counter() - before

    async def race(self, connections, rounds):
        told = 0
        first = list(self.slots(self.wish.bookings + rounds))[self.wish.bookings :]
        for start in first:
            won = await asyncio.gather(*(self.book(one, client, start) for client, one in enumerate(connections)))
            told += sum(won)
        booked = self.run("count")
        keys = [f"{start.date()} {start.time()}" for start in first]
        return sum(max(0, booked.get(key, 0) - 1) for key in keys), told


class Ours:
    """Our server in demo form, over its API. A booking is proved by a one-time code, which is read where it is sent."""

    name = "sachivalaya"

    def __init__(self, scratch, wish):
        self.wish, self.scratch = wish, scratch
        self.number = 0

    @contextlib.contextmanager
    def server(self):
        self.port = free_port()
        binary = pathlib.Path(self.wish.binary).resolve()
        command = [str(binary), "demo", "--data", "data", "--http", str(self.port), "--https", str(free_port())]
        command += ["--media-port", str(free_port(socket.SOCK_DGRAM)), "--print-links-json"]
        quiet = {**os.environ, "RUST_LOG": "error"}
        with running(command, self.port, cwd=self.scratch, env=quiet, stdout=subprocess.DEVNULL) as process:
            yield process

    async def search(self, connection):
        status, _, body = await connection.ask("GET", "/api/v1/posts/sec-hlt/times?days=1&from=" + self.day())
        assert status == 200 and b"starts" in body, (status, body[:300])
        return json.loads(body)["days"][0]["starts"] if self.wish.check else None

    def day(self):
        """The next Wednesday: a day with all its 16 slots."""
        today = datetime.date.today()
        return (today + datetime.timedelta(days=(2 - today.weekday()) % 7 or 7)).isoformat()

    async def all_slots(self, connection):
        departments = "hlt edu rlr rcd agr enr hom fin ctd pld law rwd bcd trn ind dit min tou hed ste swd scs bce mwd".split()
        found = []
        for post in departments:
            _, _, body = await connection.ask("GET", f"/api/v1/posts/sec-{post}/times?days=14")
            starts = [start for day in json.loads(body)["days"][1:] for start in day["starts"]]
            found += [(f"sec-{post}", start) for start in starts]
        return found

    async def hold(self, connection, post, start):
        body = json.dumps({"post": post, "start": start}).encode()
        status, _, body = await connection.ask("POST", "/api/v1/holds", JSON, body)
        return json.loads(body) if status == 201 else None

    async def details(self, connection, hold, number):
        mobile = f"00000{number:05}"
        told = {"name": "Citizen", "mobile": mobile, "subject": "Ration card", "channel": "video"}
        headers = [*JSON, f"Authorization: Bearer {hold['token']}"]
        path = f"/api/v1/holds/{hold['appointment']}"
        status, _, body = await connection.ask("PUT", f"{path}/details", headers, json.dumps(told).encode())
        assert status == 200, body
        return (headers, path, mobile)

    def codes(self):
        """What the text messages say, by number: the demo keeps them."""
        database = sqlite3.connect(f"file:{self.scratch}/data/demo.sqlite?mode=ro", uri=True)
        rows = database.execute("select payload from notice where channel = 'sms'").fetchall()
        database.close()
        told = [json.loads(payload) for (payload,) in rows]
        return {one["to"]["mobile"]: one["what"]["code"] for one in told if one["what"]["kind"] == "code"}

    async def book_all(self, connections, count):
        slots = iter((await self.all_slots(connections[0]))[:count])
        begun, booked = [], 0

        async def begin(connection):
            for post, start in slots:
                hold = await self.hold(connection, post, start)
                if hold:
                    self.number += 1
                    begun.append(await self.details(connection, hold, self.number))

        before = time.perf_counter()
        await asyncio.gather(*(begin(connection) for connection in connections))
        spent = time.perf_counter() - before
        codes, waiting = self.codes(), iter(list(begun))

        async def confirm(connection):
            nonlocal booked
            for headers, path, mobile in waiting:
                body = json.dumps({"code": codes[f"+91{mobile}"]}).encode()
                status, _, _ = await connection.ask("POST", f"{path}/confirm", headers, body)
                booked += status == 200

        before = time.perf_counter()
        await asyncio.gather(*(confirm(connection) for connection in connections))
        return booked, spent + time.perf_counter() - before

    async def race(self, connections, rounds):
        won = doubles = 0
        for post, start in (await self.all_slots(connections[0]))[-rounds:]:
            held = await asyncio.gather(*(self.hold(one, post, start) for one in connections))
            count = sum(one is not None for one in held)
            won += count
            doubles += max(0, count - 1)
        return doubles, won


async def measured(diary, process, wish):
    connections = [wire.Connection(diary.port) for _ in range(wish.clients)]
    for connection in connections[:8]:
        await diary.search(connection)
    figures = {}
    used = wire.cpu_seconds(process.pid)
    rate, times = await wire.many(connections, wish.seconds, diary.search)
    figures["searches a second"] = rate
    figures["search p50, ms"] = wire.share(times, 0.5)
    figures["search p99, ms"] = wire.share(times, 0.99)
    figures["processor ms a search"] = 1000 * (wire.cpu_seconds(process.pid) - used) / len(times)
    used = wire.cpu_seconds(process.pid)
    booked, spent = await diary.book_all(connections[:32], wish.bookings)
    figures["bookings a second"] = booked / spent
    figures["processor ms a booking"] = 1000 * (wire.cpu_seconds(process.pid) - used) / max(1, booked)
    figures["bookings that stand"] = booked
    doubles, won = await diary.race(connections, wish.rounds)
    figures["double bookings"] = doubles
    figures["told that they have it"] = won
    for connection in connections:
        connection.close()
    return figures


def show(wish, both):
    (ours, mine), (peer, theirs) = both
    print(f"\n{wish.clients} connections, {wish.seconds} s of searches, {wish.bookings} bookings by 32 clients, "
          f"{wish.rounds} races of {wish.clients} clients for one slot; {wish.label}\n")
    print(f"{'':26}{ours:>16}{peer:>28}{'ratio':>10}")
    for name, value in mine.items():
        other = theirs[name]
        larger_is_better = "second" in name
        is_ratio = "second" in name or " ms" in name or ", ms" in name
        ratio = (value / other if larger_is_better else other / value) if is_ratio and value and other else None
        told = f"{ratio:9.1f}×" if ratio else ""
        print(f"{name:26}{value:>16,.2f}{other:>28,.2f}{told:>10}")
    print(f"\nraces: {wish.rounds} slots; ours gave {mine['told that they have it']} holds, "
          f"the peer {theirs['told that they have it']} appointments")
    if mine["double bookings"]:
        sys.exit("error: our server gave one slot to two people")


def main():
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--binary", default=os.environ.get("SACHIVALAYA_BINARY", "target/release/sachivalaya"))
    given.add_argument("--scratch", type=pathlib.Path, required=True)
    given.add_argument("--clients", type=int, default=64)
    given.add_argument("--seconds", type=float, default=8)
    given.add_argument("--bookings", type=int, default=400)
    given.add_argument("--rounds", type=int, default=50)
    given.add_argument("--postgres", help="postgres://user:password@host:port/name, an empty database for the peer")
    wish = given.parse_args()
    wish.check = False
    wish.label = "the peer on PostgreSQL, ours on SQLite" if wish.postgres else "both on SQLite with full sync"
    both = []
    for make in (Ours, Peer):
        diary = make(wish.scratch, wish)
        with diary.server() as process:
            both.append((diary.name, asyncio.run(measured(diary, process, wish))))
    show(wish, both)


if __name__ == "__main__":
    main()
