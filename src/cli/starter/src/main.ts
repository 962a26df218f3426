/** The page: trains when the button is pressed and shows how far it is. */
import { requestDevice } from 'gradloom';
import { makePoints, makeTrainer } from './model';

const status = document.querySelector<HTMLElement>('#status')!;
const button = document.querySelector<HTMLButtonElement>('#train')!;

try {
  const trainer = makeTrainer(await requestDevice());
  const train = makePoints(1024);
  const test = makePoints(256);
  status.textContent = 'Ready';
  button.disabled = false;
  button.addEventListener('click', async () => {
    button.disabled = true;
    await trainer.fit(train, {
      epochs: 10,
      onEpoch: ({ epoch, loss }) => {
        status.textContent = `Epoch ${epoch + 1}: loss ${loss.toFixed(3)}`;
      },
    });
    const { accuracy = 0 } = await trainer.evaluate(test);
    status.textContent = `${(100 * accuracy).toFixed(1)} % of new points are right`;
    button.disabled = false;
  });
} catch (error) {
  // Without WebGPU, the message says what to do.
  status.textContent = error instanceof Error ? error.message : String(error);
}
