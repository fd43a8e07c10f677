// Whether a page says what its parts are: returns what does not, one line each.

const problems = [];
const report = (what, element) => problems.push(`${what}: ${describe(element)}`);
const all = (selector) => [...document.querySelectorAll(selector)];

if (!document.documentElement.lang) problems.push('the page has no language');
if (!document.title) problems.push('the page has no title');

const headings = all('h1');
if (headings.length !== 1) problems.push(`${headings.length} h1`);
const mains = all('main, [role=main]');
if (mains.length !== 1) problems.push(`${mains.length} main landmarks`);

const ids = all('[id]').map((element) => element.id);
for (const id of new Set(ids.filter((id, at) => ids.indexOf(id) !== at))) problems.push(`the id ${id} is used twice`);

for (const attribute of ['aria-labelledby', 'aria-describedby', 'aria-controls', 'for']) {
  for (const element of all(`[${attribute}]`)) {
    for (const id of element.getAttribute(attribute).split(/\s+/)) {
      if (!document.getElementById(id)) report(`${attribute} names nothing`, element);
    }
  }
}

for (const link of all('a[href^="#"]')) {
  if (!document.getElementById(link.hash.slice(1))) report('a link within the page leads nowhere', link);
}

for (const field of all('input:not([type=hidden]), select, textarea')) {
  const labels = [...(field.labels ?? [])].map((label) => label.textContent).join('');
  const own = field.getAttribute('aria-label') || field.getAttribute('aria-labelledby');
  if (!words(labels) && !own) report('a field has no label', field);
}

for (const table of all('table')) {
  const own = table.caption?.textContent || table.getAttribute('aria-label') || table.getAttribute('aria-labelledby');
  if (!words(own)) report('a table has no caption', table);
  if (!table.querySelector('th')) report('a table has no header cells', table);
}
for (const head of all('th')) {
  if (!/^(col|row|colgroup|rowgroup)$/.test(head.getAttribute('scope') ?? '')) report('a header cell has no scope', head);
}

for (const picture of all('svg[role=img]')) {
  if (!words(picture.querySelector(':scope > title')?.textContent)) report('a picture has no title', picture);
}
for (const picture of all('svg:not([role]):not([aria-hidden=true])')) {
  report('a picture is neither named nor hidden', picture);
}

const levels = all('h1, h2, h3, h4, h5, h6').map((heading) => Number(heading.tagName[1]));
levels.reduce((before, level) => {
  if (level > before + 1) problems.push(`a heading of level ${level} follows one of level ${before}`);
  return level;
}, 0);

return [...new Set(problems)];
