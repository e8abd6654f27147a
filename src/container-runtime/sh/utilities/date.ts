/** `date`, in UTC. */

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];

const two = (number: number): string => String(number).padStart(2, '0');

function field(letter: string, date: Date, ms: number): string {
  const iso = date.toISOString();
  const day = DAYS[date.getUTCDay()] ?? '';
  const month = MONTHS[date.getUTCMonth()] ?? '';
  const fields: Readonly<Record<string, string>> = {
    Y: iso.slice(0, 4),
    y: iso.slice(2, 4),
    m: iso.slice(5, 7),
    d: iso.slice(8, 10),
    e: String(date.getUTCDate()).padStart(2),
    H: iso.slice(11, 13),
    M: iso.slice(14, 16),
    S: iso.slice(17, 19),
    N: `${iso.slice(20, 23)}000000`,
    s: String(Math.floor(ms / 1000)),
    F: iso.slice(0, 10),
    T: iso.slice(11, 19),
    R: iso.slice(11, 16),
    D: `${iso.slice(5, 7)}/${iso.slice(8, 10)}/${iso.slice(2, 4)}`,
    a: day.slice(0, 3),
    A: day,
    b: month.slice(0, 3),
    B: month,
    Z: 'UTC',
    z: '+0000',
    u: String(date.getUTCDay() || 7),
    I: two(date.getUTCHours() % 12 || 12),
    p: date.getUTCHours() < 12 ? 'AM' : 'PM',
    n: '\n',
    '%': '%',
  };
  return fields[letter] ?? `%${letter}`;
}

/** What `date` prints with these arguments, without the newline. */
export function formatDate(words: readonly string[], ms: number): string {
  const date = new Date(ms);
  const format =
    words.find((word) => word.startsWith('+'))?.slice(1) ?? (words.some((word) => /^(-I|--iso)/.test(word)) ? '%F' : '%a %b %e %T UTC %Y');
  return format.replace(/%(.)/g, (_whole, letter: string) => field(letter, date, ms));
}
