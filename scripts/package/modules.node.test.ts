/** What becomes of a source file in the package: marks for bundlers, paths of imports, nothing that runs. */
import { describe, expect, it } from 'vitest';
import { rewrite, withoutDocs } from './modules';

const to = (specifier: string) => ({ path: `${specifier}.js` });

describe('rewrite', () => {
  it('marks the calls that run while a module loads, and no others', () => {
    expect(rewrite('export const a = make({ b: make(), c: () => make() });', to)).toBe(
      'export const a = /* @__PURE__ */ make({ b: /* @__PURE__ */ make(), c: () => make() });',
    );
    expect(rewrite('const s = new Set([1]);', to)).toBe('const s = /* @__PURE__ */ new Set([1]);');
    expect(rewrite('export default make();', to)).toBe('export default /* @__PURE__ */ make();');
    const later = 'function f() { return make(); }\nclass A { m() { return make(); } }';
    expect(rewrite(later, to)).toBe(later);
  });

  it('marks the start of a chain of calls once', () => {
    expect(rewrite('const a = make().min(0);', to)).toBe('const a = /* @__PURE__ */ make().min(0);');
  });

  it('gives imports, exports and dynamic imports their paths', () => {
    const code =
      "import { a } from './a';\nexport * from './b';\nexport * as c from './c';\nconst d = () => import('./d');";
    expect(rewrite(code, to).match(/"[^"]*"/g)).toEqual(['"./a.js"', '"./b.js"', '"./c.js"', '"./d.js"']);
  });

  it('takes modules of variants as namespaces', () => {
    const isNamespace = () => ({ path: './a.js', isNamespace: true });
    expect(rewrite("import all from './a';", isNamespace)).toBe('import * as all from "./a.js";');
  });

  it('refuses what has side effects', () => {
    expect(() => rewrite('register(1);', to)).toThrow(/does more than declare: register\(1\);/);
  });
});

it('leaves the documentation of ops out', () => {
  const code = `function unary(name, doc) { return defineOp({ name, doc, inputs: ['x'] }); }
const exp = unary('exp', 'y = exp(x).');
const add = defineOp({ name: 'add', doc: 'y = ' + 'x + other.', source: torch('add'), outputs: ['y'] });`;
  expect(withoutDocs(code)).toBe(`function unary(name, doc) { return defineOp({ name, doc, inputs: ['x'] }); }
const exp = unary('exp', '');
const add = defineOp({ name: 'add', doc: '', source: torch('add'), outputs: ['y'] });`);
});
