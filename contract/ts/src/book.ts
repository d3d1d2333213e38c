/** A copy of a market's book that `book_updated` keeps current. */

import type { components } from "./generated";
import { readDecimal, USDT_DECIMALS } from "./money";

type Schemas = components["schemas"];
export type Side = "bids" | "asks";

/** What stands at one price, or at one distance from the index. */
export interface Rung {
  /** The price in ticks of the market; of a floating level at the given index. */
  readonly ticks: bigint;
  /** Basis points against the index; `null` where the price is fixed. */
  readonly marginBp: number | null;
  readonly amountMicro: bigint;
  readonly orders: number;
}

const BP = 10_000n;

/** The price of a floating order at an index, rounded to the tick in its owner's favour. */
export function floatingTicks(indexTicks: bigint, marginBp: number, side: Side): bigint {
  const exact = indexTicks * (BP + BigInt(marginBp));
  return side === "bids" ? exact / BP : (exact + BP - 1n) / BP;
}

export class BookMirror {
  private readonly sides: Record<Side, Map<string, Schemas["DepthLevel"]>>;
  private number: number;

  constructor(
    book: Schemas["Book"],
    private readonly priceDigits: number,
  ) {
    this.number = book.number;
    this.sides = { bids: new Map(), asks: new Map() };
    this.merge("bids", book.bids);
    this.merge("asks", book.asks);
  }

  /**
   * Take a change over; false when it does not continue what is here: then load the book anew.
   * Changes that the loaded book already has are taken as known.
   */
  apply(change: Schemas["BookChange"]): boolean {
    if (change.to <= this.number) return true;
    if (change.from > this.number) return false;
    this.number = change.to;
    this.merge("bids", change.bids);
    this.merge("asks", change.asks);
    return true;
  }

  /** The levels of a side, best first. Without an index, floating levels have no price and wait. */
  ladder(side: Side, indexTicks: bigint | null): Rung[] {
    const rungs: Rung[] = [];
    for (const level of this.sides[side].values()) {
      const ticks = this.ticksOf(level, side, indexTicks);
      if (ticks === null) continue;
      rungs.push({
        ticks,
        marginBp: level.margin_bp,
        amountMicro: readDecimal(level.amount, USDT_DECIMALS),
        orders: level.orders,
      });
    }
    const better = side === "bids" ? -1 : 1;
    return rungs.sort((a, b) => (a.ticks < b.ticks ? -better : a.ticks > b.ticks ? better : 0));
  }

  private ticksOf(
    level: Schemas["DepthLevel"],
    side: Side,
    indexTicks: bigint | null,
  ): bigint | null {
    if (level.price !== null) return readDecimal(level.price, this.priceDigits);
    if (level.margin_bp === null || indexTicks === null) return null;
    return floatingTicks(indexTicks, level.margin_bp, side);
  }

  private merge(side: Side, changed: readonly Schemas["DepthLevel"][]): void {
    for (const level of changed) {
      const place = level.price ?? `${String(level.margin_bp)} bp`;
      if (level.orders === 0) this.sides[side].delete(place);
      else this.sides[side].set(place, level);
    }
  }
}
