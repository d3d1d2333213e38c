"""The end of the demo: nothing was missed, and every view equals a fresh fetch."""

import asyncio
from collections.abc import Sequence

from seeds.demo.person import Person
from seeds.demo.watcher import Watcher
from seeds.demo.world import World

QUIET_S = 15.0
"""How long a view may take to agree with what is fetched: events follow their commit."""
STEP_S = 0.25


async def check_person(person: Person) -> None:
    """His numbers are complete; orders, trades, wallet and the public list agree."""
    faults = person.world.tally.faults
    differences = ["nothing was compared"]
    for _ in range(int(QUIET_S / STEP_S)):
        if person.listener.is_settled:
            differences = [
                *person.view.list_differences(*await person.fetch()),
                *person.public.list_order_differences(await person.fetch_listed()),
            ]
            if not differences and await _is_complete(person):
                return
        await asyncio.sleep(STEP_S)
    for room, watch in person.listener.watches.items():
        watch.check_end(await person.read_seq(room))
    for difference in differences:
        faults.add(f"{person.name}: {difference}")


async def _is_complete(person: Person) -> bool:
    for room, watch in person.listener.watches.items():
        if await person.read_seq(room) != watch.last:
            return False
    return True


async def check_watcher(watcher: Watcher) -> None:
    """The public numbers are complete; listed orders and depth of every market agree."""
    differences = ["nothing was compared"]
    for _ in range(int(QUIET_S / STEP_S)):
        if watcher.listener.is_settled:
            differences = await watcher.list_differences()
            if not differences:
                return
        await asyncio.sleep(STEP_S)
    for difference in differences:
        watcher.world.tally.faults.add(f"{watcher.name}: {difference}")


async def check_all(world: World, people: Sequence[Person], watcher: Watcher) -> None:
    """Check every client; what is wrong is in the tally's faults."""
    await asyncio.gather(check_watcher(watcher), *map(check_person, people))
    ended = {"completed", "cancelled", "expired", "refunded"}
    for trade_id, status in world.tally.statuses.items():
        if status not in ended:
            world.tally.faults.add(f"trade {trade_id} is still {status}")
    if not world.tally.orders or "completed" not in world.tally.statuses.values():
        world.tally.faults.add("nothing was traded")
