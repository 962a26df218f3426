/**
 * The page in which the command line trains: fetches the data set, runs the trainer, reports what happens and
 * POSTs the weights. Errors go back as plain objects, because an exception loses its code on the way to Node.
 */
import { ArrayDataset } from '../../data/dataset';
import { loadImageFolder } from '../../data/image-folder';
import { TokenWindows } from '../../data/text/windows';
import { GradloomError } from '../../errors';
import {
  type SearchOutcome,
  type SearchSpace,
  type SearchStrategy,
  type Settings,
  searchTraining,
  withSettings,
} from '../../experiments';
import { Generator } from '../../generate';
import type { Device } from '../../gpu/device';
import { readSafetensors, writeSafetensors } from '../../io/safetensors';
import type { StateDict } from '../../io/state-dict';
import { Decodable } from '../../nn';
import type { Module } from '../../nn/module';
import { requestDevice } from '../../ops/request-device';
import { fromSpec } from '../../spec';
import { earlyStopping, type FitOptions, Trainer, type TrainerOptions } from '../../train';
import { DataSplits } from '../../train/data-splits';
import {
  DATA_PATH,
  type DatasetRequest,
  type EvaluateRun,
  type GenerateRequest,
  type GenerateRun,
  type ImagesPart,
  type ImagesRun,
  type PageAnswer,
  type PageError,
  type PredictRun,
  type SearchRequest,
  type TrainOutcome,
  type TrainRequest,
  UPLOAD_PATH,
  type WindowsRequest,
} from '../protocol';
import { EventQueue } from './event-queue';
import { remoteStore } from './remote-store';

/** The trainer and the data of a run. */
async function runOf(request: TrainRequest) {
  const [training, test] = await Promise.all([fetchDataset(request.train), fetchDataset(request.test)]);
  const device = await requestDevice();
  const model = fromSpec(request.model);
  const { optimizer, seed, epochs, batchSize, validationSplit } = request;
  const validationLength = Math.round(training.length * validationSplit);
  const stepsPerEpoch = request.stepsPerEpoch ?? Math.ceil((training.length - validationLength) / batchSize);
  const totalSteps = epochs * stepsPerEpoch;
  const { clip, ema } = request;
  const schedule = request.schedule && scheduleOver(request.schedule, totalSteps);
  const trainer = new Trainer(device, model, { loss: request.loss, optimizer, schedule, clip, ema, seed });
  return { trainer, model, device, training, test, stepsPerEpoch, totalSteps };
}

/** Exports the run of the newest checkpoint to PyTorch. */
async function exportRun(request: TrainRequest): Promise<string[]> {
  const { trainer, training, test } = await runOf(request);
  const { seed, validationSplit, validateOnTest, epochs, batchSize } = request;
  const store = remoteStore();
  if ((await store.list()).length === 0) {
    throw new GradloomError({
      ...{ code: 'argument', op: 'export', argument: 'RUN_DIR', got: 'a run without a checkpoint' },
      expected: 'one that gradloom train --run trained for some steps',
    });
  }
  await trainer.restore(store);
  const [data, held] = validationSplit
    ? new DataSplits(seed).of(training, validationSplit)
    : [training, undefined];
  const validation = held ?? (validateOnTest ? test : undefined);
  const { exportTorch } = await import('../../torch');
  const { zip, notes } = await exportTorch(trainer, { data, validation, epochs, batchSize });
  await upload(zip());
  return notes;
}

async function train(request: TrainRequest, signal: AbortSignal): Promise<TrainOutcome> {
  const { trainer, model, device, training, test, stepsPerEpoch, totalSteps } = await runOf(request);
  const { epochs, batchSize, shuffle, validationSplit, ema, earlyStopping: stopping, classWeight } = request;
  const averaged = ema !== undefined;
  const lr = trainer.learningRate;
  const events = new EventQueue((waiting) => window.gradloomEvents(waiting));
  const parameters = model.parameters().reduce((sum, { size }) => sum + size, 0);
  events.push({ event: 'start', parameters, stepsPerEpoch, totalSteps });
  const start = performance.now();
  const store = request.checkpoint && remoteStore();
  const weightsFile = (weights: StateDict) =>
    // `format` is what other libraries look for; the spec makes the file complete.
    writeSafetensors(weights, { format: 'pt', model: JSON.stringify(request.model), ...request.metadata });
  let uploads: Promise<void> = Promise.resolve();
  const fitting = trainer.fit(training, {
    epochs,
    stepsPerEpoch: request.stepsPerEpoch,
    batchSize,
    shuffle,
    augment: request.augment,
    classWeight,
    averaged,
    callbacks: stopping && [earlyStopping(stopping as Parameters<typeof earlyStopping>[0])],
    // Told below, with the flag to change.
    onNaN: 'ignore',
    validationSplit,
    validation: request.validateOnTest ? test : undefined,
    signal,
    checkpoint: store && { ...request.checkpoint, store, keepLast: 2, model: request.model },
    resume: store,
    onStep({ epoch, step, loss, accuracy }) {
      if (!Number.isFinite(loss)) throw diverged(`the loss of step ${step + 1}`, loss, lr);
      events.push({
        event: 'step',
        epoch: epoch + 1,
        step: step + 1,
        loss,
        accuracy,
        seconds: (performance.now() - start) / 1000,
      });
    },
    async onEpoch({ epoch, seconds: _, ...figures }) {
      if (signal.aborted) return;
      events.push({ event: 'epoch', epoch: epoch + 1, ...figures });
      // Weights outlive the page from here on; training does not wait for it.
      const file = weightsFile(averaged ? await trainer.stateDict({ averaged }) : model.stateDict());
      uploads = uploads.then(() => upload(file)).catch(() => {});
    },
  });
  const { aborted, stopped } = await fitting.finally(() => events.flush());
  await uploads;

  const { steps } = trainer;
  if (steps > 0) {
    const weights = await trainer.stateDict({ averaged });
    // The last update has no loss after it that would tell.
    for (const [name, { data }] of Object.entries(weights)) {
      const bad = data.find((value) => !Number.isFinite(value));
      if (bad !== undefined) throw diverged(`a value of ${name}`, bad, lr);
    }
    await upload(weightsFile(weights));
  }
  if (aborted) return { interrupted: true, steps };
  const { loss, accuracy } = await trainer.evaluate(test, { averaged });
  if (!Number.isFinite(loss)) throw diverged('the loss on the test examples', loss, lr);
  const generated = request.generate && (await generate(device, model, request.generate));
  return { interrupted: false, steps, testLoss: loss, testAccuracy: accuracy, stopped, generated };
}

function diverged(what: string, value: number, lr: number): GradloomError {
  return new GradloomError({
    code: 'diverged',
    op: 'train',
    argument: what,
    got: String(value),
    expected: 'a finite number',
    fix: `Nothing was written. Lower the learning rate (--lr is ${lr}), or look for extreme values in the data`,
  });
}

/** A schedule with the options that follow from the number of steps, where they were not given. */
function scheduleOver(
  given: NonNullable<TrainRequest['schedule']>,
  totalSteps: number,
): TrainerOptions['schedule'] {
  const { type } = given;
  const needs = ['oneCycleLR', 'warmupLinear', 'warmupCosine'];
  const steps = needs.includes(type) ? { totalSteps } : {};
  const half = type === 'cosineAnnealingLR' ? { tMax: totalSteps } : {};
  const warmup = type.startsWith('warmup') ? { warmupSteps: Math.max(1, Math.round(totalSteps / 20)) } : {};
  return { ...steps, ...half, ...warmup, ...given } as TrainerOptions['schedule'];
}

/** The new tokens for each prompt; nothing from models that cannot generate. */
async function generate(device: Device, model: Module, request: GenerateRequest) {
  if (!(model instanceof Decodable)) return undefined;
  const generated = await new Generator(device, model).generate(request.prompts, request.options);
  return generated.map(({ tokens }) => tokens);
}

async function generateWith({ model: spec, generate: request }: GenerateRun): Promise<number[][]> {
  const model = await trainedModel(spec);
  const generated = await generate(await requestDevice(), model, request);
  if (generated) return generated;
  throw new GradloomError({
    code: 'argument',
    op: 'generate',
    argument: 'weights',
    got: 'those of a model that predicts no tokens',
    expected: 'a language model (gpt, recurrentLM) or a seq2seq',
  });
}

async function trainedModel(spec: unknown): Promise<Module> {
  const model = fromSpec(spec);
  model.loadStateDict(readSafetensors(new Uint8Array(await fetchBytes('weights')), 'weights').tensors);
  return model;
}

/** A trainer that is not to train. */
async function trainerFor(spec: unknown, loss: 'crossEntropy' | 'mse'): Promise<Trainer> {
  const [device, model] = [await requestDevice(), await trainedModel(spec)];
  return new Trainer(device, model, { loss, optimizer: { type: 'sgd', lr: 1e-3 } });
}

async function evaluateWith({
  model,
  test,
  loss,
}: EvaluateRun): Promise<{ loss: number; accuracy?: number }> {
  const data = await fetchDataset(test);
  return (await trainerFor(model, loss)).evaluate(data);
}

async function predictWith({ model, ...input }: PredictRun): Promise<number[]> {
  const x = new Float32Array(await fetchBytes('predict.x'));
  const length = x.length / input.xShape.reduce((size, extent) => size * extent, 1);
  const samples = ArrayDataset.fromArrays({ ...input, x, y: new Int32Array(length) });
  const { shape, data } = await (await trainerFor(model, 'mse')).predict(samples);
  await upload(new Uint8Array(Float32Array.from(data).buffer));
  return shape;
}

async function searchWith(request: SearchRequest, signal: AbortSignal): Promise<SearchOutcome> {
  const { config, seed, validationSplit, about } = request;
  const { space, strategy, metric, goal, ...template } = config;
  const data = (await fetchDataset(request.train)) as ArrayDataset;
  const [train, validation] = data.split(validationSplit, seed);
  let results = '';
  const settingsOf = (settings: Settings) => withSettings(template, settings) as Required<typeof template>;
  return searchTraining(await requestDevice(), {
    train,
    validation,
    space: space as SearchSpace,
    strategy: strategy as SearchStrategy,
    metric: metric ?? (request.loss === 'mse' ? 'loss' : 'accuracy'),
    goal,
    seed,
    about,
    signal,
    store: {
      read: async () => request.kept,
      write: async (text) => {
        results = text;
      },
    },
    onTrial: (trial) => window.gradloomTrial(results, trial),
    model: (settings) => fromSpec(settingsOf(settings).model),
    trainer: (settings) => {
      const {
        optimizer = { type: 'adam', lr: 2e-3 },
        loss = request.loss,
        schedule,
        clip,
      } = settingsOf(settings);
      return { optimizer, loss, schedule, clip, seed } as TrainerOptions;
    },
    fit: (settings) => {
      const { batchSize = Math.min(64, train.length), epochs = 3 } = settingsOf(settings);
      return { batchSize, epochs } as FitOptions;
    },
  });
}

async function readImages({ names, options }: ImagesRun): Promise<ImagesPart[]> {
  const read = (i: number) => async () => new Uint8Array(await fetchBytes(`image.${i}`));
  const folder = await loadImageFolder(
    names.map((name, i) => ({ name, read: read(i) })),
    options,
  );
  const parts: ImagesPart[] = [];
  for (const part of ['train', 'validation', 'test'] as const) {
    const data = folder[part];
    if (!data) continue;
    const { name, xShape, y } = data;
    parts.push({ part, name, xShape, classes: data.classes!, y: Array.from(y) });
    await upload(data.x as Uint8Array<ArrayBuffer>);
  }
  return parts;
}

async function fetchDataset(request: DatasetRequest | WindowsRequest): Promise<ArrayDataset | TokenWindows> {
  if ('blockSize' in request) {
    return new TokenWindows(new Int32Array(await fetchBytes(`${request.name}.x`)), request);
  }
  const { xType, yType, ...fields } = request;
  const [x, y] = await Promise.all(['x', 'y'].map((part) => fetchBytes(`${fields.name}.${part}`)));
  return ArrayDataset.fromArrays({
    ...fields,
    x: xType === 'uint8' ? new Uint8Array(x) : new Float32Array(x),
    y: yType === 'int32' ? new Int32Array(y) : new Float32Array(y),
  });
}

async function fetchBytes(name: string): Promise<ArrayBuffer> {
  return (await fetch(DATA_PATH + name)).arrayBuffer();
}

async function upload(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  const { ok, status } = await fetch(UPLOAD_PATH, { method: 'POST', body: bytes });
  if (ok) return;
  const got = `refused with status ${status} (${bytes.byteLength} bytes)`;
  throw new GradloomError({ code: 'unsupported', op: 'upload', argument: 'the result', got });
}

function describe(error: unknown): PageError {
  console.error(error);
  if (error instanceof GradloomError) return { code: error.code, message: error.message };
  return { code: 'internal', message: `internal: ${error instanceof Error ? error.message : error}` };
}

async function answer<T>(work: () => Promise<T>): Promise<PageAnswer<T>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    return { ok: false, error: describe(error) };
  }
}

const stop = new AbortController();
window.gradloomStop = () => stop.abort();
window.gradloomRun = (request) => answer(() => train(request, stop.signal));
window.gradloomSearch = (request) => answer(() => searchWith(request, stop.signal));
window.gradloomExport = (request) => answer(() => exportRun(request));
window.gradloomGenerate = (request) => answer(() => generateWith(request));
window.gradloomEvaluate = (request) => answer(() => evaluateWith(request));
window.gradloomImages = (request) => answer(() => readImages(request));
window.gradloomPredict = (request) => answer(() => predictWith(request));
