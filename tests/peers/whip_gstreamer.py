"""GStreamer's webrtcbin as an encoder and as a player.

    whip_gstreamer.py publish URL TOKEN           sends a tone and a test picture until standard input ends
    whip_gstreamer.py play URL TOKEN SECONDS      counts what it decodes, prints it as one line of JSON

It prints `up` when its transport is up. Runs on Debian's Python, for which GStreamer's bindings are packaged.
"""

import array
import json
import sys
import threading

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstSdp", "1.0")
gi.require_version("GstWebRTC", "1.0")
from gi.repository import GLib, Gst, GstSdp, GstWebRTC  # noqa: E402

from whip import Session  # noqa: E402

SOURCES = """
webrtcbin name=peer bundle-policy=max-bundle
videotestsrc is-live=true pattern=ball ! video/x-raw,width=320,height=240,framerate=15/1
  ! vp8enc deadline=1 keyframe-max-dist=60 target-bitrate=300000 ! rtpvp8pay
  ! application/x-rtp,media=video,encoding-name=VP8,payload=96,clock-rate=90000 ! peer.
audiotestsrc is-live=true freq=440 volume=0.3 ! audio/x-raw,rate=48000,channels=2 ! opusenc ! rtpopuspay
  ! application/x-rtp,media=audio,encoding-name=OPUS,payload=97,clock-rate=48000,encoding-params=(string)2 ! peer.
"""
VIDEO = "application/x-rtp,media=video,encoding-name=VP8,payload=96,clock-rate=90000"
AUDIO = "application/x-rtp,media=audio,encoding-name=OPUS,payload=97,clock-rate=48000,encoding-params=(string)2"
DECODERS = {"VP8": "rtpvp8depay ! vp8dec", "OPUS": "rtpopusdepay ! opusdec ! audioconvert ! audio/x-raw,format=S16LE"}


class Client:
    """One pipeline around one webrtcbin."""

    def __init__(self, pipeline, url, token):
        self.pipeline, self.session = pipeline, Session(url, token)
        self.peer = pipeline.get_by_name("peer")
        self.loop = GLib.MainLoop()
        self.is_offered = self.is_up = False
        self.fault = None
        self.peer.connect("notify::ice-gathering-state", self.on_gathering)
        self.peer.connect("notify::connection-state", self.on_connection)
        bus = pipeline.get_bus()
        bus.add_signal_watch()
        bus.connect("message::error", lambda _, message: self.fail(str(message.parse_error())))

    def fail(self, why):
        self.fault = why
        self.loop.quit()

    def begin(self):
        self.pipeline.set_state(Gst.State.PLAYING)
        GLib.timeout_add_seconds(20, lambda: self.is_up or self.fail("the transport did not come up"))
        GLib.idle_add(self.offer)

    def offer(self):
        def made(promise, _):
            reply = promise.get_reply()  # the offer lives in it, and no longer than it
            self.peer.emit("set-local-description", reply.get_value("offer"), Gst.Promise.new())

        self.peer.emit("create-offer", None, Gst.Promise.new_with_change_func(made, None))

    def on_gathering(self, peer, _):
        if peer.get_property("ice-gathering-state") == GstWebRTC.WebRTCICEGatheringState.COMPLETE:
            GLib.idle_add(self.send)

    def send(self):
        if self.is_offered:
            return
        self.is_offered = True
        try:
            answer = self.session.offer(self.peer.get_property("local-description").sdp.as_text())
        except Exception as error:  # whatever it is, the test says it
            return self.fail(repr(error))
        _, sdp = GstSdp.SDPMessage.new_from_text(answer)
        kind = GstWebRTC.WebRTCSDPType.ANSWER
        description = GstWebRTC.WebRTCSessionDescription.new(kind, sdp)
        self.peer.emit("set-remote-description", description, Gst.Promise.new())

    def on_connection(self, peer, _):
        if peer.get_property("connection-state") == GstWebRTC.WebRTCPeerConnectionState.CONNECTED:
            self.is_up = True
            print("up", flush=True)
            GLib.idle_add(self.on_up)

    def run(self):
        self.begin()
        self.loop.run()
        if self.fault is None:
            self.session.end()
        self.pipeline.set_state(Gst.State.NULL)
        if self.fault is not None:
            sys.exit(self.fault)

    def quit(self):
        self.loop.quit()


class Publisher(Client):
    """Sends until standard input ends."""

    def __init__(self, url, token):
        super().__init__(Gst.parse_launch(SOURCES), url, token)
        for at in range(2):
            line = self.peer.emit("get-transceiver", at)
            line.set_property("direction", GstWebRTC.WebRTCRTPTransceiverDirection.SENDONLY)

    def on_up(self):
        threading.Thread(target=lambda: (sys.stdin.read(), GLib.idle_add(self.quit)), daemon=True).start()


class Player(Client):
    """Receives for a while and counts."""

    def __init__(self, url, token, seconds):
        pipeline = Gst.Pipeline.new("player")
        pipeline.add(Gst.parse_launch("webrtcbin name=peer bundle-policy=max-bundle"))
        super().__init__(pipeline, url, token)
        self.seconds = seconds
        self.seen = {"pictures": 0, "sound": 0, "loudest": 0, "width": 0}

    def on_up(self):
        GLib.timeout_add(int(self.seconds * 1000), self.quit)

    def run(self):
        super().run()
        print(json.dumps(self.seen), flush=True)


def player(url, token, seconds):
    client = Player(url, token, seconds)
    only = GstWebRTC.WebRTCRTPTransceiverDirection.RECVONLY
    for caps in (AUDIO, VIDEO):
        client.peer.emit("add-transceiver", only, Gst.Caps.from_string(caps))

    def counted(_, buffer, pad):
        caps = pad.get_current_caps().get_structure(0)
        if caps.get_name().startswith("video"):
            client.seen["pictures"] += 1
            client.seen["width"] = caps.get_value("width")
        else:
            client.seen["sound"] += 1
            loud = max(array.array("h", buffer.extract_dup(0, buffer.get_size())), default=0)
            client.seen["loudest"] = max(client.seen["loudest"], loud)

    def pad_added(_, pad):
        if pad.direction != Gst.PadDirection.SRC:
            return
        coding = pad.get_current_caps().get_structure(0).get_string("encoding-name")
        chain = f"{DECODERS[coding]} ! fakesink name=end sync=false signal-handoffs=true"
        decoder = Gst.parse_bin_from_description(chain, True)
        decoder.get_by_name("end").connect("handoff", counted)
        client.pipeline.add(decoder)
        decoder.sync_state_with_parent()
        pad.link(decoder.get_static_pad("sink"))

    client.peer.connect("pad-added", pad_added)
    return client


if __name__ == "__main__":
    Gst.init(None)
    deed, url, token, *rest = sys.argv[1:]
    (Publisher(url, token) if deed == "publish" else player(url, token, float(rest[0]))).run()
