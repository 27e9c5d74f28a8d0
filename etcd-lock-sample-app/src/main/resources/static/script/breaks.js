import {find, options} from './dom.js';
import {post, onPress} from './api.js';
import {order} from './sale.js';
import {victims} from './instances.js';
import {lookAtTimeline} from './timeline.js';

const all = [...document.querySelectorAll('#breaks button')];
const tour = [...document.querySelectorAll('#tour button')];

async function strike(kind) {
  await post('breaks', {kind, instance: find('victim').value, sale: order()});
  lookAtTimeline();
}

for (const button of all) {
  onPress(button, find('break-message'), () => strike(button.dataset.kind));
}

/** What a newcomer should see first: one press each. */
for (const button of tour) {
  onPress(button, find('sale-message'), async () => {
    find('sale-form').elements.mode.value = button.dataset.mode;
    if (button.dataset.kind) {
      await strike(button.dataset.kind);
    } else {
      await post('sales', order());
      lookAtTimeline();
    }
  });
}

export function showBreaks(shop) {
  const names = victims(shop);
  options('victim', names, 'none');
  for (const button of [...all, ...tour]) {
    const kind = button.dataset.kind;
    button.disabled = kind === 'KILL_LEADER' ? !shop.leaderKillable : kind !== undefined && names.length === 0;
  }
  find('leader-hint').hidden = shop.leaderKillable;
}
