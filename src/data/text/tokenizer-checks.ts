/** What tokenizers check of texts and files. */
import { GradloomError, showValue } from '../../errors';

/** One text or several. @throws GradloomError (code `data`) for what is no text. */
export function checkTexts(op: string, texts: unknown): readonly string[] {
  const list = typeof texts === 'string' ? [texts] : texts;
  if (!Array.isArray(list)) {
    throw new GradloomError({
      code: 'data',
      op,
      argument: 'text',
      got: showValue(texts),
      expected: 'a text',
    });
  }
  const bad = list.findIndex((text) => typeof text !== 'string');
  if (bad < 0) return list;
  const [argument, got] = [`text ${bad}`, showValue(list[bad])];
  throw new GradloomError({ code: 'data', op, argument, got, expected: 'a text' });
}

/** @throws GradloomError (code `argument`) unless `list` is a list of texts. */
export function stringList(op: string, argument: string, list: unknown): readonly string[] {
  if (Array.isArray(list) && list.every((item) => typeof item === 'string')) return [...list];
  throw new GradloomError({
    code: 'argument',
    op,
    argument,
    got: showValue(list),
    expected: 'a list of texts',
  });
}

/** A tokenizer from JSON text, or the object that JSON.parse made of it. @throws GradloomError (code `data`). */
export function parsed<T>(op: string, json: unknown, make: (fields: Record<string, unknown>) => T): T {
  const refuse = (argument: string, got: string, expected: string, cause: unknown) =>
    new GradloomError({ code: 'data', op, argument, got, expected, cause });
  let value = json;
  if (typeof json === 'string') {
    try {
      value = JSON.parse(json.replace(/^\ufeff/, ''));
    } catch (cause) {
      throw refuse('json', `no JSON (${(cause as Error).message})`, 'what toJSON wrote', cause);
    }
  }
  try {
    return make((typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>);
  } catch (error) {
    if (!(error instanceof GradloomError)) throw error;
    throw refuse(error.argument ?? 'json', error.got ?? '', error.expected ?? 'what toJSON wrote', error);
  }
}
