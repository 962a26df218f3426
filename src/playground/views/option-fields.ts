/** Fields for the options of a layer, by their schema. */
import { html, nothing, type TemplateResult } from 'lit';

/** What JSON Schema says of an option. */
export interface OptionSchema {
  type?: string;
  default?: unknown;
  enum?: unknown[];
  minimum?: number;
  exclusiveMinimum?: number;
  maximum?: number;
}

/** @param edit gets undefined where an option goes back to its default */
export function optionFields(
  schema: Record<string, OptionSchema> | undefined,
  spec: Record<string, unknown>,
  locked: boolean,
  edit: (option: string, value: unknown) => void,
): TemplateResult | typeof nothing {
  const options = Object.entries(schema ?? {}).filter(
    ([name]) => !['layers', 'body', 'branches', 'members', 'shortcut'].includes(name),
  );
  if (options.length === 0) return nothing;
  return html`<div class="fields">${options.map(([name, option]) => field(name, option, spec[name] ?? option.default, locked, (value) => edit(name, value)))}</div>`;
}

function field(
  name: string,
  schema: OptionSchema,
  value: unknown,
  locked: boolean,
  edit: (value: unknown) => void,
) {
  if (schema.type === 'boolean') {
    return html`<label class="inline"><input type="checkbox" ?disabled=${locked} .checked=${Boolean(value)} @change=${(event: Event) => edit((event.target as HTMLInputElement).checked)} />${name}</label>`;
  }
  if (schema.enum) {
    const choices = schema.enum;
    return html`<label>${name}<select ?disabled=${locked} @change=${(event: Event) => edit(choices[(event.target as HTMLSelectElement).selectedIndex])}>
      ${choices.map((choice) => html`<option ?selected=${choice === value}>${String(choice)}</option>`)}
    </select></label>`;
  }
  if (schema.type === 'integer' || schema.type === 'number') {
    const least = schema.minimum ?? schema.exclusiveMinimum;
    const step = schema.type === 'integer' ? '1' : 'any';
    return html`<label>${name}<input type="number" step=${step} min=${least ?? nothing} max=${schema.maximum ?? nothing} ?disabled=${locked} .value=${value === undefined || value === null ? '' : String(value)}
      @change=${(event: Event) => {
        const { value: text } = event.target as HTMLInputElement;
        edit(text === '' ? undefined : Number(text));
      }} /></label>`;
  }
  return html`<label>${name}<input spellcheck="false" ?disabled=${locked} .value=${value === undefined ? '' : JSON.stringify(value)} @change=${(event: Event) => edit(parsed((event.target as HTMLInputElement).value))} /></label>`;
}

/** JSON where it is JSON, else the text itself: the layer says what is wrong with it. */
function parsed(text: string): unknown {
  if (text.trim() === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
