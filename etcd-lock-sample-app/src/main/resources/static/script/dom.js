/** Elements with text only: what comes from the server never becomes markup. */

export const find = (id) => document.getElementById(id);

/** el('td', {class: 'num'}, 'text', otherElement) */
export function el(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

export function svg(name, attributes = {}, ...children) {
  return fill(document.createElementNS('http://www.w3.org/2000/svg', name), attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name === 'color') {
      element.style.setProperty('--color', value);
    } else if (value !== null && value !== undefined && value !== false) {
      element.setAttribute(name, value === true ? '' : value);
    }
  }
  element.append(...children.filter((child) => child !== null && child !== undefined).map((child) => child instanceof Node ? child : String(child)));
  return element;
}

/** Changes a text only if it is another one: screen readers are told of real changes. */
export function say(id, text) {
  const element = find(id);
  if (element.textContent !== String(text)) {
    element.textContent = text;
  }
}

/** Changes the cells that have changed: what is selected, focused or pressed in the others stays. */
export function rows(id, all, none) {
  const body = find(id);
  const focused = body.contains(document.activeElement) ? document.activeElement.id : '';
  const columns = body.closest('table').querySelectorAll('thead th').length;
  const wanted = all.length ? all : [el('tr', {}, el('td', {class: 'empty', colspan: columns}, none))];
  wanted.forEach((row, index) => body.rows[index] ? change(body.rows[index], row) : body.append(row));
  while (body.rows.length > wanted.length) {
    body.lastElementChild.remove();
  }
  if (focused && document.activeElement?.id !== focused) {
    find(focused)?.focus();
  }
}

function change(old, row) {
  if (old.cells.length !== row.cells.length) {
    old.replaceWith(row);
    return;
  }
  for (const name of new Set([...old.getAttributeNames(), ...row.getAttributeNames()])) {
    row.hasAttribute(name) ? old.setAttribute(name, row.getAttribute(name)) : old.removeAttribute(name);
  }
  [...row.cells].forEach((cell, index) => {
    if (!old.cells[index].isEqualNode(cell)) {
      old.cells[index].replaceWith(cell);
    }
  });
}

/** A cell with a text, an element, or a list of them. */
export const cell = (content, kind = '') => el('td', {class: kind || null}, ...[content].flat());

const NAMES = ['one', 'two', 'three', 'four', 'five'];

const rank = (instance) => NAMES.includes(instance) ? NAMES.indexOf(instance) : NAMES.length;

/** The order in which instances are shown, however they came. */
export const inOrder = (one, other) => rank(one) - rank(other) || one.localeCompare(other);

/** Each instance keeps its colour; those with names of their own share one. */
export const color = (instance) => NAMES.includes(instance) ? `var(--series-${rank(instance) + 1})` : 'var(--strong-line)';

export const swatch = (instance) => el('i', {class: 'swatch', color: color(instance), 'aria-hidden': 'true'});

/** Keeps what is chosen as long as it is on offer. */
export function options(id, names, none) {
  const select = find(id);
  const now = [...select.options].map((option) => option.value).join();
  if (now !== names.join() || select.options.length === 0) {
    const chosen = select.value;
    select.replaceChildren(...(names.length ? names : ['']).map((name) => el('option', {value: name}, name || none)));
    if (names.includes(chosen)) {
      select.value = chosen;
    }
  }
  select.disabled = names.length === 0;
}
