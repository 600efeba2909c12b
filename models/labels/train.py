"""Learns the labels of utterances. README.md says how to call it and what it measured."""

import argparse
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
RATE, HEAD_RATE, WARM = 2e-4, 1e-3, 0.08
POSITIVE = 1.5
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
    def __init__(self, units, pieces, real):
        self.units, self.real = units, real
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
        with torch.no_grad():
            rows = [self.row(index) for index in range(len(self.units))]
            order = sorted(range(len(rows)), key=lambda index: len(rows[index]))
            self.low = [None] * len(rows)
            for at in range(0, len(order), 64):
                part = order[at : at + 64]
                for index, low in zip(part, net.encoder.low([rows[index] for index in part], FROZEN)):
                    self.low[index] = low.clone()


def look(net, sessions, batch=64):
    """Probabilities of each session, by head."""
    net.eval()
    with torch.no_grad():
        for session in sessions:
            rows = session.low
            session.said = torch.cat([net.encoder.high(rows[at : at + batch], FROZEN) for at in range(0, len(rows), batch)])
        out = []
        for session in sessions:
            states = {side: state[0] for side, state in net.states([session.said]).items()}
            logits = {name: head(session.said, states, net.drop) for name, head in net.heads.items()}
            out.append({name: (torch.sigmoid(x) * session.allowed).numpy() for name, x in logits.items()})
    net.train()
    return out


def unread(low):
    return low * (torch.rand(len(low), 1) > UNREAD)


def f1(given, gold):
    right = (given * gold).sum(0)
    return 2 * right / np.maximum(given.sum(0) + gold.sum(0), 1e-9), 2 * right.sum() / max(given.sum() + gold.sum(), 1e-9)


def report(sessions, found):
    """Micro F1 by head and threshold, of all that was held back and of what came with --also."""
    gold = np.concatenate([session.gold.numpy() for session in sessions])
    real = np.concatenate([[session.real] * len(session.units) for session in sessions])
    for head in found[0]:
        p = np.concatenate([each[head] for each in found])
        line = " ".join(f"{t}:{f1(p > t, gold)[1]:.3f}/{f1(p[real] > t, gold[real])[1]:.3f}" for t in (0.3, 0.4, 0.5, 0.6))
        print(f"  {head:7} {line}", flush=True)
        if head == "causal":
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
    windows, cores = [], []
    for (session, a, b), own in zip(part, said.split([b - a for _, a, b in part])):
        lead = max(0, a - BEFORE)
        windows.append(torch.cat([session.said[lead:a], own, session.said[b : b + AFTER]]))
        cores.append(slice(a - lead, b - lead))
        session.said[a:b] = own.detach()
    both = net.states(windows)
    states = {side: torch.cat([state[core] for state, core in zip(all, cores)]) for side, all in both.items()}
    gold = torch.cat([session.gold[a:b] for session, a, b in part])
    allowed = torch.cat([session.allowed[a:b] for session, a, b in part])
    loss = 0.0
    for head in net.heads.values():
        logits = head(said, states, net.drop)
        entries = F.binary_cross_entropy_with_logits(logits, gold, pos_weight=torch.tensor(POSITIVE), reduction="none")
        loss = loss + (entries * allowed).sum() / allowed.sum()
    return loss


def main():
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--also", type=Path, action="append", default=[], help="more labelled lines, which stay where they are")
    ask.add_argument("--hold", default="", help="names of sessions to measure on, with commas; none: learn from all")
    ask.add_argument("--epochs", type=int, default=4)
    ask.add_argument("--share", type=float, default=1.0, help="share of the sessions to learn from")
    ask.add_argument("--seed", type=int, default=1)
    ask.add_argument("--out", type=Path, required=True, help="folder for what was learned")
    ask.add_argument("--data", type=Path, default=Path(__file__).parent)
    ask = ask.parse_args()
    ask.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(ask.seed)
    dice = random.Random(ask.seed)
    torch.set_num_threads(2)

    raw, real = read(sorted(ask.data.glob("*.jsonl"))), read(ask.also)
    raw.update(real)
    held = [name for name in ask.hold.split(",") if name]
    learned = [name for name in raw if name not in held]
    dice.shuffle(learned)
    learned = learned[: round(len(learned) * ask.share)]
    vocabulary, tensors = published()
    kept = choose(vocabulary, [unit["text"] for name in learned for unit in raw[name]])
    pieces = Pieces(kept)
    net = Net(len(kept), LAYERS, len(LABELS))
    start(net, vocabulary, kept, tensors, FROZEN)
    sessions = [Session(raw[name], pieces, name in real) for name in learned]
    # How often each label is given, as the first guess.
    often = torch.cat([s.gold for s in sessions]).sum(0) / torch.cat([s.allowed for s in sessions]).sum(0)
    for head in net.heads.values():
        head.logits.bias.data = torch.logit(often.clamp(min=1e-3))
    watched = [Session(raw[name], pieces, name in real) for name in held]
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
        torch.save(saved, ask.out / f"epoch{epoch}.pt")
        if watched:
            found = look(net, watched)
            report(watched, found)
            named = {f"{name}.{head}": x for name, each in zip(held, found) for head, x in each.items()}
            np.savez(ask.out / f"held{epoch}.npz", **named)


if __name__ == "__main__":
    main()
