/** The words of web/locales, read as a page shows them: a test asks for a key and repeats no sentence. */
import { readdirSync, readFileSync } from 'node:fs';

const folder = (language) => new URL(`../../web/locales/${language}/`, import.meta.url);

/** @param {'hi' | 'en'} language  @returns {(key: string, values?: Record<string, string>) => string} */
export function words(language) {
  const files = readdirSync(folder(language)).map((name) => readFileSync(new URL(name, folder(language)), 'utf8'));
  const table = new Map(files.flatMap((text) => [...text.matchAll(/^([a-z][a-z0-9-]*) = (.+)$/gmu)].map(([, key, said]) => [key, said])));
  return (key, values = {}) => {
    const text = table.get(key);
    if (text === undefined) throw new Error(`web/locales/${language} has no ${key}`);
    return text.replace(/\{ \$(\w+) \}/gu, (_, name) => values[name]);
  };
}
