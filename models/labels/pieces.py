"""WordPiece as BERT cuts text, with a vocabulary that is cut down to spoken English about programs."""

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
# The published vocabulary is sorted by how often a word is used.
OFTEN = 12_000
LONGEST_WORD = 100


# Written plainly; what is left beyond ASCII and is no letter or digit is a space.
SPELLED = str.maketrans(
    "àáâãäåçèéêëìíîïñòóôõöùúûüýÿ‘’“”–—",
    "aaaaaaceeeeiiiinooooouuuuyy''\"\"--",
    "".join(map(chr, range(0x300, 0x370))),
)


def words(text):
    """Runs of letters and digits, in lower case without accents; every other visible character stands alone."""
    out, word = [], ""
    for c in text.lower().translate(SPELLED):
        if c.isalnum():
            word += c
            continue
        if word:
            out.append(word)
        word = ""
        if "!" <= c <= "~":
            out.append(c)
    return out + [word] if word else out


def choose(vocabulary, texts):
    """The pieces that are kept: special ones, ASCII ones that are used often, continue a word or stand in `texts`."""
    seen = {word for text in texts for word in words(text)}
    kept = [
        piece
        for rank, piece in enumerate(vocabulary)
        if piece.isascii()
        and not (piece.startswith("[") and len(piece) > 1)
        and (rank < OFTEN or piece.startswith("##") or len(piece) == 1 or piece in seen)
    ]
    return SPECIAL + kept


class Pieces:
    def __init__(self, vocabulary):
        self.vocabulary = vocabulary
        self.ids = {piece: index for index, piece in enumerate(vocabulary)}

    def cut(self, text):
        """Ids of the longest pieces from the left; a word that cannot be cut is one [UNK]."""
        return [piece for word in words(text) for piece in self.word(word)]

    def word(self, word):
        out, start = [], 0
        while start < len(word):
            prefix = "##" if start else ""
            end = len(word)
            while end > start and prefix + word[start:end] not in self.ids:
                end -= 1
            if end == start or len(word) > LONGEST_WORD:
                return [self.ids["[UNK]"]]
            out.append(self.ids[prefix + word[start:end]])
            start = end
        return out
