// SPDX-License-Identifier: Apache-2.0
// The charts that Chart.js draws, in the colours of the page. Nothing moves by itself: a chart that
// is replaced every second needs no animation. What a chart shows is in a table beside it too.
import {clock, count, rate, short} from "./format.js";

const all = new Set();

export function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

function defaults() {
  const style = getComputedStyle(document.body);
  Chart.defaults.font.family = style.fontFamily;
  Chart.defaults.font.size = 11;
  Chart.defaults.animation = false;
  Chart.defaults.color = colour("quiet");
  Chart.defaults.borderColor = colour("line");
}

function tooltip() {
  return {
    backgroundColor: colour("text"), titleColor: colour("surface"), bodyColor: colour("surface"),
    displayColors: false, padding: 8, cornerRadius: 4, caretSize: 0, animation: false,
    titleFont: {weight: "600"},
  };
}

// Every chart begins anew in other colours.
document.addEventListener("millrace-theme", () => {
  for (const chart of all) chart.restart();
});

class Drawing {
  constructor(canvas) {
    this.canvas = canvas;
    this.chart = null;
    all.add(this);
  }

  restart() {
    this.chart?.destroy();
    this.chart = null;
    this.draw();
  }

  remove() {
    all.delete(this);
    this.chart?.destroy();
  }

  show(options) {
    defaults();
    this.chart = new Chart(this.canvas, options);
  }
}

const kShown = [60, 120, 300, 600, 1800, 3600];
const kSteps = [15, 30, 60, 120, 300, 600, 900].map((s) => 1000 * s);

// Whole minutes and the like, and no more of them than there is room for.
function ticks(axis) {
  const room = Math.max(2, Math.floor(axis.width / 74));
  const step = kSteps.find((s) => (axis.max - axis.min) / s <= room) ?? kSteps.at(-1);
  const found = [];
  for (let t = Math.ceil(axis.min / step) * step; t <= axis.max; t += step) found.push({value: t});
  axis.ticks = found;
}

// Lines over the last minutes. `lines`: [{name, label, colour}], stacked or not.
export class TimeChart extends Drawing {
  constructor(canvas, lines, {stacked = false, unit}) {
    super(canvas);
    this.lines = lines;
    this.stacked = stacked;
    this.unit = unit;
    this.range = 600;
    this.shown = 600;
    this.series = {points: [], now: Date.now(), age: 0};
  }

  update(series, range) {
    this.series = series;
    this.range = range;
    this.draw();
  }

  data() {
    return this.lines.map((line) => this.series.points.map((p) => ({x: p.time, y: p[line.name]})));
  }

  draw() {
    if (!this.chart) this.start();
    this.data().forEach((points, i) => { this.chart.data.datasets[i].data = points; });
    // What is young does not fill an hour: as much of it as is not mostly empty.
    this.shown = kShown.find((s) => s >= this.series.age && s <= this.range) ?? this.range;
    this.chart.options.scales.x.min = this.series.now - 1000 * this.shown;
    this.chart.options.scales.x.max = this.series.now;
    this.chart.update("none");
  }

  start() {
    const datasets = this.lines.map((line, i) => ({
      label: line.label, data: [], parsing: false, spanGaps: false,
      borderColor: colour(line.colour), borderWidth: 1.5,
      backgroundColor: `${colour(line.colour)}${this.stacked ? "66" : "2e"}`,
      fill: this.stacked && i > 0 ? "-1" : "origin",
      pointRadius: 0, pointHitRadius: 6, pointHoverRadius: 3, tension: 0, borderJoinStyle: "round",
    }));
    this.show({
      type: "line",
      data: {datasets},
      options: {
        responsive: true, maintainAspectRatio: false, normalized: true,
        interaction: {mode: "index", intersect: false, axis: "x"},
        scales: {
          x: {
            type: "linear", afterBuildTicks: ticks,
            grid: {display: false, drawBorder: true},
            ticks: {callback: (t) => clock(t).slice(0, this.shown <= 120 ? 8 : 5), maxRotation: 0,
                    autoSkip: false},
          },
          y: {
            stacked: this.stacked, beginAtZero: true, suggestedMax: 1,
            grid: {drawBorder: false, drawTicks: false},
            ticks: {callback: (v) => short(v),
                    maxTicksLimit: 5, padding: 8},
          },
        },
        plugins: {
          legend: {display: false},
          tooltip: {
            ...tooltip(),
            callbacks: {
              title: (items) => (items.length ? clock(items[0].parsed.x) : ""),
              label: (item) => `${item.dataset.label} ${this.unit === "/s" ? rate(item.parsed.y) :
                  count(item.parsed.y)}${this.unit}`,
            },
          },
        },
      },
    });
  }
}

// Upright bars: hours, windows. `labels` and `values` of one length.
export class BarChart extends Drawing {
  constructor(canvas, {format = count, shade = "c1"} = {}) {
    super(canvas);
    this.format = format;
    this.shade = shade;
    this.labels = [];
    this.values = [];
  }

  update(labels, values) {
    const same = values.length === this.values.length &&
        values.every((v, i) => v === this.values[i] && labels[i] === this.labels[i]);
    if (same && this.chart) return;
    this.labels = labels;
    this.values = values;
    this.draw();
  }

  draw() {
    if (!this.chart) this.start();
    this.chart.data.labels = this.labels;
    this.chart.data.datasets[0].data = this.values.map((v) => (v === null ? null : Number(v)));
    this.chart.update("none");
  }

  start() {
    this.show({
      type: "bar",
      data: {labels: [], datasets: [{
        data: [], backgroundColor: colour(this.shade), borderRadius: 1.5,
        categoryPercentage: 0.92, barPercentage: 0.9, maxBarThickness: 42,
      }]},
      options: {
        responsive: true, maintainAspectRatio: false,
        interaction: {mode: "index", intersect: false},
        scales: {
          x: {grid: {display: false}, ticks: {maxRotation: 0, autoSkipPadding: 10}},
          y: {beginAtZero: true, suggestedMax: 1, grid: {drawBorder: false, drawTicks: false},
              ticks: {callback: (v) => short(v), maxTicksLimit: 4, padding: 8}},
        },
        plugins: {
          legend: {display: false},
          tooltip: {...tooltip(), callbacks: {
            label: (item) => this.format(this.values[item.dataIndex]),
          }},
        },
      },
    });
  }
}
