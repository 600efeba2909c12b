// The code as it stood, with the lines of the burst just before the cursor marked.
const codePane = () => {
  const listing = byId("listing");
  if (!listing) return () => {};
  const replay = new Replay(data.code), choice = byId("file"), when = byId("when"), note = byId("code-note");
  let chosen = null, shown = "", time = 0;

  // What steers or turns round text is written out: code must read as it runs.
  const control = /[\u0000-\u0008\u000b-\u001f\u007f\u200e\u200f\u202a-\u202e\u2066-\u2069]/;
  const fill = (element, text) => {
    for (const part of text.split(new RegExp(`(${control.source})`))) {
      if (control.test(part)) {
        const mark = element.appendChild(document.createElement("span"));
        mark.className = "control";
        mark.textContent = `U+${part.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
      } else {
        element.append(part);
      }
    }
  };

  const render = (lines, burst) => {
    const rows = document.createDocumentFragment();
    let first = null;
    lines.forEach((line, index) => {
      const row = rows.appendChild(document.createElement("span"));
      const fresh = burst !== null && line.burst === burst;
      row.className = fresh ? "line added" : "line";
      row.appendChild(document.createElement("i")).textContent = index + 1;
      row.appendChild(document.createElement("b")).textContent = fresh ? "+" : " ";
      fill(row, line.text);
      row.append("\n");
      if (fresh) first ??= row;
    });
    listing.replaceChildren(rows);
    if (first) listing.scrollTop = first.offsetTop - listing.offsetTop - listing.clientHeight / 3;
  };

  const show = (seconds) => {
    time = seconds;
    const { done, files, last } = replay.at(seconds);
    if (chosen !== null && !files.has(chosen)) chosen = null;
    const file = chosen ?? (last && files.has(last[2]) ? last[2] : files.keys().next().value ?? null);
    const key = `${done} ${file} ${[...files.keys()]}`;
    if (key === shown) return;
    shown = key;
    const options = [...files.keys()].sort((a, b) => a - b).map((index) => new Option(replay.names[index], index, false, index === file));
    choice.replaceChildren(new Option("the file last edited", "", false, chosen === null), ...options);
    choice.value = chosen === null ? "" : String(chosen);
    when.textContent = last ? `last edit at ${clock(last[0])}` : "before the first edit";
    const burst = last ? last[4] : null;
    render(file === null ? [] : files.get(file), burst);
    const written = file === null ? 0 : files.get(file).filter((line) => burst !== null && line.burst === burst).length;
    const left = data.code.left_out.length ? ` Too long to be shown: ${data.code.left_out.join(", ")}.` : "";
    note.textContent = file === null ? `No file yet.${left}`
      : `${replay.names[file]}: ${written} line${written === 1 ? "" : "s"} of the last burst of edits marked with +.${left}`;
  };
  choice.addEventListener("change", () => {
    chosen = choice.value === "" ? null : Number(choice.value);
    show(time);
  });
  return show;
};
