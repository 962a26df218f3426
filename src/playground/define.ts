/** Registers the element and its views, each once in a page. */

import { elementFor } from './element';
import { type EngineHost, startHost } from './engine/client';
import { ChartsView } from './views/charts';
import { DataPanel } from './views/data-panel';
import { DrawingPad } from './views/drawing-pad';
import { ImageStage } from './views/image-stage';
import { ModelPanel } from './views/model-panel';
import { NetworkView } from './views/network';
import { PlaneView } from './views/plane';
import { PlaygroundView } from './views/playground';
import { SeriesStage } from './views/series-stage';
import { TextStage } from './views/text-stage';
import { TrainingPanel } from './views/training-panel';
import { TransportView } from './views/transport';

const VIEWS = {
  'gradloom-charts': ChartsView,
  'gradloom-data': DataPanel,
  'gradloom-pad': DrawingPad,
  'gradloom-image': ImageStage,
  'gradloom-model': ModelPanel,
  'gradloom-network': NetworkView,
  'gradloom-plane': PlaneView,
  'gradloom-playground-view': PlaygroundView,
  'gradloom-series': SeriesStage,
  'gradloom-text': TextStage,
  'gradloom-training': TrainingPanel,
  'gradloom-transport': TransportView,
};

/** @param makeWorker the worker in which all elements of the page train; undefined where there can be none */
export function definePlayground(makeWorker: () => Worker | undefined): void {
  if (customElements.get('gradloom-playground')) return;
  for (const [name, view] of Object.entries(VIEWS)) customElements.define(name, view);
  let host: Promise<EngineHost> | undefined;
  let engines = 0;
  const source = {
    host: () => {
      host ??= startHost(makeWorker);
      return host;
    },
    nextId: () => engines++,
  };
  customElements.define('gradloom-playground', elementFor(source));
}
