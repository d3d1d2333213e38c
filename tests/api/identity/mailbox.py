"""What people find in their mailboxes and on their telephones."""

import re
from pathlib import Path

from server.messages.queue import send_due
from server.wiring import POST

CODE = re.compile(r"\b([0-9]{6})\b")


async def read_letters(api, to):
    """The bodies of what was sent to an address, oldest first."""
    for _ in range(100):
        # The schedule of the application may be sending it at this moment.
        waiting = await api.read_waiting()
        await send_due(api.client.server.app[POST])
        if not waiting:
            break
    letters = [
        path.read_text() for path in sorted(Path(api.kernel.settings.mail_folder).glob("*.txt"))
    ]
    return [text for text in letters if text.startswith(f"To: {to}\n")]


async def read_code(api, to):
    """The code in the last letter to an address."""
    letters = await read_letters(api, to)
    assert letters, f"nothing was sent to {to}"
    return CODE.search(letters[-1])[1]
