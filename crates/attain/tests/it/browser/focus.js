// What has the keyboard's focus now, and whether a person sees that it has.

/** The keyboard stops at one of several radio buttons, the chosen one or else the first; its arrows lead to the others. */
const isStop = (element) => {
  if (element.type !== 'radio') return true;
  const group = [...document.querySelectorAll('input[type=radio]')].filter((other) => other.name === element.name);
  return element === (group.find((other) => other.checked) ?? group[0]);
};

const tabbable = () => [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]')]
  .filter((element) => element.tabIndex >= 0 && !element.disabled && isSeen(element) && isStop(element));

const isOutlined = (element) => [undefined, '::before', '::after'].some((part) => {
  const style = getComputedStyle(element, part);
  const isThere = part === undefined || !/^(none|normal)$/.test(style.content);
  return isThere && style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
});

/** A mark of a chart shows it by the edge of what can be hit, which has none otherwise. */
const hasEdge = (element) => [...element.querySelectorAll('svg .hit')].some((hit) => {
  const style = getComputedStyle(hit);
  return style.stroke !== 'none' && parseFloat(style.strokeWidth) >= 2;
});

/** Whether any part of it can be seen in the window. */
const isUncovered = (element) => [...element.getClientRects()].some((box) => {
  const [left, right] = [Math.max(box.left, 0), Math.min(box.right, innerWidth)];
  const [top, bottom] = [Math.max(box.top, 0), Math.min(box.bottom, innerHeight)];
  return right > left && bottom > top &&
    [0.1, 0.5, 0.9].some((share) => [0.1, 0.5, 0.9].some((other) =>
      element.contains(document.elementFromPoint(left + (right - left) * share, top + (bottom - top) * other))));
});

window.reachable ??= tabbable();
const focused = document.activeElement;
if (!focused || focused === document.body || focused === document.documentElement) return null;
const problems = [];
if (!isOutlined(focused) && !hasEdge(focused)) problems.push(`the focus does not show: ${describe(focused)}`);
if (!isUncovered(focused)) problems.push(`what has the focus cannot be seen: ${describe(focused)}`);
return { at: window.reachable.indexOf(focused), name: nameOf(focused), problems };
