"""Ratings of completed trades: once a side, hidden until both have rated or the time is over."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from models.trades import TradeStatus
from server.db import Database, Unit
from server.identity.standing import lock_standings
from server.trades import rules as trade_rules
from server.trades.desk import Caller, Desk
from server.trades.facts import Actor
from server.trades.transition import lock_for
from server.trust import rating_queries as queries
from server.trust import refusals, reputation
from server.trust.comments import clean_comment, is_decent
from server.trust.reputation_queries import created_at_of
from server.trust.reputation_rules import add_rating, weigh_rating

RATING_TIME = timedelta(days=30)
"""After the completion; then what was said is shown, whoever kept silent."""
REVEALS_MAX = 200
TAGS: dict[Actor, tuple[str, ...]] = {
    Actor.SELLER: (
        "fast_release", "clear_terms", "polite", "patient",
        "slow_release", "unclear_terms", "rude", "asked_for_more",
    ),
    Actor.BUYER: (
        "fast_payment", "exact_payment", "polite", "patient",
        "slow_payment", "wrong_amount", "rude", "pressed_for_release",
    ),
}  # fmt: skip
"""What may be said in a word of who was the seller, or the buyer."""
TAGS_MAX = 4
COMMENT_CHARS_MAX = 300


async def rate(
    unit: Unit,
    desk: Desk,
    caller: Caller,
    trade_id: UUID,
    *,
    stars: int,
    tags: Sequence[str],
    comment: str,
) -> list[Any]:
    """Rate the other side of a completed trade; the trade's ratings.

    The second rating reveals both. Refuses `NotFound`, `NotRateable`, `AlreadyRated`,
    `CommentRefused`, `Invalid` (tags of another role).
    """
    trade, actor = await lock_for(unit, desk, caller, trade_id)
    rated = Actor.SELLER if actor is Actor.BUYER else Actor.BUYER
    is_rateable = trade.status is TradeStatus.COMPLETED and trade_rules.counts_to_record(
        trade.asset
    )
    if not is_rateable or trade.completed_at is None:
        raise refusals.NotRateable
    reveal_at = trade.completed_at + RATING_TIME
    given = (await unit.execute(queries.ratings_of_trade(trade_id))).all()
    if any(row.rater_id == caller.user_id for row in given):
        raise refusals.AlreadyRated
    if unit.now >= reveal_at:
        raise refusals.NotRateable
    if strange := sorted(set(tags) - set(TAGS[rated])):
        raise refusals.TagsUnknown(errors={"tags": [f"Not of a {rated}: {', '.join(strange)}."]})
    comment = clean_comment(comment)
    if not is_decent(comment):
        raise refusals.CommentRefused(errors={"comment": ["Leave out contacts and numbers."]})

    created_at = (await unit.execute(created_at_of(caller.user_id))).scalar_one()
    await unit.execute(
        queries.insert_rating(
            {
                "id": unit.ids.new_id(),
                "trade_id": trade_id,
                "rater_id": caller.user_id,
                "rated_id": trade.user_of(rated),
                "rated_role": rated.value,
                "stars": stars,
                "tags": " ".join(sorted(set(tags))),
                "comment": comment,
                "weight": weigh_rating(trade.amount, unit.now - created_at),
                "created_at": unit.now,
                "reveal_at": reveal_at,
            }
        )
    )
    rows = (await unit.execute(queries.ratings_of_trade(trade_id))).all()
    if len(rows) > 1:
        await lock_standings(unit, (trade.buyer_id, trade.seller_id))
        for row in rows:
            await _reveal(unit, row)
    return list((await unit.execute(queries.ratings_of_trade(trade_id))).all())


async def _reveal(unit: Unit, row: Any) -> None:
    """Show a rating and let it count; both standings are locked."""
    if row.revealed_at is not None:
        return
    await unit.execute_guarded(queries.reveal_rating(row.id, unit.now))
    await reputation.change_side(
        unit, row.rated_id, row.rater_id, lambda pair: add_rating(pair, row.stars, row.weight)
    )


async def reveal_due(database: Database) -> int:
    """Show the ratings whose time is over, each in a unit of its own; how many."""
    async with database.read() as connection:
        due = queries.due_ratings(database.clock.now(), REVEALS_MAX)
        rows = (await connection.execute(due)).all()
    for row in rows:

        async def work(unit: Unit, row: Any = row) -> None:
            await lock_standings(unit, (row.rater_id, row.rated_id))
            await _reveal(unit, (await unit.execute(queries.rating(row.id))).one())

        await database.transact(work, name="reveal_rating")
    return len(rows)
