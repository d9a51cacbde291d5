/**
 * For each visible piece of text its contrast against what lies behind it, by WCAG 2.2 (1.4.3):
 * {ratio, text}[]. Text in pictures (svg) is left out.
 */
() => {
  const context = document.createElement('canvas').getContext('2d', { willReadFrequently: true });

  /** Red, green, blue 0..255 and alpha 0..1 of any CSS colour: the canvas knows how to read it. */
  const rgba = (colour) => {
    context.clearRect(0, 0, 1, 1);
    context.fillStyle = colour;
    context.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = context.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };

  const over = ([r, g, b, a], under) =>
    [r, g, b].map((value, i) => value * a + under[i] * (1 - a)).concat(1);

  const luminance = (colour) => {
    const [r, g, b] = colour
      .map((value) => value / 255)
      .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };

  const ground = (element) => {
    const layers = [];
    for (let one = element; one; one = one.parentElement) {
      layers.push(rgba(getComputedStyle(one).backgroundColor));
    }
    return layers.reduceRight((under, top) => over(top, under), [255, 255, 255, 1]);
  };

  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const text = walker.currentNode.data.trim();
    if (!text || element.closest('svg, script, noscript, template')) continue;
    if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    const under = ground(element);
    const ink = over(rgba(getComputedStyle(element).color), under);
    const [high, low] = [luminance(ink), luminance(under)].sort((a, b) => b - a);
    found.push({ ratio: (high + 0.05) / (low + 0.05), text: text.slice(0, 60) });
  }
  return found;
};
