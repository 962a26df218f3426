/** Runs the code of a guide in docs/ as a reader would: the blocks one after another, with what they import. */
import * as gradloom from '../../src';

/**
 * @param guide the Markdown text
 * @param given names that the code finds, such as `device`
 * @returns the values of `names`, which the code declares
 */
export async function runGuide(
  guide: string,
  given: Record<string, unknown>,
  names: readonly string[],
): Promise<Record<string, any>> {
  const code = [...guide.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, block]) => block).join('\n');
  const library = gradloom as Record<string, unknown>;
  const scope = { ...given };
  const body = code.replace(/^import \{([^}]*)\} from 'gradloom';$/gm, (_, list: string) => {
    for (const name of list.split(',').map((item) => item.trim())) {
      if (!(name in library)) throw new Error(`the guide imports ${name}, which the library does not export`);
      scope[name] = library[name];
    }
    return '';
  });
  const AsyncFunction = (async () => {}).constructor as new (
    ...args: string[]
  ) => (...args: unknown[]) => Promise<any>;
  const run = new AsyncFunction(...Object.keys(scope), `${body}\nreturn { ${names.join(', ')} };`);
  return run(...Object.values(scope));
}
