// What a page says about itself, for the person who walks through it.

/** Whether a person sees it: drawn, and not kept for screen readers alone. */
const isSeen = (element) =>
  element.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && !isForEarsOnly(element);

const isForEarsOnly = (element) => {
  for (let at = element; at && at !== document.body; at = at.parentElement) {
    const style = getComputedStyle(at);
    if (style.position === 'absolute' && /inset\(50%|rect\(0/.test(style.clipPath + style.clip)) return true;
  }
  return false;
};

const words = (text) => (text ?? '').replace(/\s+/g, ' ').trim();

/** What it is called. */
const nameOf = (element) => {
  const ids = element.getAttribute('aria-labelledby')?.split(/\s+/) ?? [];
  return words(
    ids.map((id) => document.getElementById(id)?.textContent).join(' ') ||
    element.getAttribute('aria-label') ||
    [...(element.labels ?? [])].map((label) => label.textContent).join(' ') ||
    element.textContent || element.getAttribute('value') || element.getAttribute('title'));
};

/** The first thing of a kind with such a name. */
const find = (within, kind, name) =>
  [...document.querySelectorAll(within)].flatMap((part) => [...part.querySelectorAll(kind)])
    .find((element) => isSeen(element) && new RegExp(name).test(nameOf(element)));

/** Where to click it, once it is in view; says what covers it if something does. */
const pointOf = (element) => {
  element.scrollIntoView({ block: 'center', inline: 'center', behavior: 'instant' });
  const box = element.getClientRects()[0];
  const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
  const hit = document.elementFromPoint(x, y);
  return element.contains(hit) ? { x, y } : { covered: hit ? describe(hit) : 'the edge of the window' };
};

/** Enough to find it in the page. */
const describe = (element) =>
  `<${element.tagName.toLowerCase()}${element.id ? ` id=${element.id}` : ''}` +
  `${element.classList.length ? ` class="${element.classList}"` : ''}> “${nameOf(element).slice(0, 60)}”`;
