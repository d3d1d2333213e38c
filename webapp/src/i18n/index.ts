/** Texts: one file for each feature and language, loaded when a screen needs them. */

import i18n, { type BackendModule } from "i18next";
import { initReactI18next, useTranslation } from "react-i18next";

import { keepTaste } from "@/api/storage";

import { directionOf, type Language, localeOf } from "./languages";

interface Texts {
  [key: string]: string | Texts;
}

const files = import.meta.glob<{ default: Texts }>("./*/*.json");

/** Forms of plurals that a language has for millions only are the same as its common one. */
export function completePlurals(texts: Texts, language: string): Texts {
  const wanted = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
  const full: Texts = {};
  for (const [key, text] of Object.entries(texts)) {
    full[key] = typeof text === "string" ? text : completePlurals(text, language);
    if (!key.endsWith("_other")) continue;
    for (const form of wanted) full[key.replace(/other$/, form)] ??= text;
  }
  return full;
}

const backend: BackendModule = {
  type: "backend",
  init() {
    // Nothing to prepare: the files are part of the build.
  },
  read(language, namespace, done) {
    const load = files[`./${language}/${namespace}.json`];
    if (load === undefined) {
      done(new Error(`no texts ${language}/${namespace}`), false);
      return;
    }
    load().then(
      (file) => done(null, completePlurals(file.default, language)),
      (failed: unknown) => done(failed as Error, true),
    );
  },
};

function dress(language: Language): void {
  document.documentElement.lang = language;
  document.documentElement.dir = directionOf(language);
}

/** Begin with a language; resolves when the common texts are here. */
export async function startTexts(language: Language): Promise<void> {
  dress(language);
  await i18n
    .use(backend)
    .use(initReactI18next)
    .init({
      lng: language,
      fallbackLng: false,
      ns: ["common"],
      defaultNS: "common",
      interpolation: { escapeValue: false },
      react: { useSuspense: false },
      returnNull: false,
    });
}

/** Load the texts of a feature in the language of the moment. */
export async function loadTexts(feature: string): Promise<void> {
  await i18n.loadNamespaces(feature);
}

/** Change the language of everything that is shown, and keep the choice on this device. */
export async function changeLanguage(language: Language): Promise<void> {
  await i18n.changeLanguage(language);
  dress(language);
  keepTaste("language", language);
}

export function currentLanguage(): Language {
  return (i18n.language || "en") as Language;
}

/** The locale for numbers and dates of who reads now. */
export function currentLocale(): string {
  return localeOf(currentLanguage(), navigator.languages);
}

/** The same, in a component: it is drawn again when the language changes. */
export function useLocale(): string {
  const { i18n: shown } = useTranslation();
  return localeOf((shown.language || "en") as Language, navigator.languages);
}
