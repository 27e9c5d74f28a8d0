import {find, say} from './dom.js';

/** Asks before what cannot be undone. */
export function confirmed(title, text, yes) {
  const dialog = find('confirm');
  say('confirm-title', title);
  say('confirm-text', text);
  say('confirm-yes', yes);
  dialog.returnValue = 'no';
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), {once: true});
  });
}
