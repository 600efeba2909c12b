// Sessions that the tests look at, and the program that makes their reports.
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const project = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const program = process.env.THINKALOUD ?? join(project, "target/debug/thinkaloud");
const home = mkdtempSync(join(tmpdir(), "thinkaloud-browser-"));
process.on("exit", () => rmSync(home, { recursive: true, force: true }));

/// Runs the program on a session and gives the path of its page.
export const analyse = (folder, ...more) => {
  const env = { ...process.env, THINKALOUD_HOME: join(home, "home"), NO_COLOR: "1" };
  const words = join(folder, "words.json");
  execFileSync(program, ["analyze", folder, "--transcript", words, ...more], { env, stdio: ["ignore", "ignore", "inherit"] });
  return join(folder, "report", "report.html");
};

export const run = (...args) =>
  execFileSync(program, args, { env: { ...process.env, THINKALOUD_HOME: join(home, "home"), NO_COLOR: "1" }, encoding: "utf8" });

const folder = (name, files) => {
  const path = join(home, name);
  mkdirSync(path, { recursive: true });
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(path, file)), { recursive: true });
    writeFileSync(join(path, file), text);
  }
  return path;
};
const lines = (items) => items.map((item) => `${JSON.stringify(item)}\n`).join("");
const session = (title, more = {}) => JSON.stringify({ format: 1, id: "019ab000-0000-7000-8000-000000000000", title, ...more });

/// The sample session with its true words: one of them is doubtful.
export const sample = () => {
  const path = join(home, "sample");
  cpSync(join(project, "samples/rate-limiter"), path, { recursive: true, filter: (file) => !/report$|transcript\.json$/.test(file) });
  const truth = readFileSync(join(path, "script.toml"), "utf8");
  const words = [...truth.matchAll(/^text = (".*")\n(?:(?!^\[\[).*\n)*?words = (\[.*\])$/gm)].flatMap(([, text, said]) => {
    const ending = /[.?!]$/.exec(JSON.parse(text))?.[0] ?? "";
    return JSON.parse(said).map(([word, start, end], index, all) =>
      ({ start, end, text: index + 1 === all.length && !/[.?!]$/.test(word) ? word + ending : word }));
  });
  words[3].probability = 0.2;
  writeFileSync(join(path, "words.json"), JSON.stringify({ language: "en", words }));
  return path;
};

export const edits = (path) => readFileSync(join(path, "edits.jsonl"), "utf8").trim().split("\n").map((line) => JSON.parse(line));

/// A tone that climbs 100 Hz a second from 400 Hz, so that what is heard tells when it is. In parts of 20 seconds.
export const climbing = () => {
  const rate = 16000, seconds = 40, files = { "session.json": session("Climbing tone") };
  let phase = 0;
  for (let part = 0; part < 2; part++) {
    const samples = Buffer.alloc(44 + rate * 20 * 2);
    samples.write("RIFF", 0);
    samples.writeUInt32LE(36 + rate * 40, 4);
    samples.write("WAVEfmt ", 8);
    samples.writeUInt32LE(16, 16);
    samples.writeUInt16LE(1, 20);
    samples.writeUInt16LE(1, 22);
    samples.writeUInt32LE(rate, 24);
    samples.writeUInt32LE(rate * 2, 28);
    samples.writeUInt16LE(2, 32);
    samples.writeUInt16LE(16, 34);
    samples.write("data", 36);
    samples.writeUInt32LE(rate * 40, 40);
    for (let index = 0; index < rate * 20; index++) {
      const time = part * 20 + index / rate;
      phase += ((400 + 100 * time) / rate) * 2 * Math.PI;
      samples.writeInt16LE(Math.round(9000 * Math.sin(phase)), 44 + index * 2);
    }
    files[`audio/00${part}.wav`] = samples;
  }
  const words = [];
  for (let second = 1; second < seconds - 1; second++) words.push({ start: second, end: second + 0.5, text: second % 5 ? "word" : "end." });
  files["words.json"] = JSON.stringify({ language: "en", words });
  return folder("climbing", files);
};

const HOSTILE = "</script><script>window.hostile=1</script><img src=x onerror=window.hostile=2>\u202eabc\u0000 \u{1f600} </title></style>|`*${1}{{ 7*7 }}";

/// Text from outside that tries everything.
export const hostile = () => {
  const said = ["שלום, זה מבחן.", HOSTILE, "x".repeat(100000), "So I keep a map \u2067because\u2069 a lookup is cheap."];
  const edit = (at, path, added, line = 1) => ({ at, path, kind: at < 20 ? "create" : "modify", cause: "typing", hunks: [{ line, removed: [], added }] });
  return folder("hostile", {
    "session.json": session(HOSTILE),
    "words.json": JSON.stringify({ language: "en", utterances: Array.from({ length: 40 }, (_, index) => ({ start: index * 6, end: index * 6 + 5, text: said[index % said.length] })) }),
    "edits.jsonl": lines([
      edit(10, `${HOSTILE.replaceAll("/", "")}.py`, [HOSTILE, "y".repeat(100000)]),
      edit(30, "b\u202eyp.py", ["if admin: \u2066# not", "\u0000nul", "\ttab", "\u{1f469}\u200d\u{1f4bb}"]),
      { at: 60, path: "renamed.py", from: "b\u202eyp.py", kind: "rename", hunks: [] },
    ]),
    "events.jsonl": lines([
      { at: 0, kind: "stage", stage: HOSTILE },
      { at: 50, kind: "note", text: HOSTILE },
      { at: 70, kind: "run", command: HOSTILE, exit_code: 1, seconds: 1 },
    ]),
  });
};

/// Three hours: 2,000 edits of six files, 2,600 utterances.
export const long = () => {
  const hours = 3 * 3600, sentences = [
    "So I keep a second map because a lookup has to be constant time.",
    "Next I write the function that evicts what has expired.",
    "For i in range n, colon, if x equals y, return x.",
    "Could several threads call this at the same time, or is it one caller?",
    "A heap costs log n for each insert, a sorted list would cost more, so I take the heap.",
    "Let me trace it with three requests, the third one has to be refused.",
    "Hmm, that is not right, the window has to move before I count.",
  ];
  const utterances = [];
  for (let at = 1; at < hours - 10; at += 4.15) {
    // Every twenty minutes somebody is silent for 75 seconds.
    if (at % 1200 > 1120 && at % 1200 < 1195) continue;
    utterances.push({ start: at, end: at + 3.7, text: sentences[Math.floor(at * 7) % sentences.length] });
  }
  const edits = Array.from({ length: 2000 }, (_, index) => {
    const file = `src/module_${Math.floor(index / 40) % 6}.py`;
    const added = [`    def step_${index}(self, request, now):`, `        return self.window.count(request.client, now - ${index}) < self.limit`];
    return { at: 60 + index * 5.3, path: file, kind: index < 240 && index % 40 === 0 ? "create" : "modify", cause: "typing",
      hunks: [{ line: index % 40 === 0 && index < 240 ? 1 : 1 + (index % 7), removed: [], added }] };
  });
  const events = [{ at: 0, kind: "stage", stage: "clarify" }, { at: 900, kind: "stage", stage: "skeleton" }, { at: 6000, kind: "stage", stage: "iterate" }];
  for (let at = 300; at < hours; at += 400) events.push({ at, kind: "run", command: "pytest -q", exit_code: at % 800 === 300 ? 1 : 0, seconds: 3 });
  events.sort((a, b) => a.at - b.at);
  return folder("long", {
    "session.json": session("Three hours", { profile: "live-45" }),
    "words.json": JSON.stringify({ language: "en", utterances }),
    "edits.jsonl": lines(edits),
    "events.jsonl": lines(events),
  });
};
