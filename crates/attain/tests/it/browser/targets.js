// Whether everything that can be hit is large enough: returns what is not, one line each.

const NEEDED = 24;

/** Whether a link is a word of a sentence: text of the same block stands beside it. */
const isInText = (element) => {
  if (!getComputedStyle(element).display.startsWith('inline')) return false;
  let block = element.parentElement;
  while (getComputedStyle(block).display.startsWith('inline')) block = block.parentElement;
  const texts = document.createTreeWalker(block, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const parent = texts.currentNode.parentElement;
    if (!element.contains(parent) && isSeen(parent) && /[\p{L}\p{N}]/u.test(texts.currentNode.data)) return true;
  }
  return false;
};

/** How far around its middle a pointer still hits it, up to what is needed. */
const heightOf = (element) => {
  element.scrollIntoView({ block: 'center', inline: 'center', behavior: 'instant' });
  const box = element.getClientRects()[0];
  const x = box.left + Math.min(box.width / 2, NEEDED / 2);
  const middle = box.top + box.height / 2;
  const isHit = (y) => element.contains(document.elementFromPoint(x, y));
  if (!isHit(middle)) return 0;
  if (isHit(middle - NEEDED / 2) && isHit(middle + NEEDED / 2 - 1)) return NEEDED;
  let [above, below] = [0, 0];
  while (above < NEEDED && isHit(middle - above - 1)) above += 1;
  while (below < NEEDED && isHit(middle + below + 1)) below += 1;
  return above + below + 1;
};

const problems = new Set();
for (const element of document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')) {
  const isParked = element.getBoundingClientRect().right <= 0;
  if (!isSeen(element) || isParked || isInText(element)) continue;
  const height = heightOf(element);
  if (height < NEEDED) problems.add(`${height} px high: ${describe(element)}`);
}
window.scrollTo(0, 0);

return [...problems];
