import { StrictMode, useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { train } from './training';

function Training() {
  const [text, setText] = useState('Loading');
  useEffect(() => {
    // StrictMode mounts, unmounts and mounts again: the first run ends before it begins.
    const controller = new AbortController();
    const { signal } = controller;
    const show = (value) => {
      if (!signal.aborted) setText(value);
    };
    train(signal, ({ epoch, loss }) => show(`Epoch ${epoch + 1}: loss ${loss.toFixed(3)}`)).then(
      (accuracy) => show(`Accuracy ${100 * accuracy} %`),
      (error) => show(error.message),
    );
    return () => controller.abort();
  }, []);
  return <output>{text}</output>;
}

function App() {
  const [isOn, setOn] = useState(true);
  return (
    <>
      <button type="button" onClick={() => setOn(!isOn)}>
        {isOn ? 'Remove' : 'Train'}
      </button>
      {isOn && <Training />}
    </>
  );
}

createRoot(document.querySelector('#app')).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
