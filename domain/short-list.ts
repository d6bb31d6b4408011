/** Longer lists are told by their ends. */
const WHOLE = 8;
const AT_EACH_END = 3;

/** `db, app, web`; of many `s00, s01, s02, 54 more, s57, s58, s59`. */
export function shortList(names: readonly string[], separator = ', '): string {
  if (names.length <= WHOLE) return names.join(separator);
  const between = `${names.length - 2 * AT_EACH_END} more`;
  return [...names.slice(0, AT_EACH_END), between, ...names.slice(-AT_EACH_END)].join(separator);
}
