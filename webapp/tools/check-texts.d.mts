interface Shown {
  literals: Set<string>;
  patterns: RegExp[];
}
export function compare(english: object, other: object, language: string): string[];
export function readShown(code: string): Shown;
export function findUnused(texts: object, feature: string, sources: Shown[]): string[];
