"""Words of everyday talk, which have no subject: that two people use one of them says nothing of either.

They are English, as the words are that come with the board. In another language a single word in common is a reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

#: Of a word at least so much is left without its ending.
LEAST_ROOT = 4
#: Each in its plain form; ``is_everyday`` knows their endings.
_EVERYDAY = frozenset(
    """
    able accept action actual afternoon agree ahead allow alone amount answer apart appear april area arrange arrive
    ask attention august autumn available avoid awful back base basic beautiful begin believe best better bigger
    black blue board borrow bother bottom break bright bring broken brown busy call care careful carry case catch
    cause centre certain chance change charge cheap check choice choose city class clean clear client close cold
    collect colour come comfortable comment common compare complain complete concern connect consider contact
    contain continue control conversation copy corner correct cost council count county couple course cover crazy
    create cross current date deal dear december decide deep degree demand deny depend describe despite detail
    develop difference different difficult direct dirty discuss distance double doubt draw dream drop early easy
    edge effect effort empty enjoy enter entire equal especially evening event exact example exist expect expensive
    experience explain express extra face fact fail fair fall fast fault fear february feel fellow figure fill final
    find fine finger finish fixed follow forget form forward free fresh friday friend front full fully funny future
    general get give glad grand great green group grow grown guess guide hand handle hang happen happy hard hate
    head hear heard heavy hello help high hold home honest hope hour house huge human hurry idea ignore imagine
    immediate important improve inch include increase indeed information interest issue item january join july june
    keen keep kept kick kill kind knew knock know lack large late laugh lead learn least leave left length level
    life light like likely limit line list listen live living load local long look lose lost loud love lovely lower
    luck main make manage manager manner march mark match matter mean means measure meet mention mess message middle
    midnight mind minute miss model moment monday morning move name narrow nasty natural neat need nice night noon
    normal north note notice november number object obvious occasion october offer older open opinion opposite
    option order organise original page pair part partner party pass past path pattern peace perfect person piece
    pile pink place plain plan play pleasant plenty pocket point polite poor popular position possible post pound
    power practice prefer prepare present pressing pretty prevent price private probably problem process product
    professional project promise proper protect proud prove provide public pull purpose push quarter question quick
    quiet raise range rate reach react ready real realise reason receive recent record reduce refuse regard regular
    relate remain remember remove repeat reply report request require respect respond rest result retired return
    rich ride ring road round safe sample saturday save scene score season second secret section secure seem sell
    send sense sentence separate september series serious serve service session shade shake shape share shift shine
    short show shut side sight silly similar simple single site situation size skill slight slow small smile smooth
    soft sold solve some sort sound south space spare speak special specific spell spend spot spread spring square
    staff stand standard start state stay step stick stop story straight strange stranger street stress strip strong
    stuff style subject success sudden suffer suggest suit summer sunday supply support suppose surface surprise
    switch system take talk tall taste tell tend term terrible text thick thin thing think third thirty thought
    thousand throw thursday tight till time tired title tonight topic total touch tough tour trouble true trust
    truth try tuesday turn type ugly understand unit upper upset upstairs urgent useful value various view visit
    wage wait wake walk want warn watch wave weak wear wednesday week weekday weekend weight welcome west white wide
    willing winter wise wish wonder word work worker world worn worry worse worst worth write wrong wrote year
    yellow younger
    """.split()  # noqa: SIM905  # many quotation marks would hide the words
)
#: What things are like, and when they are lent: a long ladder is no long table.
_DESCRIBING = frozenset(
    """
    afternoon black blue borrow borrowed cheap clean decent electric evening extra folding free garden green heavy
    indoor large lend lent light little loan long metal morning narrow night outdoor pair plastic portable proper
    saturday short small spare steel strong sturdy suitable sunday tall weekday weekend white wide wooden yellow
    """.split()  # noqa: SIM905  # as above
)
#: An ending, and what stood there before it.
_ENDINGS = (
    ("s", ""), ("es", ""), ("ies", "y"), ("d", ""), ("ed", ""), ("ied", "y"), ("ing", ""), ("ing", "e"), ("ings", ""),
    ("er", ""), ("ers", ""), ("ly", ""), ("ily", "y"),
)  # fmt: skip


@lru_cache(maxsize=8192)
def is_everyday(word: str) -> bool:
    """Whether a word, in lower case and in any of its forms, is one that everybody uses."""
    return any(plain in _EVERYDAY for plain in _plain(word))


@lru_cache(maxsize=2048)
def is_describing(word: str) -> bool:
    """Whether it says what something is like or when, and not what it is."""
    return any(plain in _DESCRIBING for plain in _plain(word))


@lru_cache(maxsize=16384)
def root(word: str) -> str:
    """What a word has in common with its other forms, about: "plumber" and "plumbing"."""
    for ending in ("ings", "ing", "ers", "ors", "ies", "er", "or", "ed", "es", "s", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= LEAST_ROOT and not word.endswith("ss"):
            bare = word[: -len(ending)]
            # "planning"
            return bare[:-1] if bare[-1] == bare[-2] and bare[-1] not in "lsz" and len(bare) > LEAST_ROOT else bare
    # "vans"
    return word[:-1] if len(word) == LEAST_ROOT and word[-1] == "s" and word[-2] not in "sui" else word


def same_word(word: str, other: str) -> bool:
    """Whether two words are one in different forms: "drain" and "drainage", but not "count" and "county"."""
    one, two = sorted((root(word), root(other)), key=len)
    return one == two or (len(one) > LEAST_ROOT and two.startswith(one) and len(two) > len(one) + 1)


def _plain(word: str) -> Iterator[str]:
    """A word, and what it may be a form of."""
    yield word
    for ending, before in _ENDINGS:
        if word.endswith(ending):
            plain = word[: -len(ending)] + before
            yield plain
            if plain[-1:] == plain[-2:-1]:  # "stopping", "planned"
                yield plain[:-1]
