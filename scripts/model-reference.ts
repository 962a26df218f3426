/** Makes docs/models.md: the ready models with their specs and figures. */

import { withLibrary } from '../src/cli/source-library';
import { readyModels } from '../src/models/ready';
import type { ModelSummary } from '../src/train/summary';

const HEAD = `# Models

Made by \`npm run generate\` from \`src/models/ready.ts\`. \`gradloom summary NAME\` prints the layers of one.

| model | spec | input | parameters | mult-adds | receptive field | source |
|---|---|---|---:|---:|---:|---|`;

const TAIL = `
Parameters are trainable values; GoogLeNet's are with both auxiliary heads (6,624,904 without: \`"auxLogits": false\`).
Mult-adds are multiply-adds of one sample's prediction, counted as torchinfo does: each parameter times the positions at
which it is used. They differ from torchinfo's in that linear layers count every position of a sequence, transposed
convolutions count input positions, and the products of attention count although they have no parameters.
The receptive field is the largest of any layer before the final pooling, in input positions; padding can make it larger
than the input.

## Build one

\`\`\`ts
import { fromSpec, ResNet } from 'gradloom';

const model = fromSpec({ type: 'resnet', depth: 50, numClasses: 10 });
const same = new ResNet({ depth: 50, numClasses: 10 });
\`\`\`

Specs without further options give the published network, for ImageNet. \`channels\` and \`numClasses\` fit it to other
data; \`width\` (channels of the first layer; all others in proportion) or \`widthMult\` makes it narrower;
\`"smallImages": true\` gives a stem for images of about 32x32, as from CIFAR-10 or MNIST.

State dicts of AlexNet, VGG, GoogLeNet, ResNet and MobileNetV2 have torchvision's keys, so that its checkpoints load:
pass them through \`readTorch\` (\`.pth\`) or \`readSafetensors\` to \`loadStateDict\`. Outputs for the
same weights are compared with PyTorch's in \`e2e/models.gpu.test.ts\`.

## Several outputs

In training a model may give \`nn.ModelOutput\`: its answer, and outputs with weights over which the loss is summed.
GoogLeNet adds the losses of its auxiliary heads this way, times 0.3; predictions and evaluation leave the heads out.

An ensemble wraps other models, of any kind that gives outputs of one shape:

\`\`\`json
{
  "type": "ensemble",
  "combine": "stacking",
  "members": [{ "type": "lenet" }, { "type": "cnn" }],
  "head": { "type": "linear", "inFeatures": 20, "outFeatures": 10 }
}
\`\`\`

\`combine\` is \`average\` (of outputs), \`softVoting\` (of probabilities), \`hardVoting\` (majority of classes) or \`stacking\` (the
head answers from all outputs). Each member learns from its own loss, the head from its own.

## Summary

\`\`\`sh
npx gradloom summary resnet18                            # a name from the table
npx gradloom summary model.json --input 1,28,28 --batch 64
npx gradloom summary vgg16 --depth 1 --json              # one JSON object
\`\`\`

Memory is planned as for compiling the model, on a device with WebGPU's default limits: the buffers that the memory plan
of a prediction and of a training step with Adam needs, without the data set. The same in code: \`summary(model, [1, 28,
28], { batchSize: 64 })\`, and \`formatSummary\` for the text.
`;

/** The reference as Markdown. @param root the repository's root. */
export async function generateModelReference(root: string): Promise<string> {
  return withLibrary(root, async (load) => {
    const [{ fromSpec }, { summary }] = [await load('/src/spec/index.ts'), await load('/src/train/index.ts')];
    const rows = Object.entries(readyModels).map(([name, { spec, input, source }]) => {
      const figures: ModelSummary = summary(fromSpec(spec), input, { batchSize: 2 });
      const { parameters, multAdds, receptiveField } = figures;
      const cells = [
        `\`${name}\``,
        `\`${JSON.stringify(spec)}\``,
        `[${input.join(', ')}]`,
        parameters.toLocaleString('en-US'),
        multAdds.toLocaleString('en-US'),
        receptiveField?.join('×') ?? '',
        source,
      ];
      return `| ${cells.join(' | ')} |`;
    });
    return [HEAD, ...rows, TAIL].join('\n');
  });
}
