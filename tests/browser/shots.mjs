// Pictures of a report, for who looks at it: node tests/browser/shots.mjs REPORT.html FOLDER
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { launch, moveTo, open } from "./open.mjs";

const [report, folder] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const browser = await launch();
for (const [width, height] of [[1280, 900], [390, 844]]) {
  for (const colorScheme of ["light", "dark"]) {
    const page = await open(browser, resolve(report), { viewport: { width, height }, colorScheme });
    await moveTo(page, Number(process.env.AT ?? 0));
    const name = (part) => join(folder, `${width}-${colorScheme}-${part}.png`);
    await page.screenshot({ path: name("first") });
    await page.screenshot({ path: name("whole"), fullPage: true });
    await page.context().close();
  }
}
const page = await open(browser, resolve(report));
await page.pdf({ path: join(folder, "print.pdf"), format: "A4", printBackground: true });
await browser.close();
