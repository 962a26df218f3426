/** What a demo says of itself: each `demos/<name>/meta.ts` exports one of these as its default. */
export interface DemoMeta {
  title: string;
  /** One or two sentences for the card in the gallery. */
  description: string;
  /** Address of a picture for the card. */
  image: string;
  /** Demos with smaller numbers come first. */
  order: number;
}
