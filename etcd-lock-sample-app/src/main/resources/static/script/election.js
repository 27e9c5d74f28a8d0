import {find, say, el} from './dom.js';
import {post, onPress} from './api.js';

const message = find('election-message');

let leader = '';

onPress(find('hand-over'), message, () => post('election/hand-over'));
onPress(find('kill-foreman'), message, () => post(`workers/${encodeURIComponent(leader)}/kill`));

let shown = '';

export function showElection(shop) {
  leader = shop.terms.at(-1)?.leader ?? '';
  const instance = shop.instances.find((each) => each.name === leader);
  say('leader', leader || 'nobody');
  find('hand-over').disabled = !instance;
  find('kill-foreman').disabled = !instance?.own;
  say('foreman-hint', instance && !instance.own ? 'The foreman has this page, or was started elsewhere: it can hand over, but not be killed from here.' : '');
  const text = JSON.stringify(shop.terms);
  if (text !== shown) {
    shown = text;
    find('terms').replaceChildren(...[...shop.terms].reverse().map((term) => el('li', {'data-leader': term.leader},
      el('time', {}, new Date(term.since).toLocaleTimeString([], {hour12: false})), el('span', {}, term.leader ? `${term.leader} leads` : 'nobody leads'))));
  }
}
