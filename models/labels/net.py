"""The network: MiniLM over one utterance, then two recurrent layers over the utterances of a session.

    pieces -> embeddings -> layers of attention and feed-forward -> mean: what was said, WIDTH numbers
    said -> linear, norm, with what the patterns say -> GRU forwards, GRU backwards: the session around, 2 STATE numbers
    said, session, what the patterns say -> linear, gelu -> linear: a logit for each label
"""

import importlib.util
import json
import struct
import zipfile
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

WIDTH, HEADS, INNER = 384, 12, 1536
STATE, HIDDEN = 128, 256
DROP = 0.1  # numbers that are hidden while it learns
UNHEARD, UNKNOWN = 0.15, 0.1  # utterances, and features, that are hidden while it learns
LONGEST = 48  # pieces of one utterance, with the two at the ends


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.qkv = nn.Linear(WIDTH, 3 * WIDTH)
        self.out = nn.Linear(WIDTH, WIDTH)
        self.norm1 = nn.LayerNorm(WIDTH, eps=1e-12)
        self.up = nn.Linear(WIDTH, INNER)
        self.down = nn.Linear(INNER, WIDTH)
        self.norm2 = nn.LayerNorm(WIDTH, eps=1e-12)

    def forward(self, x, where, mask, shape):
        """`x`: pieces of all rows, one after the other; `where`: their places in a padded batch of `shape`."""
        rows, length = shape
        qkv = self.qkv(x)
        padded = qkv.new_zeros(rows * length, 3 * WIDTH).index_copy(0, where, qkv)
        q, k, v = padded.view(rows, length, 3, HEADS, WIDTH // HEADS).permute(2, 0, 3, 1, 4)
        seen = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        seen = seen.transpose(1, 2).reshape(rows * length, WIDTH)[where]
        drop = lambda x: F.dropout(x, DROP, self.training)
        x = self.norm1(x + drop(self.out(seen)))
        return self.norm2(x + drop(self.down(F.gelu(self.up(x)))))


class Encoder(nn.Module):
    def __init__(self, pieces, layers):
        super().__init__()
        self.words = nn.Embedding(pieces, WIDTH)
        self.places = nn.Embedding(LONGEST, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, eps=1e-12)
        self.layers = nn.ModuleList(Layer() for _ in range(layers))

    def low(self, rows, frozen):
        """Lists of ids to what comes out of the first `frozen` layers: for each row a vector for each piece."""
        lengths = [len(row) for row in rows]
        ids = torch.tensor([piece for row in rows for piece in row])
        places = torch.cat([torch.arange(n) for n in lengths])
        x = self.norm(self.words(ids) + self.places(places))
        return self.through(x, lengths, self.layers[:frozen]).split(lengths)

    def high(self, rows, frozen):
        """From there on: a matrix of WIDTH columns, the mean of the pieces of each row."""
        lengths = torch.tensor([len(row) for row in rows])
        x = self.through(torch.cat(rows), lengths.tolist(), self.layers[frozen:])
        owner = torch.repeat_interleave(torch.arange(len(rows)), lengths)
        return torch.zeros(len(rows), WIDTH).index_add(0, owner, x.float()) / lengths[:, None]

    def through(self, x, lengths, layers):
        lengths = torch.tensor(lengths)
        shape = len(lengths), int(lengths.max())
        places = torch.cat([torch.arange(n) for n in lengths])
        where = torch.repeat_interleave(torch.arange(shape[0]) * shape[1], lengths) + places
        mask = (torch.arange(shape[1])[None] < lengths[:, None])[:, None, None]
        for layer in layers:
            x = layer(x, where, mask, shape)
        return x


class Net(nn.Module):
    def __init__(self, pieces, layers, labels, features):
        super().__init__()
        self.encoder = Encoder(pieces, layers)
        self.narrow = nn.Linear(WIDTH, STATE)
        self.narrow_norm = nn.LayerNorm(STATE, eps=1e-12)
        self.before = nn.GRU(STATE + features, STATE, batch_first=True)
        self.next = nn.GRU(STATE + features, STATE, batch_first=True)
        self.hidden = nn.Linear(WIDTH + 2 * STATE + features, HIDDEN)
        self.logits = nn.Linear(HIDDEN, labels)
        self.drop = nn.Dropout(DROP)

    def states(self, windows, features):
        """Windows of said vectors (WIDTH columns, any number of rows) and their features: both states of each row."""
        x = []
        for window, known in zip(windows, features):
            narrowed = self.narrow_norm(self.narrow(window))
            x.append(torch.cat([self.hide(narrowed, UNHEARD), self.hide(known, UNKNOWN)], -1))
        return [torch.cat(pair, -1) for pair in zip(self.turn(x, self.before, False), self.turn(x, self.next, True))]

    def turn(self, x, layer, back):
        rows = [row.flip(0) if back else row for row in x]
        out = layer(nn.utils.rnn.pad_sequence(rows, batch_first=True))[0]
        return [o[: len(row)].flip(0) if back else o[: len(row)] for o, row in zip(out, rows)]

    def label(self, said, states, features):
        """Logits of each row."""
        joined = torch.cat([self.hide(said, UNHEARD), states, self.hide(features, UNKNOWN)], -1)
        return self.logits(self.drop(F.gelu(self.hidden(self.drop(joined)))))

    def hide(self, rows, share):
        """Some rows are not known while it learns, so that none is leaned on: words that were learned by heart would
        leave nothing for the patterns to say."""
        return rows * (torch.rand(len(rows), 1) > share) if self.training else rows


def read_safetensors(data):
    (size,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + size])
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        start, end = entry["data_offsets"]
        values = np.frombuffer(data[8 + size + start : 8 + size + end], "<f4" if entry["dtype"] == "F32" else "<i8")
        tensors[name] = torch.from_numpy(values.reshape(entry["shape"]).copy())
    return tensors


def published():
    """Vocabulary and tensors of all-MiniLM-L6-v2, from the package of the same name."""
    package = Path(importlib.util.find_spec("all_minilm_l6_v2").origin).parent
    with zipfile.ZipFile(package / "model.zip") as files:
        ids = json.loads(files.read("tokenizer.json"))["model"]["vocab"]
        return sorted(ids, key=ids.get), read_safetensors(files.read("model.safetensors"))


def start(net, vocabulary, kept, tensors, frozen):
    """Fills the encoder with the published weights, of which the lowest layers stay; utterances are BERT's segment 0."""
    rank = {piece: index for index, piece in enumerate(vocabulary)}
    words = tensors["embeddings.word_embeddings.weight"][[rank[piece] for piece in kept]]
    encoder = net.encoder
    encoder.words.weight.data = words + tensors["embeddings.token_type_embeddings.weight"][0]
    encoder.places.weight.data = tensors["embeddings.position_embeddings.weight"][:LONGEST].clone()

    def copy(to, name):
        to.weight.data.copy_(tensors[name + ".weight"])
        to.bias.data.copy_(tensors[name + ".bias"])

    copy(encoder.norm, "embeddings.LayerNorm")
    for index, layer in enumerate(encoder.layers):
        base = f"encoder.layer.{index}."
        three = [base + f"attention.self.{name}" for name in ("query", "key", "value")]
        layer.qkv.weight.data = torch.cat([tensors[name + ".weight"] for name in three])
        layer.qkv.bias.data = torch.cat([tensors[name + ".bias"] for name in three])
        copy(layer.out, base + "attention.output.dense")
        copy(layer.norm1, base + "attention.output.LayerNorm")
        copy(layer.up, base + "intermediate.dense")
        copy(layer.down, base + "output.dense")
        copy(layer.norm2, base + "output.LayerNorm")
    for part in [encoder.words, encoder.places, encoder.norm, *encoder.layers[:frozen]]:
        part.requires_grad_(False)
