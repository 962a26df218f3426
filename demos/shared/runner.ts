/** The Start and Stop buttons of a demo that runs from beginning to end. */
import { type Device, requestDevice } from '../../src';
import { byId } from './dom';
import { Notice } from './notice';

/** Says what is going on, in the page. */
export function tell(text: string): void {
  byId('status').textContent = text;
}

/** Runs `work` whenever Start is pressed, until it is over or Stop is pressed. */
export async function startOnClick(
  work: (device: Device, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const notice = new Notice(byId('notice'));
  const [play, stop] = [byId<HTMLButtonElement>('play'), byId<HTMLButtonElement>('stop')];
  let device: Device;
  try {
    device = await requestDevice();
  } catch (error) {
    tell('');
    notice.error(error);
    return;
  }
  let running = new AbortController();
  play.onclick = async () => {
    notice.clear();
    running = new AbortController();
    play.disabled = true;
    stop.disabled = false;
    try {
      await work(device, running.signal);
      if (running.signal.aborted) tell('Stopped. Start begins anew.');
    } catch (error) {
      tell('');
      notice.error(error);
    } finally {
      play.disabled = false;
      stop.disabled = true;
      play.textContent = 'Start anew';
    }
  };
  stop.onclick = () => {
    running.abort();
    tell('Stopping …');
  };
  play.disabled = false;
  tell('Ready.');
}
