// A page in Chromium, with everything that goes wrong in it kept.
import { execSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const found = () => execSync("command -v chromium || command -v chromium-browser || command -v google-chrome", { encoding: "utf8" }).trim();
export const launch = () => chromium.launch({
  executablePath: process.env.CHROMIUM ?? found(),
  // Root has no sandbox in a container; nobody presses a key before a test plays.
  args: ["--no-sandbox", "--autoplay-policy=no-user-gesture-required", "--disable-gpu", "--disable-dev-shm-usage"],
});

export const open = async (browser, path, options = {}) => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  page.faults = [];
  page.on("console", (message) => { if (["error", "warning"].includes(message.type())) page.faults.push(message.text()); });
  page.on("pageerror", (error) => page.faults.push(String(error)));
  page.on("dialog", (dialog) => { page.faults.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  page.on("request", (request) => { if (!/^(file|blob|data):/.test(request.url())) page.faults.push(`fetched ${request.url()}`); });
  // The player keeps its sound to itself; a test has to hear it.
  await page.addInitScript(() => {
    const Real = window.Audio;
    window.Audio = function Audio(...args) {
      window.sound = new Real(...args);
      window.sound.addEventListener("seeked", () => { window.landed = window.sound.currentTime; });
      return window.sound;
    };
  });
  const begun = performance.now();
  await page.goto(pathToFileURL(path).href);
  await page.locator("#player").waitFor();
  page.opened = performance.now() - begun;
  return page;
};

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/// What axe finds serious, in words.
export const serious = async (page) => {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  return violations
    .filter((fault) => ["serious", "critical"].includes(fault.impact))
    .map((fault) => `${fault.id}: ${fault.help}: ${fault.nodes.slice(0, 3).map((node) => `${node.html.slice(0, 160)} ${node.failureSummary}`).join(" | ")}`);
};

/// Moves the session to a moment, as the scrubber does.
export const moveTo = (page, seconds) => page.evaluate((value) => {
  const scrub = document.getElementById("scrub");
  scrub.value = value;
  scrub.dispatchEvent(new Event("input", { bubbles: true }));
}, seconds);

/// The listing as it reads: text and whether it is marked.
export const listing = (page) => page.evaluate(() => [...document.querySelectorAll("#listing .line")].map((row) => ({
  text: [...row.childNodes].filter((node) => !["I", "B"].includes(node.nodeName)).map((node) => node.textContent).join("").replace(/\n$/, ""),
  mark: row.querySelector("b").textContent,
})));
