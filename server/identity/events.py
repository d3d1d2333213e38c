"""What identity tells a user."""

from datetime import datetime
from uuid import UUID

from server.core.clock import format_instant
from server.core.events import Event, room_of_user


def refresh_token_reused(
    notification_id: UUID, user_id: UUID, session_id: UUID, device: str, now: datetime
) -> Event:
    """Somebody used an old refresh token: the session was ended for everybody."""
    return Event(
        room_of_user(user_id),
        "notification_created",
        {
            "id": str(notification_id),
            "kind": "session_ended_for_safety",
            "created_at": format_instant(now),
            "params": {"session_id": str(session_id), "device": device},
        },
        subject_id=notification_id,
    )
