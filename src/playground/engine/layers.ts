/** The layers at the top of a spec. */

/** With their names in the state dict; a spec that is no sequence is one layer without a name. */
export function topLayers(spec: unknown): { key: string; spec: unknown }[] {
  const layers = Array.isArray(spec) ? spec : layersIn(spec);
  if (!layers) return [{ key: '', spec }];
  return Object.entries(layers).map(([key, layer]) => ({ key, spec: layer }));
}

function layersIn(spec: unknown): object | undefined {
  const { type, layers } = (spec ?? {}) as { type?: unknown; layers?: unknown };
  const isSequential = typeof type === 'string' && type.toLowerCase() === 'sequential';
  return isSequential && typeof layers === 'object' && layers !== null ? layers : undefined;
}

export const typeOf = (spec: unknown): string =>
  Array.isArray(spec) ? 'sequential' : String((spec as { type?: unknown } | null)?.type ?? '?');

/** The spec with other layers, named as before where it named them. */
export function withLayers(spec: unknown, layers: { key: string; spec: unknown }[]): unknown {
  const before = Array.isArray(spec) ? spec : layersIn(spec);
  if (!before || Array.isArray(before)) {
    const list = layers.map((layer) => layer.spec);
    return Array.isArray(spec) || !before ? list : { ...(spec as object), layers: list };
  }
  const named: Record<string, unknown> = {};
  for (const { key, spec: layer } of layers) {
    let name = key || typeOf(layer);
    for (let i = 2; Object.hasOwn(named, name); i++) name = `${key || typeOf(layer)}${i}`;
    named[name] = layer;
  }
  return { ...(spec as object), layers: named };
}
