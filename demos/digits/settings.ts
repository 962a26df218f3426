/** The form with model, optimizer, learning rate and batch size. */
import type { OptimizerSpec } from '../../src';
import { byId } from '../shared/dom';
import type { ModelName, TrainSettings } from './session';

/** Learning rates that suit each optimizer here; the form takes them when the optimizer changes. */
const USUAL_RATES = { adam: '0.002', adamW: '0.002', sgd: '0.05' } as const;

/** The fields of the form. */
const CHOICES = ['model', 'optimizer', 'rate', 'batch'];

/** What the user chose, as the session takes it. */
export class SettingsForm {
  private readonly optimizer = byId<HTMLSelectElement>('optimizer');
  private readonly rate = byId<HTMLSelectElement>('rate');

  /** @param onModel called when the user chose another model */
  constructor(onModel: () => void) {
    byId('model').addEventListener('change', onModel);
    byId('settings').addEventListener('submit', (event) => event.preventDefault());
    this.optimizer.addEventListener('change', () => {
      this.rate.value = USUAL_RATES[this.optimizer.value as keyof typeof USUAL_RATES];
    });
  }

  /** What was chosen, to be chosen again by `restore`. */
  get choices(): Record<string, string> {
    return Object.fromEntries(CHOICES.map((id) => [id, byId<HTMLSelectElement>(id).value]));
  }

  /** Chooses again what the form still offers. */
  restore(choices: Readonly<Record<string, unknown>>): void {
    for (const id of CHOICES) {
      const select = byId<HTMLSelectElement>(id);
      const value = String(choices[id]);
      if ([...select.options].some((option) => option.value === value)) select.value = value;
    }
  }

  get model(): ModelName {
    return byId<HTMLSelectElement>('model').value as ModelName;
  }

  get training(): TrainSettings {
    const type = this.optimizer.value as keyof typeof USUAL_RATES;
    const lr = Number(this.rate.value);
    const optimizer: OptimizerSpec = type === 'sgd' ? { type, lr, momentum: 0.9 } : { type, lr };
    return { optimizer, batchSize: Number(byId<HTMLSelectElement>('batch').value) };
  }
}
