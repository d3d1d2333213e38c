"""Where encrypted files lie: a port, and the folder that serves it."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Protocol
from uuid import UUID

from server.core.refusals import Unavailable
from server.kyc.store import DocumentStore


class StoreFailed(Unavailable):
    """The place where files lie does not answer, or has no room."""

    code = "files_unavailable"
    title = "Files cannot be kept or read for the moment, try again."


class FileStore(Protocol):
    """Keeps encrypted bytes by identifier. Never called in a transaction."""

    async def put(self, file_id: UUID, content: bytes) -> None:
        """Keep the bytes; when this returns they are there after a crash. Refuses
        `StoreFailed`."""
        ...

    async def get(self, file_id: UUID) -> bytes:
        """The bytes. Raises `FileNotFoundError` for what is not there; refuses `StoreFailed`."""
        ...

    async def delete(self, file_id: UUID) -> None:
        """Forget the bytes, if there are any. Refuses `StoreFailed`."""
        ...

    async def close(self) -> None:
        """Give connections back."""
        ...


class FolderFiles:
    """A folder, whose files are written in a thread."""

    def __init__(
        self, folder: DocumentStore, run_apart: Callable[[Callable[[], Any]], Awaitable[Any]]
    ) -> None:
        self._folder = folder
        self._run_apart = run_apart

    async def put(self, file_id: UUID, content: bytes) -> None:
        """Write a new file; a half one is never read."""
        try:
            await self._run_apart(partial(self._folder.put, file_id, content))
        except OSError as error:
            raise StoreFailed from error

    async def get(self, file_id: UUID) -> bytes:
        """The bytes of a file."""
        try:
            found: bytes = await self._run_apart(partial(self._folder.get, file_id))
        except FileNotFoundError:
            raise
        except OSError as error:
            raise StoreFailed from error
        return found

    async def delete(self, file_id: UUID) -> None:
        """Remove a file."""
        try:
            await self._run_apart(partial(self._folder.delete, file_id))
        except OSError as error:
            raise StoreFailed from error

    async def close(self) -> None:
        """A folder has nothing open."""
