/** An app in StrictMode, which mounts everything twice, with two playgrounds. */
import { createElement, StrictMode, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { GradloomPlayground } from '../../src/react';

function App() {
  const [loss, setLoss] = useState<number>();
  const [ready, setReady] = useState(0);
  const first = { id: 'a', preset: 'gauss', autoplay: true, background: true };
  const onReady = () => setReady((count) => count + 1);
  return createElement(
    'div',
    null,
    createElement('h1', null, 'A lesson'),
    createElement('output', { id: 'ready' }, ready),
    createElement('output', { id: 'loss' }, loss),
    createElement(GradloomPlayground, { ...first, onReady, onStep: (detail) => setLoss(detail.loss) }),
    createElement(GradloomPlayground, { id: 'b', preset: 'xor', theme: 'dark', onReady }),
  );
}

createRoot(document.getElementById('root')!).render(createElement(StrictMode, null, createElement(App)));
