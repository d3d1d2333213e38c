"""The endpoints of a user's notifications."""

from server.core.refusals import NotFound
from server.db import Unit
from server.http.endpoint import Call, Reply, Routes, Subject
from server.identity.views import page_of, read_id_cursor
from server.notifications import inbox, queries, refusals, schemas

ROUTES = Routes("Notifications")


@ROUTES.read(
    "GET",
    "/api/v1/notifications",
    summary="One's notifications in one's language, newest first, and how many are unread.",
    query=schemas.NotificationQuery(),
    response=schemas.NotificationPageSchema(),
)
async def list_notifications(call: Call) -> Reply:
    """A page."""
    user_id, limit = call.user.user_id, call.query["limit"]
    before, unread = read_id_cursor(call.query["cursor"]), call.query["unread"]
    async with call.database.read() as connection:
        language = await inbox.read_language(connection, user_id)
        page = queries.page_of_user(user_id, before, limit + 1, unread=unread)
        rows = (await connection.execute(page)).all()
        left = await inbox.count_unread(connection, user_id)
    now = call.database.clock.now()
    items = [inbox.show(row, language, now) for row in rows[:limit]]
    shown = page_of(items, rows, limit)
    return Reply({**shown.body, "unread": left})


@ROUTES.write(
    "POST",
    "/api/v1/notifications/{id}/read",
    summary="Note that one was read.",
    subject=Subject.OWN,
    response=schemas.NotificationItemSchema(),
    refusals=(NotFound,),
)
async def read_notification(call: Call, unit: Unit) -> Reply:
    """The notification."""
    user_id = call.user.user_id
    row = await inbox.read_one(unit, user_id, call.path_id())
    return Reply(inbox.show(row, await inbox.read_language(unit, user_id), unit.now))


@ROUTES.write(
    "POST",
    "/api/v1/notifications/read",
    summary="Note that all up to one were read, a thousand at most.",
    body=schemas.ReadThroughSchema(),
    response=schemas.UnreadSchema(),
)
async def read_notifications(call: Call, unit: Unit) -> Reply:
    """How many are unread now."""
    left = await inbox.read_through(unit, call.user.user_id, call.body["through"])
    return Reply({"unread": left})


@ROUTES.read(
    "GET",
    "/api/v1/me/notification-settings",
    summary="Which kinds of notifications one wants on which channel.",
    response=schemas.NotificationSettingsSchema(),
)
async def get_notification_settings(call: Call) -> Reply:
    """Every kind on every channel."""
    async with call.database.read() as connection:
        return Reply({"items": await inbox.list_settings(connection, call.user.user_id)})


@ROUTES.write(
    "PATCH",
    "/api/v1/me/notification-settings",
    summary="Switch kinds of notifications on or off.",
    body=schemas.WishesSchema(),
    response=schemas.NotificationSettingsSchema(),
    refusals=(refusals.NotificationFixed,),
)
async def change_notification_settings(call: Call, unit: Unit) -> Reply:
    """Every kind on every channel, as it is then."""
    user_id = call.user.user_id
    wishes = [inbox.Wish(**wish) for wish in call.body["items"]]
    await inbox.change_settings(unit, user_id, wishes)
    return Reply({"items": await inbox.list_settings(unit, user_id)})
