// SPDX-License-Identifier: Apache-2.0
// Draws the report out of its JSON block. Text enters the page by textContent alone, and what a result of another
// version lacks is shown as missing, not as zero.
'use strict';
(() => {
const { result, defaults } = JSON.parse(document.getElementById('data').textContent);

const at = (path, from = result) => path.split('.').reduce((part, key) => (part == null ? undefined : part[key]), from);
const list = (value) => (Array.isArray(value) ? value : []);
const isNumber = (value) => typeof value === 'number' && Number.isFinite(value);
const count = (value) => (isNumber(value) ? value.toLocaleString('en', { maximumFractionDigits: 0 }) : '–');
const digits = (value) => Number(value.toPrecision(3)).toLocaleString('en', { maximumFractionDigits: 6 });
const share = (part, whole) => (isNumber(part) && whole > 0 ? `${digits((part / whole) * 100)}%` : '–');

function delay(us) {
  if (!isNumber(us)) return '–';
  if (us < 0.9995) return `${Math.round(us * 1000)} ns`;
  if (us < 999.5) return `${digits(us)} µs`;
  return us < 999.5e3 ? `${digits(us / 1e3)} ms` : `${digits(us / 1e6)} s`;
}

function span(seconds) {
  if (!isNumber(seconds)) return '–';
  if (seconds < 60) return `${digits(seconds)} s`;
  const whole = Math.round(seconds);
  const [minutes, rest] = [Math.floor(whole / 60) % 60, whole % 60].map((part) => String(part).padStart(2, '0'));
  return whole < 3600 ? `${Number(minutes)}:${rest} min` : `${Math.floor(whole / 3600)}:${minutes}:${rest} h`;
}

function bytes(value) {
  if (!isNumber(value)) return '–';
  return value < 1e6 ? `${digits(value / 1e3)} kB` : `${digits(value / 1e6)} MB`;
}

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function under(id, child) {
  document.getElementById(id).append(child);
  return child;
}

function table(head, rows) {
  const made = element('table');
  if (head.length) {
    const row = made.createTHead().insertRow();
    head.forEach((text) => row.append(element('th', text)));
  }
  const body = made.createTBody();
  rows.forEach((cells) => {
    const row = body.insertRow();
    cells.forEach((cell) => row.append(cell instanceof Node ? cell : element('td', cell)));
  });
  return made;
}

function verdict() {
  const status = String(at('verdict.status') ?? 'unknown');
  const meanings = {
    valid: ['VALID', 'valid', 'The figures describe the registrar.'],
    'generator-limited': ['GENERATOR-LIMITED', 'limited', 'The figures describe this machine, not the registrar.'],
    aborted: ['ABORTED', 'aborted', 'The run did not come to its end.'],
  };
  const [word, className, meaning] = Object.hasOwn(meanings, status) ? meanings[status] : [status, 'aborted', ''];
  const box = document.getElementById('verdict');
  box.classList.add(className);
  box.querySelector('strong').textContent = word;
  const failed = list(result.criteria).filter((criterion) => !criterion.passed).length;
  const missed = failed === 0 ? '' : ` ${failed} of ${result.criteria.length} criteria failed.`;
  box.querySelector('span').textContent = meaning + missed;
  list(at('verdict.reasons')).forEach((reason) => box.querySelector('ul').append(element('li', reason)));
  const target = at('scenario.run.target');
  const named = target === undefined || target === 'none' ? 'the embedded registrar' : target;
  const title = `regstorm: ${named} over ${at('scenario.run.port') ?? '?'}`;
  document.title = `${word}: ${title}`;
  document.getElementById('title').textContent = title;
}

function figures() {
  const { endpoints = {}, registrations = {}, messages = {} } = result;
  const rows = [
    ['Registered at the end', count(endpoints.registered),
      `of ${count(endpoints.total)} endpoints, ${share(endpoints.registered, endpoints.total)}`],
    ['Registrations', count(registrations.succeeded), `${count(registrations.per_second)} per second`],
    ['Failed', count(registrations.failed), `${share(registrations.failed, registrations.attempted)} of all attempts`],
    ['Delay, median', delay(at('rrd_us.p50')), `mean ${delay(at('rrd_us.mean'))}`],
    ['Delay, 99%', delay(at('rrd_us.p99')), `90% ${delay(at('rrd_us.p90'))}`],
    ['Delay, longest', delay(at('rrd_us.max')), `99.9% ${delay(at('rrd_us.p999'))}`],
    ['Service delay, 99%', delay(at('service_us.all.p99')),
      `median ${delay(at('service_us.all.p50'))}; one request and its answer`],
    ['Retransmitted', count(messages.retransmitted), `${share(messages.retransmitted, messages.sent)} of all sent`],
    ['Duration', span(result.duration_s), `${count(messages.sent)} datagrams sent`],
  ];
  if (at('options.sent') > 0) {
    rows.push(['Keep-alives lost', count(at('options.lost')), `round trip, 99%: ${delay(at('options_rtt_us.p99'))}`]);
  }
  if (result.binding_lost > 0) rows.push(['Bindings lost', count(result.binding_lost), '2xx without our contact']);
  rows.forEach(([name, value, more]) => {
    const pair = under('figures', element('div'));
    pair.append(element('dt', name), element('dd', value));
    pair.lastChild.append(element('small', more));
  });
}

function criteria() {
  const rows = list(result.criteria).map((criterion) => [
    element('td', criterion.passed ? 'passed' : 'FAILED', criterion.passed ? 'passed' : 'failed'),
    `fails if ${criterion.text}`, criterion.measured]);
  under('criteria', rows.length ? table(['', 'Criterion', 'Measured'], rows)
                                : element('p', 'None was given (--fail-if).', 'none'));
}

function recoveries() {
  const rows = list(result.recoveries).map((one) => [
    `${span(one.from_s)} to ${span(one.until_s)}`,
    ...[50, 90, 99, 100].map((part) => {
      const after = one[`registered_${part}_after_s`];
      return element('td', isNumber(after) ? span(after) : 'never', 'number');
    })]);
  under('recoveries', rows.length ? table(['Away', '50% back after', '90%', '99%', '100%'], rows)
                                  : element('p', 'The series shows no outage.', 'none'));
}

function generator() {
  const health = result.generator ?? {};
  const busy = list(health.busy).map((part, worker) => `${worker}: ${Math.round(part * 100)}%`).join(', ');
  under('generator', table([], [
    ['Send lag (actual minus intended)', `50% ${delay(at('send_lag_us.p50', health))}, 99% ` +
      `${delay(at('send_lag_us.p99', health))}, longest ${delay(at('send_lag_us.max', health))}`],
    ['Starts missed by 10 ms or more', count(health.missed_slots)],
    ['Answers read late', count(health.read_late)],
    ['Datagrams lost in this machine', `${count(health.tx_dropped)} out, ${count(health.rx_dropped)} in`],
    ['Workers busy', busy || '–'],
    ['Longest time between two polls', delay(health.longest_gap_us)],
    ['Hot memory', `${bytes(health.memory_bytes)}, ${count(result.bytes_per_endpoint)} bytes per endpoint, ` +
      (health.huge_pages ? 'on huge pages' : 'without huge pages')],
  ]));
  const ranks = list(result.ranks).map((rank) => [
    `${rank.rank} on ${rank.host}`, [rank.status, ...list(rank.reasons)].join(': '), count(rank.attempted),
    count(rank.succeeded), delay(rank.send_lag_p99_us), count(rank.missed_slots)]);
  if (ranks.length) {
    under('generator', table(['Rank', 'Health', 'Attempted', 'Succeeded', 'Send lag, 99%', 'Starts missed'], ranks));
  }
}

/** [key, value, value by default] of every setting; groups of phones are keys of their own. */
function settings() {
  const rows = [];
  const text = (value) => (typeof value === 'string' ? value : JSON.stringify(value));
  Object.entries(result.scenario ?? {}).forEach(([group, values]) => {
    const parts = Array.isArray(values) ? values.map((value, index) => [`${group}[${index}]`, value]) : [[group, values]];
    parts.forEach(([name, part]) => Object.entries(part ?? {}).forEach(([key, value]) => {
      const nested = value !== null && typeof value === 'object';
      Object.entries(nested ? value : { '': value }).forEach(([inner, leaf]) => {
        const known = at(nested ? `${key}.${inner}` : `${group}.${key}`, defaults);
        rows.push([`${name}.${key}${inner ? `.${inner}` : ''}`, text(leaf), known === undefined ? '' : text(known)]);
      });
    }));
  });
  return rows;
}

function scenario() {
  const cells = ([key, value, standard], changed) => {
    const name = element('td');
    const code = name.appendChild(element('code'));
    key.split('.').forEach((part, index) => code.append(...(index ? ['.', element('wbr')] : []), part));
    const held = element('td', undefined, 'held');
    held.append(element('code', value === '' ? '""' : value));
    if (changed) held.append(element('span', `  (default ${standard === '' ? 'none' : standard})`, 'was'));
    return [name, held];
  };
  const all = settings();
  const changed = all.filter(([, value, standard]) => value !== standard);
  under('scenario', changed.length ? table(['Set, or by the device profile', ''], changed.map((row) => cells(row, true)))
                                   : element('p', 'Everything has its default.', 'none'));
  const rest = all.filter(([, value, standard]) => value === standard);
  const more = under('scenario', element('details'));
  more.append(element('summary', `${rest.length} settings with their default`));
  more.append(table([], rest.map((row) => cells(row, false))));
}

function machine() {
  const { cpu, cores, kernel } = result.machine ?? {};
  under('machine', table([], [['Processor', cpu ?? '–'], ['Cores', count(cores)], ['Kernel', kernel ?? '–']]));
  document.getElementById('footer').textContent =
    `regstorm ${result.version ?? ''}, ${result.schema ?? ''}. Delays count from the intended time of sending.`;
}

verdict();
figures();
criteria();
recoveries();
generator();
scenario();
machine();
drawCharts({ result, delay, span, count, element, isNumber, list });
})();
