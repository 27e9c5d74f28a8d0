import {find, say, rows, el, cell, swatch} from './dom.js';
import {get, post} from './api.js';
import {confirmed} from './confirm.js';
import {owners} from './owners.js';

const INTERVAL = 1000;

let timer = 0;
let watching = false;

/** Looks while somebody looks. */
export function watchConsole(yes) {
  watching = yes;
  clearTimeout(timer);
  if (yes) {
    look();
  }
}

async function look() {
  try {
    show(await get('console'));
    say('console-message', '');
  } catch (failure) {
    say('console-message', failure.message);
  }
  clearTimeout(timer);
  if (watching) {
    timer = setTimeout(look, INTERVAL);
  }
}

function show(view) {
  say('locks-state', view.more ? `the first ${view.locks.length}` : `${view.locks.length} held`);
  say('queues-state', view.cut ? 'more in etcd than is counted here' : '');
  rows('locks', view.locks.flatMap(lockRows), 'Nobody holds a lock just now. Run a sale and look again.');
  rows('members', view.members.map(memberRow), 'No member of etcd is known.');
  rows('services', view.services.map((service) => el('tr', {},
    el('th', {scope: 'row'}, service.service), cell([swatch(service.id), service.id]), cell(service.url))), 'No service is registered.');
  rows('sessions', view.sessions.map(sessionRow), 'No process has a session.');
  rows('queues', view.queues.map((queue) => el('tr', {'data-queue': queue.name},
    el('th', {scope: 'row'}, queue.name), cell(queue.depth, 'num'), cell(queue.claimed, 'num'), cell(queue.dead, 'num'))), 'All queues are empty.');
}

const who = (owner) => owner ? owners.nameOf(owner.pid) ?? `${owner.application} ${owner.pid}` : 'other client';

/** A row for each holder: readers share a lock. */
function lockRows(lock) {
  const holders = lock.line.filter((place) => place.held);
  const waiters = lock.line.filter((place) => !place.held);
  const line = waiters.length ? `${waiters.length} waiting: ${waiters.map((place) => who(place.owner)).join(' → ')}` : 'nobody waits';
  return (holders.length ? holders : [null]).map((holder, index) => el('tr', {'data-lock': lock.key},
    el('th', {scope: 'row'}, el('code', {}, lock.key), holder?.mode === 'shared' ? el('span', {class: 'tag'}, 'shared') : null),
    cell(holder ? [swatch(who(holder.owner)), who(holder.owner)] : '–'),
    cell(holder ? holder.token : '–', 'num'),
    cell(holder?.ttlLeft == null ? '–' : `${holder.ttlLeft} s`, 'num'),
    cell(index === 0 ? line : ''),
    cell(holder ? releaseButton(lock.key, holder) : '', 'action')));
}

function releaseButton(key, holder) {
  const owner = who(holder.owner);
  const button = el('button', {type: 'button', class: 'small', id: `release-${key}-${holder.ownershipKey}`, 'data-token': holder.token, 'aria-label': `Release the lock ${key} of ${owner} by force`}, 'Release…');
  button.addEventListener('click', async () => {
    const yes = await confirmed(`Release ${key} by force?`, `${owner} holds it with the token ${holder.token}, and will see its lock as lost. What it writes after that only a fence keeps out.`, 'Release it');
    if (yes) {
      try {
        await post('console/release', {key, token: holder.token});
        await look();
      } catch (failure) {
        say('console-message', failure.message);
      }
    }
    (find(button.id) ?? find('locks').closest('.scroll')).focus();
  });
  return button;
}

function memberRow(member) {
  const role = member.leader ? el('span', {class: 'tag lead'}, 'leader') : member.id ? 'follower' : el('span', {class: 'tag bad'}, 'does not answer');
  return el('tr', {'data-member': member.id, 'data-leader': String(member.leader)},
    el('th', {scope: 'row'}, member.endpoint), cell(role), cell(member.version || '–'), cell(member.term || '–', 'num'));
}

function sessionRow(session) {
  return el('tr', {'data-lease': session.lease},
    el('th', {scope: 'row'}, el('code', {}, session.lease)), cell([swatch(who(session.owner)), who(session.owner)]),
    cell(`${session.ttlLeft} of ${session.ttl} s`, 'num'), cell(session.keys, 'num'));
}
