import {find, svg, el, color, inOrder} from './dom.js';

const GUTTER = 58;
const MARKS = 28;
const TOP = 44;
const TOGETHER = 18;
const GAP = 12;
const DOT = 7.5;

const box = find('timeline');

let latest = null;

/** Who held the lock when, and who waited: a line for each buyer, by instance, above it all holders on one line. */
export function drawTimeline(sale) {
  latest = sale;
  draw();
}

/** Where the timeline is not in sight, as on a phone, it comes into sight. */
export function lookAtTimeline() {
  const card = find('timeline-card');
  const {top, bottom} = card.getBoundingClientRect();
  if (top > innerHeight - 160 || bottom < 160) {
    card.scrollIntoView({behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth'});
  }
}

new ResizeObserver(draw).observe(box);
find('holders-details').addEventListener('toggle', draw);

/** Not while another view is shown: there is no width then. It is drawn when there is one. */
function draw() {
  const width = box.clientWidth;
  if (latest === null || width === 0) {
    return;
  }
  const sale = latest;
  const groups = byInstance(sale);
  const row = Math.max(2, Math.min(6, 270 / Math.max(1, sale.visits.length)));
  const height = groups.reduce((sum, group) => sum + Math.max(14, group.visits.length * row) + GAP, TOP + TOGETHER + GAP) + 4;
  const end = Math.max(500, sale.elapsed, ...sale.notes.map((note) => note.at));
  const x = (time) => GUTTER + (Math.max(0, time) / end) * (width - GUTTER - DOT - 2);
  const picture = svg('svg', {width, height, viewBox: `0 0 ${width} ${height}`, 'aria-hidden': 'true'}, patterns());
  picture.append(...ticks(end, x, height));
  picture.append(...together(sale, x));
  let y = TOP + TOGETHER + GAP;
  for (const group of groups) {
    y = lane(picture, group, x, y, row, sale);
  }
  picture.append(...marks(sale.notes, x, width, height));
  box.replaceChildren(picture);
  box.setAttribute('aria-label', summary(sale));
  legend(sale, groups.map((group) => group.instance));
  list(sale);
}

function byInstance(sale) {
  const names = [...new Set([...sale.instances, ...sale.visits.map((visit) => visit.instance)])].sort(inOrder);
  return names.map((instance) => ({
    instance,
    visits: sale.visits.filter((visit) => visit.instance === instance)
      .sort((one, other) => (one.held ?? Infinity) - (other.held ?? Infinity) || one.came - other.came),
  }));
}

const endOf = (visit, sale) => visit.done ?? visit.ended ?? sale.elapsed;

const isLost = (visit) => ['LOST', 'REFUSED', 'KILLED'].includes(visit.outcome);

const isTurnedAway = (visit) => visit.held === null && ['FAILED', 'KILLED'].includes(visit.outcome);

const servedIn = (sale) => sale.visits.filter((visit) => visit.held !== null).sort((one, other) => one.held - other.held);

/** From when on somebody was served without the lock that it thought it had: when another had it. */
function overdue(visit, sale) {
  const end = endOf(visit, sale);
  if (visit.outcome === 'KILLED') {
    return end;
  }
  if (sale.order.mode === 'NONE') {
    return null;
  }
  const next = Math.min(...sale.visits.filter((other) => other.held !== null && other.held > visit.held && other.held < end).map((other) => other.held));
  return next < Infinity ? next : isLost(visit) ? visit.held : null;
}

/** Everybody who was served, on one line: red where two were at once, and below the one that should have been alone. */
function together(sale, x) {
  const served = servedIn(sale);
  const parts = served.map((visit) => bar(x(visit.held), x(overdue(visit, sale) ?? endOf(visit, sale)), TOP, TOGETHER, {fill: color(visit.instance)}));
  let last = -Infinity;
  for (const visit of served) {
    const end = endOf(visit, sale);
    const late = overdue(visit, sale);
    if (visit.outcome === 'KILLED') {
      parts.push(...orphaned(sale, served, end, x), red(x(end), x(end), TOP, TOGETHER, 'clash'));
    } else if (late !== null) {
      parts.push(red(x(late), x(end), TOP + TOGETHER / 2, TOGETHER / 2, 'clash'));
    } else if (sale.order.mode === 'NONE' && last > visit.held) {
      parts.push(red(x(visit.held), x(Math.min(last, end)), TOP, TOGETHER, 'clash'));
    }
    last = Math.max(last, end);
  }
  parts.push(svg('text', {x: 0, y: TOP + TOGETHER - 5, class: 'lane'}, 'holders'));
  return parts;
}

/** The lock of the dead, for which all wait until its TTL is over. */
function orphaned(sale, served, end, x) {
  const next = served.find((visit) => visit.held > end)?.held ?? sale.elapsed;
  return sale.order.mode === 'NONE' ? [] : [bar(x(end), x(next), TOP, TOGETHER, {class: 'wait'})];
}

function lane(picture, group, x, y, row, sale) {
  const thick = Math.max(1.5, row - 1);
  picture.append(svg('line', {x1: 0, x2: '100%', y1: y - GAP / 2, y2: y - GAP / 2, class: 'edge'}));
  picture.append(svg('text', {x: 0, y: y + 10, class: 'lane'}, group.instance));
  group.visits.forEach((visit, index) => {
    const top = y + index * row;
    const waited = visit.held ?? visit.ended ?? sale.elapsed;
    picture.append(bar(x(visit.came), x(waited), top, thick, {class: isTurnedAway(visit) ? 'failed' : 'wait'}, tip(visit)));
    if (visit.held !== null) {
      const late = overdue(visit, sale);
      picture.append(bar(x(visit.held), x(late ?? endOf(visit, sale)), top, thick, {fill: color(visit.instance), class: 'held'}, tip(visit)));
      if (late !== null) {
        picture.append(red(x(late), x(endOf(visit, sale)), top, thick, 'lost', tip(visit)));
      }
    }
  });
  return y + Math.max(14, group.visits.length * row) + GAP;
}

function bar(from, to, y, height, look, text) {
  return svg('rect', {x: from.toFixed(1), y: y.toFixed(1), width: Math.max(1.2, to - from).toFixed(1), height, ...look},
    text ? svg('title', {}, text) : null);
}

/** What matters most is never too small to be seen. */
const red = (from, to, y, height, kind, text) => bar(from, Math.max(to, from + 3), y, height, {class: kind}, text);

function tip(visit) {
  const waited = visit.held === null ? 'not served' : `waited ${visit.held - visit.came} ms`;
  return `${visit.buyer} at ${visit.instance}: ${waited}${visit.token ? `, token ${visit.token}` : ''}${visit.outcome ? `, ${outcome(visit)}` : ''}`;
}

const outcome = (visit) => visit.outcome.toLowerCase().replace('_', ' ');

function ticks(end, x, height) {
  const step = [100, 200, 500, 1000, 2000, 5000, 10000, 20000].find((each) => end / each <= 7) ?? 60000;
  const all = [];
  for (let time = 0; time <= end; time += step) {
    all.push(svg('line', {x1: x(time), x2: x(time), y1: TOP - 4, y2: height, class: 'grid'}));
    all.push(svg('text', {x: x(time), y: 11, 'text-anchor': time === 0 ? 'start' : time > end * 0.97 ? 'end' : 'middle'}, `${time / 1000} s`));
  }
  return all;
}

/** Numbers in a row of their own, beside each other however close they come. */
function marks(notes, x, width, height) {
  const step = 2 * DOT + 3;
  const spots = [];
  notes.forEach((note) => spots.push(Math.max(x(note.at), (spots.at(-1) ?? -Infinity) + step)));
  let limit = width - DOT - 1;
  for (let i = spots.length - 1; i >= 0; i--) {
    spots[i] = Math.min(spots[i], limit);
    limit = spots[i] - step;
  }
  return notes.flatMap((note, index) => {
    const at = x(note.at);
    const kind = note.kind === 'info' ? '' : ' blow';
    return [svg('path', {d: `M${spots[index]} ${MARKS + DOT} L${at} ${TOP - 3} V${height}`, class: 'mark'}),
      svg('circle', {cx: spots[index], cy: MARKS, r: DOT, class: `mark-dot${kind}`}, svg('title', {}, note.text)),
      svg('text', {x: spots[index], y: MARKS + 3.6, class: `mark-text${kind}`}, index + 1)];
  });
}

function patterns() {
  const hatch = (id, kind) => svg('pattern', {id, width: 4, height: 4, patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(45)'},
    svg('line', {x1: 0, y1: 0, x2: 0, y2: 4, class: `hatch-line ${kind}`}));
  return svg('defs', {}, hatch('hatch', ''), hatch('hatch-bad', 'bad'));
}

function summary(sale) {
  const served = servedIn(sale);
  const lost = sale.visits.filter(isLost).length;
  const each = sale.instances.map((name) => `${name} ${served.filter((visit) => visit.instance === name).length}`).join(', ');
  return `Timeline of ${sale.label}: ${sale.visits.length} buyers came, ${served.length} were served (${each}), ${lost} lost.`;
}

let legendShown = '';

function legend(sale, instances) {
  const turnedAway = sale.visits.some(isTurnedAway);
  const red = sale.visits.some((visit) => visit.outcome === 'KILLED') ? 'killed' : sale.order.mode === 'NONE' ? 'two at once' : 'without its lock';
  const text = [...instances, turnedAway, red].join();
  if (legendShown === text) {
    return;
  }
  legendShown = text;
  find('legend').replaceChildren(
    ...instances.map((name) => el('li', {}, el('i', {color: color(name)}), `served by ${name}`)),
    el('li', {}, el('i', {class: 'hatch'}), 'waits'),
    turnedAway ? el('li', {}, el('i', {class: 'hatch-bad'}), 'turned away') : '',
    el('li', {}, el('i', {color: 'var(--bad)'}), red));
}

/** The same in words, for those who cannot see the picture, or want to know exactly. */
function list(sale) {
  if (find('holders-details').open) {
    find('holders').replaceChildren(...servedIn(sale).map((visit) => el('li', {},
      `${visit.buyer} at ${visit.instance}, from ${visit.held} to ${endOf(visit, sale)} ms${visit.token ? `, token ${visit.token}` : ''}${visit.outcome ? `: ${outcome(visit)}` : ''}`)));
  }
}
