"""Where the encrypted pictures lie: a port, and a folder that serves it."""

import os
from pathlib import Path
from typing import Protocol
from uuid import UUID


class DocumentStore(Protocol):
    """Keeps encrypted bytes by identifier. Called in a thread, never in a transaction."""

    def put(self, document_id: UUID, content: bytes) -> None:
        """Keep the bytes; when this returns they are there after a crash."""
        ...

    def get(self, document_id: UUID) -> bytes:
        """The bytes; raises `FileNotFoundError` for what was never kept or is gone."""
        ...

    def delete(self, document_id: UUID) -> None:
        """Forget the bytes, if there are any."""
        ...


class FolderStore:
    """A folder, one file for each document, which only the service may read."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _path(self, document_id: UUID) -> Path:
        # Named by us alone; folders by the last digits keep each of them small.
        return self._folder / document_id.hex[-2:] / f"{document_id.hex}.sealed"

    def put(self, document_id: UUID, content: bytes) -> None:
        """Write a new file under another name, then rename it: a half file is never read."""
        path = self._path(document_id)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = path.with_suffix(".draft")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(handle)
        draft.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def get(self, document_id: UUID) -> bytes:
        """The bytes of a file."""
        return self._path(document_id).read_bytes()

    def delete(self, document_id: UUID) -> None:
        """Remove a file."""
        self._path(document_id).unlink(missing_ok=True)
