// Words, figures and times in the reader's language. The rule: a page has no text of its own, it has keys; a key that a
// language lacks is shown as it is, and a test finds it.

const LANGUAGES = ["ru", "kk", "en"];
/** Figures as each language writes them. Kazakh writes them as Russian does, and not every browser that says it knows
 * Kazakh knows how. */
const LOCALES = { ru: ["ru"], kk: ["ru"], en: ["en-GB"] };
let words = {};
let language = "ru";

/** The language that was chosen, else the first of the reader's that there is, else Russian. */
export function preferred() {
  const wanted = [kept("language"), ...navigator.languages.map((each) => each.slice(0, 2).toLowerCase())];
  return wanted.find((each) => LANGUAGES.includes(each)) ?? "ru";
}

export async function speak(chosen) {
  const answer = await fetch(`/web/${chosen}.json`);
  words = await answer.json();
  language = chosen;
  document.documentElement.lang = chosen;
}

export function speaking() {
  return language;
}

/** The text under a key, with `{name}` replaced. */
export function text(key, values = {}) {
  return (words[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

export function has(key) {
  return key in words;
}

/** Whole numbers with their groups. */
export function figure(value) {
  return new Intl.NumberFormat(LOCALES[language]).format(value);
}

/** Money in minor units. */
export function money(minor) {
  return new Intl.NumberFormat(LOCALES[language], { minimumFractionDigits: 2, maximumFractionDigits: 2 }).format(minor / 100);
}

/** An instant; without its date when it is of today. */
export function moment(at) {
  if (!at) return text("never");
  const date = new Date(at);
  const today = new Date().toDateString() === date.toDateString();
  const time = { hour: "2-digit", minute: "2-digit", second: "2-digit" };
  const format = today ? time : { ...time, year: "numeric", month: "2-digit", day: "2-digit" };
  return new Intl.DateTimeFormat(LOCALES[language], format).format(date);
}

/** A duration in words that fit into a table. */
export function duration(milliseconds) {
  if (milliseconds < 1_000) return text("ms", { n: Math.round(milliseconds) });
  if (milliseconds < 10_000) return text("s", { n: new Intl.NumberFormat(LOCALES[language], { maximumFractionDigits: 1 }).format(milliseconds / 1_000) });
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 120) return text("s", { n: seconds });
  if (seconds < 7_200) return text("min", { n: Math.round(seconds / 60) });
  if (seconds < 172_800) return text("h", { n: Math.round(seconds / 3_600) });
  return text("d", { n: Math.round(seconds / 86_400) });
}

/** What this browser keeps for us; nothing where it may not. */
export function kept(name) {
  try {
    return localStorage.getItem(`mock-ofd.${name}`);
  } catch {
    return null;
  }
}

export function keep(name, value) {
  try {
    localStorage.setItem(`mock-ofd.${name}`, value);
  } catch {
    // A browser that keeps nothing asks again the next time.
  }
}
