// When which source ran what: a lane for each source, a mark for each member, a line to the member it is tied to.

const LANES = 14;
const LANE = 44;

// The shape of a mark says the relation, for those who see no colours.
function shape(relation, x, y) {
  const r = 7;
  switch (relation) {
    case 'revision': return draw('path', { d: `M${x} ${y - 8}L${x + 8} ${y}L${x} ${y + 8}L${x - 8} ${y}Z` });
    case 'contains': return draw('rect', { x: x - 6, y: y - 6, width: 12, height: 12 });
    case 'template': return draw('path', { d: `M${x} ${y - 8}L${x + 8} ${y + 6}L${x - 8} ${y + 6}Z` });
    default: return draw('circle', { cx: x, cy: y, r });
  }
}

// Steps of time that a reader knows, in seconds.
const STEPS = [60, 300, 600, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800, 1209600, 2592000, 7776000, 31536000, 157680000];

function ticks(from, until, most) {
  const step = STEPS.find((s) => (until - from) / s <= most) || Math.ceil((until - from) / most);
  const at = [];
  for (let t = Math.ceil(from / step) * step; t <= until; t += step) at.push(t);
  return at;
}

// The drawing, `width` wide; `go` gives the address of a member.
function timeline(view, width, current, go) {
  const members = view.m;
  const names = [];
  members.forEach((m) => { if (!names.includes(m.outlet)) names.push(m.outlet); });
  const lanes = names.length > LANES ? names.slice(0, LANES - 1) : names;
  const others = names.length > lanes.length ? `${number(names.length - lanes.length)} other sources` : null;
  const laneOf = (m) => { const at = lanes.indexOf(m.outlet); return at < 0 ? lanes.length : at; };
  const dated = members.filter((m) => m.s !== null);
  const undated = members.length - dated.length;
  const right = undated && dated.length ? 110 : 0;
  const [left, end] = [14, width - 16 - right];
  const from = Math.min(...dated.map((m) => m.s));
  const until = Math.max(...dated.map((m) => m.s));
  const scale = (s) => (until > from ? left + ((s - from) / (until - from)) * (end - left) : (left + end) / 2);
  const rows = lanes.length + (others ? 1 : 0);
  const height = rows * LANE + 34;
  const svg = draw('svg', { class: 'timeline', viewBox: `0 0 ${width} ${height}`, width, height, role: 'group', 'aria-label': 'Timeline; the table of members below has the same' });
  if (dated.length) {
    for (const t of ticks(from, until, Math.max(2, Math.floor((end - left) / 130)))) {
      const x = scale(t);
      const near = x < 50 ? '' : x > end - 40 ? ' end' : ' middle';
      svg.append(draw('line', { class: 'grid', x1: x, x2: x, y1: 4, y2: height - 26 }),
        draw('text', { class: 'tick' + near, x, y: height - 8 }, moment(t)));
    }
  }
  if (until === from && dated.length && from % 60) svg.append(draw('text', { class: 'tick middle', x: scale(from), y: height - 8 }, moment(from)));
  if (undated) svg.append(draw('text', { class: 'tick middle', x: right ? width - 58 : width / 2, y: height - 8 }, 'no time given'));
  [...lanes, ...(others ? [others] : [])].forEach((name, i) => {
    const y = i * LANE + 30;
    const room = Math.floor((width - 28) / 7);
    svg.append(draw('line', { class: 'lane', x1: left - 6, x2: width - 10, y1: y, y2: y }),
      draw('text', { class: 'outlet', x: left - 6, y: y - 14 }, name.length > room ? name.slice(0, room - 1) + '…' : name));
  });
  // Marks that would cover one another step aside.
  const taken = new Map();
  const places = members.map((m) => {
    const lane = laneOf(m);
    let x = m.s !== null ? scale(m.s) : right ? width - 90 : left + 10;
    const used = taken.get(lane) || [];
    while (used.some((u) => Math.abs(u - x) < 15) && x < width - 14) x += 15;
    x = Math.min(x, width - 12);
    used.push(x);
    taken.set(lane, used);
    return [Math.round(x * 10) / 10, lane * LANE + 30];
  });
  members.forEach((m, i) => {
    if (m.to === null || !places[m.to]) return;
    const [[x1, y1], [x2, y2]] = [places[m.to], places[i]];
    const bend = y1 === y2 ? y1 - 16 : (y1 + y2) / 2;
    svg.append(draw('path', { class: 'tie ' + m.relation, d: `M${x1} ${y1}C${x1} ${bend} ${x2} ${bend} ${x2} ${y2}` }));
  });
  const marks = members.map((m, i) => {
    const [x, y] = places[i];
    const words = [m.relation, m.id, m.outlet, moment(m.s) || 'no time given', m.version ? 'version ' + m.version : ''].filter(Boolean).join(', ');
    const mark = draw('a', { href: go(i), class: `mark ${m.relation}${i === current ? ' current' : ''}`, 'aria-label': words, 'aria-current': i === current ? 'true' : null, 'data-member': i },
      draw('title', {}, words), draw('circle', { class: 'reach', cx: x, cy: y, r: 14 }), shape(m.relation, x, y));
    mark.addEventListener('keydown', (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (!step || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      marks[(i + step + marks.length) % marks.length].focus();
    });
    return mark;
  });
  svg.append(...marks);
  return svg;
}
