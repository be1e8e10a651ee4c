// SPDX-License-Identifier: Apache-2.0
// The charts of the report. They are drawn at once, without animation, and again when colours change or paper asks.
'use strict';
function drawCharts({ result, delay, span, count, element, isNumber, list }) {
  const pointsMax = 600;

  /** Rows with rates; rows of a long run, and a last one that is too short to have a rate, are taken together. */
  function intervals() {
    const rows = list(result.series);
    const end = rows.length ? rows[rows.length - 1].t_s : 0;
    const shortest = Math.max(end / pointsMax, rows.length ? rows[0].t_s / 2 : 0);
    const merged = [];
    let from = 0;
    let sum = null;
    const add = (into, row) => {
      ['attempted', 'succeeded', 'failed', 'retransmitted'].forEach((key) => { into[key] += row[key] ?? 0; });
      into.t = row.t_s ?? row.t;
      into.length = row.length ?? into.t - from;
      into.registered = row.registered;
      ['rrd_p50_us', 'rrd_p99_us'].forEach((key) => { into[key] = Math.max(into[key], row[key] ?? 0); });
    };
    const empty = () => ({ attempted: 0, succeeded: 0, failed: 0, retransmitted: 0, rrd_p50_us: 0, rrd_p99_us: 0 });
    rows.forEach((row) => {
      sum ??= empty();
      add(sum, row);
      if (sum.length >= shortest * 0.999) {
        merged.push(sum);
        from = sum.t;
        sum = null;
      }
    });
    if (sum && merged.length) {
      const last = merged[merged.length - 1];
      add(last, { ...sum, t_s: sum.t, length: last.length + sum.t - last.t });
    } else if (sum) {
      merged.push(sum);
    }
    return merged;
  }

  const rows = intervals();
  const charts = [];

  function colour(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  }

  function canvas(id, label) {
    const place = document.getElementById(id);
    place.replaceChildren(element('canvas'));
    place.firstChild.setAttribute('role', 'img');
    place.firstChild.setAttribute('aria-label', label);
    return place.firstChild;
  }

  function axis(more) {
    return { ticks: { color: colour('quiet'), maxRotation: 0, autoSkipPadding: 16, ...more.ticks },
      grid: { color: colour('line'), borderColor: colour('line') }, ...more.rest };
  }

  const common = () => ({ animation: false, responsive: true, maintainAspectRatio: false, normalized: true });

  /** Lines over time. Each is [label, colour, key or function of a row]. */
  function overTime(id, label, lines, valueText, y) {
    if (rows.length === 0) {
      document.getElementById(id).replaceChildren(element('p', 'The result has no series.', 'none'));
      return;
    }
    const datasets = lines.map(([name, shade, value, dash]) => ({
      label: name, borderColor: colour(shade), backgroundColor: colour(shade), borderWidth: 2, borderDash: dash ?? [],
      pointRadius: rows.length <= 40 ? 2 : 0, pointHitRadius: 8, tension: 0,
      data: rows.map((row) => ({ x: row.t, y: value(row) })),
    }));
    charts.push(new Chart(canvas(id, label), {
      type: 'line',
      data: { datasets },
      options: {
        ...common(), parsing: false, interaction: { mode: 'index', intersect: false },
        scales: {
          x: axis({ ticks: { callback: (value) => span(value) },
            rest: { type: 'linear', min: 0, max: rows[rows.length - 1].t } }),
          y: axis({ ticks: { callback: valueText, ...y?.ticks },
            rest: { beginAtZero: true, ...y?.rest } }),
        },
        plugins: {
          legend: { labels: { color: colour('text'), boxWidth: 14, boxHeight: 2 } },
          tooltip: { callbacks: { title: (items) => span(items[0].parsed.x),
            label: (item) => `${item.dataset.label}: ${valueText(item.parsed.y)}` } },
        },
      },
    }));
  }

  /** One bar for each entry, the most first; the label carries the number, for paper and for eyes. */
  function bars(id, label, entries, shade, otherwise) {
    const sorted = Object.entries(entries ?? {}).filter(([, number]) => isNumber(number))
      .sort((left, right) => right[1] - left[1]).slice(0, 10);
    if (sorted.length === 0) {
      document.getElementById(id).replaceChildren(element('p', otherwise, 'none'));
      return;
    }
    charts.push(new Chart(canvas(id, label), {
      type: 'bar',
      data: {
        labels: sorted.map(([name, number]) => `${name.slice(0, 24)}: ${count(number)}`),
        datasets: [{ data: sorted.map(([, number]) => number), maxBarThickness: 30,
          backgroundColor: sorted.map(([name]) => colour(shade(name))) }],
      },
      options: {
        ...common(), indexAxis: 'y',
        scales: { x: axis({ ticks: { callback: (value) => (Number.isInteger(value) ? count(value) : '') },
          rest: { beginAtZero: true } }),
          y: axis({ ticks: { color: colour('text') }, rest: { grid: { display: false } } }) },
        plugins: { legend: { display: false } },
      },
    }));
  }

  function draw() {
    charts.splice(0).forEach((chart) => chart.destroy());
    Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
    const rate = (key) => (row) => (row.length > 0 ? row[key] / row.length : 0);
    overTime('rates', 'Registrations per second over time', [
      ['attempted', 'blue', rate('attempted')], ['succeeded', 'green', rate('succeeded'), [6, 3]],
      ['failed', 'red', rate('failed')], ['retransmitted', 'amber', rate('retransmitted'), [2, 3]]], count);
    overTime('population', 'Registered endpoints over time',
             [['registered', 'green', (row) => row.registered]], count,
             { rest: { suggestedMax: result.endpoints?.total } });
    // Nothing measured is a gap; zero has no place on a logarithmic scale either.
    const measured = (key) => (row) => (row[key] > 0 ? row[key] : NaN);
    overTime('delay', 'Registration delay over time',
             [['median', 'blue', measured('rrd_p50_us')], ['99%', 'violet', measured('rrd_p99_us')]], delay,
             { rest: { type: 'logarithmic', beginAtZero: false },
               ticks: { autoSkip: false, callback: (value) => (/^[125]/.test(value.toExponential()) ? delay(value) : '') } });
    bars('failures', 'Failed registrations by cause', result.registrations?.failed_by, () => 'red',
         'No registration failed.');
    bars('responses', 'Final responses by status code', result.responses,
         (code) => ({ 2: 'green', 4: 'amber', 5: 'red', 6: 'red' })[code[0]] ?? 'blue', 'No answer arrived.');
  }

  draw();
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
  // Paper is light whatever the screen is; the style sheet's colours have changed by now, the canvases have not.
  matchMedia('print').addEventListener('change', draw);
}
