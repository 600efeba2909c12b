"""Learns the labels of utterances. README.md says how to call it and what it measured."""

import argparse
import hashlib
import json
import math
import os
import random
import time
from pathlib import Path

# Threads that wait must not keep a busy machine busier.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
os.environ.setdefault("GOMP_SPINCOUNT", "0")

import numpy as np
import torch
import torch.nn.functional as F

from features import PLAIN, features
from net import LONGEST, WIDTH, Net, published, start
from pieces import Pieces, choose

CANDIDATE = (
    "intent syntax tradeoff clarifying restatement complexity testing edge_case error_handling concurrency scaling"
    " approval_seeking thinking self_correction"
).split()
INTERVIEWER = "prompt hint followup answer".split()
LABELS = CANDIDATE + INTERVIEWER
ALLOWED = {
    "candidate": torch.tensor([float(label in CANDIDATE) for label in LABELS]),
    "interviewer": torch.tensor([float(label in INTERVIEWER) for label in LABELS]),
}
# The piece that says who speaks.
SPEAKER = {"candidate": "candidate", "interviewer": "interview"}

LAYERS, FROZEN = 6, 3  # layers, and how many of the lowest stay as published
CHUNK, CHUNKS = 16, 2  # neighbouring utterances that are learned together, and how many such runs a step takes
BEFORE, AFTER = 48, 16  # remembered neighbours around a chunk
LAST = 0.15  # chunks that nothing follows: what is explained while one speaks
RATE, HEAD_RATE, WARM = 2e-4, 1e-3, 0.08
POSITIVE = 1.5
REAL = 2.0  # what an utterance of --also counts
UNREAD = 0.08  # pieces that are hidden from the layers that learn


def read(files):
    """Sessions by name: lists of utterances in order."""
    sessions = {}
    for file in files:
        for line in file.read_text(encoding="utf8").splitlines():
            unit = json.loads(line)
            sessions.setdefault(unit["session"], []).append(unit)
    return sessions


class Session:
    def __init__(self, units, hits, pieces, real):
        self.units, self.real = units, real
        self.features = torch.tensor(features(units, hits, LABELS))
        self.gold = torch.tensor([[float(label in unit["labels"]) for label in LABELS] for unit in units])
        self.allowed = torch.stack([ALLOWED[unit["speaker"]] for unit in units])
        self.cut = [pieces.cut(unit["text"]) for unit in units]
        self.said = torch.zeros(len(units), WIDTH)
        self.speakers = [pieces.ids[SPEAKER[unit["speaker"]]] for unit in units]
        self.ends = pieces.ids["[CLS]"], pieces.ids["[SEP]"]

    def row(self, index):
        """[CLS] speaker pieces [SEP]"""
        return [self.ends[0], self.speakers[index], *self.cut[index][: LONGEST - 3], self.ends[1]]

    def read(self, net):
        """What the layers that do not learn make of it, once."""
        net.eval()
        with torch.no_grad():
            rows = [self.row(index) for index in range(len(self.units))]
            order = sorted(range(len(rows)), key=lambda index: len(rows[index]))
            self.low = [None] * len(rows)
            for at in range(0, len(order), 64):
                part = order[at : at + 64]
                for index, low in zip(part, net.encoder.low([rows[index] for index in part], FROZEN)):
                    self.low[index] = low.clone()


def look(net, sessions, batch=64):
    """Probabilities of each session."""
    net.eval()
    out = []
    with torch.no_grad():
        for session in sessions:
            rows = session.low
            session.said = torch.cat([net.encoder.high(rows[at : at + batch], FROZEN) for at in range(0, len(rows), batch)])
            (states,) = net.states([session.said], [session.features])
            logits = net.label(session.said, states, session.features)
            out.append((torch.sigmoid(logits) * session.allowed).numpy())
    net.train()
    return out


def unread(low):
    return low * (torch.rand(len(low), 1) > UNREAD)


def f1(given, gold):
    right = (given * gold).sum(0)
    return 2 * right / np.maximum(given.sum(0) + gold.sum(0), 1e-9), 2 * right.sum() / max(given.sum() + gold.sum(), 1e-9)


def report(sessions, found):
    """Micro F1 by threshold, of all that was held back and of what came with --also."""
    gold = np.concatenate([session.gold.numpy() for session in sessions])
    real = np.concatenate([[session.real] * len(session.units) for session in sessions])
    p = np.concatenate(found)
    line = " ".join(f"{t}:{f1(p > t, gold)[1]:.3f}/{f1(p[real] > t, gold[real])[1]:.3f}" for t in (0.3, 0.4, 0.5, 0.6))
    print(f"  {line}", flush=True)
    print("  by label", " ".join(f"{l}:{x:.2f}" for l, x in zip(LABELS, f1(p > 0.4, gold)[0])), flush=True)


def chunks_of(sessions, dice):
    """Runs of neighbours in a new order; their borders move from epoch to epoch."""
    chunks = []
    for session in sessions:
        first = dice.randrange(CHUNK)
        borders = [0] + list(range(first or CHUNK, len(session.units), CHUNK)) + [len(session.units)]
        chunks += [(session, a, b) for a, b in zip(borders, borders[1:])]
    dice.shuffle(chunks)
    return chunks


def loss_of(net, part):
    """Of the labels of a few chunks; what their utterances say is remembered for their neighbours."""
    rows = [unread(low) for session, a, b in part for low in session.low[a:b]]
    with torch.autocast("cpu", torch.bfloat16):
        said = net.encoder.high(rows, FROZEN)
    windows, known, cores = [], [], []
    for (session, a, b), own in zip(part, said.split([b - a for _, a, b in part])):
        lead = max(0, a - BEFORE)
        end = b if torch.rand(()) < LAST else b + AFTER
        windows.append(torch.cat([session.said[lead:a], own, session.said[b:end]]))
        known.append(session.features[lead:end])
        cores.append(slice(a - lead, b - lead))
        session.said[a:b] = own.detach()
    states = torch.cat([state[core] for state, core in zip(net.states(windows, known), cores)])
    of = lambda what: torch.cat([what(session)[a:b] for session, a, b in part])
    logits = net.label(said, states, of(lambda session: session.features))
    gold = of(lambda session: session.gold)
    counts = of(lambda session: session.allowed * (REAL if session.real else 1.0))
    entries = F.binary_cross_entropy_with_logits(logits, gold, pos_weight=torch.tensor(POSITIVE), reduction="none")
    return (entries * counts).sum() / counts.sum()


def main():
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--also", type=Path, action="append", default=[], help="more labelled lines, which stay where they are")
    ask.add_argument("--patterns", type=Path, required=True, help="what `thinkaloud rubric label --patterns` says of all lines")
    ask.add_argument("--hold", default="", help="names of sessions to measure on, with commas; none: learn from all")
    ask.add_argument("--part", help="K/N: hold back part K, from 0, of N parts of the other sessions, too")
    ask.add_argument("--epochs", type=int, default=4)
    ask.add_argument("--share", type=float, default=1.0, help="share of the sessions to learn from")
    ask.add_argument("--order", type=int, default=1, help="seed of the order in which it learns; what it starts from stays")
    ask.add_argument("--out", type=Path, required=True, help="folder for what was learned")
    ask.add_argument("--data", type=Path, default=Path(__file__).parent)
    ask = ask.parse_args()
    ask.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(1)
    dice = random.Random(1)
    torch.set_num_threads(2)

    hits = {line["id"]: line["labels"] for line in map(json.loads, ask.patterns.read_text().splitlines())}
    raw, real = read(sorted(ask.data.glob("*.jsonl"))), read(ask.also)
    raw.update(real)
    held = [name for name in ask.hold.split(",") if name]
    if ask.part:
        which, parts = map(int, ask.part.split("/"))
        # By a hash, so that neighbours in name, which are often alike, part; real ones among themselves.
        order = lambda name: (name not in real, hashlib.sha256(name.encode()).hexdigest())
        held += sorted(set(raw) - set(held), key=order)[which::parts]
    learned = [name for name in raw if name not in held]
    dice.shuffle(learned)
    learned = learned[: round(len(learned) * ask.share)]
    vocabulary, tensors = published()
    kept = choose(vocabulary, [unit["text"] for name in learned for unit in raw[name]])
    pieces = Pieces(kept)
    net = Net(len(kept), LAYERS, len(LABELS), len(LABELS) + PLAIN)
    start(net, vocabulary, kept, tensors, FROZEN)
    open_session = lambda name: Session(raw[name], [hits[unit["id"]] for unit in raw[name]], pieces, name in real)
    sessions = [open_session(name) for name in learned]
    # How often each label is given, as the first guess.
    often = torch.cat([s.gold for s in sessions]).sum(0) / torch.cat([s.allowed for s in sessions]).sum(0)
    net.logits.bias.data = torch.logit(often.clamp(min=1e-3))
    watched = [open_session(name) for name in held]
    for session in sessions + watched:
        session.read(net)
    count = lambda group: sum(len(session.units) for session in group)
    print(f"{len(kept)} pieces, {count(sessions)} units to learn from, {count(watched)} held", flush=True)

    weights = [p for p in net.encoder.parameters() if p.requires_grad]
    heads = [p for name, p in net.named_parameters() if not name.startswith("encoder.")]
    groups = [{"params": weights, "lr": RATE}, {"params": heads, "lr": HEAD_RATE}]
    optimiser = torch.optim.AdamW(groups, weight_decay=0.01, fused=True)
    steps = ask.epochs * math.ceil(sum(math.ceil(len(s.units) / CHUNK) for s in sessions) / CHUNKS)
    rise = max(1, int(WARM * steps))
    fall = lambda at: 0.5 + 0.5 * math.cos(math.pi * max(0, at - rise) / max(1, steps - rise))
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda at: min((at + 1) / rise, fall(at)))
    torch.manual_seed(ask.order)
    dice = random.Random(ask.order)
    for epoch in range(1, ask.epochs + 1):
        net.train()
        begun, total = time.time(), 0.0
        chunks = chunks_of(sessions, dice)
        for at in range(0, len(chunks), CHUNKS):
            loss = loss_of(net, chunks[at : at + CHUNKS])
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            total += loss.item()
        print(f"epoch {epoch}: loss {total / math.ceil(len(chunks) / CHUNKS):.4f}, {time.time() - begun:.0f} s", flush=True)
    saved = {"net": net.state_dict(), "pieces": kept, "layers": LAYERS, "labels": LABELS}
    torch.save(saved, ask.out / "learned.pt")
    if watched:
        found = look(net, watched)
        report(watched, found)
        np.savez(ask.out / "held.npz", **dict(zip(held, found)))


if __name__ == "__main__":
    main()
