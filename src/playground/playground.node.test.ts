/** Parts of the playground that need no GPU. */
import { describe, expect, it } from 'vitest';
import { toPyTorch, toTypeScript } from './code';
import { Curve } from './curves';
import { parseExpression } from './data/expression';
import { rateAt } from './engine/rates';
import { en } from './locales/en';
import { zh } from './locales/zh';
import { presetState } from './presets';
import { readState } from './recipe';

describe('expressions of x and y', () => {
  it.each<[string, number]>([
    ['1 + 2 * 3', 7],
    ['2 ^ 3 ^ 2', 512],
    ['-2 ^ 2', -4],
    ['(x + y) / 2', 0.25],
    ['sin(pi * x) * cos(y)', Math.sin(Math.PI * 0.8) * Math.cos(-0.3)],
    ['max(abs(y), x) - 1e-1', 0.7],
    ['-x - -y', -1.1],
    ['atan2(y, x)', Math.atan2(-0.3, 0.8)],
    ['2*x^2 - .5', 0.78],
  ])('%s', (text, value) => {
    expect(parseExpression(text)(0.8, -0.3)).toBeCloseTo(value, 12);
  });

  it.each<[string, RegExp]>([
    ['', /the end/],
    ['x +', /the end/],
    ['x y', /"y" at character 3/],
    ['sine(x)', /Did you mean sin\?/],
    ['min(x)', /1 values for min/],
    ['(x', /expected \)/],
    ['alert(1)', /"alert"/],
    ['constructor', /"constructor"/],
    ['x'.repeat(400), /400 characters/],
    ['('.repeat(60), /parentheses/],
    ['1..2', /"\." at|"\.2" at/],
  ])('refuses %s', (text, message) => {
    expect(() => parseExpression(text)).toThrow(message);
  });
});

describe('code of models', () => {
  it('TypeScript', () => {
    expect(toTypeScript(presetState('gauss').model)).toBe(
      `import { nn } from 'gradloom';\n\nexport const model = new nn.Sequential(\n  new nn.Linear(2, 2),\n  new nn.Tanh(),\n  new nn.Linear(2, 2),\n);\n`,
    );
    expect(toTypeScript(presetState('char-gpt').model)).toContain('fromSpec({');
    expect(toTypeScript(presetState('digits').model)).toContain(
      'new nn.Conv2d(1, 6, 5, {"padding":2})'.replace('{"padding":2}', '{ padding: 2 }'),
    );
  });

  it('PyTorch', () => {
    const digits = toPyTorch(presetState('digits').model);
    expect(digits).toContain('nn.Conv2d(in_channels=1, out_channels=6, kernel_size=5, padding=2)');
    expect(digits).toContain('nn.ReLU()');
    const names = toPyTorch(presetState('names').model);
    expect(names).toContain(
      'LastState(nn.LSTM(input_size=16, hidden_size=24, batch_first=True, bidirectional=True))',
    );
  });
});

it('curves stay short, and their points are means', () => {
  const curve = new Curve();
  for (let step = 1; step <= 10_000; step++) curve.add({ step, loss: step % 2 });
  expect(curve.points.length).toBeLessThan(600);
  expect(curve.points.every(({ loss }) => loss === 0.5)).toBe(true);
});

it('rates of schedules', () => {
  const rates = (schedule: 'constant' | 'cosine' | 'step' | 'warmup') =>
    [0, 0.05, 0.5, 1].map((t) => rateAt({ lr: 1, schedule }, t));
  expect(rates('constant')).toEqual([1, 1, 1, 1]);
  expect(rates('cosine').map((rate) => Number(rate.toFixed(3)))).toEqual([1, 0.994, 0.5, 0]);
  expect(rates('step').map((rate) => Number(rate.toFixed(3)))).toEqual([1, 1, 0.1, 0.01]);
  expect(rates('warmup').map((rate) => Number(rate.toFixed(2)))).toEqual([0.01, 0.5, 0.59, 0]);
});

it('languages have the same texts with the same values', () => {
  const holes = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort();
  for (const key of Object.keys(en) as (keyof typeof en)[])
    expect(holes(zh[key]), key).toEqual(holes(en[key]));
});

it('states are read strictly', () => {
  const state = presetState('spiral');
  expect(readState(JSON.parse(JSON.stringify(state)))).toEqual(state);
  expect(() => readState({ ...state, data: { kind: 'plane', nois: 1 } })).toThrow(/nois/);
  expect(() => readState({ ...state, training: { lr: 'x' } })).toThrow(/training.lr/);
  expect(() => readState({ ...state, lesson: { hide: 'all' } })).toThrow(/lesson.hide/);
  expect(() => readState(null)).toThrow(/version/);
});
