import {find, say, el, options, color} from './dom.js';
import {post, onPress} from './api.js';
import {victims} from './instances.js';

const form = find('queue-form');
const message = find('queue-message');

function orders() {
  if (!form.reportValidity()) {
    throw new Error('Mend the number first.');
  }
  const data = new FormData(form);
  return {number: Number(data.get('number')), unpackable: data.has('unpackable')};
}

onPress(form.querySelector('button.primary'), message, () => post('orders', orders()));
onPress(find('kill-packer'), message, () => post(`orders/kill/${encodeURIComponent(find('packer').value)}`, orders()));

export function showPacking(shop) {
  const names = victims(shop);
  options('packer', names, 'none can be killed');
  find('start-packer').hidden = names.length > 0;
  find('kill-packer').disabled = names.length === 0;
  const packing = shop.packing;
  const missing = packing.ordered - packing.packed;
  say('ordered', packing.ordered || '–');
  say('packed', packing.ordered ? packing.packed : '–');
  say('again', packing.ordered ? packing.again : '–');
  say('missing', packing.ordered ? missing : '–');
  say('queue-state', state(packing, missing));
  find('packers').replaceChildren(...packing.instances.map((each) => meter(each, packing.ordered)));
  notes(packing.notes);
}

function state(packing, missing) {
  if (!packing.ordered) {
    return 'Nothing was ordered yet';
  }
  return missing ? 'packing…' : 'all packed, nothing lost';
}

function meter(each, all) {
  const filled = el('i', {color: color(each.instance)});
  filled.style.width = `${(100 * each.parcels) / all}%`;
  return el('div', {class: 'meter'}, el('span', {}, each.instance), el('div', {}, filled), el('output', {}, each.parcels));
}

let shown = '';

function notes(all) {
  if (shown !== all.join()) {
    shown = all.join();
    find('queue-notes').replaceChildren(...all.map((note) => el('li', {}, note)));
  }
}
