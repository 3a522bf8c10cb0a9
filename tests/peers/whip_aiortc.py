"""aiortc as an encoder and as a player.

    whip_aiortc.py publish URL TOKEN [CODEC]        sends a tone and a moving picture until standard input ends
    whip_aiortc.py play URL TOKEN SECONDS [CODEC]   counts what it decodes, prints it as one line of JSON

CODEC is VP8 or H264, of the pictures. It prints `up` when its transport is up.
"""

import array
import asyncio
import fractions
import json
import math
import sys
import time

import av
from aiortc import (
    MediaStreamTrack,
    RTCBundlePolicy,
    RTCConfiguration,
    RTCPeerConnection,
    RTCRtpSender,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError

from whip import Session

WIDTH, HEIGHT, PICTURES_PER_SECOND = 320, 240, 15
RATE, SAMPLES = 48_000, 960


class Paced(MediaStreamTrack):
    """Gives one frame after the other at its time."""

    def __init__(self, every):
        super().__init__()
        self.every, self.began, self.count = every, None, 0

    async def recv(self):
        self.began = self.began or time.monotonic()
        await asyncio.sleep(max(0, self.began + self.count * self.every - time.monotonic()))
        frame = self.make(self.count)
        self.count += 1
        return frame


class Tone(Paced):
    """440 Hz."""

    kind = "audio"

    def __init__(self):
        super().__init__(SAMPLES / RATE)

    def make(self, count):
        turn = 2 * math.pi * 440 / RATE
        samples = array.array("h", (int(8_000 * math.sin(turn * (count * SAMPLES + n))) for n in range(SAMPLES)))
        frame = av.AudioFrame(format="s16", layout="mono", samples=SAMPLES)
        frame.planes[0].update(samples.tobytes())
        frame.sample_rate, frame.pts, frame.time_base = RATE, count * SAMPLES, fractions.Fraction(1, RATE)
        return frame


class Picture(Paced):
    """A slope of grey that runs to the side."""

    kind = "video"

    def __init__(self):
        super().__init__(1 / PICTURES_PER_SECOND)

    def make(self, count):
        frame = av.VideoFrame(WIDTH, HEIGHT, "yuv420p")
        line = bytes((n + 4 * count) % 256 for n in range(WIDTH))
        bright = frame.planes[0]
        bright.update((line + bytes(bright.line_size - WIDTH)) * HEIGHT)
        for plane in frame.planes[1:]:
            plane.update(bytes([128]) * plane.buffer_size)
        frame.pts, frame.time_base = count * 90_000 // PICTURES_PER_SECOND, fractions.Fraction(1, 90_000)
        return frame


def connection():
    return RTCPeerConnection(RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))


def prefer(line, codec):
    """Offers one codec of pictures, and its retransmissions."""
    if line.kind == "video":
        able = RTCRtpSender.getCapabilities("video").codecs
        wanted = [f"video/{codec}".lower(), "video/rtx"]
        line.setCodecPreferences([one for one in able if one.mimeType.lower() in wanted])


async def connect(peer, url, token):
    up = asyncio.Event()
    peer.on("connectionstatechange", lambda: peer.connectionState == "connected" and up.set())
    await peer.setLocalDescription(await peer.createOffer())
    session = Session(url, token)
    answer = await asyncio.to_thread(session.offer, peer.localDescription.sdp)
    await peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))
    await asyncio.wait_for(up.wait(), 20)
    print("up", flush=True)
    return session


async def publish(url, token, codec="VP8"):
    peer = connection()
    for track in (Tone(), Picture()):
        prefer(peer.addTransceiver(track, direction="sendonly"), codec)
    session = await connect(peer, url, token)
    await asyncio.to_thread(sys.stdin.read)
    await asyncio.to_thread(session.end)
    await peer.close()


async def play(url, token, seconds, codec="VP8"):
    peer = connection()
    seen = {"pictures": 0, "sound": 0, "loudest": 0, "width": 0}
    tasks = []

    async def count(track):
        try:
            while True:
                frame = await track.recv()
                if track.kind == "video":
                    seen["pictures"] += 1
                    seen["width"] = frame.width
                else:
                    seen["sound"] += 1
                    loud = max(array.array("h", bytes(frame.planes[0])), default=0)
                    seen["loudest"] = max(seen["loudest"], loud)
        except MediaStreamError:
            pass

    peer.on("track", lambda track: tasks.append(asyncio.ensure_future(count(track))))
    for kind in ("audio", "video"):
        prefer(peer.addTransceiver(kind, direction="recvonly"), codec)
    session = await connect(peer, url, token)
    await asyncio.sleep(float(seconds))
    await asyncio.to_thread(session.end)
    for task in tasks:
        task.cancel()
    await peer.close()
    print(json.dumps(seen), flush=True)


if __name__ == "__main__":
    deed, url, token, *rest = sys.argv[1:]
    asyncio.run((publish if deed == "publish" else play)(url, token, *rest))
