/** Registers the element and its views, each once in a page. */

import { elementFor } from './element';
import { type EngineHost, startHost } from './engine/client';
import { AnswersView } from './views/answers-view';
import { AttentionView } from './views/attention-view';
import { ChartsView } from './views/charts';
import { DataPanel } from './views/data-panel';
import { DrawingPad } from './views/drawing-pad';
import { ImageStage } from './views/image-stage';
import { ImagesEditor } from './views/images-editor';
import { InsidePanel } from './views/inside-panel';
import { LayersView } from './views/layers-view';
import { ModelPanel } from './views/model-panel';
import { NetworkView } from './views/network';
import { PlaneView } from './views/plane';
import { PlaygroundView } from './views/playground';
import { SamplesView } from './views/samples-view';
import { SeriesStage } from './views/series-stage';
import { SharePanel } from './views/share-panel';
import { TextStage } from './views/text-stage';
import { TrainingPanel } from './views/training-panel';
import { TransportView } from './views/transport';
import { WeightsView } from './views/weights-view';

const VIEWS = {
  'gradloom-answers': AnswersView,
  'gradloom-attention': AttentionView,
  'gradloom-charts': ChartsView,
  'gradloom-data': DataPanel,
  'gradloom-pad': DrawingPad,
  'gradloom-image': ImageStage,
  'gradloom-images': ImagesEditor,
  'gradloom-inside': InsidePanel,
  'gradloom-layers': LayersView,
  'gradloom-model': ModelPanel,
  'gradloom-network': NetworkView,
  'gradloom-plane': PlaneView,
  'gradloom-playground-view': PlaygroundView,
  'gradloom-samples': SamplesView,
  'gradloom-series': SeriesStage,
  'gradloom-share': SharePanel,
  'gradloom-text': TextStage,
  'gradloom-training': TrainingPanel,
  'gradloom-transport': TransportView,
  'gradloom-weights': WeightsView,
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
