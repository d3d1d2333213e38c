"""Messages written to a folder, for development."""

import os
from pathlib import Path

import structlog

from server.core.clock import Clock
from server.db import assert_outside_transaction
from server.messages.ports import Letter, RunApart

log = structlog.get_logger()


class FolderSender:
    """Writes each message to a file that the owner of the folder alone may read."""

    def __init__(self, folder: Path, clock: Clock, run_apart: RunApart) -> None:
        self._folder = folder
        self._clock = clock
        self._run_apart = run_apart

    async def send(self, letter: Letter) -> None:
        """Write the message."""
        assert_outside_transaction()
        name = f"{self._clock.now():%Y%m%dT%H%M%S}-{letter.id}.txt"
        await self._run_apart(lambda: self._write(name, letter))
        log.info("message_written", message_id=str(letter.id), file=name)

    def _write(self, name: str, letter: Letter) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        subject = f"Subject: {letter.subject}\n" if letter.subject else ""
        path = self._folder / name
        # Written aside first: who watches the folder never reads half a message.
        part = path.with_suffix(".part")
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(f"To: {letter.to}\n{subject}\n{letter.body}\n")
        part.rename(path)
