/** The page of the digits demo: starts the GPU, owns the session and the views, and moves between its phases. */
import {
  autosave,
  type CheckpointOptions,
  type Device,
  GradloomError,
  requestDevice,
  toDigitImage,
} from '../../src';
import { byId, download, latest, painted } from '../shared/dom';
import { Notice } from '../shared/notice';
import { Curves } from './charts';
import { chosenFiles, drawnDigits } from './data';
import { Figures } from './figures';
import { DrawingPad } from './pad';
import { Reading } from './reading';
import { Samples } from './samples';
import { type DigitData, Session } from './session';
import { SettingsForm } from './settings';

/** `off`: nothing works, because there is no GPU. `working`: a short task that must not be disturbed. */
type Phase = 'off' | 'ready' | 'training' | 'working';

/** Milliseconds between two readings of the test digits, and between two drawings of charts and figures. */
const READ_EVERY = 700;
const DRAW_EVERY = 100;
/** Where the settings of an autosave are kept. */
const SETTINGS = 'gradloom digits';

/** Controls the page; `start` brings it up. */
export class DigitsPage {
  private readonly notice = new Notice(byId('notice'));
  private readonly curves = new Curves();
  private readonly figures = new Figures();
  private readonly settings = new SettingsForm(() => this.reset());
  private readonly pad = new DrawingPad(() => this.look(undefined));
  private device?: Device;
  private data?: DigitData;
  private session?: Session;
  private reading?: Reading;
  private samples?: Samples;
  /** The test digit that the user chose to look at; else the drawing is read. */
  private picked?: number;
  /** Whether the data is the project's own, which is the same at the next visit. */
  private isDrawn = true;
  private readonly saved = autosave('digits');
  private phase: Phase = 'off';
  /** The settings of the latest training. */
  private trainedWith?: Record<string, string>;
  /** The network before the latest reset. */
  private undoable?: { choices: Record<string, string>; run: Uint8Array };
  private stop?: AbortController;
  private run?: Promise<void>;
  private readonly readImage = latest(() => this.attempt(() => this.readImageOnce()));
  private readonly readSamples = latest(() => this.attempt(() => this.readSamplesOnce()));

  /** Wires the controls and starts up. */
  async start(): Promise<void> {
    byId('train').addEventListener('click', () => (this.phase === 'training' ? this.pause() : this.train()));
    byId('reset').addEventListener('click', () => this.reset());
    byId('undo').addEventListener('click', () => this.undo());
    byId('shown').addEventListener('change', () => this.readSamples());
    byId('save').addEventListener('click', () => this.save());
    byId('export').addEventListener('click', () => this.exportTorch());
    byId('load').addEventListener('change', (event) => this.withFiles(event, ([file]) => this.load(file)));
    byId('own-data').addEventListener('change', (event) =>
      this.withFiles(event, (files) => this.takeData(files)),
    );
    await this.startDevice();
  }

  private async startDevice(): Promise<void> {
    this.notice.clear();
    this.setPhase('off', 'Looking for a GPU …');
    try {
      const device = await requestDevice();
      this.device = device;
      device.onError((error) => this.notice.error(error));
      this.watch(device);
      if (!this.data) {
        this.setPhase('off', 'Drawing digits to learn from …');
        await painted();
        this.setData(drawnDigits(new URLSearchParams(location.search)));
      }
      this.setPhase('working', 'Preparing the network …');
      await painted();
      const opened = await this.open(this.session);
      this.setPhase('ready', (await this.restore()) ?? opened);
    } catch (error) {
      const hopeless = error instanceof GradloomError && error.code === 'no-webgpu';
      byId('app').hidden = hopeless;
      this.setPhase('off', 'This page did not start.');
      this.notice.error(error);
    }
  }

  private setData(data: DigitData): void {
    const { train, test } = data;
    const classes = train.classes ?? Array.from({ length: train.classCount ?? 10 }, (_, i) => String(i));
    this.data = data;
    this.reading = new Reading(classes);
    this.samples = new Samples(test, classes, (index) => this.look(index));
  }

  /** Makes a network with its first weights, or one that goes on from an earlier session; the old one is freed. */
  private async open(earlier?: Session): Promise<string> {
    const { device, data, settings, session } = this;
    if (!device || !data) return '';
    const same = earlier?.modelName === settings.model ? earlier : undefined;
    this.session = new Session(device, data, settings.model, settings.training.optimizer, same);
    await session?.dispose();
    if (!same) this.curves.clear();
    this.figures.restart();
    await this.readAll();
    this.showProgress();
    const [train, test] = [data.train, data.test].map(({ length }) => length.toLocaleString('en'));
    return `Ready: ${train} digits to learn from, ${test} to test with.`;
  }

  /** Goes on from the autosave of an earlier visit; says so where there was one. */
  private async restore(): Promise<string | undefined> {
    const { saved, session } = this;
    if (!session || !this.isDrawn || session.steps > 0) return undefined;
    try {
      const choices = JSON.parse(localStorage.getItem(SETTINGS) ?? 'null');
      if (!choices || !(await saved.exists())) return undefined;
      this.settings.restore(choices);
      await this.open();
      await this.session?.restore(saved.store);
    } catch {
      // Of another version of the page, or no storage: a new network is as good.
      await this.forget();
      await this.open();
      return undefined;
    }
    this.trainedWith = this.settings.choices;
    await this.measure();
    return `Ready: goes on after ${this.session?.epochs.toFixed(1)} epochs, where this page was closed.`;
  }

  private async forget(): Promise<void> {
    localStorage.removeItem(SETTINGS);
    await this.saved.clear().catch(() => {});
  }

  private train(): void {
    const { session } = this;
    if (!session || this.phase !== 'ready') return;
    this.notice.clear();
    this.stop = new AbortController();
    this.trainedWith = this.settings.choices;
    this.setPhase('training', 'Compiling the shaders of a training step …');
    this.run = this.trainUntilStopped(session, this.stop);
  }

  private async trainUntilStopped(session: Session, stop: AbortController): Promise<void> {
    const { curves } = this;
    const before = session.steps;
    this.figures.restart();
    const drawing = setInterval(() => this.showProgress(), DRAW_EVERY);
    const reading = setInterval(() => document.hidden || this.readAll(), READ_EVERY);
    const ended = await this.attempt(() =>
      session.train(
        this.settings.training,
        {
          onStep: ({ loss, accuracy = 0 }) => {
            if (session.steps === before + 1 && this.is('training')) this.setPhase('training', 'Training …');
            curves.loss.training.add(session.steps, loss);
            curves.accuracy.training.add(session.steps, accuracy);
          },
          onTest: ({ loss, accuracy }) => {
            curves.loss.addTest(session.steps, loss);
            curves.accuracy.addTest(session.steps, accuracy);
          },
          onRecover: () => this.setPhase('training', 'The GPU was lost; training goes on …'),
        },
        stop.signal,
        this.isDrawn && 'storage' in navigator ? this.autosave() : undefined,
      ),
    );
    clearInterval(drawing);
    clearInterval(reading);
    this.showProgress();
    await this.readAll();
    if (this.is('off')) return;
    const how = !ended ? 'Stopped' : stop.signal.aborted ? 'Paused' : 'Done';
    this.setPhase('ready', `${how} after ${session.epochs.toFixed(1)} epochs.`);
  }

  private async pause(): Promise<void> {
    if (!this.stop || this.phase !== 'training') return;
    this.setPhase('working', 'Pausing and measuring the test accuracy …');
    this.stop.abort();
    await this.run;
  }

  /** Keeps the run in the browser; a page without storage trains all the same. */
  private autosave(): CheckpointOptions {
    localStorage.setItem(SETTINGS, JSON.stringify(this.settings.choices));
    return { ...this.saved.options.checkpoint, onError: () => {} };
  }

  /** Begins anew; a network that had learned can be brought back. */
  private async reset(): Promise<void> {
    await this.pause();
    await this.work('Starting over …', async () => {
      const { session, trainedWith } = this;
      this.undoable =
        session && session.steps > 0 && trainedWith
          ? { choices: trainedWith, run: await session.checkpoint() }
          : undefined;
      await this.forget();
      return this.open();
    });
  }

  private async undo(): Promise<void> {
    const { undoable } = this;
    if (!undoable) return;
    await this.pause();
    await this.work('Bringing the network back …', async () => {
      this.undoable = undefined;
      this.settings.restore(undoable.choices);
      this.trainedWith = undoable.choices;
      await this.open();
      await this.session?.load(undoable.run, 'the network before');
      await this.measure();
      return `The network is back as it was after ${this.session?.epochs.toFixed(1)} epochs.`;
    });
  }

  /** Measures the network on the test digits, and shows how good it is. */
  private async measure(): Promise<void> {
    const { session, curves } = this;
    if (!session) return;
    const { loss, accuracy } = await session.measure();
    curves.loss.addTest(session.steps, loss);
    curves.accuracy.addTest(session.steps, accuracy);
    await this.readAll();
    this.showProgress();
  }

  private async save(): Promise<void> {
    await this.work('Saving …', async () => {
      const { session } = this;
      if (!session) return;
      const name = `gradloom-${session.modelName}.safetensors`;
      download(name, await session.save());
      return `Weights saved as ${name}.`;
    });
  }

  private async exportTorch(): Promise<void> {
    await this.work('Exporting …', async () => {
      const { session, settings } = this;
      if (!session) return;
      const name = `gradloom-${session.modelName}-torch.zip`;
      download(name, await session.exportTorch(settings.training.batchSize));
      return `Exported as ${name}: unpack it, and run python train.py.`;
    });
  }

  private async load(file: File): Promise<string> {
    const isRun = await this.session?.load(new Uint8Array(await file.arrayBuffer()), file.name);
    this.trainedWith = this.settings.choices;
    await this.measure();
    return isRun ? `Train goes on with the run of ${file.name}.` : `Weights of ${file.name} loaded.`;
  }

  private async takeData(files: File[]): Promise<string> {
    this.setData(await chosenFiles(files));
    this.isDrawn = false;
    this.picked = undefined;
    this.undoable = undefined;
    return this.open();
  }

  /** Runs `work` on the files that the user chose; the input is emptied, so that the same file can be chosen again. */
  private async withFiles(event: Event, work: (files: File[]) => Promise<string>): Promise<void> {
    const input = event.target as HTMLInputElement;
    const files = [...(input.files ?? [])];
    if (files.length > 0) await this.work('Reading files …', () => work(files));
    input.value = '';
  }

  /** A task during which nothing else may start. `task` gives the status to end with. */
  private async work(status: string, task: () => Promise<string | undefined>): Promise<void> {
    if (!this.is('ready')) return;
    this.notice.clear();
    this.setPhase('working', status);
    await painted();
    let end: string | undefined;
    await this.attempt(async () => (end = await task()));
    if (this.is('working')) this.setPhase('ready', end ?? 'Nothing was changed.');
  }

  /** Reads a test digit, or without one the drawing. */
  private look(index: number | undefined): void {
    this.picked = index;
    void this.readImage();
  }

  private async readAll(): Promise<void> {
    await this.readSamples();
    await this.readImage();
  }

  private async readSamplesOnce(): Promise<void> {
    if (this.session) await this.samples?.refresh(this.session);
  }

  private async readImageOnce(): Promise<void> {
    const { session, reading, samples, picked, data } = this;
    if (!session || !reading || !samples || !data) return;
    const drawing = this.pad.image;
    const pixels = picked === undefined ? drawing && toDigitImage(drawing) : samples.pixels(picked);
    if (!pixels) {
      reading.clear();
      return;
    }
    const { multiply, add } = data.train.affine;
    const probabilities = await session.probabilities(
      Float32Array.from(pixels, (v) => v * multiply[0] + add[0]),
    );
    reading.present(pixels, probabilities);
  }

  private showProgress(): void {
    this.curves.draw();
    if (this.session) this.figures.show(this.session, this.curves);
  }

  /**
   * Shows what goes wrong in `work` in the page; says whether it went well. A lost device is reported once, by
   * `deviceLost`.
   */
  private async attempt(work: () => Promise<unknown>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      if (!(error instanceof GradloomError && error.code === 'device-lost')) this.notice.error(error);
      return false;
    }
  }

  private is(phase: Phase): boolean {
    return this.phase === phase;
  }

  /** Training takes another GPU by itself; so does the page at rest. */
  private async deviceLost(device: Device): Promise<void> {
    if (device !== this.device) return;
    try {
      await device.recover();
    } catch (error) {
      this.stop?.abort();
      this.setPhase('off', 'Stopped: the GPU is gone.');
      this.notice.error(error);
      return;
    }
    this.watch(device);
    if (this.phase !== 'training') void this.readAll();
  }

  private watch(device: Device): void {
    void device.lost.then(({ reason }) =>
      reason === 'destroyed' && device.isDestroyed ? undefined : this.deviceLost(device),
    );
  }

  private setPhase(phase: Phase, status: string): void {
    this.phase = phase;
    byId('status').textContent = status;
    const training = phase === 'training';
    const train = byId<HTMLButtonElement>('train');
    train.textContent = training ? 'Pause' : 'Train';
    train.disabled = !training && phase !== 'ready';
    byId<HTMLButtonElement>('reset').disabled = train.disabled;
    byId('undo').hidden = !this.undoable || phase !== 'ready';
    for (const id of ['choices', 'file-controls']) byId<HTMLFieldSetElement>(id).disabled = phase !== 'ready';
    byId('app').dataset.phase = phase;
  }
}
