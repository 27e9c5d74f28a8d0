import {find, rows, el, cell, swatch} from './dom.js';
import {post, onPress} from './api.js';
import {owners} from './owners.js';

const message = find('instances-message');

for (const button of document.querySelectorAll('[data-start]')) {
  onPress(button, find(button.dataset.start), () => post('workers'));
}

const STATES = {RUNNING: 'running', STARTING: 'starting…', PAUSED: 'paused', FROZEN: 'link frozen'};

let shown = '';

export function showInstances(shop) {
  const text = JSON.stringify(shop.instances);
  if (text === shown) {
    return;
  }
  shown = text;
  owners.learn(shop.instances);
  rows('instances', shop.instances.map(row), 'None yet.');
}

function row(instance) {
  const struck = instance.state === 'PAUSED' || instance.state === 'FROZEN';
  return el('tr', {'data-instance': instance.name, 'data-state': instance.state},
    el('th', {scope: 'row'}, swatch(instance.name), instance.name),
    cell(instance.pid, 'dim'),
    cell(el('span', {class: struck ? 'tag bad' : 'tag'}, STATES[instance.state] ?? instance.state)),
    cell(instance.own ? kill(instance.name) : el('span', {class: 'dim'}, instance.name === 'one' ? 'this page' : 'from elsewhere'), 'action'));
}

function kill(name) {
  const button = el('button', {type: 'button', class: 'small', id: `kill-${name}`, 'aria-label': `Kill -9 instance ${name}`}, 'Kill -9');
  onPress(button, message, () => post(`workers/${encodeURIComponent(name)}/kill`));
  return button;
}

/** Those that can be broken from here: started by this page, and open. */
export const victims = (shop) => shop.instances.filter((each) => each.own && each.state === 'RUNNING').map((each) => each.name);
