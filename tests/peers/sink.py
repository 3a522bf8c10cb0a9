"""A real SMTP server (aiosmtpd) that writes each mail, and beside it to whom it was sent, into a folder. Prints its port.

Never changes a byte of a mail and never sends one on.
"""

import asyncio
import pathlib
import sys

from aiosmtpd.smtp import SMTP


class Keep:
    """Takes every mail."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.count = 0

    async def handle_DATA(self, server, session, envelope):
        self.count += 1
        name = self.folder / f"{self.count:03}.eml"
        name.with_suffix(".to").write_text("\n".join(envelope.rcpt_tos))
        part = name.with_suffix(".part")
        part.write_bytes(envelope.original_content)
        part.rename(name)
        return "250 taken"


async def main(folder):
    keep = Keep(folder)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(keep, hostname="sink"), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
