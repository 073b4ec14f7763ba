'use strict';
// Streams files through the engine. It gets File objects and tells figures; names never leave the page.
let engine = null, prices = null, columns = [];
const piece = 1 << 18, slice = 4 << 20;

function memory(at, count) { return new Uint8Array(engine.memory.buffer, at, count); }

function put(bytes) {
  const at = engine.room(bytes.length);   // may grow the memory: take the buffer afterwards
  memory(at, bytes.length).set(bytes);
}

function feed(bytes) {
  for (let from = 0; from < bytes.length; from += piece) {
    const part = bytes.subarray(from, from + piece);
    put(part);
    engine.feed(part.length);
  }
}

let total = 0, done = 0, lastTold = 0, began = 0;
function tell(count) {
  done += count;
  const now = performance.now();
  if (now - lastTold < 100) return;
  lastTold = now;
  postMessage({ kind: 'progress', done, total, seconds: (now - began) / 1000, rows: String(engine.rowsSoFar()), nano: String(engine.costSoFar()) });
}

async function stream(source) {
  const reader = source.getReader();
  for (;;) {
    const step = await reader.read();
    if (step.done) return;
    feed(step.value);
  }
}

async function head(file, from, to) { return new Uint8Array(await file.slice(from, to).arrayBuffer()); }

// The members of a ZIP archive, from its central directory.
async function members(file) {
  const tail = await head(file, Math.max(0, file.size - 65557), file.size);
  const view = new DataView(tail.buffer);
  let end = tail.length - 22;
  while (end >= 0 && view.getUint32(end, true) !== 0x06054b50) end -= 1;
  if (end < 0) throw new Error('zip');
  const count = view.getUint16(end + 10, true), length = view.getUint32(end + 12, true), start = view.getUint32(end + 16, true);
  if (count === 0xffff || start === 0xffffffff) throw new Error('zip');
  const list = new DataView((await head(file, start, start + length)).buffer);
  const found = [];
  for (let at = 0; at + 46 <= list.byteLength && list.getUint32(at, true) === 0x02014b50;) {
    const flags = list.getUint16(at + 8, true), method = list.getUint16(at + 10, true), packed = list.getUint32(at + 20, true);
    const header = list.getUint32(at + 42, true);
    at += 46 + list.getUint16(at + 28, true) + list.getUint16(at + 30, true) + list.getUint16(at + 32, true);
    if (flags & 1 || (method !== 0 && method !== 8) || packed === 0) continue;
    const local = new DataView((await head(file, header, header + 30)).buffer);
    const data = header + 30 + local.getUint16(26, true) + local.getUint16(28, true);
    found.push({ blob: file.slice(data, data + packed), deflated: method === 8 });
  }
  return found;
}

// Pieces of a file; those after it are read while it is worked on.
async function slices(file, first) {
  const ahead = [];
  let asked = first.length;
  const ask = () => {
    while (ahead.length < 3 && asked < file.size) {
      const part = head(file, asked, Math.min(file.size, asked + slice));
      part.catch(() => {});
      ahead.push(part);
      asked += slice;
    }
  };
  ask();
  feed(first);
  tell(first.length);
  while (ahead.length > 0) {
    const part = await ahead.shift();
    ask();
    feed(part);
    tell(part.length);
  }
}

async function read(file, first) {
  if (first[0] === 0x50 && first[1] === 0x4b && first[2] === 3 && first[3] === 4) {
    for (const member of await members(file)) {
      engine.beginFile();
      const plain = member.blob.stream();
      await stream(member.deflated ? plain.pipeThrough(new DecompressionStream('deflate-raw')) : plain);
      engine.endFile();
      tell(member.blob.size);
    }
    return;
  }
  engine.beginFile();
  if (first[0] === 0x1f && first[1] === 0x8b) {
    await stream(file.stream().pipeThrough(new DecompressionStream('gzip')));
    tell(file.size);
  } else {
    await slices(file, first);
  }
  engine.endFile();
}

function report(form) {
  const count = engine.report(form);
  return memory(engine.reportBytes(), count).slice();
}

onmessage = async event => {
  const message = event.data;
  try {
    if (message.kind === 'start') {
      engine = (await WebAssembly.instantiate(message.wasm, {})).instance.exports;
      prices = message.prices;
      postMessage({ kind: 'ready' });
    } else if (message.kind === 'audit') {
      engine.forgetColumns();
      for (const column of message.columns) {
        const name = new TextEncoder().encode(column.name), field = new TextEncoder().encode(column.field);
        const both = new Uint8Array(name.length + field.length);
        both.set(name);
        both.set(field, name.length);
        put(both);
        engine.column(name.length, field.length);
      }
      put(prices);
      const key = crypto.getRandomValues(new BigUint64Array(2));
      engine.begin(prices.length, key[0], key[1], BigInt(Date.now()) * 1000n, 0n);
      total = message.files.reduce((sum, file) => sum + file.size, 0);
      done = 0;
      began = performance.now();
      let broken = 0;
      // A few files are opened ahead: most are small, and opening takes longer than reading them.
      const ahead = [];
      let waiting = 0;
      for (let index = 0; index < message.files.length; index += 1) {
        while (ahead.length < 32 && waiting < 4 * slice && index + ahead.length < message.files.length) {
          const file = message.files[index + ahead.length];
          const first = head(file, 0, Math.min(file.size, slice));
          first.catch(() => {});
          waiting += Math.min(file.size, slice);
          ahead.push(first);
        }
        waiting -= Math.min(message.files[index].size, slice);
        try { await read(message.files[index], await ahead.shift()); } catch { broken += 1; engine.endFile(); }
      }
      postMessage({ kind: 'report', json: new TextDecoder().decode(report(0)), broken, seconds: (performance.now() - began) / 1000, bytes: done });
    } else if (message.kind === 'export') {
      postMessage({ kind: 'export', form: message.form, bytes: report(message.form) });
    }
  } catch {
    postMessage({ kind: 'failed' });
  }
};
