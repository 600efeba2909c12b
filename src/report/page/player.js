// One clock for sound, cursor, transcript and code. Without sound it runs by itself.
class Player {
  // Of a silence that is skipped this much stays, so that words do not run together.
  static REST = 0.4;

  #audio = null;
  #loaded = -1;
  #wish = null;
  #position = 0;
  #since = 0;
  #running = false;

  constructor(parts, embedded, gaps) {
    this.parts = parts;
    this.embedded = embedded;
    this.gaps = gaps;
    this.rate = 1;
    this.skip = false;
    this.onmove = () => {};
    this.onstate = () => {};
    this.ontrouble = () => {};
    if (parts.length || embedded) this.#prepare();
  }

  get time() {
    if (this.#audio && this.#loaded >= 0 && this.#wish === null) return this.parts[this.#loaded].start + this.#audio.currentTime;
    if (this.#audio || !this.#running) return this.#position;
    return Math.min(duration, this.#position + ((performance.now() - this.#since) / 1000) * this.rate);
  }

  get paused() { return !this.#running; }

  seek(seconds) {
    this.#position = Math.min(duration, Math.max(0, seconds));
    this.#since = performance.now();
    if (this.#audio && (this.#running || this.#loaded >= 0)) this.#load();
    this.onmove(this.#position);
  }

  play() {
    if (this.time >= duration - 0.05) this.#position = 0;
    else this.#position = this.time;
    this.#since = performance.now();
    this.#running = true;
    if (this.#audio) {
      this.#load();
      this.#audio.playbackRate = this.rate;
      this.#audio.play().catch((error) => {
        if (error.name === "AbortError") return;
        this.#stop();
        this.ontrouble("The sound could not be played. Is the recording still where it was?");
      });
    }
    this.onstate();
    requestAnimationFrame(() => this.#frame());
  }

  pause() {
    this.#position = this.time;
    this.#stop();
    this.#audio?.pause();
  }

  setRate(rate) {
    this.#position = this.time;
    this.#since = performance.now();
    this.rate = rate;
    if (this.#audio) this.#audio.playbackRate = rate;
  }

  #stop() {
    this.#running = false;
    this.onstate();
  }

  #prepare() {
    const audio = this.#audio = new Audio();
    audio.preload = "auto";
    audio.addEventListener("loadedmetadata", () => this.#settle());
    audio.addEventListener("ended", () => {
      const next = this.parts[this.#loaded + 1];
      if (!next) return this.pause();
      this.#position = next.start;
      this.#load();
      audio.play();
    });
  }

  // Only when it is wanted: tens of megabytes take a moment to unpack.
  #unpack() {
    const text = atob(byId("sound").textContent.trim());
    const bytes = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
    const src = URL.createObjectURL(new Blob([bytes], { type: "audio/ogg" }));
    this.embedded = false;
    this.parts = [{ src, start: 0 }];
  }

  #load() {
    if (this.embedded) this.#unpack();
    const index = Math.max(0, lastUpTo(this.parts, this.#position, (part) => part.start));
    // Before the part is loaded only the newest wish counts.
    this.#wish = this.#position - this.parts[index].start;
    if (index !== this.#loaded) {
      this.#loaded = index;
      this.#audio.src = this.parts[index].src;
      this.#audio.playbackRate = this.rate;
    } else if (this.#audio.readyState > 0) {
      this.#settle();
    }
  }

  #settle() {
    if (this.#wish !== null) this.#audio.currentTime = this.#wish;
    this.#wish = null;
    this.#audio.playbackRate = this.rate;
  }

  #frame() {
    if (!this.#running) return;
    const time = this.time;
    const gap = this.skip && this.gaps[lastUpTo(this.gaps, time - Player.REST / 2, (gap) => gap[0])];
    if (gap && time < gap[1] - Player.REST) this.seek(gap[1] - Player.REST / 2);
    else this.onmove(time);
    if (time >= duration) this.pause();
    requestAnimationFrame(() => this.#frame());
  }
}
