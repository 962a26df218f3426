/** Cuts comma-separated text into records and fields, by RFC 4180, keeping the line of each record for errors. */
import { GradloomError } from '../errors';

/** One record of the text. */
export interface CsvRecord {
  fields: string[];
  /** The line on which it begins, from 1. */
  line: number;
}

/** What separates fields. */
export type Delimiter = ',' | ';' | '\t' | ' ';

/**
 * Records of the text, without blank lines. Fields may be quoted: then they may hold delimiters, line breaks and,
 * doubled, quotes. Lines end with LF, CRLF or CR; a byte order mark is dropped, and so are
 * spaces around a field without quotes. Fields between spaces, the one
 * delimiter that is repeated freely, are never empty.
 * @throws GradloomError (code `data`): a quote that is never closed, or one within a field; says line and column.
 */
export function parseCsvRecords(text: string, name: string, delimiter: Delimiter = ','): CsvRecord[] {
  const records: CsvRecord[] = [];
  let fields: string[] = [];
  let line = 1;
  let recordLine = 1;
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  const broken = (got: string, expected: string, fix: string) => {
    const argument = `${name} line ${line}, column ${fields.length + 1}`;
    return new GradloomError({ code: 'data', op: 'parseCsv', argument, got, expected, fix });
  };
  const endRecord = (): void => {
    const kept = delimiter === ' ' ? fields.filter((field) => field !== '') : fields;
    if (kept.some((field) => field !== '')) records.push({ fields: kept, line: recordLine });
    fields = [];
  };
  while (at < text.length) {
    let field: string;
    if (text[at] === '"') {
      const opened = at;
      const openedLine = line;
      field = '';
      for (at++; ; ) {
        const quote = text.indexOf('"', at);
        if (quote < 0) {
          line = openedLine;
          throw broken(
            'a quote that is never closed',
            'a closing quote',
            'Close it, or double quotes in a field.',
          );
        }
        field += text.slice(at, quote);
        at = quote + 1;
        if (text[at] !== '"') break;
        field += '"';
        at++;
      }
      line += countLines(text.slice(opened, at));
      if (at < text.length && text[at] !== delimiter && text[at] !== '\n' && text[at] !== '\r') {
        throw broken(
          `text after a closing quote (${JSON.stringify(text[at])})`,
          'a delimiter',
          'Double the quote.',
        );
      }
    } else {
      const start = at;
      while (at < text.length && text[at] !== delimiter && text[at] !== '\n' && text[at] !== '\r') {
        if (text[at] === '"')
          throw broken('a quote within a field', 'quotes around it', 'Quote the whole field.');
        at++;
      }
      field = text.slice(start, at).trim();
    }
    fields.push(field);
    if (text[at] === delimiter) {
      at++;
      // A delimiter at the very end of the text has an empty field after it.
      if (at === text.length) fields.push('');
      continue;
    }
    endRecord();
    if (text[at] === '\r' && text[at + 1] === '\n') at++;
    at++;
    recordLine = ++line;
  }
  if (fields.length > 0) endRecord();
  return records;
}

function countLines(text: string): number {
  return text.match(/\r\n|\r|\n/g)?.length ?? 0;
}
