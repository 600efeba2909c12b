// The code at any moment: what stood at the start, and every edit up to then.
class Replay {
  // Positions of edits after which the files are kept; lines are shared, so this costs little.
  static STEP = 200;

  constructor({ files, start, edits }) {
    this.names = files;
    this.edits = edits;
    const state = new Map(start.map(([file, lines]) => [file, lines.map((text) => ({ text, burst: -1 }))]));
    this.kept = [state];
    this.now = { done: 0, state };
  }

  /// Files with their lines just after the edits up to `time`, each line with the burst that wrote it.
  at(time) {
    const wanted = lastUpTo(this.edits, time + 0.0005, (edit) => edit[0]) + 1;
    if (wanted < this.now.done) {
      const nearest = Math.floor(wanted / Replay.STEP);
      this.now = { done: nearest * Replay.STEP, state: this.kept[nearest] };
    }
    let { done, state } = this.now;
    while (done < wanted) {
      state = this.#after(state, this.edits[done++]);
      if (done % Replay.STEP === 0) this.kept[done / Replay.STEP] ??= state;
    }
    this.now = { done, state };
    return { done, files: state, last: done ? this.edits[done - 1] : null };
  }

  #after(state, [, kind, file, from, burst, hunks]) {
    const next = new Map(state);
    const old = next.get(kind === 2 ? from : file) ?? [];
    next.delete(kind === 2 ? from : file);
    if (kind !== 1) next.set(file, this.#patched(old, hunks, burst));
    return next;
  }

  // As `session::code` does it: a hunk that lies past the end is put at the end.
  #patched(old, hunks, burst) {
    const lines = [];
    let next = 0;
    for (const [line, removed, added] of hunks) {
      const from = Math.min(Math.max(line - 1, next), old.length);
      for (; next < from; next++) lines.push(old[next]);
      for (const text of added) lines.push({ text, burst });
      next = Math.min(from + removed, old.length);
    }
    for (; next < old.length; next++) lines.push(old[next]);
    return lines;
  }
}
