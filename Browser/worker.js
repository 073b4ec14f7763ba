'use strict';
// Two of these run. One reads files into buffers and hands them over; the other streams them through the engine and tells
// figures. Names never leave the page.
let engine = null, prices = null, port = null;
// A part is large because each costs a message through the browser's processes; small files are asked for together.
const piece = 1 << 18, slice = 16 << 20, first = 1 << 18, small = 4 << 20;
const encoder = new TextEncoder();

// The reader: one buffer for each blob it is sent, in order.
function serve(from) {
  const reader = new FileReaderSync();
  from.onmessage = event => {
    try {
      const buffer = reader.readAsArrayBuffer(event.data);
      from.postMessage(buffer, [buffer]);
    } catch {
      from.postMessage(null);
    }
  };
}

const waiting = [];

// The bytes of a blob, from the reader. Asked for ahead, they come while others are counted.
function whole(blob) {
  const answer = new Promise((done, failed) => waiting.push({ done, failed }));
  answer.catch(() => {});
  port.postMessage(blob);
  return answer;
}

const bytes = (file, from, to) => whole(file.slice(from, Math.min(file.size, to)));

function answered(event) {
  const { done, failed } = waiting.shift();
  if (event.data) done(new Uint8Array(event.data)); else failed(new Error('unreadable'));
}

const memory = (at, count) => new Uint8Array(engine.memory.buffer, at, count);

function put(part) {
  const at = engine.room(part.length);   // may grow the memory: take the buffer afterwards
  memory(at, part.length).set(part);
}

function feed(all) {
  for (let from = 0; from < all.length; from += piece) {
    const part = all.subarray(from, from + piece);
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
  postMessage({ kind: 'progress', done, total: isLast ? total : 0, seconds: (now - began) / 1000, rows: String(engine.rowsSoFar()), nano: String(engine.costSoFar()) });
}

// Packed bytes go through the browser's own inflater; `size` of them are told as they pass.
async function inflate(blob, form) {
  const counted = new TransformStream({ transform(part, out) { tell(part.length); out.enqueue(part); } });
  const reader = blob.stream().pipeThrough(counted).pipeThrough(new DecompressionStream(form)).getReader();
  for (;;) {
    const step = await reader.read();
    if (step.done) return;
    feed(step.value);
  }
}

// The members of a ZIP archive, from its central directory.
async function members(file) {
  const tail = await bytes(file, Math.max(0, file.size - 65557), file.size);
  const view = new DataView(tail.buffer);
  let end = tail.length - 22;
  while (end >= 0 && view.getUint32(end, true) !== 0x06054b50) end -= 1;
  if (end < 0) throw new Error('zip');
  const count = view.getUint16(end + 10, true), length = view.getUint32(end + 12, true), start = view.getUint32(end + 16, true);
  if (count === 0xffff || start === 0xffffffff) throw new Error('zip');
  const list = new DataView((await bytes(file, start, start + length)).buffer);
  const found = [];
  for (let at = 0; at + 46 <= list.byteLength && list.getUint32(at, true) === 0x02014b50;) {
    const flags = list.getUint16(at + 8, true), method = list.getUint16(at + 10, true), packed = list.getUint32(at + 20, true);
    const header = list.getUint32(at + 42, true);
    at += 46 + list.getUint16(at + 28, true) + list.getUint16(at + 30, true) + list.getUint16(at + 32, true);
    if (flags & 1 || (method !== 0 && method !== 8) || packed === 0) continue;
    const local = new DataView((await bytes(file, header, header + 30)).buffer);
    const data = header + 30 + local.getUint16(26, true) + local.getUint16(28, true);
    found.push({ blob: file.slice(data, data + packed), deflated: method === 8 });
  }
  return found;
}

// A plain file; two pieces are read ahead.
async function slices(file, head) {
  const ahead = [];
  let asked = head.length;
  const ask = () => {
    while (ahead.length < 2 && asked < file.size && !engine.isRefused()) {
      ahead.push(bytes(file, asked, asked + slice));
      asked += slice;
    }
  };
  ask();
  feed(head);
  tell(head.length);
  while (ahead.length > 0) {
    const part = await ahead.shift();
    ask();
    if (!engine.isRefused()) feed(part);
    tell(part.length);
  }
}

async function read(file, head) {
  if (head[0] === 0x50 && head[1] === 0x4b && head[2] === 3 && head[3] === 4) {
    for (const member of await members(file)) {
      engine.beginFile();
      if (member.deflated) await inflate(member.blob, 'deflate-raw'); else await slices(member.blob, await bytes(member.blob, 0, first));
      engine.endFile();
    }
    return;
  }
  engine.beginFile();
  if (head[0] === 0x1f && head[1] === 0x8b) await inflate(file, 'gzip'); else await slices(file, head);
  engine.endFile();
}

function speak(code, text) {
  const all = encoder.encode(code + text);
  put(all);
  engine.speak(all.length);
}

function report(form) {
  const count = engine.report(form);
  return memory(engine.reportBytes(), count).slice();
}

const told = more => postMessage({ kind: 'report', json: new TextDecoder().decode(report(0)), memory: engine.memory.buffer.byteLength, ...more });

// Files in groups that are read at once: small ones together, a large one by itself.
function grouped(files) {
  const groups = [];
  let group = [], size = 0;
  for (const file of files) {
    if (group.length > 0 && (file.size > small || size + file.size > slice || group.length === 256)) {
      groups.push(group);
      [group, size] = [[], 0];
    }
    group.push(file);
    size += file.size > small ? slice : file.size;
  }
  if (group.length > 0) groups.push(group);
  return groups;
}

// The first bytes of each file of a group, all of a small one; null for one that cannot be read.
async function heads(group) {
  const sizes = group.map(file => file.size > small ? first : file.size), list = [];
  try {
    const all = await whole(new Blob(group.map((file, place) => sizes[place] < file.size ? file.slice(0, sizes[place]) : file)));
    let at = 0;
    for (const size of sizes) list.push(all.subarray(at, at += size));
  } catch {
    for (const [place, file] of group.entries()) list.push(await bytes(file, 0, sizes[place]).catch(() => null));
  }
  return list;
}

// Files that came and are not grouped yet, whether they are the last, and who waits for more.
let arrived = [], isLast = false, wake = () => {};

async function audit(message) {
  engine.forgetColumns();
  for (const column of message.columns) {
    const name = encoder.encode(column.name), both = encoder.encode(column.name + column.field);
    put(both);
    engine.column(name.length, both.length - name.length);
  }
  speak(message.code, message.text);
  put(prices);
  const key = crypto.getRandomValues(new BigUint64Array(2));
  engine.begin(prices.length, key[0], key[1], BigInt(Date.now()) * 1000n, 0n);
  total = done = lastTold = 0;
  began = performance.now();
  let broken = 0;
  // The next group of files is read while one is counted.
  const groups = [], ahead = [];
  for (;;) {
    for (const file of arrived) total += file.size;
    groups.push(...grouped(arrived.splice(0)));
    while (ahead.length < 2 && groups.length > 0) ahead.push({ group: groups[0], list: heads(groups.shift()) });
    if (ahead.length === 0) {
      if (isLast) break;
      await new Promise(more => { wake = more; });
      continue;
    }
    const { group, list } = ahead.shift(), found = await list;
    for (let place = 0; place < group.length; place += 1) {
      try {
        if (!found[place]) throw new Error('unreadable');
        await read(group[place], found[place]);
      } catch {
        broken += 1;
        engine.endFile();
      }
    }
  }
  told({ broken, seconds: (performance.now() - began) / 1000 });
}

onmessage = async event => {
  const message = event.data;
  try {
    if (message.kind === 'read') serve(message.port);
    if (message.kind === 'start') {
      engine = (await WebAssembly.instantiate(message.wasm, {})).instance.exports;
      prices = message.prices;
      port = message.port;
      port.onmessage = answered;
      postMessage({ kind: 'ready' });
    }
    if (message.kind === 'files') {
      arrived.push(...message.files);
      isLast = message.isLast;
      wake();
    }
    if (message.kind === 'audit') {
      [arrived, isLast] = [[], false];
      await audit(message);
    }
    if (message.kind === 'report') {
      speak(message.code, message.text);
      told({});
    }
    if (message.kind === 'export') postMessage({ kind: 'export', form: message.form, bytes: report(message.form) });
  } catch {
    postMessage({ kind: 'failed' });
  }
};
