"""The HTTP side of WHIP and WHEP, as any encoder or player speaks it: an offer in, an answer out, and the end.

Shared by the clients of both makes; knows nothing of media.
"""

import json
import urllib.error
import urllib.parse
import urllib.request


class Refused(Exception):
    """The server said no: its status and its stable code."""


class Session:
    """One connection, from its POST to its DELETE."""

    def __init__(self, url, token):
        self.url, self.token = url, token
        self.tag = None

    def offer(self, sdp):
        """Sends an offer; returns the answer."""
        status, headers, body = self.ask("POST", self.url, sdp, {"Content-Type": "application/sdp"})
        assert status == 201, status
        assert headers["Content-Type"] == "application/sdp", headers["Content-Type"]
        self.tag = headers["ETag"]
        self.url = urllib.parse.urljoin(self.url, headers["Location"])
        return body

    def end(self):
        """Ends the connection."""
        status, _, _ = self.ask("DELETE", self.url)
        assert status == 200, status

    def ask(self, method, url, body=None, headers=None):
        request = urllib.request.Request(url, method=method, data=body.encode() if body else None)
        request.add_header("Authorization", f"Bearer {self.token}")
        for name, value in (headers or {}).items():
            request.add_header(name, value)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, answer.headers, answer.read().decode()
        except urllib.error.HTTPError as error:
            problem = json.loads(error.read().decode())
            raise Refused(f"{error.code} {problem['code']} {problem.get('reason', '')}") from None
