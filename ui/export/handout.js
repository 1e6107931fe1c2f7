'use strict';
// The run: pages, each with what is drawn on it, as ranges of `items`. An item is the number of its look, its place, and
// its text; a look is a tag, attributes, and the names of what is in the place.
const run = JSON.parse(document.getElementById('run').textContent);
const part = (id) => document.getElementById(id);
const [picture, stack, listing, names, timeline, slider] =
    ['picture', 'stack', 'listing', 'names', 'timeline', 'slider'].map(part);
// Where the listing has room that nothing else needs.
const roomy = matchMedia('(min-width: 1200px), (max-width: 700px) and (min-height: 700px)');
let shown = -1;

function svg(tag, attributes) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

// Whatever a text says, it becomes a text node.
function draw(item) {
  const [look, ...rest] = item;
  const [tag, attributes, place] = run.looks[look];
  const element = svg(tag, attributes);
  place.forEach((name, i) => element.setAttribute(name, rest[i]));
  for (const text of rest.slice(place.length)) {
    if (typeof text === 'string') {
      element.append(text);
    } else {
      const span = svg('tspan', { class: 'f' + text[0] });
      span.append(text[1]);
      element.append(span);
    }
  }
  return element;
}

// `ranges`: the first item, how many of them, the first of the next ones, ...
function fill(canvas, ranges) {
  const elements = [];
  for (let i = 0; i < ranges.length; i += 2)
    for (let j = 0; j < ranges[i + 1]; j++) elements.push(draw(run.items[ranges[i] + j]));
  canvas.replaceChildren(...elements);
}

// "since step 5", over what is drawn, and underlined.
function link([step, x, y, width, height]) {
  const anchor = svg('a', { href: `#${run.events}=${step}`, 'aria-label': 'Event ' + step });
  const [left, right, below] = [x + width * 0.04, x + width * 0.96, y + height * 0.9];
  anchor.append(svg('rect', { x, y, width, height, fill: 'transparent' }),
                svg('line', { x1: left, y1: below, x2: right, y2: below, 'stroke-width': 1.5 }));
  return anchor;
}

// A text, which is a string; or strings, of which those that are code are in a list of their own.
function written(text) {
  return [text].flat().map((run) => {
    if (typeof run === 'string') return run;
    const code = document.createElement('code');
    code.textContent = run[0];
    return code;
  });
}

// The number of the page of an event, or of the latest before it.
function pageOf(step) {
  let page = 0;
  while (page + 1 < run.pages.length && run.pages[page + 1].first <= step) page++;
  return page;
}

function keepInView(box, from, to, start, size) {
  if (from < box[start] || to > box[start] + box[size]) box[start] = (from + to - box[size]) / 2;
}

function show(number) {
  const to = Math.max(0, Math.min(run.pages.length - 1, number));
  if (to === shown || run.pages.length === 0) return;
  shown = to;
  const page = run.pages[to];
  fill(picture, page.picture);
  picture.setAttribute('viewBox', page.view || run.views.picture);
  picture.append(...page.links.map(link));
  // Of many, there is only the picture.
  document.body.classList.toggle('many', !page.stack);
  if (page.stack) {
    stack.setAttribute('viewBox', page.stack.view);
    fill(stack, page.stack.drawn);
  }
  fill(listing, page.listing);
  fill(names, page.names);
  fill(timeline, page.timeline);
  for (const id of ['heading', 'kernel']) part(id).textContent = page[id];
  for (const id of ['said', 'meaning']) part(id).replaceChildren(...written(page[id]));
  part('caption').classList.toggle('question', page.question);
  part('kernel').classList.toggle('differs', page.differs);
  part('place').textContent = page.count;
  slider.value = to;
  slider.setAttribute('aria-valuetext', page.heading);
  part('first').disabled = part('previous').disabled = to === 0;
  part('next').disabled = part('last').disabled = to === run.pages.length - 1;
  reveal(page);
  const hash = '#' + page.name;
  if (location.hash !== hash) history.replaceState(null, '', hash);
}

// What has just happened, where listing and timeline are scrolled.
function reveal(page) {
  const scale = timeline.clientWidth / timeline.viewBox.baseVal.width;
  const x = (timelineX(page) - timeline.viewBox.baseVal.x) * scale;
  keepInView(timeline.parentElement, x - 40, x + names.clientWidth + 40, 'scrollLeft', 'clientWidth');
  const lines = listing.clientHeight / (listing.viewBox.baseVal.height || 1);
  if (page.line) keepInView(listing.parentElement, page.line[0] * lines, page.line[1] * lines, 'scrollTop', 'clientHeight');
}

const timelineX = (page) => page.x;

function showHash() {
  const name = location.hash.slice(1);
  const page = run.pages.findIndex((one) => one.name === name);
  const [what, number] = name.split('=');
  if (page >= 0) show(page);
  else if (what === run.events && /^\d+$/.test(number)) show(pageOf(Number(number)));
}

const moves = {
  first: () => show(0),
  previous: () => show(shown - 1),
  next: () => show(shown + 1),
  last: () => show(run.pages.length - 1),
};
const keys = {
  ' ': 'next', ArrowRight: 'next', PageDown: 'next', n: 'next', N: 'next',
  ArrowLeft: 'previous', PageUp: 'previous', p: 'previous', P: 'previous',
  Home: 'first', End: 'last',
};

document.addEventListener('keydown', (event) => {
  const move = keys[event.key];
  if (!move || event.ctrlKey || event.altKey || event.metaKey) return;
  // Space presses the button that has the focus.
  if (event.key === ' ' && event.target.closest('button, summary')) return;
  event.preventDefault();
  moves[move]();
});
for (const id of Object.keys(moves)) part(id).addEventListener('click', moves[id]);
slider.addEventListener('input', () => show(Number(slider.value)));
addEventListener('hashchange', showHash);
const revealAgain = () => { if (shown >= 0) reveal(run.pages[shown]); };
addEventListener('resize', revealAgain);
part('code').addEventListener('toggle', revealAgain);

timeline.addEventListener('click', (event) => {
  const box = timeline.getBoundingClientRect();
  const view = timeline.viewBox.baseVal;
  const x = view.x + ((event.clientX - box.left) / box.width) * view.width;
  let nearest = 0;
  run.pages.forEach((page, i) => {
    if (Math.abs(timelineX(page) - x) < Math.abs(timelineX(run.pages[nearest]) - x)) nearest = i;
  });
  show(nearest);
});

// A swipe over the picture, unless it has been enlarged to be looked at.
let touch = null;
for (const canvas of [picture, stack]) {
  canvas.addEventListener('touchstart', (event) => {
    touch = event.touches.length === 1 && visualViewport.scale < 1.05 ? event.touches[0] : null;
  }, { passive: true });
  canvas.addEventListener('touchend', (event) => {
    if (!touch) return;
    const x = event.changedTouches[0].clientX - touch.clientX, y = event.changedTouches[0].clientY - touch.clientY;
    if (Math.abs(x) > 40 && Math.abs(x) > 2 * Math.abs(y)) moves[x < 0 ? 'next' : 'previous']();
  });
}

// On paper, all pages, one after the other.
addEventListener('beforeprint', () => {
  const paragraph = (name, text) => {
    const made = document.createElement('p');
    made.className = name;
    made.append(...written(text));
    return made;
  };
  part('sheets').replaceChildren(...run.pages.map((page) => {
    const sheet = document.createElement('section');
    const drawing = svg('svg', { viewBox: page.view || run.views.picture });
    drawing.setAttributeNS('http://www.w3.org/XML/1998/namespace', 'xml:space', 'preserve');
    fill(drawing, page.picture);
    const foot = document.createElement('footer');
    foot.append(paragraph('', page.heading), paragraph(page.differs ? 'differs' : 'agrees', page.kernel),
                paragraph('', document.title));
    sheet.append(drawing, paragraph(page.question ? 'said question' : 'said', page.said),
                 paragraph('meaning', page.meaning), foot);
    return sheet;
  }));
});
addEventListener('afterprint', () => part('sheets').replaceChildren());

for (const canvas of [picture, listing, names, timeline]) canvas.setAttribute('viewBox', run.views[canvas.id]);
// Both parts of the timeline at one scale.
for (const canvas of [names, timeline]) {
  const part = canvas.viewBox.baseVal.width;
  canvas.style.flex = `${part} 0 0`;
  canvas.style.minWidth = part * run.track.least + 'px';
  canvas.style.maxWidth = part * run.track.most + 'px';
}
part('code').hidden = !run.views.listing;
slider.max = Math.max(0, run.pages.length - 1);
const fold = () => { part('code').open = roomy.matches; };
roomy.addEventListener('change', fold);
fold();
showHash();
if (shown < 0) show(0);
