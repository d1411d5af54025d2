// Lists: filtered, sorted, a page at a time, however long they are.

const PAGE = 50;

// A list over columns. `fields` are the columns that are shown; each may give an order.
function list(options) {
  const { id, title, columns, fields, selects, haystack, intro } = options;
  const all = columns.name.length;
  const state = { text: '', page: 0, sort: options.sort, down: true, picked: {} };
  let hay = null;
  let rows = [];

  function find() {
    const words = state.text.toLowerCase().split(/\s+/).filter(Boolean);
    if (words.length && !hay) hay = columns.name.map((_, i) => haystack(i).toLowerCase());
    const tests = selects
      .filter((s) => state.picked[s.id] !== undefined && state.picked[s.id] !== '')
      .map((s) => (i) => s.test(i, state.picked[s.id]));
    rows = [];
    for (let i = 0; i < all; i++) {
      if (options.only && !options.only(i)) continue;
      if (tests.every((test) => test(i)) && words.every((word) => hay[i].includes(word))) rows.push(i);
    }
    const field = fields.find((f) => f.id === state.sort);
    if (field && field.order) {
      const way = state.down ? -1 : 1;
      // What has no value comes last, whichever way.
      rows.sort((x, y) => {
        const [a, b] = [field.order(x), field.order(y)];
        if (a === b) return x - y;
        if (a === null) return 1;
        if (b === null) return -1;
        return a < b ? -way : way;
      });
    }
  }

  function show(view) {
    find();
    const body = make('tbody', {});
    const status = make('p', { class: 'quiet', role: 'status' });
    const pages = make('nav', { class: 'pages', 'aria-label': 'Pages of the list' });
    const heads = make('tr', {});

    function render() {
      const last = Math.max(0, Math.ceil(rows.length / PAGE) - 1);
      state.page = Math.min(state.page, last);
      const from = state.page * PAGE;
      body.replaceChildren(...rows.slice(from, from + PAGE).map((i) =>
        make('tr', {}, fields.map((f) =>
          make(f.head ? 'th' : 'td', { class: f.class, scope: f.head ? 'row' : null, 'data-label': f.head ? null : f.title }, f.cell(i))))));
      const to = Math.min(from + PAGE, rows.length);
      status.textContent = rows.length === 0 ? 'Nothing fits. Try fewer filters.'
        : rows.length <= PAGE ? `${number(rows.length)} of ${number(options.total)}`
        : `${number(from + 1)} to ${number(to)} of ${number(rows.length)}` + (rows.length < options.total ? ` (of ${number(options.total)})` : '');
      const step = (name, page, off) => make('button', { type: 'button', disabled: off, on: { click: () => { state.page = page; render(); head.focus(); } } }, name);
      pages.replaceChildren(...(last === 0 ? [] : [
        step('First', 0, state.page === 0),
        step('Previous', state.page - 1, state.page === 0),
        make('span', {}, `Page ${number(state.page + 1)} of ${number(last + 1)}`),
        step('Next', state.page + 1, state.page === last),
        step('Last', last, state.page === last),
      ]));
      heads.replaceChildren(...fields.map((f) => {
        const sorted = f.id === state.sort;
        const turn = () => {
          state.down = sorted ? !state.down : !f.up;
          state.sort = f.id;
          state.page = 0;
          find();
          render();
          heads.children[fields.indexOf(f)].querySelector('button').focus();
        };
        return make('th', { scope: 'col', class: f.class, 'aria-sort': !f.order ? null : sorted ? (state.down ? 'descending' : 'ascending') : 'none' },
          f.order ? make('button', { type: 'button', class: 'sort', on: { click: turn } }, f.title, make('span', { 'aria-hidden': 'true' }, sorted ? (state.down ? ' ↓' : ' ↑') : '')) : f.title);
      }));
    }

    let waiting = 0;
    const again = () => { state.page = 0; find(); render(); };
    const search = make('input', { type: 'search', id: 'search', autocomplete: 'off', spellcheck: 'false', placeholder: options.placeholder,
      on: { input: (event) => { state.text = event.target.value; clearTimeout(waiting); waiting = setTimeout(again, 60); } } });
    search.value = state.text;
    const filters = make('form', { class: 'filters', role: 'search', 'aria-label': title, on: { submit: (event) => event.preventDefault() } },
      make('label', { class: 'grow' }, 'Search', search),
      selects.map((s) => {
        const select = make('select', { id: 'by-' + s.id, on: { change: (event) => { state.picked[s.id] = event.target.value; again(); } } },
          s.values.map(([value, name]) => make('option', { value }, name)));
        select.value = state.picked[s.id] ?? '';
        return make('label', {}, s.title, select);
      }),
      // On a narrow screen the heads of the columns are not there to be pressed.
      make('label', { class: 'narrow' }, 'Order', (() => {
        const select = make('select', { id: 'by-order', on: { change: (event) => { state.sort = event.target.value; state.down = !fields.find((f) => f.id === state.sort).up; again(); } } },
          fields.filter((f) => f.order).map((f) => make('option', { value: f.id }, f.title)));
        select.value = state.sort;
        return select;
      })()));
    const head = make('h1', { tabindex: '-1' }, title);
    view.replaceChildren(head, make('p', { class: 'lead' }, intro), filters, status,
      make('table', { class: 'list' }, make('caption', { class: 'unseen' }, title), make('thead', {}, heads), body), pages);
    render();
    return head;
  }

  return {
    id,
    title,
    show,
    pick(name, value) { state.picked = { [name]: value }; state.text = ''; state.page = 0; },
    clear() { state.picked = {}; state.text = ''; state.page = 0; },
    // The neighbours of a line, as the list now stands.
    around(i) {
      if (!rows.length) find();
      const at = rows.indexOf(i);
      return at < 0 ? [null, null] : [rows[at - 1] ?? null, rows[at + 1] ?? null];
    },
  };
}

// A list of groups or of template sets.
function setList(options) {
  const { columns, outlets, path } = options;
  const named = (i) => columns.title[i] || columns.name[i];
  const sizes = [['', 'any'], ['3', '3 or more'], ['5', '5 or more'], ['10', '10 or more'], ['50', '50 or more']];
  const relations = new Set();
  const sources = new Map();
  columns.relations.forEach((bits) => RELATIONS.forEach((name, bit) => { if (bits & (1 << bit)) relations.add(name); }));
  columns.outlets.forEach((own) => own.forEach((o) => sources.set(o, (sources.get(o) || 0) + 1)));
  const most = [...sources].sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, 300);
  const selects = [];
  if (columns.caption.some((c) => c) && columns.caption.some((c) => !c)) {
    selects.push({ id: 'unit', title: 'Unit', values: [['', 'all'], ['0', 'stories'], ['1', 'captions']], test: (i, v) => columns.caption[i] === Number(v) });
  }
  if (relations.size > 1) {
    selects.push({ id: 'relation', title: 'Relation', values: [['', 'any'], ...RELATIONS.filter((r) => relations.has(r)).map((r) => [r, r])],
      test: (i, v) => columns.relations[i] & (1 << RELATIONS.indexOf(v)) });
  }
  selects.push({ id: 'size', title: 'Members', values: sizes, test: (i, v) => columns.size[i] >= Number(v) });
  if (most.length > 1) {
    selects.push({ id: 'source', title: 'Source', values: [['', 'any'], ...most.map(([o, n]) => [String(o), `${outlets[o]} (${number(n)})`])],
      test: (i, v) => columns.outlets[i].includes(Number(v)) });
  }
  const fields = [
    { id: 'title', title: options.what, head: true, class: 'title', cell: (i) => [
      make('a', { href: to(path, columns.name[i]) }, named(i)),
      make('span', { class: 'chips' }, columns.caption[i] ? make('span', { class: 'chip unit' }, 'captions') : null,
        RELATIONS.filter((_, bit) => columns.relations[i] & (1 << bit)).map(chip))] },
    { id: 'size', title: 'Members', class: 'n', order: (i) => columns.size[i], cell: (i) => number(columns.size[i]) },
    { id: 'spread', title: 'Sources', class: 'n', order: (i) => columns.outlets[i].length, cell: (i) => number(columns.outlets[i].length) },
    { id: 'first', title: 'First seen', up: true, class: 'when', order: (i) => columns.from[i], cell: (i) => moment(columns.from[i]) || none() },
    { id: 'span', title: 'Time span', class: 'when', order: (i) => columns.span[i], cell: (i) => (columns.span[i] === null ? none() : columns.span[i] ? span(columns.span[i]) : 'same time') },
    { id: 'weakest', title: 'Weakest tie', up: true, class: 'n', order: (i) => columns.weakest[i], cell: (i) => similarity(columns.weakest[i] / 1e4) },
  ];
  return list({ ...options, fields, selects, sort: 'size', placeholder: 'headline, opening or id',
    haystack: (i) => [columns.title[i], columns.name[i], columns.ids[i], columns.outlets[i].map((o) => outlets[o]).join('\n')].join('\n') });
}
