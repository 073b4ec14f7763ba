// Draws a report. Everything from files reaches the page by textContent only.
const $ = id => document.getElementById(id);

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

function table(label, heads, rows) {
  const box = make('div', undefined, { class: 'scroll', tabindex: '0', role: 'group', 'aria-label': label });
  const all = make('table'), top = make('tr'), body = make('tbody');
  for (const head of heads) top.append(make('th', head.text, head.num ? { class: 'num', scope: 'col' } : { scope: 'col' }));
  all.append(make('thead'));
  all.tHead.append(top);
  for (const row of rows) {
    const line = make('tr');
    row.forEach((value, index) => {
      const cell = make('td', value instanceof Node ? undefined : value, { class: heads[index].num ? 'num' : index === 0 ? 'name' : '' });
      if (value instanceof Node) cell.append(value);
      line.append(cell);
    });
    body.append(line);
  }
  all.append(body);
  box.append(all);
  return box;
}

function onDemand(...content) {
  const more = make('details');
  more.append(make('summary', say('table.show')), ...content);
  return more;
}

function shareBar(part, whole) {
  const drawing = svg('svg', { width: '100', height: '6', 'aria-hidden': 'true', class: 'share' });
  drawing.append(svg('rect', { class: 'track', width: '100', height: '6', rx: '3' }), svg('rect', { class: 'm1', width: String(Math.max(0, 100 * part / whole)), height: '6', rx: '3' }));
  return drawing;
}

// A round step that cuts the axis into two to four parts.
function step(most) {
  const rough = Math.max(most, 1) / 3, power = 10 ** Math.floor(Math.log10(rough));
  return power * [1, 2, 2.5, 5, 10].find(factor => factor * power >= rough);
}

// Bars of one or several parts; columns are {label, title, parts}.
function chart(columns, label, tick) {
  const full = Math.min(860, Math.max(280, $('report').clientWidth)), high = 190, left = 58, wide = full - left, most = Math.max(1, ...columns.map(column => column.parts.reduce((sum, part) => sum + Math.max(0, part), 0)));
  const every = step(most), top = Math.max(most, every), scale = (high - 26) / top;
  const drawing = svg('svg', { viewBox: `0 0 ${full} ${high + 14}`, role: 'img', 'aria-label': label, class: 'chart' });
  for (let value = 0; value <= top * 1.001; value += every) {
    const y = high - 10 - value * scale;
    drawing.append(svg('line', { class: 'grid', x1: String(left), x2: String(full), y1: String(y), y2: String(y) }), svg('text', { class: 'tick', x: String(left - 8), y: String(y + 4), 'text-anchor': 'end' }, tick(value)));
  }
  const slot = wide / columns.length, gap = slot > 8 ? 3 : slot > 3 ? 1 : 0, thick = Math.min(slot - gap, 64);
  columns.forEach((column, index) => {
    const x = left + index * slot + (slot - thick) / 2;
    let y = high - 10;
    const group = svg('g', {});
    group.append(svg('title', {}, column.title));
    column.parts.forEach((part, place) => {
      const length = Math.max(0, part) * scale;
      if (length <= 0) return;
      y -= length;
      group.append(svg('rect', { class: 'm' + (place + 1), x: x.toFixed(1), y: y.toFixed(1), width: Math.max(.7, thick).toFixed(1), height: Math.max(.5, length - (length > 3 ? 1 : 0)).toFixed(1), rx: String(Math.min(1.5, thick / 4)) }));
    });
    drawing.append(group);
    const often = Math.ceil(columns.length * 80 / full);
    if (index % often === 0 && (columns.length - index) * slot > 30) drawing.append(svg('text', { class: 'tick', x: (x + thick / 2).toFixed(1), y: String(high + 8), 'text-anchor': 'middle' }, column.label));
  });
  return drawing;
}

function legend(names) {
  const list = make('ul', undefined, { class: 'key' });
  names.forEach((name, index) => {
    const entry = make('li'), mark = svg('svg', { width: '10', height: '10', 'aria-hidden': 'true' });
    mark.append(svg('rect', { class: 'm' + (index + 1), width: '10', height: '10', rx: '2' }));
    entry.append(mark, make('span', name));
    list.append(entry);
  });
  return list;
}

// The days from first to last, the empty ones too: a gap is seen as one.
function everyDay(days) {
  const known = new Map(days.map(day => [day.day, day.cost_nano_usd])), all = [];
  const first = midnight(days[0].day).getTime(), last = midnight(days[days.length - 1].day).getTime();
  if ((last - first) / 86400000 > 730) return days;
  for (let time = first; time <= last; time += 86400000) {
    const day = new Date(time).toISOString().slice(0, 10);
    all.push({ day, cost_nano_usd: known.get(day) || [0] });
  }
  return all;
}

function drawDays(report) {
  const { models, days } = report.days_by_model;
  $('days').replaceChildren();
  if (days.length === 0) {
    $('daysnote').textContent = say('days.none');
    return;
  }
  const sum = day => day.cost_nano_usd.reduce((all, cost) => all + cost, 0);
  const most = days.reduce((best, day) => sum(day) > sum(best) ? day : best);
  $('daysnote').textContent = say('days.most', date(most.day), usd(sum(most)));
  const names = [...models], hasOthers = days.some(day => day.cost_nano_usd[models.length] > 0);
  if (hasOthers) names.push(say('days.others'));
  const columns = everyDay(days).map(day => {
    const parts = day.cost_nano_usd.map((cost, place) => cost > 0 && names.length > 1 ? '\n' + names[place] + '  ' + usd(cost) : '').join('');
    return { label: shortDate(day.day), title: date(day.day) + '  ' + usd(sum(day)) + parts, parts: day.cost_nano_usd };
  });
  $('days').append(chart(columns, say('days.label'), roundUSD), legend(names),
    onDemand(table(say('by.day'), [{ text: say('by.day') }, ...names.map(text => ({ text, num: 1 })), { text: say('table.cost'), num: 1 }],
      days.map(day => [date(day.day), ...names.map((_, place) => usd(day.cost_nano_usd[place] || 0)), usd(sum(day))]))));
}

function drawHours(groups) {
  $('hourssection').hidden = groups.length === 0;
  if (groups.length === 0) return;
  const known = new Map(groups.map(group => [Number(group.name), group]));
  const columns = Array.from({ length: 24 }, (_, hour) => {
    const cost = known.get(hour)?.cost_nano_usd ?? 0, label = String(hour).padStart(2, '0');
    return { label, title: label + ':00  ' + usd(cost), parts: [cost] };
  });
  $('hours').replaceChildren(chart(columns, say('hours.label'), roundUSD), onDemand(groupTable(say('by.hour'), groups, name => name + ':00')));
}

const roundUSD = nano => usd(Math.round(nano)).replace(nano >= 3e9 ? /[.,]00(?!\d)/ : /$^/, '');

function groupTable(label, groups, naming = name => name) {
  const most = Math.max(1, ...groups.map(group => group.cost_nano_usd)), shown = groups.slice(0, 200);
  const drawn = table(label, [{ text: say('table.name') }, { text: say('table.share') }, { text: say('table.calls'), num: 1 }, { text: say('table.in'), num: 1 }, { text: say('table.cached'), num: 1 }, { text: say('table.out'), num: 1 }, { text: say('table.cost'), num: 1 }],
    shown.map(group => [naming(group.name), shareBar(group.cost_nano_usd, most), grouped(group.requests), grouped(group.input_tokens), grouped(group.cache_read_tokens), grouped(group.output_tokens), usd(group.cost_nano_usd)]));
  if (groups.length > shown.length) drawn.append(make('p', say('table.more', groups.length - shown.length), { class: 'dim' }));
  return drawn;
}

function drawGroups(by) {
  $('groups').replaceChildren();
  for (const name of ['model', 'key', 'project', 'user', 'tier']) {
    const groups = by[name], title = say('by.' + name);
    if (groups.length === 0 || (groups.length === 1 && name !== 'model')) continue;
    const section = make('section', undefined, { 'aria-label': title });
    section.append(make('h2', title), groupTable(title, groups.slice(0, 10)));
    if (groups.length > 10) {
      const more = make('details');
      more.append(make('summary', say('table.more', groups.length - 10)), groupTable(title, groups.slice(10)));
      section.append(more);
    }
    $('groups').append(section);
  }
}

function figure(name, value, notes, isAccent) {
  const box = make('div');
  box.append(make('dt', name), make('dd', value, isAccent ? { class: 'accent' } : {}), make('dd', sentences(notes), { class: 'note' }));
  return box;
}

function drawFigures(report, parsed, skipped) {
  const totals = report.totals, tokens = totals.tokens;
  const saving = report.findings.reduce((sum, finding) => sum + BigInt(finding.saving_per_30_days_nano_usd || 0), 0n);
  const input = tokens.input + tokens.cache_read + tokens.cache_write_5m + tokens.cache_write_1h + tokens.input_audio + tokens.input_image;
  const range = totals.first_day && say('figure.spent.range', date(totals.first_day), date(totals.last_day));
  $('figures').replaceChildren(
    figure(say('figure.spent'), usd(totals.cost_nano_usd), [range, totals.billed_nano_usd ? say('figure.spent.billed', usd(totals.billed_nano_usd)) : say('figure.spent.list')]),
    figure(say('figure.saved'), usd(saving), [say('figure.saved.note'), totals.per_30_days_nano_usd && say('figure.spent.pace', usd(totals.per_30_days_nano_usd))], saving > 0n),
    figure(say('figure.calls'), grouped(totals.requests), [say('figure.calls.failed', totals.failed), totals.latency_ms && say('figure.calls.latency', totals.latency_ms.median)]),
    figure(say('figure.tokens'), grouped(input), [say('figure.tokens.note', percent(input ? tokens.cache_read / input : 0), tokens.output)]));
  $('beside').textContent = sentences([say('figure.rows', parsed, skipped),
    ...totals.other_currencies.map(other => say('figure.currency', grouped(Math.round(other.amount_nano / 1e9)), other.currency)),
    totals.byok_nano_usd && say('figure.byok', usd(totals.byok_nano_usd)),
    totals.unpriced_tokens && say('figure.unpriced', totals.unpriced_tokens), totals.bounded && say('figure.bounded')]);
}

function drawFindings(findings) {
  $('findings').replaceChildren(...findings.map(finding => {
    const line = make('li'), body = make('div'), head = make('h3', finding.title), sum = make('div', undefined, { class: 'sum' });
    const isSaving = finding.saving && finding.saving_per_30_days_nano_usd > 0;
    head.append(' ', make('span', say('confidence.' + finding.confidence), { class: finding.confidence === 'measured' ? 'tag' : 'tag quiet' }));
    body.append(head, make('p', finding.evidence), make('p', finding.action, { class: 'dim' }));
    body.append(finding.setting ? make('code', finding.setting) : make('p', say('findings.no_setting'), { class: 'dim small' }));
    const amount = finding.saving_per_30_days_nano_usd ?? finding.per_30_days_nano_usd ?? finding.amount_nano_usd;
    if (amount !== undefined) sum.append(make('strong', usd(amount), isSaving ? { class: 'accent' } : {}), make('span', say(finding.per_30_days_nano_usd === undefined ? 'findings.total' : 'findings.month'), { class: 'dim' }));
    line.append(body, sum);
    return line;
  }));
}

function drawFiles(files) {
  const reasons = file => file.skipped.map(skip => say('files.line', skip.rows, say('skip.' + skip.reason), skip.lines.slice(0, 3).map(grouped).join(' '))).reduce((all, next) => all ? say('style.list', all, next) : next, '');
  const drawn = table(say('files.title'), [{ text: say('files.format') }, { text: say('files.skipped') }, { text: say('files.read'), num: 1 }],
    files.slice(0, 300).map(file => [file.format === 'unknown' ? say('files.unknown') : file.format, reasons(file), grouped(file.rows.parsed)]));
  $('filelist').replaceChildren(files.length > 12 ? onDemand(drawn) : drawn);
}

function drawWhatIf(rows) {
  const heads = [{ text: say('whatif.model') }, { text: say('whatif.other') }, { text: say('whatif.list'), num: 1 }, { text: say('whatif.then'), num: 1 }];
  const drawn = some => table(say('whatif.title'), heads, some.map(row => [row.model, row.other, usd(row.cost_nano_usd), usd(row.other_cost_nano_usd)]));
  $('whatif').replaceChildren(drawn(rows.slice(0, 5)));
  if (rows.length <= 5) return;
  const more = make('details');
  more.append(make('summary', say('table.more', rows.length - 5)), drawn(rows.slice(5)));
  $('whatif').append(more);
}

function drawMapping(columns) {
  const meanings = [...phrases.keys()].filter(key => key.startsWith('field.')).map(key => key.slice(6));
  $('maprows').replaceChildren(...columns.map(column => {
    const line = make('tr'), cell = make('td'), choice = make('select', undefined, { 'aria-label': say('mapping.of', column), 'data-column': column });
    for (const field of meanings) choice.append(make('option', say('field.' + field), { value: field }));
    cell.append(choice);
    line.append(make('td', column), cell);
    return line;
  }));
}

function show(report) {
  const parsed = report.files.reduce((sum, file) => sum + file.rows.parsed, 0), skipped = report.files.reduce((sum, file) => sum + file.rows.skipped, 0);
  const unknown = report.files.find(file => file.format === 'unknown' && file.columns);
  $('mapping').hidden = !unknown;
  if (unknown) drawMapping(unknown.columns);
  $('report').hidden = parsed === 0;
  if (parsed === 0) return;
  drawFigures(report, parsed, skipped);
  drawDays(report);
  drawFindings(report.findings);
  drawGroups(report.by);
  drawHours(report.by.hour);
  $('whatifsection').hidden = report.what_if.length === 0;
  drawWhatIf(report.what_if);
  drawFiles(report.files);
}
