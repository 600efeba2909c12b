// The line and the word that are being said; search and filter.
const transcript = () => {
  const box = byId("lines"), lines = [...box.querySelectorAll("li[data-start]")];
  const find = byId("find"), label = byId("label"), count = byId("count"), now = byId("now");
  const paints = typeof Highlight === "function" && CSS.highlights;
  let current = -1, words = [], touched = -Infinity;
  for (const event of ["wheel", "touchmove", "keydown", "pointerdown"]) {
    box.addEventListener(event, () => { touched = performance.now(); }, { passive: true });
  }

  // One stop of the tab key for all lines; the arrows go from line to line.
  const buttons = lines.map((line) => line.querySelector("button.at"));
  let stop = 0;
  buttons.forEach((button, index) => { button.tabIndex = index === stop ? 0 : -1; });
  const stopAt = (index) => {
    if (!buttons[index]) return;
    buttons[stop].tabIndex = -1;
    buttons[stop = index].tabIndex = 0;
  };
  box.addEventListener("focusin", (event) => stopAt(buttons.indexOf(event.target)));
  box.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    let next = stop + step;
    while (lines[next]?.hidden) next += step;
    if (!buttons[next]) return;
    event.preventDefault();
    buttons[next].focus();
  });

  // Each word of a line as a range of text.
  const ranges = (line) => {
    const found = [];
    const texts = document.createTreeWalker(line.querySelector(".words"), NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      for (const match of texts.currentNode.data.matchAll(/\S+/g)) {
        const range = new Range();
        range.setStart(texts.currentNode, match.index);
        range.setEnd(texts.currentNode, match.index + match[0].length);
        found.push(range);
      }
    }
    return found;
  };

  const show = (seconds) => {
    // The latest of those who speak: people may talk at once.
    const index = lastUpTo(data.said, seconds + 0.05, (said) => said[0]);
    const said = data.said[index];
    const speaking = said && seconds <= said[1] + 0.5;
    if (index !== current) {
      lines[current]?.classList.remove("now");
      current = index;
      words = paints && lines[index] ? ranges(lines[index]) : [];
      const line = lines[index];
      if (!box.contains(document.activeElement)) stopAt(index);
      // Who reads elsewhere is not pulled back.
      if (line && !line.hidden && performance.now() - touched > 4000) {
        box.scrollTop += line.getBoundingClientRect().top - box.getBoundingClientRect().top - box.clientHeight / 3;
      }
    }
    lines[current]?.classList.toggle("now", Boolean(speaking));
    lines[current]?.toggleAttribute("aria-current", Boolean(speaking));
    now.textContent = speaking ? lines[index].querySelector(".words").textContent.trim() : "";
    if (!paints) return;
    const word = speaking && words[lastUpTo(said[2], (seconds - said[0]) * 1000, (start) => start)];
    if (word) CSS.highlights.set("word", new Highlight(word));
    else CSS.highlights.delete("word");
  };

  const matches = (line, text) => {
    const words = line.querySelector(".words"), whole = words.textContent.toLowerCase(), found = [];
    const texts = document.createTreeWalker(words, NodeFilter.SHOW_TEXT);
    let start = 0;
    const nodes = [];
    while (texts.nextNode()) {
      nodes.push([texts.currentNode, start]);
      start += texts.currentNode.data.length;
    }
    const place = (at) => nodes[lastUpTo(nodes, at, (node) => node[1])];
    for (let at = whole.indexOf(text); at >= 0; at = whole.indexOf(text, at + text.length)) {
      const range = new Range(), [from, begin] = place(at), [to, end] = place(at + text.length - 1);
      if (at - begin > from.data.length || at + text.length - end > to.data.length) continue;
      range.setStart(from, at - begin);
      range.setEnd(to, at + text.length - end);
      found.push(range);
    }
    return found;
  };
  const filter = () => {
    const text = find.value.trim().toLowerCase(), found = [];
    let left = 0;
    for (const line of lines) {
      const labelled = !label.value || line.dataset.labels.split(" ").includes(label.value);
      line.hidden = !(labelled && (!text || line.querySelector("div").textContent.toLowerCase().includes(text)));
      if (line.hidden) continue;
      left++;
      if (text && paints) found.push(...matches(line, text));
    }
    count.textContent = text || label.value ? `${left} of ${lines.length}` : "";
    if (paints) CSS.highlights.set("found", new Highlight(...found));
  };
  find.addEventListener("input", filter);
  label.addEventListener("change", filter);
  return show;
};
