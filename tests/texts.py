"""Texts of mixed scripts, the same at every run: what tokenizers differ on is planted in all of them."""

import random

SCRIPTS = (
    "abcdefghijklmnopqrstuvwxyz",
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "àâäçéèêëîïôöùûüßñøåæœÀÉÎÕÜŽŁ",
    "αβγδεζηθικλμνξοπρστυφχψωςΣΆΈΉ",
    "абвгдежзийклмнопрстуфхцчшщъыьэюяЁЙ",
    "ıİIiğĞşŞ",
    "日本語漢字中文字ひらがなカタカナ한국어",
    "ابتثجحخدذرزسشصضطظعغفقكلمنهوي",
    "अआइईउऊकखगघ",
    "0123456789٠١٢٣४५⅓²Ⅷ",
    "😀👍🏽👩\u200d🚀❤\ufe0f🇹🇷",
    "ﬁﬂĳǆ①Åﬀ",
)
JOINTS = (
    " ",
    " ",
    " ",
    "  ",
    "\t",
    "\n",
    "\r\n",
    "\u00a0",
    "\u2003",
    "\u3000",
    "\u200b",
    ", ",
    ". ",
    "-",
    "'",
    "’",
    "_",
    "/",
)
MARKS = "\u0301\u0308\u0327\u0345\u0336"  # what strip_accents takes off


def _word(dice):
    letters = dice.choice(SCRIPTS)
    word = "".join(dice.choices(letters, k=dice.choice((1, 2, 2, 3, 4, 5, 7, 11))))
    return word + dice.choice(MARKS) if dice.random() < 0.1 else word


def mixed_texts(count, seed=0, words=16):
    """Texts of words from a shared stock, so that a vocabulary meets them again, joined by odd white space."""
    dice = random.Random(seed)
    stock = [_word(dice) for _ in range(1500)]
    odd = ["ΟΔΥΣΣΕΥΣ ΣΑΣ", "Iıİi ISTANBUL", "ǅ ßẞ ŉ", "e\u0301 é", "", " ", "a", "x\u0000y", "\ufeffbom"]
    texts = []
    for _ in range(count - len(odd)):
        chosen = dice.choices(stock, k=dice.randint(0, words)) + [_word(dice) for _ in range(3)]
        texts.append("".join(word + dice.choice(JOINTS) for word in chosen))
    return texts + odd
