/** Frames of a camera as tensors. */
import { checkOptions } from '../checks';
import { GradloomError } from '../errors';
import { checkImageOptions, IMAGE_TENSOR_OPTIONS, type ImageTensorOptions, imageTensor } from './image-size';

export interface WebcamOptions extends ImageTensorOptions {
  /** Which camera, as `getUserMedia` takes it. Default `{ facingMode: 'user' }`. */
  video?: boolean | MediaTrackConstraints;
  /** A `<video>` that shows the camera; default one that is not shown. */
  element?: HTMLVideoElement;
}

/** A camera that is on. */
export interface Webcam {
  readonly element: HTMLVideoElement;
  /** The current frame, `[1, channels, height, width]` from 0 to 1. */
  frame(): ReturnType<typeof imageTensor>;
  /** Frame after frame, as the camera delivers them, until `stop`. */
  frames(): AsyncGenerator<ReturnType<typeof imageTensor>, void>;
  /** Turns the camera off. */
  stop(): void;
}

/**
 * Turns a camera on, which the browser asks the user for.
 * @throws GradloomError `unsupported` where there is none or the user says no, `argument` for wrong options.
 */
export async function openWebcam(options: WebcamOptions = {}): Promise<Webcam> {
  const op = 'openWebcam';
  checkOptions(op, options, [...IMAGE_TENSOR_OPTIONS, 'video', 'element']);
  const { video = { facingMode: 'user' }, element: given, ...tensorOptions } = options;
  checkImageOptions(op, tensorOptions);
  const refuse = (got: string, fix: string, cause?: unknown) =>
    new GradloomError({ code: 'unsupported', op, argument: 'video', got, expected: 'a camera', fix, cause });
  if (typeof navigator === 'undefined' || !navigator.mediaDevices?.getUserMedia) {
    throw refuse('no access to cameras', 'Use a browser, on a page from https or localhost');
  }
  let stream: MediaStream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video, audio: false });
  } catch (cause) {
    const { name, message } = cause as Error;
    throw refuse(`none (${name}: ${message})`, 'Allow the page to use the camera, and connect one', cause);
  }
  const element = given ?? document.createElement('video');
  let stopped = false;
  const stop = () => {
    stopped = true;
    for (const track of stream.getTracks()) track.stop();
    element.srcObject = null;
  };
  try {
    element.muted = true;
    element.playsInline = true;
    element.srcObject = stream;
    await element.play();
  } catch (cause) {
    stop();
    throw refuse(`a camera that does not play (${(cause as Error).message})`, 'Try again', cause);
  }
  const frame = () => imageTensor(element, tensorOptions);
  return {
    element,
    frame,
    stop,
    async *frames() {
      while (!stopped) {
        await nextFrame(element);
        if (!stopped) yield frame();
      }
    },
  };
}

/** Resolves with the video's next frame, at the latest after a quarter of a second: a camera that is off has none. */
function nextFrame(element: HTMLVideoElement): Promise<unknown> {
  return new Promise((resolve) => {
    if ('requestVideoFrameCallback' in element) element.requestVideoFrameCallback(resolve);
    setTimeout(resolve, 'requestVideoFrameCallback' in element ? 250 : 33);
  });
}
