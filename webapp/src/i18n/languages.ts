/** The languages of the app, and which of them a reader is shown. */

export const LANGUAGES = {
  en: "English",
  vi: "Tiếng Việt",
  es: "Español",
  pt: "Português",
  fr: "Français",
  ar: "العربية",
  tr: "Türkçe",
} as const;

export type Language = keyof typeof LANGUAGES;

export function isLanguage(name: string): name is Language {
  return Object.hasOwn(LANGUAGES, name);
}

export function directionOf(language: Language): "ltr" | "rtl" {
  return language === "ar" ? "rtl" : "ltr";
}

/** The language that was chosen here before, else the first wished for that we speak, else English. */
export function pickLanguage(kept: string | null, wished: readonly string[]): Language {
  for (const name of kept === null ? wished : [kept, ...wished]) {
    const plain = name.split("-")[0] ?? "";
    if (isLanguage(plain)) return plain;
  }
  return "en";
}

/** The reader's own variant of a language ("es-MX"), for numbers and dates. */
export function localeOf(language: Language, wished: readonly string[]): string {
  return wished.find((name) => name.split("-")[0] === language) ?? language;
}
