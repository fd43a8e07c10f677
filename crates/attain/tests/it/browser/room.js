// Whether everything on a page has room: returns what has not, one line each.

const problems = [];
const report = (what, element) => problems.push(`${what}: ${describe(element)}`);

const scrolls = (style) => /auto|scroll/.test(style.overflowX);
const cuts = (style) => /hidden|clip/.test(style.overflowX);

const root = document.scrollingElement;
if (root.scrollWidth > root.clientWidth) {
  problems.push(`the page scrolls sideways: ${root.scrollWidth} in ${root.clientWidth} px`);
}

// What scrolls sideways inside itself is a place of its own: it has a name and takes the keyboard.
for (const part of document.body.querySelectorAll('*')) {
  const isTooNarrow = part.scrollWidth > part.clientWidth + 1 && scrolls(getComputedStyle(part));
  const isMeantTo = part.getAttribute('aria-label') && (part.tabIndex >= 0 || part.querySelector('a[href], button'));
  if (isSeen(part) && isTooNarrow && !isMeantTo && part.tagName !== 'SELECT') report('scrolls sideways by accident', part);
}

for (const cell of document.querySelectorAll('td, th')) {
  if (isSeen(cell) && cuts(getComputedStyle(cell)) && cell.scrollWidth > cell.clientWidth) {
    report('text is cut off by its cell', cell);
  }
}

/** The boxes that text is drawn in, up to what scrolls inside itself, the innermost first. */
const boxesAround = (element) => {
  const boxes = [];
  for (let at = element; at && at !== document.documentElement; at = at.parentElement) {
    const style = getComputedStyle(at);
    if (scrolls(style)) return { boxes, scroller: at };
    boxes.push({ at, style });
  }
  return { boxes };
};

/** Text left of the window is kept there until it is needed. */
const isParked = (box) => box.right <= 0;

/** What lies over the middle of a text in view. A link that covers its cell or row belongs to it. */
const coverOf = (element, box, scroller) => {
  const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
  const view = (scroller ?? root).getBoundingClientRect();
  const isIn = ({ left, top, right, bottom }) => x > left && x < right && y > top && y < bottom;
  if (!isIn(view) || !isIn({ left: 0, top: 0, right: innerWidth, bottom: innerHeight })) return undefined;
  const hit = document.elementFromPoint(x, y);
  const row = element.closest('tr');
  const isOwn = !hit || element.contains(hit) || hit.contains(element) || (row && row === hit.closest('tr'));
  return isOwn ? undefined : hit;
};

const checkText = (element, box) => {
  if (isParked(box)) return;
  const { boxes, scroller } = boxesAround(element);
  const cover = coverOf(element, box, scroller);
  if (cover) report(`text is covered by ${describe(cover)}`, element);
  if (!scroller && (box.right > root.clientWidth + 1 || box.left < -1)) report('text leaves the page', element);
  for (const { at, style } of boxes) {
    const around = at.getBoundingClientRect();
    const outside = box.right > around.right + 1 || box.left < around.left - 1;
    if (outside && cuts(style)) report('text is cut off', element);
    if (outside && /^T[DH]$/.test(at.tagName)) report('text leaves its cell', element);
    if (at.tagName === 'TD' || at.tagName === 'TH') return;
  }
};

const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (texts.nextNode()) {
  const element = texts.currentNode.parentElement;
  if (!texts.currentNode.data.trim() || !isSeen(element)) continue;
  const range = document.createRange();
  range.selectNodeContents(texts.currentNode);
  for (const box of range.getClientRects()) checkText(element, box);
}

return [...new Set(problems)];
