// The cursor over all lanes: click, drag, arrow keys.
const timeline = (seek) => {
  const plot = byId("plot"), cursor = byId("cursor"), scroll = plot.parentElement;
  const time = (event) => {
    const box = plot.getBoundingClientRect();
    return Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)) * duration;
  };
  plot.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    seek(time(event));
    if (event.pointerType === "mouse") plot.setPointerCapture(event.pointerId);
  });
  plot.addEventListener("pointermove", (event) => { if (plot.hasPointerCapture(event.pointerId)) seek(time(event)); });
  const steps = { ArrowRight: 5, ArrowUp: 5, ArrowLeft: -5, ArrowDown: -5, PageUp: 60, PageDown: -60 };
  plot.addEventListener("keydown", (event) => {
    const now = Number(plot.getAttribute("aria-valuenow"));
    const step = steps[event.key] * (event.shiftKey ? 6 : 1);
    const to = event.key === "Home" ? 0 : event.key === "End" ? duration : now + step;
    if (Number.isNaN(to) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    seek(to);
  });

  let zoom = 1;
  const stretch = (factor) => {
    const middle = scroll.scrollLeft + scroll.clientWidth / 2;
    const next = Math.min(32, Math.max(1, zoom * factor));
    plot.style.width = `${next * 100}%`;
    scroll.scrollLeft = (middle * next) / zoom - scroll.clientWidth / 2;
    zoom = next;
    byId("narrow").disabled = zoom === 1;
    byId("wide").disabled = zoom === 32;
  };
  byId("narrow").addEventListener("click", () => stretch(0.5));
  byId("wide").addEventListener("click", () => stretch(2));
  document.querySelector(".zoom").hidden = false;
  stretch(1);

  return (seconds) => {
    const share = seconds / duration, x = `${share * 100}%`;
    cursor.setAttribute("x1", x);
    cursor.setAttribute("x2", x);
    plot.setAttribute("aria-valuenow", seconds.toFixed(1));
    plot.setAttribute("aria-valuetext", clock(seconds));
    const at = share * plot.clientWidth;
    if (at < scroll.scrollLeft || at > scroll.scrollLeft + scroll.clientWidth) scroll.scrollLeft = at - scroll.clientWidth / 3;
  };
};
