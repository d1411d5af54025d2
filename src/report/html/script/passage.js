// Passages: their list, and where one of them stands.

function passageList(options) {
  const { columns } = options;
  const kinds = [...new Set(columns.kind.filter((k) => k !== 'boilerplate'))].sort();
  const selects = [];
  if (!options.boilerplate && kinds.length > 1) {
    selects.push({ id: 'kind', title: 'Kind', values: [['', 'all'], ...kinds.map((k) => [k, k])], test: (i, v) => columns.kind[i] === v });
  }
  selects.push({ id: 'reach', title: 'Stories', values: [['', 'any'], ['3', '3 or more'], ['5', '5 or more'], ['10', '10 or more'], ['50', '50 or more']], test: (i, v) => columns.stories[i] >= Number(v) });
  selects.push({ id: 'long', title: 'Words', values: [['', 'any'], ['20', '20 or more'], ['50', '50 or more'], ['100', '100 or more']], test: (i, v) => columns.words[i] >= Number(v) });
  const fields = [
    { id: 'text', title: 'Passage', head: true, class: 'title', cell: (i) => [make('a', { href: to('passage', columns.name[i]), dir: 'auto' }, columns.text[i]),
      options.boilerplate ? null : make('span', { class: 'chips' }, make('span', { class: 'chip unit' }, columns.kind[i]))] },
    { id: 'stories', title: 'Stories', class: 'n', order: (i) => columns.stories[i], cell: (i) => number(columns.stories[i]) },
    { id: 'different', title: 'Different', class: 'n', order: (i) => columns.different[i], cell: (i) => number(columns.different[i]) },
    { id: 'words', title: 'Words', class: 'n', order: (i) => columns.words[i], cell: (i) => number(columns.words[i]) },
    { id: 'first', title: 'First seen', up: true, class: 'when', order: (i) => columns.first[i], cell: (i) => moment(columns.first[i]) || none() },
  ];
  return list({ ...options, fields, selects, sort: 'stories', placeholder: 'words of the passage', only: (i) => (columns.kind[i] === 'boilerplate') === options.boilerplate,
    haystack: (i) => columns.text[i] + '\n' + columns.name[i] });
}

async function showPassage(root, index, at, list) {
  const columns = index.passages;
  const view = await viewOf('p', at, meta.passages);
  const [before, after] = list.around(at);
  const step = (i, text) => (i === null ? null : make('a', { href: to('passage', columns.name[i]), rel: text === 'Next' ? 'next' : 'prev' }, text));
  const head = make('h1', { tabindex: '-1' }, columns.kind[at] === 'boilerplate' ? 'Boilerplate' : columns.kind[at] === 'caption' ? 'Caption in several stories' : 'Passage');
  const where = (o) => make('li', {},
    make('p', { class: 'where' }, o.group ? make('a', { href: to('group', o.group) }, o.title || o.id) : make('b', {}, o.title || o.id), ' ',
      make('span', { class: 'quiet' }, [o.outlet, moment(o.s) || o.time, o.id, o.at === o.id ? '' : o.at].filter(Boolean).join(' · '))),
    o.around ? make('p', { class: 'around', dir: 'auto' }, make('span', { class: 'a' }, '… ' + o.around[0]), make('span', { class: 's' }, o.around[1]), o.around[2] ? ' … ' : null,
      o.around[2] ? make('span', { class: 's' }, o.around[2]) : null, make('span', { class: 'a' }, o.around[3] + ' …')) : null);
  root.replaceChildren(...[
    make('nav', { class: 'trail', 'aria-label': 'Where you are' }, make('a', { href: '#/' + list.id }, '← ' + list.title), make('span', { class: 'steps' }, step(before, 'Previous'), ' ', step(after, 'Next'))),
    head,
    make('p', { class: 'quiet' }, [count(columns.stories[at], 'story'), number(columns.different[at]) + ' of them different', count(columns.words[at], 'word'), columns.kind[at], columns.first[at] === null ? null : 'first seen ' + moment(columns.first[at]), columns.name[at]].filter(Boolean).join(' · ')),
    make('blockquote', { dir: 'auto' }, view ? view.text.map((line) => make('p', {}, line)) : columns.text[at], view && view.cut ? make('p', { class: 'quiet' }, `and ${number(view.cut)} bytes more`) : null),
    view ? make('section', { 'aria-labelledby': 'stands' }, make('h2', { id: 'stands' }, 'Where it stands, the earliest first'), make('ol', { class: 'occurrences' }, view.o.map(where)),
      view.more ? make('p', { class: 'quiet' }, `and ${number(view.more)} more places: samewire passages lists all`) : null)
      : make('p', {}, 'Its places found no room in the page: samewire passages --json lists them.'),
  ].filter(Boolean));
  return head;
}
