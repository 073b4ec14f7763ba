// Words, numbers and dates in the reader's language. The catalogue's texts stand in the page; the engine takes the same ones.
const catalogues = new Map();
for (const holder of document.querySelectorAll('script[data-language]')) {
  const phrases = new Map();
  for (const line of holder.textContent.split('\n')) {
    const at = line.indexOf(' =');
    if (at > 0 && line[0] !== '#') phrases.set(line.slice(0, at), line.slice(at + 3));
  }
  catalogues.set(holder.dataset.language, { phrases, text: holder.textContent });
}

let code = 'en', phrases, plurals, integers, dates, shortDates;

function speak(wanted) {
  code = wanted;
  phrases = catalogues.get(code).phrases;
  plurals = new Intl.PluralRules(code);
  integers = new Intl.NumberFormat(code);
  dates = new Intl.DateTimeFormat(code, { dateStyle: 'medium', timeZone: 'UTC' });
  shortDates = new Intl.DateTimeFormat(code, { month: 'numeric', day: 'numeric', timeZone: 'UTC' });
  document.documentElement.lang = code;
}

// The first language the browser asks for that the page knows.
function preferred() {
  for (const name of navigator.languages) {
    const base = name.slice(0, 2).toLowerCase();
    if (catalogues.has(base)) return base;
  }
  return 'en';
}

const grouped = value => integers.format(typeof value === 'string' ? BigInt(value) : value);

// A phrase of the catalogue; numbers are grouped, `{0|# row|# rows}` takes the form of the count.
function say(key, ...values) {
  const write = value => typeof value === 'number' || typeof value === 'bigint' ? grouped(value) : value;
  return phrases.get(key).replace(/\{(\d)((?:\|[^}|]*)*)\}/g, (_, place, choices) => {
    const value = values[Number(place)];
    if (!choices) return write(value);
    const forms = choices.slice(1).split('|'), kind = plurals.select(Number(value));
    const form = kind === 'one' ? 0 : kind === 'many' ? 2 : 1;
    return forms[Math.min(form, forms.length - 1)].replace('#', () => grouped(value));
  });
}

const sentences = list => list.filter(Boolean).reduce((all, next) => all ? say('style.sentence', all, next) : next, '');

// Nano-USD in the language's way; rounded by integers alone.
function usd(nano) {
  let value = BigInt(nano);
  const sign = value < 0n ? '-' : '';
  if (value < 0n) value = -value;
  const places = value === 0n || value >= 1000000000n ? 2n : value >= 10000000n ? 4n : 6n;
  const unit = 10n ** (9n - places), scale = 10n ** places, rounded = (value + unit / 2n) / unit;
  const exact = sign + rounded / scale + '.' + (rounded % scale).toString().padStart(Number(places), '0');
  return new Intl.NumberFormat(code, { style: 'currency', currency: 'USD', currencyDisplay: 'narrowSymbol', minimumFractionDigits: Number(places), maximumFractionDigits: Number(places) }).format(exact);
}

const percent = share => new Intl.NumberFormat(code, { style: 'percent', maximumFractionDigits: 1 }).format(share);
const midnight = day => new Date(day + 'T00:00:00Z');
const isDay = name => /^\d{4}-\d\d-\d\d$/.test(name);
const date = day => isDay(day) ? dates.format(midnight(day)) : day;
const shortDate = day => shortDates.format(midnight(day));
