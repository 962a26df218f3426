/** What the image classifiers with torchvision's names have in common. */

/** Options of image classifiers; the defaults give the published model for ImageNet. */
export interface ImageModelOptions {
  /** Channels that the first convolution makes (64 when published); all widths of the model are in proportion to it. */
  width?: number;
  /** Channels of the images. */
  channels?: number;
  numClasses?: number;
  /** For images of about 32x32: a model that keeps the resolution for longer. */
  smallImages?: boolean;
}

/** Names of those options. */
export const IMAGE_OPTIONS = ['width', 'channels', 'numClasses', 'smallImages'] as const;

/** Options of MobileNets. */
export interface MobileNetOptions extends Omit<ImageModelOptions, 'width'> {
  /** Factor of all widths, 1 when published. */
  widthMult?: number;
}

/** Makes widths of the published model, whose first convolution has 64 channels, into those of one with `width`. */
export const scaled = (width: number) => (channels: number) =>
  Math.max(1, Math.round((channels * width) / 64));
