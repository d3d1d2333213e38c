/**
 * Money is integers: micro-USDT, minor units of a currency, ticks of a market. The wire carries
 * plain decimal strings; nothing here touches a floating-point number.
 */

export const USDT_DECIMALS = 6;
export const MICRO = 1_000_000n;
export const PPM = 1_000_000n;

/** One tick of a market in minor units of its currency, as the fraction num/den. */
export interface PriceScale {
  readonly num: bigint;
  readonly den: bigint;
}

const DECIMAL = /^(0|[1-9][0-9]{0,17})(?:\.([0-9]{1,18}))?$/;

/**
 * Read a plain decimal string as an integer of 10^-places units; `null` for everything else: signs,
 * exponents, separators, leading zeros and digits beyond `places`.
 */
export function parseDecimal(text: string, places: number): bigint | null {
  const match = DECIMAL.exec(text);
  if (match === null) return null;
  const fraction = match[2] ?? "";
  if (fraction.length > places) return null;
  return BigInt((match[1] ?? "0") + fraction.padEnd(places, "0"));
}

/** Read what the server sent: its decimals are well-formed, so anything else is a fault of ours. */
export function readDecimal(text: string, places: number): bigint {
  const value = text.startsWith("-")
    ? negate(parseDecimal(text.slice(1), places))
    : parseDecimal(text, places);
  if (value === null) throw new RangeError(`not a decimal of ${String(places)} places: ${text}`);
  return value;
}

function negate(value: bigint | null): bigint | null {
  return value === null ? null : -value;
}

/** Write an integer of 10^-places units with all its places: 1500000n, 6 is "1.500000". */
export function formatDecimal(value: bigint, places: number): string {
  const sign = value < 0n ? "-" : "";
  const digits = (value < 0n ? -value : value).toString().padStart(places + 1, "0");
  if (places === 0) return sign + digits;
  return `${sign}${digits.slice(0, -places)}.${digits.slice(-places)}`;
}

/** The shortest spelling: 1500000n, 6 is "1.5". */
export function formatShort(value: bigint, places: number): string {
  const text = formatDecimal(value, places);
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

/** The tick of a market that shows prices with `priceDigits` and money with `minorDigits` places. */
export function scaleOf(minorDigits: number, priceDigits: number): PriceScale {
  return minorDigits >= priceDigits
    ? { num: 10n ** BigInt(minorDigits - priceDigits), den: 1n }
    : { num: 1n, den: 10n ** BigInt(priceDigits - minorDigits) };
}

/** Minor units for an amount of USDT, rounded up: the remainder is the seller's. */
export function fiatForUsdtUp(amountMicro: bigint, priceTicks: bigint, scale: PriceScale): bigint {
  const whole = amountMicro * priceTicks * scale.num;
  const unit = MICRO * scale.den;
  return (whole + unit - 1n) / unit;
}

/** Micro-USDT for a sum of fiat, rounded down: the remainder is the seller's. */
export function usdtForFiatDown(fiatMinor: bigint, priceTicks: bigint, scale: PriceScale): bigint {
  return (fiatMinor * MICRO * scale.den) / (priceTicks * scale.num);
}

/** A fee of `ratePpm` parts per million, rounded down: the remainder is the payer's. */
export function feeDown(amountMicro: bigint, ratePpm: bigint): bigint {
  return (amountMicro * ratePpm) / PPM;
}

/** How a locale writes numbers: what stands between thousands and before the fraction. */
interface Separators {
  readonly group: string;
  readonly decimal: string;
  readonly digits: ReadonlyMap<string, string>;
}

const separatorsOf = new Map<string, Separators>();

function findSeparators(locale: string): Separators {
  const known = separatorsOf.get(locale);
  if (known !== undefined) return known;
  const parts = new Intl.NumberFormat(locale, { useGrouping: true }).formatToParts(1234567.8);
  const plain = new Intl.NumberFormat(locale, { useGrouping: false });
  const found: Separators = {
    group: parts.find((part) => part.type === "group")?.value ?? ",",
    decimal: parts.find((part) => part.type === "decimal")?.value ?? ".",
    digits: new Map(Array.from({ length: 10 }, (_, digit) => [plain.format(digit), String(digit)])),
  };
  separatorsOf.set(locale, found);
  return found;
}

/**
 * Read a number as people type and paste it in their locale ("1.234.567,5" in Vietnamese) as an
 * integer of 10^-places units; `null` when it is no number or two readings are possible and differ
 * from the locale's own. Spaces and the locale's digits are understood.
 */
export function parseTyped(text: string, places: number, locale: string): bigint | null {
  const { group, decimal, digits } = findSeparators(locale);
  let typed = Array.from(text.trim(), (sign) => digits.get(sign) ?? sign).join("");
  typed = typed.replace(/[\s\u00a0\u202f']/g, "");
  const parts = typed.split(decimal);
  if (parts.length > 2) return null;
  const whole = parts[0] ?? "";
  const groups = whole.split(/\s/.test(group) ? " " : group);
  const grouped = groups.length > 1;
  if (grouped && (groups[0] === "" || groups.slice(1).some((part) => !/^\d{2,3}$/.test(part)))) {
    return null;
  }
  if (grouped && groups.at(-1)?.length !== 3) return null;
  const plain = groups.join("").replace(/^0+(?=\d)/, "") || "0";
  const fraction = parts[1] ?? "";
  if (
    typed === "" ||
    typed === decimal ||
    (parts.length === 2 && fraction === "" && whole === "")
  ) {
    return null;
  }
  return parseDecimal(fraction === "" ? plain : `${plain}.${fraction}`, places);
}

/** An amount in the locale's digits and separators, exact, without a currency. */
export function formatAmount(
  value: bigint,
  places: number,
  locale: string,
  shown: { min?: number; max?: number } = {},
): string {
  const options: Intl.NumberFormatOptions = {
    minimumFractionDigits: shown.min ?? places,
    maximumFractionDigits: shown.max ?? places,
    roundingMode: "trunc",
  };
  return new Intl.NumberFormat(locale, options).format(asNumeric(value, places));
}

/** Money of a currency of ISO 4217 in the locale's way, exact. */
export function formatFiat(
  minor: bigint,
  currency: string,
  minorDigits: number,
  locale: string,
): string {
  const options: Intl.NumberFormatOptions = {
    style: "currency",
    currency,
    currencyDisplay: "code",
    minimumFractionDigits: minorDigits,
    maximumFractionDigits: minorDigits,
  };
  return new Intl.NumberFormat(locale, options).format(asNumeric(minor, minorDigits));
}

/** USDT with two to six places in the locale's way: "1,234.50 USDT". */
export function formatUsdt(micro: bigint, locale: string): string {
  return `${formatAmount(micro, USDT_DECIMALS, locale, { min: 2, max: USDT_DECIMALS })}\u00a0USDT`;
}

// Numbers of Intl take decimal strings and keep all their digits.
function asNumeric(value: bigint, places: number): Intl.StringNumericLiteral {
  return formatDecimal(value, places) as Intl.StringNumericLiteral;
}
