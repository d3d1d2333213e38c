/**
 * Checks the texts: every language has the keys, plural forms and places of English, nothing is
 * left in English, and no text is there that no screen shows. `node tools/check-texts.mjs`
 */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const PLURAL = /_(zero|one|two|few|many|other)$/;
/** Names of these come from the server. */
const NAMED_ELSEWHERE = new Set(["problems"]);
/** What is the same in every language. */
const WORDS_MIN = 3;

/** `{a: {b: "x"}}` as `{"a.b": "x"}`. */
export function flatten(texts, prefix = "") {
  return Object.entries(texts).flatMap(([name, text]) =>
    typeof text === "string" ? [[prefix + name, text]] : flatten(text, `${prefix}${name}.`),
  );
}

const placesOf = (text) => [...text.matchAll(/\{\{\s*(\w+)/g)].map((found) => found[1]);
const baseOf = (key) => key.replace(PLURAL, "");
/** Plural forms that a language must write; those for millions are filled in. */
const formsOf = (language) =>
  new Intl.PluralRules(language)
    .resolvedOptions()
    .pluralCategories.filter((form) => form !== "many" || language === "ar");

/** What is wrong with one file of one language, against the English one. */
export function compare(english, other, language) {
  const [en, texts] = [new Map(flatten(english)), new Map(flatten(other))];
  const bases = new Set([...en.keys()].map(baseOf));
  const wrong = [];
  for (const base of bases) {
    const plural = en.has(`${base}_other`);
    const wanted = plural ? formsOf(language).map((form) => `${base}_${form}`) : [base];
    const places = new Set(placesOf(en.get(base) ?? en.get(`${base}_other`)));
    for (const key of wanted) {
      const text = texts.get(key);
      if (text === undefined) wrong.push(`missing ${key}`);
      else if (text.trim() === "") wrong.push(`empty ${key}`);
      else wrong.push(...compareText(key, text, en.get(key), places, language));
    }
  }
  for (const key of texts.keys()) if (!bases.has(baseOf(key))) wrong.push(`unknown ${key}`);
  return wrong;
}

function compareText(key, text, english, places, language) {
  const told = new Set(placesOf(text));
  const wrong = [...told].filter((name) => !places.has(name)).map((n) => `${key} has no {{${n}}}`);
  // "One minute" need not say the number.
  const lost = [...places].filter((name) => !told.has(name) && name !== "count");
  wrong.push(...lost.map((name) => `${key} lost {{${name}}}`));
  const same = language !== "en" && text === english;
  if (same && text.split(/\s+/).length >= WORDS_MIN) wrong.push(`${key} is still English`);
  return wrong;
}

/** The texts that a source may show: its strings, and patterns for its templates. */
export function readShown(code) {
  const literals = new Set();
  for (const [, text] of code.matchAll(/"([^"\n]+)"/g)) literals.add(text);
  const patterns = [...code.matchAll(/`([^`\n]+)`/g)].map(([, text]) => {
    const parts = text
      .split(/\$\{[^}]*\}/)
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    return parts.length > 1 && parts.join("") !== "" ? new RegExp(`^${parts.join(".+")}$`) : /^$/;
  });
  return { literals, patterns };
}

/** Keys of a file of texts that no source shows. */
export function findUnused(texts, feature, sources) {
  const bases = new Set(flatten(texts).map(([key]) => baseOf(key)));
  return [...bases].filter((key) => {
    const names = [key, `${feature}:${key}`];
    return !sources.some(({ literals, patterns }) =>
      names.some((name) => literals.has(name) || patterns.some((pattern) => pattern.test(name))),
    );
  });
}

function listFiles(folder, ends) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile() && ends.test(file.name))
    .map((file) => join(file.parentPath, file.name));
}

function readSources(source) {
  const files = listFiles(source, /(?<!\.test|\.d)\.tsx?$/);
  return files.map((path) => {
    const code = readFileSync(path, "utf8");
    const folder = /features\/(\w+)\//.exec(path)?.[1];
    const named = [...code.matchAll(/useTranslation\("(\w+)"/g)].map((found) => found[1]);
    return { ...readShown(code), features: new Set([folder, ...named]) };
  });
}

function main() {
  const read = (path) => JSON.parse(readFileSync(path, "utf8"));
  const source = fileURLToPath(new URL("../src", import.meta.url));
  const texts = join(source, "i18n");
  const languages = readdirSync(texts, { withFileTypes: true }).filter((one) => one.isDirectory());
  const sources = readSources(source);
  const wrong = [];
  for (const path of listFiles(join(texts, "en"), /\.json$/)) {
    const file = relative(join(texts, "en"), path);
    const feature = file.replace(".json", "");
    const english = read(path);
    for (const { name } of languages) {
      const found = compare(english, read(join(texts, name, file)), name);
      wrong.push(...found.map((one) => `${name}/${file}: ${one}`));
    }
    if (NAMED_ELSEWHERE.has(feature)) continue;
    const near = sources.filter((one) => feature === "common" || one.features.has(feature));
    const unused = findUnused(english, feature, near);
    wrong.push(...unused.map((key) => `en/${file}: nothing shows ${key}`));
  }
  process.stdout.write(wrong.map((one) => `${one}\n`).join("") || "The texts are complete.\n");
  process.exitCode = wrong.length > 0 ? 1 : 0;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) main();
