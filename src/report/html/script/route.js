// Addresses → views. `#/` is the overview, which stands in the page as it is; all other views are made here.

const scrolled = new Map();
let address = null;

const ready = unpack('index');

async function start() {
  if (typeof DecompressionStream === 'undefined') {
    byId('view').before(make('p', { class: 'notes' }, 'This browser is too old to unpack the lists in this page. What follows is its summary.'));
    return;
  }
  document.documentElement.classList.add('js');
  const index = await ready;
  meta.within = index.within;
  const shared = { outlets: index.outlets };
  const groups = setList({ ...shared, id: 'groups', title: 'Groups', what: 'Group', path: 'group', columns: index.groups, total: index.totals.groups,
    intro: 'Stories and captions that tell the same, directly or through one another.' });
  const templates = setList({ ...shared, id: 'templates', title: 'Templates', what: 'Template set', path: 'template', columns: index.templates, total: index.totals.templates,
    intro: 'The same form, filled with other facts: alike to a machine, different to an editor. They are kept apart and join no group.' });
  const passages = passageList({ id: 'passages', title: 'Passages', columns: index.passages, boilerplate: false, total: index.totals.passages,
    intro: 'Quotes, paragraphs and captions that stand in several stories, the widest first. Stories of one group count once among the different ones.' });
  const boilerplate = passageList({ id: 'boilerplate', title: 'Boilerplate', columns: index.passages, boilerplate: true, total: index.totals.boilerplate,
    intro: 'What a house puts under stories that have nothing else in common.' });
  const lists = { groups, templates, passages, boilerplate };
  const kinds = {
    group: { columns: index.groups, letter: 'g', embedded: meta.groups, path: 'group', list: groups },
    template: { columns: index.templates, letter: 't', embedded: meta.templates, path: 'template', list: templates },
  };
  const places = { group: placesOf(index.groups), template: placesOf(index.templates), passage: placesOf(index.passages) };
  const tabs = [['', 'Overview'], ['groups', 'Groups'], ...(meta.has_templates ? [['templates', 'Templates']] : []), ...(meta.has_passages ? [['passages', 'Passages'], ['boilerplate', 'Boilerplate']] : [])];
  byId('nav').replaceChildren(...tabs.map(([id, name]) => make('a', { href: '#/' + id, 'data-list': id }, name)));

  async function show() {
    const here = location.hash;
    if (address !== null) scrolled.set(address, scrollY);
    const parts = here.replace(/^#\/?/, '').split('/').map((part) => { try { return decodeURIComponent(part); } catch { return part; } });
    const [what, name, third] = parts;
    const view = byId('view');
    const first = address === null;
    const came = here;
    const away = async (shown) => {
      view.hidden = false;
      byId('overview').hidden = true;
      return shown;
    };
    let tab = what;
    let head = null;
    let stayed = false;
    if (lists[what] && tabs.some(([id]) => id === what)) {
      // Those with later versions, until all are asked for again.
      if (what === 'groups' && name === 'chains') groups.pick('relation', 'revision');
      else if (what === 'groups' && chains) groups.clear();
      chains = what === 'groups' && name === 'chains';
      head = lists[what].show(view);
      await away();
    } else if (kinds[what] && places[what].has(name)) {
      tab = kinds[what].list.id;
      await away();
      head = await showSet(view, kinds[what], places[what].get(name), third === undefined ? null : Number(third));
      stayed = head === null;
    } else if (what === 'passage' && places.passage.has(name)) {
      const at = places.passage.get(name);
      tab = index.passages.kind[at] === 'boilerplate' ? 'boilerplate' : 'passages';
      await away();
      head = await showPassage(view, index, at, lists[tab]);
    } else if (what) {
      await away();
      head = make('h1', { tabindex: '-1' }, 'Not in this page');
      view.replaceChildren(head, make('p', {}, 'What this address names is not in the page: it may have found no room. ', make('a', { href: '#/' }, 'Go to the overview')));
    } else {
      view.hidden = true;
      view.replaceChildren();
      byId('overview').hidden = false;
      head = byId('overview-title');
      head.tabIndex = -1;
    }
    if (came !== location.hash) return;
    if (!kinds[what]) shownSet = null;
    address = here;
    for (const link of byId('nav').children) {
      if (link.dataset.list === (tab || '')) link.setAttribute('aria-current', 'page');
      else link.removeAttribute('aria-current');
    }
    const said = head ? head.textContent : '';
    document.title = (what && said ? said + ' – ' : '') + title;
    if (stayed) return;
    // A reader that came by a link begins at the head; one that comes back finds the place.
    if (!first) head.focus({ preventScroll: true });
    scrollTo(0, back ? scrolled.get(here) ?? 0 : 0);
    back = false;
  }

  const title = document.title;
  let back = false;
  let chains = false;
  addEventListener('popstate', () => { back = !followed; followed = false; });
  let followed = false;
  addEventListener('click', (event) => { if (event.target.closest && event.target.closest('a')) followed = true; }, true);
  addEventListener('hashchange', show);
  let resized = 0;
  addEventListener('resize', () => { clearTimeout(resized); resized = setTimeout(() => drawAgain && drawAgain(), 100); });
  addEventListener('keydown', (event) => {
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
    if (event.key === '/' && !typing && !event.ctrlKey && !event.metaKey && !event.altKey && byId('search')) {
      event.preventDefault();
      byId('search').focus();
    }
  });
  await show();
  document.documentElement.dataset.ready = 'true';
}

const placesOf = (columns) => new Map(columns.name.map((name, i) => [name, i]));

if (history.scrollRestoration) history.scrollRestoration = 'manual';
start();
