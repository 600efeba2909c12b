"""Usual words and phrases of candidates, from the labelled sessions in models/labels, as src/analysis/ordinary.txt."""
import collections, glob, json, re, sys

VOCABULARY_SHARE = 0.45   # a general word is one of so many sessions
# Words of code, of its names and of values, however often they are used, are nobody's pet phrase.
OF_CODE = set("""add append array b big c call case check code constant count down dot each empty end error five first four
    hundred index input int item items j k key keys last left length limit list lock log long loop lookup map max memory
    middle min minus n next nil node null number numbers o one ones order output plus pointer pop print push queue read
    return right run second set six size small sort sorted space start state step string sum ten test three time true
    two up value values x y zero""".split())
# Of speech: the sessions are written, and cleaner than talk.
OF_SPEECH = set("""basically actually literally obviously honestly suppose gonna wanna kind sort guess maybe probably
    right yeah yes okay well um uh hmm like mean know whatever stuff thing things way sense makes understand idea
    question problem approach solution us our we we're we'll let let's me say said see look try trying need
    example simply particular somehow anyway will would could should can going have has be been are is was were do does
    did doing i you it that this these those what which who how why when where here there then so and but or if because
    for to of in on with at from by about also again already just only even very much more less some any all every
    other another same next now later before after get got give take make made keep put find use using come came
    start started tell told show want wanted call called happen happens work works actually a an the he she they them
    his her their my your me not no don't doesn't can't won't isn't that's it's i'm i'll i've i'd we've you're they're
    there's what's""".split()) - {"call", "start"}
PHRASE_RATE = 0.25        # per 1,000 words; rarer ones are left to the program's floor

def words(text):
    return [w.strip("'") for w in re.findall(r"[a-z0-9']+", text.lower().replace("\u2019", "'")) if w.strip("'")]

sessions = collections.defaultdict(list)
for path in sorted(glob.glob("models/labels/*.jsonl")):
    for line in open(path):
        row = json.loads(line)
        if row["speaker"] == "candidate" and "syntax" not in row["labels"]:
            sessions[row["session"]] += words(row["text"])
within = collections.Counter(w for said in sessions.values() for w in set(said))
vocabulary = {w for w, n in within.items() if n >= VOCABULARY_SHARE * len(sessions) and not w.isdigit()}
vocabulary = vocabulary - OF_CODE | OF_SPEECH
total = sum(map(len, sessions.values()))
phrases = collections.Counter()
for said in sessions.values():
    for n in (2, 3, 4):
        for i in range(len(said) - n + 1):
            phrase = said[i:i + n]
            if all(w in vocabulary for w in phrase):
                phrases[" ".join(phrase)] += 1
out = open("src/analysis/ordinary.txt", "w")
for word in sorted(vocabulary):
    print(word, file=out)
for phrase, n in sorted(phrases.items(), key=lambda item: (-item[1], item[0])):
    if n * 1000 / total >= PHRASE_RATE:
        print(f"{phrase}\t{n * 1000 / total:.2f}", file=out)
print(len(sessions), total, len(vocabulary), sum(n * 1000 / total >= PHRASE_RATE for n in phrases.values()), file=sys.stderr)
