'use strict';
// Everything from files reaches the page by textContent only.
const $ = id => document.getElementById(id);
const bytesOf = text => Uint8Array.from(atob(text), character => character.charCodeAt(0));
const wasm = bytesOf($('wasm').textContent);
const prices = new TextEncoder().encode($('prices').textContent);
let worker = null, files = [], ready = null;

function make(name, text, attributes) {
  const element = document.createElement(name);
  if (text !== undefined) element.textContent = text;
  for (const key in attributes || {}) element.setAttribute(key, attributes[key]);
  return element;
}

function svg(name, attributes, text) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const key in attributes) element.setAttribute(key, attributes[key]);
  if (text !== undefined) element.textContent = text;
  return element;
}

const grouped = value => BigInt(value).toString().replace(/\B(?=(\d{3})+$)/g, ',');

// Nano-USD as dollars, by integers alone.
function usd(nano) {
  let value = BigInt(nano);
  const sign = value < 0n ? '-' : '';
  if (value < 0n) value = -value;
  const places = value === 0n || value >= 1000000000n ? 2n : value >= 10000000n ? 4n : 6n;
  const unit = 10n ** (9n - places);
  const rounded = (value + unit / 2n) / unit, scale = 10n ** places;
  return sign + '$' + grouped(rounded / scale) + '.' + (rounded % scale).toString().padStart(Number(places), '0');
}

function table(heads, rows) {
  const box = make('div', undefined, { class: 'scroll', tabindex: '0' });
  const all = make('table'), top = make('tr');
  for (const head of heads) top.append(make('th', head.text, head.num ? { class: 'num', scope: 'col' } : { scope: 'col' }));
  all.append(make('thead'));
  all.tHead.append(top);
  const body = make('tbody');
  for (const row of rows) {
    const line = make('tr');
    row.forEach((cell, index) => {
      const box = make('td', cell instanceof Node ? undefined : cell, { class: heads[index].num ? 'num' : index === 0 ? 'name' : '' });
      if (cell instanceof Node) box.append(cell);
      line.append(box);
    });
    body.append(line);
  }
  all.append(body);
  box.append(all);
  return box;
}

function bar(part, whole) {
  const drawing = svg('svg', { width: '120', height: '10', 'aria-hidden': 'true' });
  drawing.append(svg('rect', { class: 'bar', width: String(Math.max(0, 120 * part / whole)), height: '10', rx: '1.5' }));
  return drawing;
}

function days(groups) {
  const drawing = svg('svg', { viewBox: '0 0 860 200', width: '100%', role: 'img', 'aria-label': 'Cost per day; a table follows' });
  const most = Math.max(1, ...groups.map(group => group.cost_nano_usd)), wide = 810 / groups.length;
  for (const part of [0, .5, 1]) {
    const y = 170 - 155 * part;
    drawing.append(svg('line', { class: 'grid', x1: '48', x2: '860', y1: String(y), y2: String(y) }));
    drawing.append(svg('text', { class: 'tick', x: '42', y: String(y + 4), 'text-anchor': 'end' }, usd(Math.round(most * part)).replace(/\.\d+$/, most > 1e10 ? '' : '$&')));
  }
  groups.forEach((group, index) => {
    const high = Math.max(.5, 155 * Math.max(0, group.cost_nano_usd) / most);
    const rect = svg('rect', { class: 'bar', x: String(48 + index * wide + 1), y: String(170 - high), width: String(Math.max(1, wide - 2)), height: String(high), rx: '1.5' });
    rect.append(svg('title', {}, group.name + '  ' + usd(group.cost_nano_usd)));
    drawing.append(rect);
    if (index % Math.ceil(groups.length / 8) === 0) drawing.append(svg('text', { class: 'tick', x: String(48 + index * wide), y: '190' }, group.name.slice(5)));
  });
  return drawing;
}

function figure(name, value, note) {
  const box = make('div');
  box.append(make('dt', name), make('dd', value));
  const line = make('dd', note, { class: 'note' });
  box.append(line);
  return box;
}

function groupTable(groups) {
  const most = Math.max(1, ...groups.map(group => group.cost_nano_usd));
  return table([{ text: 'Name' }, { text: '' }, { text: 'Calls', num: 1 }, { text: 'Tokens in', num: 1 }, { text: 'of it cached', num: 1 }, { text: 'Tokens out', num: 1 }, { text: 'Cost', num: 1 }],
    groups.slice(0, 200).map(group => [group.name, bar(group.cost_nano_usd, most), grouped(group.requests), grouped(group.input_tokens), grouped(group.cache_read_tokens), grouped(group.output_tokens), usd(group.cost_nano_usd)]));
}

const words = { model: 'By model', key: 'By key', project: 'By project', user: 'By user', hour: 'By hour of the day (UTC)', tier: 'By class of service' };

function show(report, broken) {
  const totals = report.totals, parsed = report.files.reduce((sum, file) => sum + file.rows.parsed, 0);
  const skipped = report.files.reduce((sum, file) => sum + file.rows.skipped, 0);
  document.body.dataset.pico = totals.cost_pico_usd;
  document.body.dataset.rows = String(parsed);
  const unknown = report.files.find(file => file.format === 'unknown' && file.columns);
  $('mapping').hidden = !unknown;
  if (unknown) mapping(unknown.columns);
  const problem = parsed === 0 ? 'Nothing in there could be read as usage.' : broken > 0 ? broken + ' of the files are damaged and were read in part.' : '';
  $('problem').textContent = problem;
  $('problem').hidden = !problem;
  $('report').hidden = parsed === 0;
  if (parsed === 0) return;
  const saving = report.findings.reduce((sum, finding) => sum + BigInt(finding.saving_per_30_days_nano_usd || 0), 0n);
  const input = totals.tokens.input + totals.tokens.cache_read + totals.tokens.cache_write_5m + totals.tokens.cache_write_1h + totals.tokens.input_audio + totals.tokens.input_image;
  $('figures').replaceChildren(
    figure('Spent', usd(totals.cost_nano_usd), (totals.first_day ? totals.first_day + ' to ' + totals.last_day + '. ' : '') + (totals.billed_nano_usd ? usd(totals.billed_nano_usd) + ' of it as billed.' : 'At list prices of the day.')),
    figure('Could be saved', usd(saving), 'In thirty days, overlaps taken off.'),
    figure('Calls', grouped(totals.requests), grouped(totals.failed) + ' failed.' + (totals.latency_ms ? ' Half within ' + grouped(totals.latency_ms.median) + ' ms.' : '')),
    figure('Tokens in', grouped(input), grouped(totals.tokens.output) + ' out. ' + grouped(parsed) + ' rows read, ' + grouped(skipped) + ' skipped.'));
  const byDay = report.by.day.filter(group => group.name[0] !== '(');
  $('days').replaceChildren();
  if (byDay.length > 0) {
    const dearest = byDay.reduce((best, group) => group.cost_nano_usd > best.cost_nano_usd ? group : best);
    $('daysnote').textContent = 'Most on ' + dearest.name + ', ' + usd(dearest.cost_nano_usd) + '.';
    const more = make('details');
    more.append(make('summary', 'Table'), groupTable(byDay));
    $('days').append(days(byDay), more);
  } else {
    $('daysnote').textContent = 'The files do not tell the day.';
  }
  $('findings').replaceChildren(table([{ text: 'Finding' }, { text: 'Evidence and what to do' }, { text: 'Sure' }, { text: 'In 30 days', num: 1 }], report.findings.map(finding => {
    const cell = make('div');
    cell.append(make('div', finding.evidence), make('div', finding.action, { class: 'dim' }));
    if (finding.setting) cell.append(make('code', finding.setting));
    const tag = make('span', finding.confidence.replace('_', ' '), { class: finding.confidence === 'measured' ? 'tag' : 'tag quiet' });
    const amount = finding.saving_per_30_days_nano_usd ?? finding.per_30_days_nano_usd ?? finding.amount_nano_usd;
    return [finding.title, cell, tag, amount === undefined ? '' : usd(amount)];
  })));
  $('groups').replaceChildren();
  for (const name in words) {
    const groups = report.by[name];
    if (groups.length === 0 || (groups.length === 1 && name !== 'model')) continue;
    const section = make('section');
    section.append(make('h2', words[name]), groupTable(groups));
    $('groups').append(section);
  }
  $('whatifsection').hidden = report.what_if.length === 0;
  $('whatif').replaceChildren(table([{ text: 'Model' }, { text: 'Other' }, { text: 'List price', num: 1 }, { text: "The other's", num: 1 }],
    report.what_if.map(row => [row.model, row.other, usd(row.cost_nano_usd), usd(row.other_cost_nano_usd)])));
  $('filelist').replaceChildren(table([{ text: 'Format' }, { text: 'Skipped' }, { text: 'Rows', num: 1 }],
    report.files.slice(0, 300).map(file => [file.format, file.skipped.map(skip => grouped(skip.rows) + ' ' + skip.reason.replace(/_/g, ' ') + ' (line ' + skip.lines.slice(0, 3).join(', ') + ')').join('; '), grouped(file.rows.parsed)])));
}

function mapping(columns) {
  $('maprows').replaceChildren(...columns.map(column => {
    const line = make('tr'), choice = make('select', undefined, { 'aria-label': 'Meaning of ' + column, 'data-column': column });
    for (const field of ['', 'time', 'model', 'provider', 'key', 'user', 'project', 'requests', 'input', 'uncached', 'cache_read', 'cache_write', 'output', 'reasoning', 'cost', 'currency', 'status', 'latency']) choice.append(make('option', field || 'nothing', { value: field }));
    const cell = make('td');
    cell.append(choice);
    line.append(make('td', column), cell);
    return line;
  }));
}

function start() {
  const address = URL.createObjectURL(new Blob([$('worker').textContent], { type: 'text/javascript' }));
  worker = new Worker(address);
  URL.revokeObjectURL(address);
  ready = new Promise(done => {
    worker.onmessage = event => {
      const message = event.data;
      if (message.kind === 'ready') done();
      if (message.kind === 'progress') {
        $('bar').value = message.total ? message.done / message.total : 0;
        $('rate').textContent = grouped(message.rows) + ' rows, ' + usd(message.nano) + ' so far, ' + Math.round(message.done / message.seconds / 1048576) + ' MiB a second';
      }
      if (message.kind === 'report') {
        $('progress').hidden = true;
        document.body.dataset.seconds = String(message.seconds);
        show(JSON.parse(message.json), message.broken);
        document.body.dataset.state = 'done';
      }
      if (message.kind === 'export') save(message.form, message.bytes);
      if (message.kind === 'failed') fail();
    };
    worker.onerror = fail;
  });
  worker.postMessage({ kind: 'start', wasm, prices });
}

function fail() {
  $('progress').hidden = true;
  $('problem').textContent = 'The files could not be read: the engine stopped. Nothing was sent.';
  $('problem').hidden = false;
  document.body.dataset.state = 'failed';
  worker.terminate();
  start();
}

async function audit(columns) {
  if (files.length === 0) return;
  document.body.dataset.state = 'reading';
  $('progress').hidden = false;
  $('problem').hidden = true;
  $('bar').value = 0;
  $('rate').textContent = '';
  await ready;
  worker.postMessage({ kind: 'audit', files, columns });
}

function save(form, bytes) {
  const kinds = [['json', 'application/json'], ['csv', 'text/csv'], ['html', 'text/html']];
  const address = URL.createObjectURL(new Blob([bytes], { type: kinds[form][1] }));
  const link = make('a', '', { href: address, download: 'audit.' + kinds[form][0] });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

function chosen(event) {
  files = [...event.target.files];
  event.target.value = '';
  audit([]);
}

// A dropped folder is walked.
async function walk(entry, out) {
  if (entry.isFile) {
    out.push(await new Promise((done, failed) => entry.file(done, failed)));
    return;
  }
  const reader = entry.createReader();
  for (;;) {
    const some = await new Promise((done, failed) => reader.readEntries(done, failed));
    if (some.length === 0) return;
    for (const child of some) await walk(child, out);
  }
}

$('files').addEventListener('change', chosen);
$('folder').addEventListener('change', chosen);
addEventListener('dragover', event => { event.preventDefault(); $('drop').classList.add('over'); });
addEventListener('dragleave', () => $('drop').classList.remove('over'));
addEventListener('drop', async event => {
  event.preventDefault();
  $('drop').classList.remove('over');
  const entries = [...event.dataTransfer.items].map(item => item.webkitGetAsEntry && item.webkitGetAsEntry()).filter(Boolean);
  const plain = [...event.dataTransfer.files];
  const found = [];
  try { for (const entry of entries) await walk(entry, found); } catch { found.length = 0; }
  files = found.length > 0 ? found : plain;
  audit([]);
});
$('cancel').addEventListener('click', () => {
  worker.terminate();
  $('progress').hidden = true;
  document.body.dataset.state = 'cancelled';
  start();
});
$('mapform').addEventListener('submit', event => {
  event.preventDefault();
  const columns = [...document.querySelectorAll('select[data-column]')].filter(choice => choice.value).map(choice => ({ name: choice.dataset.column, field: choice.value }));
  audit(columns);
});
for (const button of document.querySelectorAll('button[data-form]')) {
  button.addEventListener('click', () => worker.postMessage({ kind: 'export', form: Number(button.dataset.form) }));
}
let requests = 0;
new PerformanceObserver(list => {
  requests += list.getEntries().filter(entry => !entry.name.startsWith('blob:')).length;
  $('requests').textContent = String(requests);
}).observe({ type: 'resource', buffered: true });
start();
