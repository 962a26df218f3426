/** A model's spec as code: TypeScript for this library, Python for PyTorch. */
import { topLayers } from './engine/layers';

type Layer = { type: string } & Record<string, unknown>;

/** Options that a layer's class takes by position, in their order; all others go by name. */
const POSITIONS: Readonly<Record<string, readonly string[]>> = {
  linear: ['inFeatures', 'outFeatures'],
  conv1d: ['inChannels', 'outChannels', 'kernelSize'],
  conv2d: ['inChannels', 'outChannels', 'kernelSize'],
  conv3d: ['inChannels', 'outChannels', 'kernelSize'],
  convTranspose2d: ['inChannels', 'outChannels', 'kernelSize'],
  maxPool2d: ['kernelSize'],
  avgPool2d: ['kernelSize'],
  batchNorm1d: ['numFeatures'],
  batchNorm2d: ['numFeatures'],
  embedding: ['numEmbeddings', 'embeddingDim'],
  dropout: ['p'],
  flatten: [],
  relu: [],
  gelu: [],
  tanh: [],
  sigmoid: [],
  silu: [],
  softmax: [],
};

/** Classes whose names are not those of their layers with another first letter. */
const CLASSES: Readonly<Record<string, string>> = {
  relu: 'ReLU',
  gelu: 'GELU',
  silu: 'SiLU',
  elu: 'ELU',
  lstm: 'LSTM',
  gru: 'GRU',
  leakyRelu: 'LeakyReLU',
};

const classOf = (type: string) => CLASSES[type] ?? type[0].toUpperCase() + type.slice(1);

/** TypeScript that makes the model: modules where all layers are plain ones, else the spec. */
export function toTypeScript(model: unknown): string {
  const layers = topLayers(model).map(({ spec }) => spec as Layer);
  const isNamed = !Array.isArray(model) && !Array.isArray((model as { layers?: unknown }).layers);
  if (
    isNamed ||
    layers.some((layer) => typeof layer?.type !== 'string' || !Object.hasOwn(POSITIONS, layer.type))
  ) {
    return `import { fromSpec } from 'gradloom';\n\nexport const model = fromSpec(${JSON.stringify(model, null, 2)});\n`;
  }
  const lines = layers.map(({ type, ...options }) => {
    const positions = POSITIONS[type].map((name) => JSON.stringify(options[name] ?? undefined));
    while (positions.length > 0 && positions.at(-1) === undefined) positions.pop();
    const others = Object.entries(options).filter(([name]) => !POSITIONS[type].includes(name));
    const named = others.map(([name, value]) => `${name}: ${JSON.stringify(value)}`).join(', ');
    return `  new nn.${classOf(type)}(${[...positions, ...(named ? [`{ ${named} }`] : [])].join(', ')}),`;
  });
  return `import { nn } from 'gradloom';\n\nexport const model = new nn.Sequential(\n${lines.join('\n')}\n);\n`;
}

const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

function python(value: unknown): string {
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (Array.isArray(value)) return `(${value.map(python).join(', ')}${value.length === 1 ? ',' : ''})`;
  return JSON.stringify(value);
}

/** Python for PyTorch: `torch.nn` modules with the same names of parameters. Layers that PyTorch has not are noted. */
export function toPyTorch(model: unknown): string {
  const notes = new Set<string>();
  const classes = new Set<string>();
  const body = pythonLayer(model, 0, notes, classes);
  const helpers = [...classes].map((name) => HELPERS[name]);
  const comments = [...notes].map((note) => `# ${note}\n`);
  return `import torch\nfrom torch import nn\n\n${helpers.join('')}${comments.join('')}model = ${body}\n`;
}

/** What a layer of specs does that no class of PyTorch does by itself. */
const HELPERS: Readonly<Record<string, string>> = {
  LastState: `class LastState(nn.Module):
    """The state after the last step, of both directions, of a recurrent layer."""
    def __init__(self, rnn):
        super().__init__()
        self.rnn = rnn

    def forward(self, x):
        _, h = self.rnn(x)
        h = h[0] if isinstance(h, tuple) else h
        return torch.cat((h[-2], h[-1]), 1) if self.rnn.bidirectional else h[-1]


`,
  Outputs: `class Outputs(nn.Module):
    """The outputs of all steps of a recurrent layer."""
    def __init__(self, rnn):
        super().__init__()
        self.rnn = rnn

    def forward(self, x):
        return self.rnn(x)[0]


`,
};

function pythonLayer(spec: unknown, depth: number, notes: Set<string>, classes: Set<string>): string {
  const pad = '    '.repeat(depth + 1);
  const isList = Array.isArray(spec);
  const { type, ...options } = (isList ? { type: 'sequential', layers: spec } : spec) as Layer;
  if (type.toLowerCase() === 'sequential') {
    const { layers } = options as { layers: Record<string, unknown> | unknown[] };
    const inner = (layer: unknown) => pythonLayer(layer, depth + 1, notes, classes);
    const lines = Array.isArray(layers)
      ? layers.map((layer) => `${pad}${inner(layer)},\n`)
      : Object.entries(layers).map(([name, layer]) => `${pad}(${JSON.stringify(name)}, ${inner(layer)}),\n`);
    const end = '    '.repeat(depth);
    if (Array.isArray(layers)) return `nn.Sequential(\n${lines.join('')}${end})`;
    return `nn.Sequential(__import__("collections").OrderedDict([\n${lines.join('')}${end}]))`;
  }
  const { output, recurrentDropout, ...plain } = options;
  if (typeof recurrentDropout === 'number' && recurrentDropout > 0)
    notes.add('PyTorch has no dropout between the steps of a recurrent layer');
  const given = Object.entries(plain).map(([name, value]) => `${snake(name)}=${python(value)}`);
  const call = `nn.${classOf(type)}(${given.join(', ')})`;
  if (type === 'lstm' || type === 'gru') {
    const helper = output === 'last' ? 'LastState' : 'Outputs';
    classes.add(helper);
    return `${helper}(${call})`;
  }
  if (!PYTORCH.has(type))
    notes.add(`${type} is no module of torch.nn: see the documentation of this library`);
  return call;
}

const PYTORCH = new Set(
  `linear conv1d conv2d conv3d convTranspose1d convTranspose2d convTranspose3d batchNorm1d batchNorm2d batchNorm3d
  instanceNorm1d instanceNorm2d layerNorm groupNorm maxPool1d maxPool2d avgPool1d avgPool2d adaptiveAvgPool2d relu gelu
  silu elu tanh sigmoid leakyRelu softmax logSoftmax softplus dropout flatten unflatten embedding identity
  transformerEncoderLayer`.split(/\s+/),
);
