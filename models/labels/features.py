"""What else is known of an utterance, beside its words: src/rubric/encoder/features.rs is the same for the program."""

import math

# Numbers that `plain` gives.
PLAIN = 7
# Utterances before one whose speakers are counted.
LATELY = 8


def plain(units, index):
    """Of an utterance in its session: length, question mark, place, who talks."""
    unit = units[index]
    own = [before["speaker"] == unit["speaker"] for before in units[max(0, index - LATELY) : index]]
    return [
        min(len(unit["text"].split()), 40) / 20,
        float("?" in unit["text"]),
        math.log1p(index) / 6,
        index / len(units),
        float(any(other["speaker"] == "interviewer" for other in units)),
        sum(own) / max(1, len(own)),
        float(bool(own) and own[-1]),
    ]


def features(units, hits, labels):
    """For each unit: the patterns' confidence of each label, 0 where none hits, and the plain numbers."""
    return [[hit.get(label, 0.0) for label in labels] + plain(units, index) for index, hit in enumerate(hits)]
