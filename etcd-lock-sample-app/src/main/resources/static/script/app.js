import {find, say} from './dom.js';
import {showSale} from './sale.js';
import {showResults} from './results.js';
import {showInstances} from './instances.js';
import {showBreaks} from './breaks.js';
import {watchConsole} from './console.js';
import {showPacking} from './packing.js';
import {showElection} from './election.js';

const VIEWS = ['sale', 'console', 'queue', 'election'];

function route() {
  const wanted = location.hash.slice(1);
  const view = VIEWS.includes(wanted) ? wanted : 'sale';
  for (const name of VIEWS) {
    find(`view-${name}`).hidden = name !== view;
  }
  for (const link of document.querySelectorAll('nav a')) {
    if (link.hash === `#${view}`) {
      link.setAttribute('aria-current', 'page');
    } else {
      link.removeAttribute('aria-current');
    }
  }
  watchConsole(view === 'console');
}

function live(yes, text) {
  find('link-state').dataset.live = yes;
  say('link-state', text);
}

function listen() {
  const stream = new EventSource('api/stream');
  stream.addEventListener('open', () => live('yes', 'live'));
  stream.addEventListener('error', () => live('no', 'the server is gone; trying again'));
  stream.addEventListener('sale', (event) => showSale(JSON.parse(event.data)));
  stream.addEventListener('shop', (event) => {
    const shop = JSON.parse(event.data);
    showInstances(shop);
    showBreaks(shop);
    showResults(shop.results);
    showPacking(shop);
    showElection(shop);
  });
}

window.addEventListener('hashchange', () => {
  if (VIEWS.includes(location.hash.slice(1))) {
    route();
    scrollTo(0, 0);
  }
});
route();
listen();
