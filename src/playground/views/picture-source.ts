/** Pictures of files, cameras and drawings as bytes of samples. */

/** The middle of a picture as a square of `size` pixels: bytes `[channels, size, size]`. */
export function squareBytes(
  picture: CanvasImageSource,
  size: number,
  channels: number,
): Uint8Array<ArrayBuffer> {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = size;
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  const [width, height] = sizeOf(picture);
  const side = Math.min(width, height);
  context.imageSmoothingQuality = 'high';
  context.drawImage(picture, (width - side) / 2, (height - side) / 2, side, side, 0, 0, size, size);
  const { data } = context.getImageData(0, 0, size, size);
  const area = size * size;
  const bytes = new Uint8Array(channels * area);
  for (let i = 0; i < area; i++) {
    const [r, g, b] = [data[4 * i], data[4 * i + 1], data[4 * i + 2]];
    if (channels === 3) for (const [c, value] of [r, g, b].entries()) bytes[c * area + i] = value;
    // Luma of Rec. 601.
    else bytes[i] = Math.round(0.299 * r + 0.587 * g + 0.114 * b);
  }
  return bytes;
}

function sizeOf(picture: CanvasImageSource): [number, number] {
  if (picture instanceof HTMLVideoElement) return [picture.videoWidth, picture.videoHeight];
  const { width, height } = picture as ImageBitmap;
  return [width, height];
}

/** A camera that plays; {@link closeWebcam} switches it off. Rejects where there is none, or it may not be used. */
export async function openWebcam(): Promise<HTMLVideoElement> {
  const video = document.createElement('video');
  Object.assign(video, { muted: true, playsInline: true });
  video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { width: 320, height: 320 } });
  await video.play();
  return video;
}

export function closeWebcam(video: HTMLVideoElement | undefined): void {
  for (const track of (video?.srcObject as MediaStream | null)?.getTracks() ?? []) track.stop();
}
