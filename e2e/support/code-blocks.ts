/** The programs in the documentation. */
import { readFileSync } from 'node:fs';

/** The code of a Markdown file's blocks in a language, in their order. */
export function codeBlocks(file: string, language: string): string[] {
  const blocks = readFileSync(file, 'utf8').matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm);
  return [...blocks].flatMap(([, name, code]) => (name === language ? [code] : []));
}
