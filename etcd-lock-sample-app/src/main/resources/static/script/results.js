import {rows, el, cell} from './dom.js';

let shown = '';

export function showResults(results) {
  const text = JSON.stringify(results);
  if (text === shown) {
    return;
  }
  shown = text;
  rows('results', [...results].reverse().map(row), 'No sale has ended yet.');
}

function row(result) {
  return el('tr', {'data-sale': result.item, 'data-mode': result.mode, 'data-oversold': result.oversold},
    el('th', {scope: 'row'}, result.label),
    cell(result.broken.length ? el('span', {class: 'tag bad'}, result.broken.join(', ')) : '–'),
    cell(result.buyers, 'num'), cell(`${result.sold} of ${result.stock}`, 'num'),
    cell(result.oversold > 0 ? el('b', {class: 'bad'}, result.oversold) : el('span', {class: 'good'}, '0'), 'num'),
    cell(result.lost, 'num'), cell(result.unserved, 'num'),
    cell(result.perSecond.toFixed(1), 'num'), cell(`${result.waitMedian} ms`, 'num'), cell(`${result.waitMost} ms`, 'num'));
}
