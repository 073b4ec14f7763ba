// Joins the page: choosing, reading in workers, showing, saving.
const bytesOf = text => Uint8Array.from(atob(text), character => character.charCodeAt(0));
const wasm = bytesOf($('wasm').textContent), prices = new TextEncoder().encode($('prices').textContent);
let workers = [], files = [], ready = null, report = null, broken = 0, requests = 0, chosenAt = 0;
// Handing a file to a worker costs the browser a tenth of a millisecond and more: a few go first, so that figures show at once.
const firstFiles = 8, moreFiles = 200;

function label() {
  for (const element of document.querySelectorAll('[data-say]')) element.textContent = say(element.dataset.say);
  document.title = say('page.title') + ' · Tacet';
  $('requests').textContent = say('silence.title', requests);
}

function problem(text) {
  $('problem').textContent = text;
  $('problem').hidden = !text;
}

const state = name => { document.body.dataset.state = name; };

// Two workers: one reads, one counts, so that neither waits for the other.
function start() {
  const address = URL.createObjectURL(new Blob([$('worker').textContent], { type: 'text/javascript' }));
  const [reader, counter] = workers = [new Worker(address), new Worker(address)], pipe = new MessageChannel();
  URL.revokeObjectURL(address);
  reader.postMessage({ kind: 'read', port: pipe.port1 }, [pipe.port1]);
  ready = new Promise(done => {
    counter.onmessage = event => heard(event.data, done);
    counter.onerror = reader.onerror = fail;
  });
  counter.postMessage({ kind: 'start', wasm, prices, port: pipe.port2 }, [pipe.port2]);
}

function stop() {
  for (const worker of workers) worker.terminate();
  $('progress').hidden = true;
  start();
}

function heard(message, done) {
  if (message.kind === 'ready') done();
  if (message.kind === 'progress') {
    document.body.dataset.first ||= String(Math.round(performance.now() - chosenAt));
    if (message.total) $('bar').value = message.done / message.total; else $('bar').removeAttribute('value');
    $('rate').textContent = say('reading.rate', BigInt(message.rows), usd(message.nano), Math.round(message.done / message.seconds / 1048576));
  }
  if (message.kind === 'report') {
    report = JSON.parse(message.json);
    const parsed = report.files.reduce((sum, file) => sum + file.rows.parsed, 0);
    Object.assign(document.body.dataset, { pico: report.totals.cost_pico_usd, rows: parsed, memory: message.memory });
    if (message.seconds !== undefined) {
      broken = message.broken;
      document.body.dataset.seconds = String(message.seconds);
      $('progress').hidden = true;
    }
    problem(parsed === 0 ? say('problem.nothing') : broken > 0 ? say('problem.damaged', broken) : '');
    show(report);
    if (message.seconds !== undefined && parsed > 0) $('reporttitle').focus();
    state('done');
  }
  if (message.kind === 'export') save(message.form, message.bytes);
  if (message.kind === 'failed') fail();
}

function fail() {
  problem(say('problem.failed'));
  stop();
  state('failed');
}

async function audit(columns) {
  if (files.length === 0) return;
  if (document.body.dataset.state === 'reading') stop();
  state('reading');
  problem('');
  delete document.body.dataset.first;
  chosenAt = performance.now();
  $('progress').hidden = false;
  $('bar').value = 0;
  $('rate').textContent = '';
  await ready;
  // Nothing here asks for a size: each costs the page a round through the browser, which the worker can wait for.
  const all = files, counter = workers[1];
  counter.postMessage({ kind: 'audit', columns, code, text: catalogues.get(code).text });
  for (let at = 0; at < all.length;) {
    const end = at + (at === 0 ? firstFiles : moreFiles);
    counter.postMessage({ kind: 'files', files: all.slice(at, end), isLast: end >= all.length });
    at = end;
    await new Promise(done => setTimeout(done));
    if (workers[1] !== counter) return;
  }
}

function save(form, bytes) {
  const kinds = [['json', 'application/json'], ['csv', 'text/csv'], ['html', 'text/html']];
  const address = URL.createObjectURL(new Blob([bytes], { type: kinds[form][1] }));
  make('a', '', { href: address, download: 'audit.' + kinds[form][0] }).click();
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
  const plain = [...event.dataTransfer.files], found = [];
  try { for (const entry of entries) await walk(entry, found); } catch { found.length = 0; }
  files = found.length > 0 ? found : plain;
  audit([]);
});
$('cancel').addEventListener('click', () => {
  stop();
  problem(say('reading.cancelled'));
  state('cancelled');
});
$('mapform').addEventListener('submit', event => {
  event.preventDefault();
  audit([...document.querySelectorAll('select[data-column]')].filter(choice => choice.value !== 'none').map(choice => ({ name: choice.dataset.column, field: choice.value })));
});
for (const button of document.querySelectorAll('button[data-form]')) {
  button.addEventListener('click', () => workers[1].postMessage({ kind: 'export', form: Number(button.dataset.form) }));
}
for (const [name, catalogue] of catalogues) $('language').append(make('option', catalogue.phrases.get('style.language'), { value: name, lang: name }));
$('language').addEventListener('change', event => {
  speak(event.target.value);
  label();
  problem('');
  if (report) workers[1].postMessage({ kind: 'report', code, text: catalogues.get(code).text });
});
new PerformanceObserver(list => {
  requests += list.getEntries().filter(entry => !entry.name.startsWith('blob:')).length;
  $('requests').textContent = say('silence.title', requests);
}).observe({ type: 'resource', buffered: true });
speak(preferred());
$('language').value = code;
label();
start();
