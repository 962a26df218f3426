/** Dates in tables: which way a column writes them, and dates as numbers. */

/** Ways to write a date: ISO 8601, or day, month and year with slashes, dots or dashes. */
export type DateForm = 'iso' | 'dayFirst' | 'monthFirst';

const TIME = '(?:[T ]+(\\d{1,2}):(\\d{2})(?::(\\d{2})(\\.\\d+)?)?\\s*(Z|[+-]\\d{2}:?\\d{2})?)?';
const YEAR_FIRST = new RegExp(`^(\\d{4})([-/.])(\\d{1,2})\\2(\\d{1,2})${TIME}$`);
const YEAR_LAST = new RegExp(`^(\\d{1,2})([-/.])(\\d{1,2})\\2(\\d{4})${TIME}$`);
const DAY_MS = 86_400_000;

/** Whether a text may be a date in one of the forms. */
export const looksLikeDate = (text: string): boolean => YEAR_FIRST.test(text) || YEAR_LAST.test(text);

/**
 * The form in which all texts are dates; undefined for none, `ambiguous` where day and month may be either. Dots are
 * between day, month and year, in this order.
 */
export function dateFormOf(
  texts: readonly string[],
  dayFirst: boolean | undefined,
): DateForm | 'ambiguous' | undefined {
  if (texts.length === 0 || !texts.every(looksLikeDate)) return undefined;
  const fits = (form: DateForm) => texts.every((text) => Number.isFinite(dateNumber(text, form)));
  if (fits('iso')) return 'iso';
  const [day, month] = [fits('dayFirst'), fits('monthFirst')];
  if (day && month) {
    if (dayFirst !== undefined) return dayFirst ? 'dayFirst' : 'monthFirst';
    return texts.every((text) => text.includes('.')) ? 'dayFirst' : 'ambiguous';
  }
  return day ? 'dayFirst' : month ? 'monthFirst' : undefined;
}

/** Days since 1970-01-01, UTC unless the text has an offset, with the time as a fraction; NaN for what is no date. */
export function dateNumber(text: string, form: DateForm): number {
  const match = (form === 'iso' ? YEAR_FIRST : YEAR_LAST).exec(text);
  if (!match) return Number.NaN;
  const [, first, , second, third, hours = 0, minutes = 0, seconds = 0, fraction = 0, zone] = match;
  const [year, month, day] =
    form === 'iso'
      ? [first, second, third]
      : form === 'dayFirst'
        ? [third, second, first]
        : [third, first, second];
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  // Dates roll over: the 30th of February would be in March.
  const isReal = date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
  if (!isReal || Number(hours) > 24 || Number(minutes) > 59 || Number(seconds) > 60) return Number.NaN;
  const offset = zone && zone !== 'Z' ? offsetMinutes(zone) : 0;
  const minutesOfDay = Number(hours) * 60 + Number(minutes) - offset;
  return date.getTime() / DAY_MS + (minutesOfDay + (Number(seconds) + Number(fraction)) / 60) / 1440;
}

/** Minutes of `+01:30`. */
function offsetMinutes(zone: string): number {
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(-2))];
  return (zone[0] === '-' ? -1 : 1) * (60 * hours + minutes);
}
