// Everything moves together.
const player = new Player(data.parts, data.embedded, data.gaps);
const scrub = byId("scrub"), play = byId("play"), time = byId("time"), speed = byId("speed"), skip = byId("skip");
const seek = (seconds) => player.seek(seconds);
const views = [timeline(seek), codePane(), transcript()];

player.onmove = (seconds) => {
  scrub.value = seconds;
  scrub.setAttribute("aria-valuetext", clock(seconds));
  time.textContent = clock(seconds);
  for (const show of views) show(seconds);
};
player.onstate = () => { play.textContent = player.paused ? "Play" : "Pause"; };
player.ontrouble = (words) => {
  byId("trouble").textContent = words;
  byId("trouble").className = "poor";
};

const toggle = () => (player.paused ? player.play() : player.pause());
play.addEventListener("click", toggle);
scrub.addEventListener("input", () => seek(Number(scrub.value)));
speed.addEventListener("change", () => player.setRate(Number(speed.value)));
skip.addEventListener("change", () => { player.skip = skip.checked; });
document.addEventListener("click", (event) => {
  const button = event.target.closest("button.at");
  if (!button) return;
  seek(Number(button.dataset.at));
  player.play();
});
// Space plays, but where it presses or types something else.
document.addEventListener("keydown", (event) => {
  const busy = event.target.closest("button, input, select, summary, a, textarea");
  if (event.key !== " " || busy || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  toggle();
});
// On paper nothing can be opened: what was to be changed is told in full.
let closed = [];
addEventListener("beforeprint", () => {
  closed = [...document.querySelectorAll(".focus details:not([open])")];
  closed.forEach((details) => { details.open = true; });
});
addEventListener("afterprint", () => closed.forEach((details) => { details.open = false; }));

for (const tools of document.querySelectorAll(".tools, #player")) tools.hidden = false;
const wanted = /^#t=(\d+(\.\d+)?)$/.exec(location.hash);
seek(wanted ? Number(wanted[1]) : 0);
