"""Writes what train.py learned as the program reads it: src/rubric/encoder/weights.rs says how."""

import argparse
import json
import struct
from pathlib import Path

import torch

from features import PLAIN
from net import HEADS, LONGEST, Net
from pieces import Pieces
from train import ALLOWED, CANDIDATE, Session, look


def string(text):
    data = text.encode("utf8")
    return struct.pack("<B", len(data)) + data


def vector(values):
    return struct.pack("<I", len(values)) + values.numpy().astype("<f4").tobytes()


def rounded(matrix):
    """The scale of each row, and the matrix in steps of it."""
    scale = (matrix.abs().amax(1) / 127).clamp(min=1e-12).float()
    return scale, torch.round(matrix / scale[:, None]).clamp(-127, 127)


def matrix(values):
    scale, steps = rounded(values)
    return struct.pack("<II", *values.shape) + scale.numpy().astype("<f4").tobytes() + steps.numpy().astype("i1").tobytes()


def pack(net, pieces, labels):
    out = [b"TALABELS", struct.pack("<IIII", 2, HEADS, len(net.encoder.layers), LONGEST)]
    out += [struct.pack("<I", len(labels))] + [struct.pack("<B", label not in CANDIDATE) + string(label) for label in labels]
    out += [struct.pack("<I", len(pieces))] + [string(piece) for piece in pieces]
    linear = lambda part: out.extend([matrix(part.weight.data), vector(part.bias.data)])
    norm = lambda part: out.extend([vector(part.weight.data), vector(part.bias.data)])
    encoder = net.encoder
    out += [matrix(encoder.words.weight.data), matrix(encoder.places.weight.data)]
    norm(encoder.norm)
    for layer in encoder.layers:
        linear(layer.qkv), linear(layer.out), norm(layer.norm1)
        linear(layer.up), linear(layer.down), norm(layer.norm2)
    linear(net.narrow), norm(net.narrow_norm)
    for gru in (net.before, net.next):
        out += [matrix(gru.weight_ih_l0.data), vector(gru.bias_ih_l0.data)]
        out += [matrix(gru.weight_hh_l0.data), vector(gru.bias_hh_l0.data)]
    linear(net.hidden), linear(net.logits)
    return b"".join(out)


def load(path):
    saved = torch.load(path)
    net = Net(len(saved["pieces"]), saved["layers"], len(saved["labels"]), len(saved["labels"]) + PLAIN)
    net.load_state_dict(saved["net"])
    net.eval()
    return net, saved


def in_bytes(net):
    """Every matrix as it will be read back."""
    for values in net.parameters():
        if values.dim() == 2:
            scale, steps = rounded(values.data)
            values.data = steps * scale[:, None]


def main():
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("learned", type=Path)
    ask.add_argument("out", type=Path)
    ask.add_argument("--check", type=Path, help="made-up utterances with what patterns give them, which get confidences")
    ask = ask.parse_args()
    net, saved = load(ask.learned)
    ask.out.write_bytes(pack(net, saved["pieces"], saved["labels"]))
    if ask.check:
        in_bytes(net)
        units = [json.loads(line) for line in ask.check.read_text().splitlines()]
        hits = [unit["patterns"] for unit in units]
        session = Session([{**unit, "labels": []} for unit in units], hits, Pieces(saved["pieces"]), False)
        session.read(net)
        (found,) = look(net, [session])
        for unit, row in zip(units, found):
            labels = [label for label, may in zip(saved["labels"], ALLOWED[unit["speaker"]]) if may]
            unit["confidences"] = {label: round(float(row[saved["labels"].index(label)]), 4) for label in labels}
        ask.check.write_text("".join(json.dumps(unit, ensure_ascii=False) + "\n" for unit in units))


if __name__ == "__main__":
    main()
