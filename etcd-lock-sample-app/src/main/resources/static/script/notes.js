import {find, el} from './dom.js';

let shown = '';

/** One sentence for each thing that happened. The number of a blow is that of its mark on the timeline. */
export function showNotes(notes) {
  const text = JSON.stringify(notes);
  if (text === shown) {
    return;
  }
  shown = text;
  find('notes-title').hidden = notes.length === 0;
  find('notes').replaceChildren(...notes.map((note, index) => el('li', {'data-kind': note.kind},
    el('time', {}, el('b', {class: 'number'}, index + 1), ` ${(note.at / 1000).toFixed(1)} s`),
    el('span', {class: note.kind === 'info' ? null : 'blow'}, note.text))));
}
