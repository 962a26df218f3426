/** Runs the code of a guide in docs/ as a reader would: the blocks one after another, with what they import. */
import * as gradloom from '../../src';

/** A block of code in a guide: its language, what stands behind it, and the code. */
export interface Fence {
  language: string;
  note: string;
  code: string;
}

/** The blocks of a Markdown text. */
export function fencesOf(guide: string): Fence[] {
  return [...guide.matchAll(/^```(\w+)[ ]?(.*)\n([\s\S]*?)^```$/gm)].map(([, language, note, code]) => ({
    language,
    note,
    code,
  }));
}

/**
 * @param guide the Markdown text; its `ts` blocks run, but for those with a note
 * @param given names that the code finds, such as `device`; they stand in for what it imports
 * @param compile makes JavaScript of the code where it has types
 * @returns the values of `names`, which the code declares
 */
export async function runGuide(
  guide: string,
  given: Record<string, unknown>,
  names: readonly string[] = [],
  compile: (code: string) => string | Promise<string> = (code) => code,
): Promise<Record<string, any>> {
  const blocks = fencesOf(guide).filter(({ language, note }) => language === 'ts' && note === '');
  const library = gradloom as Record<string, unknown>;
  const scope = { ...given };
  const code = blocks
    .map((block) => block.code)
    .join('\n')
    .replace(/^import \{([^}]*)\} from 'gradloom';$/gm, (_, list: string) => {
      for (const name of list.split(',').map((item) => item.trim())) {
        if (name === '' || name.startsWith('type ')) continue;
        if (!(name in library))
          throw new Error(`the guide imports ${name}, which the library does not export`);
        scope[name] = given[name] ?? library[name];
      }
      return '';
    });
  const AsyncFunction = (async () => {}).constructor as new (
    ...args: string[]
  ) => (...args: unknown[]) => Promise<any>;
  // In a block of its own the code may declare what it was given.
  const body = await compile(`async function guide() {\n${code}\nreturn { ${names.join(', ')} };\n}`);
  const run = new AsyncFunction(...Object.keys(scope), `{ ${body}\nreturn guide(); }`);
  return run(...Object.values(scope));
}
