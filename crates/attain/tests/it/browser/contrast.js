// Whether all text can be read against its ground: returns what cannot, one line each.

const pixel = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });

/** Any colour of CSS as red, green, blue and alpha between 0 and 1. */
const known = new Map();
const channels = (colour) => {
  if (!known.has(colour)) {
    pixel.clearRect(0, 0, 1, 1);
    pixel.fillStyle = colour;
    pixel.fillRect(0, 0, 1, 1);
    known.set(colour, [...pixel.getImageData(0, 0, 1, 1).data].map((channel) => channel / 255));
  }
  return known.get(colour);
};

const over = ([r, g, b, a], ground) => [r, g, b].map((channel, at) => channel * a + ground[at] * (1 - a));

/** The colour behind an element: its own and its ancestors' grounds, down to an opaque one. */
const groundOf = (element) => {
  const layers = [];
  for (let at = element; at; at = at.parentElement) {
    const layer = channels(getComputedStyle(at).backgroundColor);
    layers.unshift(layer);
    if (layer[3] === 1) return layers.slice(1).reduce((ground, above) => over(above, ground), layer.slice(0, 3));
  }
  throw new Error(`no opaque ground behind ${describe(element)}`);
};

const luminance = (colour) => {
  const [r, g, b] = colour.map((channel) => (channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};

const contrast = (one, other) => {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
};

const problems = new Set();
const check = (element, style) => {
  const ground = groundOf(element);
  const ink = over(channels(element.closest('svg') ? style.fill : style.color), ground);
  const ratio = contrast(ink, ground);
  if (ratio < 4.5) problems.add(`contrast ${ratio.toFixed(2)}: ${describe(element)}`);
};

const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
let checked = 0;
while (texts.nextNode()) {
  const element = texts.currentNode.parentElement;
  const isDrawn = texts.currentNode.data.trim() && isSeen(element) && !element.closest('option, svg title');
  if (!isDrawn) continue;
  check(element, getComputedStyle(element));
  checked += 1;
}
for (const field of document.querySelectorAll('input:not([type=hidden]), select, textarea')) {
  check(field, getComputedStyle(field));
  if (field.placeholder) check(field, getComputedStyle(field, '::placeholder'));
}
if (checked === 0) problems.add('no text was found');

return [...problems];
