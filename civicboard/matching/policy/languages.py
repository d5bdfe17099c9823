"""Languages: which of them somebody speaks that are wanted, and which a text names at all."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Sequence

#: Those by which people are looked for. Any other counts all the same where both sides name it.
LANGUAGES = tuple(
    """
    Afrikaans,Albanian,Amharic,Arabic,Armenian,Bengali,Bosnian,British Sign Language,BSL,Bulgarian,Cantonese,Cornish,
    Croatian,Czech,Danish,Dari,Dutch,English,Estonian,Farsi,Filipino,Finnish,French,Gaelic,Georgian,German,Greek,Gujarati,
    Hausa,Hebrew,Hindi,Hungarian,Igbo,Irish,Italian,Japanese,Kannada,Korean,Kurdish,Latvian,Lithuanian,Makaton,Malay,
    Malayalam,Mandarin,Marathi,Nepali,Norwegian,Pashto,Persian,Polish,Portuguese,Punjabi,Romani,Romanian,Russian,Scots,
    Serbian,Sinhala,Slovak,Slovenian,Somali,Spanish,Swahili,Swedish,Sylheti,Tagalog,Tamil,Telugu,Thai,Tigrinya,Turkish,
    Twi,Ukrainian,Urdu,Vietnamese,Welsh,Yiddish,Yoruba
    """.replace("\n    ", "")
    .strip()
    .split(",")
)
#: Who writes of speaking means the language, however it is spelled: "polish" alone may be for shoes.
_SPEAKING = re.compile(r"\b(?:speak|spoken|talk|language|translat|interpret|sign)", re.IGNORECASE)
#: And who says what to do means none: "Polish the brass on the doors".
_NOT_DONE = r"(?!\s+(?:the|a|an|this|that|these|those|our|my|your|their|it|up|off)\b)"


def spoken(languages: Iterable[str], text: str, words: Container[str] = ()) -> list[str]:
    """Which of these languages a text names, or one of the ``words`` (in lower case) is, in their order."""
    if not languages:
        return []
    flags = re.IGNORECASE if _SPEAKING.search(text) else re.NOFLAG
    return [
        one
        for one in languages
        if one.casefold() in words or re.search(rf"(?<!\w){re.escape(one)}(?!\w){_NOT_DONE}", text, flags) is not None
    ]


def wanted_in(text: str, words: Iterable[str]) -> Sequence[str]:
    """The languages that a text or one of its words names, of those by which people are looked for."""
    return spoken(LANGUAGES, text, frozenset(words))
