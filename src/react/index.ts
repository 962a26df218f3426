/** `gradloom/react`: the playground as a component. React comes from the app. */
import {
  createElement,
  type HTMLAttributes,
  type ReactElement,
  type Ref,
  useCallback,
  useEffect,
  useRef,
} from 'react';
import type { PlaygroundElement, PlaygroundEvents, PlaygroundState } from '../playground';

type Handlers = {
  [E in keyof PlaygroundEvents as `on${Capitalize<E>}`]?: (detail: PlaygroundEvents[E]['detail']) => void;
};

export interface PlaygroundProps
  extends Handlers,
    Omit<HTMLAttributes<HTMLElement>, keyof Handlers | 'onError'> {
  /** Name of what to begin with. */
  preset?: string;
  /** Model, data and settings, in place of a preset; another object begins anew. */
  state?: PlaygroundState;
  autoplay?: boolean;
  theme?: 'light' | 'dark';
  panel?: string;
  background?: boolean;
  /** Name under which the run is kept in this browser. */
  autosave?: string;
  /** The element, for its methods. */
  ref?: Ref<PlaygroundElement>;
}

const EVENTS: readonly (keyof PlaygroundEvents)[] = ['ready', 'step', 'epoch', 'done', 'error', 'export'];
type HandlerName = keyof Handlers;
const handlerOf = (event: string) => `on${event[0].toUpperCase()}${event.slice(1)}` as HandlerName;

/** `<GradloomPlayground preset="digits" onStep={({ loss }) => ...} />` */
export function GradloomPlayground({ state, ref, ...props }: PlaygroundProps): ReactElement {
  const element = useRef<PlaygroundElement>(null);
  const handlers = useRef<Handlers>({});
  const attributes: Record<string, unknown> = {};
  const heard: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(props)) {
    if (EVENTS.some((event) => handlerOf(event) === name)) heard[name] = value;
    // False is no attribute, as in HTML.
    else attributes[name] = value === false ? undefined : value === true ? '' : value;
  }
  useEffect(() => {
    handlers.current = heard as Handlers;
  });
  useEffect(() => {
    // Not while a server renders: the element needs a document.
    void import('../playground');
    const target = element.current!;
    const stop = new AbortController();
    for (const event of EVENTS) {
      const listen = ({ detail }: Event & { detail?: unknown }) =>
        (handlers.current[handlerOf(event)] as ((detail: unknown) => void) | undefined)?.(detail);
      target.addEventListener(event, listen, { signal: stop.signal });
    }
    return () => stop.abort();
  }, []);
  useEffect(() => {
    if (state)
      void customElements.whenDefined('gradloom-playground').then(() => {
        if (element.current) element.current.state = state;
      });
  }, [state]);
  const attach = useCallback(
    (target: PlaygroundElement | null) => {
      element.current = target;
      if (typeof ref === 'function') ref(target);
      else if (ref) ref.current = target;
    },
    [ref],
  );
  return createElement('gradloom-playground', { ...attributes, ref: attach });
}
