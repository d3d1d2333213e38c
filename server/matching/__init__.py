"""The order book: pure, deterministic, in memory, with an exact undo.

It imports the core only and knows no clock, no random source, no database. One `Book` is one
market; the lane feeds it commands and writes down what the outcomes say.

**Time and price.** `seq` is time priority: of two orders the one with the lower `seq` is the
older, and the older one is the maker whenever the two trade. The trade's price is the maker's
own price: its fixed price, or index x (10,000 + margin) / 10,000 rounded to the tick in the
maker's favour (a seller's up, a buyer's down). Candidates are met in the order of their
unrounded prices, best first, then by `seq`. A pair is crossed when the buyer's own price is not
below the seller's own price, both rounded so; this equals "the maker's price is within the
taker's limit", whichever of the two is older.

**The order in which resting pairs are uncrossed.** Every command makes a list of tasks, worked
through first in, first out:

1. *walk one order* (after place, edit, resume, a return): it meets the crossed candidates of
   the other side, best first. After each fill the walk goes on, and starts again from the best
   when its remainder fell below its own minimum, which is then waived.
2. *walk the orders of one user* (after a changed standing): his live orders, by `seq`.
3. *an index tick*: floating sells in price-time order, then floating buys in price-time order;
   then fixed sells, then fixed buys, that the moved price band lets in again; then the orders
   whose price guard re-armed, by `seq`.
4. *changed market terms*: fixed sells, then floating sells, in price-time order.
5. A resting order that was filled in part and has a minimum of its own goes to the end of the
   list; when its turn comes it is walked if its remainder is worth less than that minimum at
   the seller's price of it and its best crossed candidate.

**The bound.** A command examines at most `candidates_max` candidates. What is left goes to the
pending tasks, the outcome says `continuing`, and `continue_matching` takes it up where it
stopped. When nothing is pending, no compatible pair is crossed.

**Who is on the ladders.** Only orders that may match by themselves now: live, `auto`, owner
present (or the order is "always on"), owner allowed to trade on that side with allowance left.
The others sleep at no cost and keep their `seq`; falling asleep counts once among the order's
skip reasons. Fixed prices outside the band match in neither role and are passed over without
being examined.

**Decisions.** Visibility does not change matching: an unlisted `auto` order matches like any
other and is only left out of the depth; an unlisted `manual` order trades by take alone, by its
id. Presence is asked of `auto` orders, also when they are taken by hand; a `manual` order says
by itself that its owner will come. A take must be filled whole or is refused.
"""
