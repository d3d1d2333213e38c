"""Notifications, put together: their channels, and what tells of events and deadlines."""

from server.jobs.schedule import Duty
from server.notifications.channels import Channel, InApp
from server.notifications.dispatcher import tell_of_events
from server.notifications.reminders import remind, tell_of_outages
from server.wiring.kernel import Kernel

CHANNELS: tuple[Channel, ...] = (InApp(),)
"""The ways to people; each gets what its users want to hear on it."""


def add_notifications(kernel: Kernel) -> tuple[Duty, ...]:
    """The duties that tell of events, deadlines and outages; owners' notices come by their hook."""
    database = kernel.database
    return (
        Duty("tell_of_events", 1, lambda _desk: tell_of_events(database, CHANNELS)),
        Duty("remind", 5, lambda _desk: remind(database, CHANNELS), by_time=True),
        Duty("tell_of_outages", 5, lambda _desk: tell_of_outages(database, CHANNELS)),
    )
