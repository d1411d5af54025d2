// Elements, data and words that all views use. Text from stories only ever goes in as text.

const byId = (id) => document.getElementById(id);

// An element with these attributes and children; strings become text.
function make(name, attributes, ...children) {
  return fill(document.createElement(name), attributes, children);
}

function draw(name, attributes, ...children) {
  return fill(document.createElementNS('http://www.w3.org/2000/svg', name), attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name === 'on') {
      for (const [event, listen] of Object.entries(value)) element.addEventListener(event, listen);
    } else if (value !== null && value !== undefined && value !== false) {
      element.setAttribute(name, value === true ? '' : value);
    }
  }
  element.append(...children.flat(2).filter((child) => child !== null && child !== undefined && child !== ''));
  return element;
}

// A link to a view of this page; whatever its parts are, it stays in the page.
const to = (...parts) => '#/' + parts.map(encodeURIComponent).join('/');

const meta = JSON.parse(byId('meta').textContent);

// A data block: base64 of DEFLATE of JSON.
async function unpack(id) {
  const element = byId(id);
  if (!element) return null;
  const text = atob(element.textContent);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  return JSON.parse(await new Response(stream).text());
}

// The last blocks that were opened: neighbours in a list are in one.
const opened = new Map();

async function block(id) {
  if (!opened.has(id)) {
    if (opened.size > 16) opened.delete(opened.keys().next().value);
    opened.set(id, unpack(id));
  }
  return opened.get(id);
}

// View number `at` of a list; nothing where there was no room for it.
async function viewOf(letter, at, embedded) {
  if (at >= embedded) return null;
  const views = await block(letter + Math.floor(at / meta.block));
  return views ? views[at % meta.block] : null;
}

const RELATIONS = ['exact', 'near', 'revision', 'contains', 'template', 'overlap'];

const MEANING = {
  first: 'the first of its group',
  exact: 'the same words once datelines, bylines and credits are left out',
  near: 'small edits, no new facts',
  revision: 'a later version: text used again, facts added or corrected',
  contains: 'one is a cut or an excerpt of the other',
  template: 'the same form, other facts: kept apart',
  overlap: 'a passage is shared; otherwise another story',
  distinct: 'nothing worth telling is shared',
};

const number = (n) => n.toLocaleString('en-US');

function count(n, what) {
  if (n === 1) return '1 ' + what;
  return number(n) + ' ' + (what.endsWith('y') ? what.slice(0, -1) + 'ies' : what + 's');
}

const similarity = (x) => (x === null || x === undefined ? '' : (Math.floor(x * 100 + 1e-6) / 100).toFixed(2));

// Seconds since 1970 as a day, and a time of day unless that is midnight; UTC.
function moment(seconds) {
  if (seconds === null || seconds === undefined) return '';
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return '';
  const text = date.toISOString();
  const at = text.indexOf('T');
  return seconds % 86400 === 0 ? text.slice(0, at) : text.slice(0, at) + ' ' + text.slice(at + 1, at + 6);
}

function span(seconds) {
  if (seconds === null || seconds === undefined) return '';
  for (const [size, name] of [[86400, 'day'], [3600, 'hour'], [60, 'minute']]) {
    if (seconds >= 2 * size || (seconds >= size && seconds % size === 0)) return count(Math.round(seconds / size), name);
  }
  return seconds === 0 ? '0' : count(seconds, 'second');
}

// Said to those who do not see the page change.
const say = (text) => { byId('said').textContent = text; };

const chip = (relation) => make('span', { class: 'chip ' + relation, title: MEANING[relation] }, relation);

const none = () => make('span', { class: 'quiet', 'aria-label': 'not known' }, '–');

// A command that can be copied.
function command(text) {
  const code = make('code', { tabindex: '0' }, text);
  const button = make('button', { type: 'button', class: 'small' }, 'Copy');
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(text);
      say('Copied');
      button.textContent = 'Copied';
    } catch {
      // Without leave to write there it is at least marked for copying.
      getSelection().selectAllChildren(code);
      say('Marked; copy it with the keyboard');
    }
  });
  return make('p', { class: 'command' }, code, ' ', button);
}
