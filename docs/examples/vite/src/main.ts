/** Learns to tell drawn digits apart. */
import { makeDigits, nn, requestDevice, Trainer } from 'gradloom';

const output = document.querySelector('output')!;

async function main(): Promise<void> {
  const device = await requestDevice();
  const { train, test } = makeDigits({ train: 512, test: 128 });
  const model = new nn.Sequential(
    new nn.Conv2d(1, 4, 5, { stride: 2 }),
    new nn.ReLU(),
    new nn.Flatten(),
    new nn.Linear(4 * 12 * 12, 10),
  );
  const trainer = new Trainer(device, model, { loss: 'crossEntropy', optimizer: { type: 'adam', lr: 5e-3 } });
  await trainer.fit(train, {
    epochs: 3,
    onEpoch: ({ epoch, loss }) => {
      output.textContent = `Epoch ${epoch + 1}: loss ${loss.toFixed(3)}`;
    },
  });
  const { accuracy = 0 } = await trainer.evaluate(test);
  output.textContent = `Accuracy ${(100 * accuracy).toFixed(0)} %`;
}

main().catch((error: unknown) => {
  output.textContent = error instanceof Error ? error.message : String(error);
});
