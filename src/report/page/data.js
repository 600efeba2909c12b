// What the program has put into the page, and how times are written.
const byId = (id) => document.getElementById(id);
const data = JSON.parse(byId("data").textContent);
const duration = data.duration || 1;

const clock = (seconds) => {
  const whole = Math.max(0, Math.floor(seconds)), two = (n) => String(n).padStart(2, "0");
  const hours = Math.floor(whole / 3600), minutes = Math.floor(whole / 60) % 60;
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
};

/// The last item whose `key` is not above `value`, by halving; -1 when there is none.
const lastUpTo = (items, value, key) => {
  let low = 0, high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (key(items[middle]) <= value) low = middle + 1; else high = middle;
  }
  return low - 1;
};
