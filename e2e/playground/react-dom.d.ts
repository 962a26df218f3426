/** The one function of react-dom that the test's app calls. */
declare module 'react-dom/client' {
  export function createRoot(place: Element): { render(children: unknown): void };
}
