import {find, say} from './dom.js';
import {post, onPress} from './api.js';
import {drawTimeline, lookAtTimeline} from './timeline.js';
import {showNotes} from './notes.js';

/** What the form asks for. */
export function order() {
  const form = find('sale-form');
  if (!form.reportValidity()) {
    throw new Error('Mend the numbers above first.');
  }
  const data = new FormData(form);
  return {
    mode: data.get('mode'),
    stock: Number(data.get('stock')),
    buyers: Number(data.get('buyers')),
    instances: Number(data.get('instances')),
    work: Number(data.get('work')),
  };
}

onPress(find('run'), find('sale-message'), async () => {
  await post('sales', order());
  lookAtTimeline();
});

export function showSale(sale) {
  const waiting = sale.visits.filter((visit) => visit.held === null && visit.ended === null).length;
  say('left', sale.left);
  say('sold', sale.sold);
  say('sold-of', `of ${sale.order.stock}`);
  say('oversold', sale.oversold);
  say('waiting', waiting);
  find('oversold').parentElement.classList.toggle('alarm', sale.oversold > 0);
  find('run').disabled = sale.running;
  find('view-sale').dataset.sale = sale.item;
  find('view-sale').dataset.running = sale.running;
  say('sale-state', state(sale));
  drawTimeline(sale);
  showNotes(sale.notes);
}

function state(sale) {
  if (sale.failure) {
    return `${sale.label}: broken off, ${sale.failure}`;
  }
  if (sale.running && sale.instances.length === 0) {
    return `${sale.label}: waiting for instances…`;
  }
  if (sale.running) {
    return `${sale.label}: running`;
  }
  return sale.oversold > 0 ? `${sale.label}: oversold by ${sale.oversold}` : `${sale.label}: none too many`;
}
