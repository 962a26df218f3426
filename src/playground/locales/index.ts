/** The texts of the playground. A further language is a file like `en.ts`, and a line here. */
import { en, type MessageKey, type Messages } from './en';
import { zh } from './zh';

export type { MessageKey, Messages } from './en';

const LOCALES: Readonly<Record<string, Messages>> = { en, zh };
export const LANGUAGES = Object.keys(LOCALES);

/** Messages of a language tag such as `zh-CN`; English where there are none. */
export const messagesFor = (language: string): Messages =>
  LOCALES[language.toLowerCase().split('-')[0]] ?? en;

/** A message with values in place of `{name}`. */
export function translate(
  messages: Messages,
  key: MessageKey,
  values: Record<string, string | number> = {},
): string {
  return messages[key].replace(/\{(\w+)\}/g, (whole, name) =>
    Object.hasOwn(values, name) ? String(values[name]) : whole,
  );
}
