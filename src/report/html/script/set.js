// A group or a template set: when, who, why, and the texts side by side.

let shownSet = null;

function text(row) {
  const [apart, runs] = row;
  const name = { s: 'span', d: 'strong', a: 'span', p: null };
  return make('p', { class: apart ? null : 'close', dir: 'auto' }, runs.map((run) => {
    const mark = run[0];
    return name[mark] ? make(name[mark], { class: mark }, run.slice(1)) : run.slice(1);
  }));
}

// Whether a row says nothing but what the other side says.
const isSame = ([left, right]) => {
  const only = (side) => side.every(([, runs]) => runs.every((run) => run[0] === 's' || !/[\p{L}\p{N}]/u.test(run.slice(1))));
  return left.length > 0 && right.length > 0 && only(left) && only(right);
};

function sideBySide(view, i) {
  const pair = view.p[i];
  const [b, a] = [view.m[i], view.m[view.m[i].to]];
  const head = make('h2', { tabindex: '-1', id: 'pair' }, 'Side by side');
  if (!pair) {
    return [head, make('p', {}, a ? `These texts are not in the page: the file they came from could not be read again, or the set is too large. Compare them in a terminal:` : 'The other text is not in the page.'),
      a ? command(`samewire compare ${quoted(a.id)} ${quoted(b.id)} --in ${meta.within || 'PATH'}`) : null];
  }
  const side = (m, letter) => make('div', { class: 'who' }, make('b', { class: 'letter' }, letter), ' ', make('span', { class: 'name' }, m.title || m.id),
    make('span', { class: 'quiet' }, [m.outlet, moment(m.s), m.version ? 'version ' + m.version : '', m.id].filter(Boolean).join(' · ')));
  const said = make('p', { class: 'why' }, chip(pair.relation || b.relation), ' ', pair.why ? pair.why + '.' : '');
  const differ = pair.relation && pair.relation !== b.relation
    ? make('p', { class: 'quiet' }, `The list says ${b.relation}: the texts or the settings have changed since, or the group as a whole decided.`) : null;
  const changes = pair.changes.map(([kind, all, more]) => [make('dt', {}, kind), make('dd', {}, all.map(([x, y]) =>
    make('span', { class: 'change' }, x ? make('del', {}, x) : null, x && y ? ' → ' : '', y ? make('ins', {}, y) : null)), more ? `and ${number(more)} more` : null)]);
  const figures = make('table', { class: 'figures-of-pair' }, make('caption', { class: 'unseen' }, 'Figures of the pair'),
    make('thead', {}, make('tr', {}, make('td', {}), make('th', { scope: 'col', class: 'n' }, 'A'), make('th', { scope: 'col', class: 'n' }, 'B'))),
    make('tbody', {}, pair.figures.map(([name, values]) => make('tr', {}, make('th', { scope: 'row' }, name),
      values.map((v) => make('td', { class: 'n', colspan: values.length === 1 ? 2 : null }, v))))));
  const same = pair.rows ? pair.rows.filter(isSame).length : 0;
  const grid = make('div', { class: 'texts' }, make('div', { class: 'row heads' }, side(a, 'A'), side(b, 'B')),
    (pair.rows || []).map((row) => make('div', { class: isSame(row) ? 'row same' : 'row' },
      row.map((cell, at) => make('div', { class: cell.length ? 'cell' : 'cell empty', 'data-side': 'AB'[at], 'aria-label': (at ? 'B' : 'A') + (cell.length ? '' : ': nothing here') }, cell.map(text))))));
  const fold = same && pair.rows.length > 1 ? make('label', { class: 'check' }, make('input', { type: 'checkbox', id: 'fold', on: { change: (event) => grid.classList.toggle('folded', event.target.checked) } }),
    ` Hide the ${count(same, 'paragraph')} that are the same`) : null;
  return [head, said, differ,
    changes.length ? make('dl', { class: 'changes' }, changes) : null,
    make('details', {}, make('summary', {}, 'Figures'), figures),
    pair.rows ? make('p', { class: 'legend' }, make('span', { class: 's' }, 'in both'), make('strong', { class: 'd' }, 'a name or figure that differs'), make('span', { class: 'a' }, 'not compared'), fold)
      : make('p', {}, 'These texts are too long to show here. Compare them in a terminal:'),
    grid,
    make('details', { open: !pair.rows }, make('summary', {}, 'The same in a terminal'), command(pair.command))];
}

const quoted = (id) => (/^[\w.:/@%+=,-]+$/.test(id) && !id.startsWith('-') ? id : "'" + id.replaceAll("'", "'\\''") + "'");

function memberTable(view, path, name, current) {
  const row = (m, i) => make('tr', { class: i === current ? 'current' : null, 'aria-current': i === current ? 'true' : null },
    make('td', { 'data-label': 'relation' }, chip(m.relation), m.to !== null && view.m[m.to] ? make('span', { class: 'quiet' }, ' of ', view.m[m.to].id) : null),
    make('td', { class: 'n', 'data-label': 'similarity' }, similarity(m.j)),
    make('td', { class: 'n', 'data-label': 'contained' }, similarity(m.c)),
    make('th', { scope: 'row' }, m.to === null ? m.id : make('a', { href: to(path, name, i), title: 'Side by side' }, m.id), m.version ? make('span', { class: 'quiet' }, ' version ', m.version) : null),
    make('td', { 'data-label': 'source' }, m.outlet),
    make('td', { class: 'when', 'data-label': 'time' }, moment(m.s) || m.time || none()),
    make('td', { class: 'place', 'data-label': 'place' }, m.at === m.id ? '' : m.at));
  return make('table', { class: 'members' }, make('caption', { class: 'unseen' }, 'Members'),
    make('thead', {}, make('tr', {}, ['relation', 'similarity', 'contained', 'id', 'source', 'time (UTC)', 'place'].map((t, i) => make('th', { scope: 'col', class: i === 1 || i === 2 ? 'n' : null }, t)))),
    make('tbody', {}, view.m.map(row)));
}

function related(r) {
  const of = (title, items) => (items.length ? [make('dt', {}, title), items.map((item) => make('dd', {}, item))] : []);
  const set = (path) => ([name, title]) => make('a', { href: to(path, name) }, title || name);
  const all = [
    of('Group of some of these', r.g.map(set('group'))),
    of('Template set of some of these', r.t.map(set('template'))),
    of('Passages that others have too', r.p.map(([name, kind, stories, opening]) => [make('a', { href: to('passage', name) }, opening), make('span', { class: 'quiet' }, ` ${kind}, ${count(stories, 'story')}`)])),
  ].flat();
  return all.length ? make('details', { class: 'related' }, make('summary', {}, 'Also'), make('dl', {}, all)) : null;
}

// Shows set number `at` with the pair of a member; only the pair is made anew where the set stands already.
async function showSet(root, kind, at, member) {
  const { columns, letter, embedded, path, list } = kind;
  const name = columns.name[at];
  const view = await viewOf(letter, at, embedded);
  const title = columns.title[at] || name;
  const pick = view && Number.isInteger(member) && view.m[member] && view.m[member].to !== null ? member : view ? view.m.findIndex((m) => m.to !== null) : -1;
  const go = (i) => to(path, name, view.m[i].to === null ? Math.max(pick, 0) : i);
  const [before, after] = list.around(at);
  const step = (i, text) => (i === null ? null : make('a', { href: to(path, columns.name[i]), rel: text === 'Next' ? 'next' : 'prev' }, text));
  drawAgain = () => {
    const place = byId('timeline');
    if (place && view) place.replaceChildren(timeline(view, Math.max(280, place.clientWidth), pick, go));
  };
  if (shownSet === name && view && byId('pair-place')) {
    byId('pair-place').replaceChildren(...sideBySide(view, pick).flat().filter(Boolean));
    byId('members').replaceChildren(memberTable(view, path, name, pick));
    drawAgain();
    byId('pair').focus({ preventScroll: true });
    byId('pair-place').scrollIntoView({ block: 'start' });
    return null;
  }
  shownSet = name;
  const head = make('h1', { tabindex: '-1', dir: 'auto' }, title);
  const unit = columns.caption[at] ? 'caption' : 'story';
  const facts = [count(columns.size[at], unit), count(columns.outlets[at].length, 'source'), columns.from[at] === null ? null : 'first ' + moment(columns.from[at]),
    columns.span[at] ? 'within ' + span(columns.span[at]) : null, 'weakest tie ' + similarity(columns.weakest[at] / 1e4), name].filter(Boolean).join(' · ');
  const frame = make('div', { class: 'drawing', id: 'timeline' });
  root.replaceChildren(...[
    make('nav', { class: 'trail', 'aria-label': 'Where you are' }, make('a', { href: '#/' + list.id }, '← ' + list.title), make('span', { class: 'steps' }, step(before, 'Previous'), ' ', step(after, 'Next'))),
    head, make('p', { class: 'quiet' }, facts),
    view ? make('section', { 'aria-labelledby': 'timeline-title' }, make('h2', { id: 'timeline-title' }, 'Timeline'), frame) : null,
    view ? make('section', { 'aria-labelledby': 'members-title' }, make('h2', { id: 'members-title' }, 'Members'), make('div', { id: 'members' }, memberTable(view, path, name, pick)),
      view.more ? make('p', { class: 'quiet' }, `and ${number(view.more)} more: samewire group lists all`) : null) : null,
    view ? related(view.r) : null,
    view && pick >= 0 ? make('section', { id: 'pair-place', 'aria-labelledby': 'pair' }, sideBySide(view, pick).flat().filter(Boolean)) : null,
    view ? null : leftOut(columns, at),
  ].filter(Boolean));
  drawAgain();
  return head;
}

// Draws the timeline that is shown, after the window changed.
let drawAgain = null;

function leftOut(columns, at) {
  const ids = columns.ids[at].split('\n').filter(Boolean);
  const within = meta.within || 'PATH';
  return make('section', {}, make('p', {}, 'The texts of this one found no room in the page. Its members', ids.length < columns.size[at] ? ' (the first of them)' : '', ':'),
    make('ul', {}, ids.map((id) => make('li', {}, make('code', {}, id)))),
    ids.length > 1 ? [make('p', {}, 'See two of them side by side in a terminal:'), command(`samewire compare ${quoted(ids[0])} ${quoted(ids[1])} --in ${within}`)] : null);
}
