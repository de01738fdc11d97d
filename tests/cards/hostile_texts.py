"""Texts that are more than text to somebody: each is told on a card as words, or not at all."""

from __future__ import annotations

ADDRESSES = (
    "http://evil.example/x", "HTTPS://EVIL.EXAMPLE", "ftp://evil.example", "https://evil",
    "//evil.com", "www.evil.example", "WWW.evil.com", "wWw.evil.co.uk", "see www", "see www.",
    "evil.com", "Evil.Org/path?x=1&y", "mailto:evil@evil.example", "xmpp:evil@evil.example/a",
    "evil@evil.example", "a.b+c@evil.co", "@evil", "user:pw@evil.com", "http:&#47;&#47;evil.com",
    "http:&#x2F;&#x2f;evil.com", "evil&#64;evil.com", "www&#46;evil.com", "http&colon;//evil.com",
    "http:&sol;&sol;evil.com", "www&period;evil.com", "evil&commat;evil.com", "a&lowbar;b@evil.com",
    "&#104;ttp://evil.com", "http&amp;#58;//evil.com", "http%3A%2F%2Fevil.com",
    r"http:\/\/evil.com", r"www\.evil.com", r"evil\@evil.com", "ht\u200btp://evil.com",
    "http:/\u200b/evil.com", "www\u2060.evil.com", "evil\u200d@evil.com",
    "ｈｔｔｐ：／／ｅｖｉｌ．ｃｏｍ", "ｗｗｗ．evil.com", "evil＠evil.com", "http:/\u00ad/evil.com",
    "<http://evil.com>", "<evil@evil.com>", "javascript:alert(1)", "[evil](javascript:alert(1))",
    "[evil](//evil.com)", "[evil][x]", "![evil](http://evil.com/x.png)", "[x]: http://evil.com",
    "[^1]: evil", "evil[^1]", "[![evil](x)](y)", "](http://evil.com)", "evil](x)[y](z)",
)  # fmt: skip
MARKUP = (
    "**evil**", "__evil__", "*evil*", "_evil_", "`evil`", "~~evil~~", "~evil~", "``` evil",
    "~~~ evil", "# evil", "###### evil", "> evil", "- evil", "+ evil", "* evil", "1. evil",
    "999999999) evil", "- [ ] evil", "---", "***", "- - -", "===", "= evil", "| evil | b |",
    "a | b\n--|--\n1 | evil", "    evil", "\tevil", "$evil$", "$$evil$$", ":smile:", ":+1:", "#123",
    "evil\\", "\\*evil\\*", "{{evil}}", "{% evil %}", "==evil==", "^evil^", "&lt;script&gt;evil",
    "evil&nbsp;", "&#42;evil&#42;", "evil\\\nevil", "evil  \nevil",
)  # fmt: skip
HTML = (
    "<script>evil</script>", "<img src=x onerror=evil>", "</li></ul><h1>evil", "<!-- evil -->",
    "<!doctype evil>", "<![CDATA[evil]]>", "<?evil?>", "<svg/onload=evil>",
    "<a href=//evil.com>evil", "＜script＞evil", "<\u200bscript>evil", "<evil", "<details>evil",
    "<b>evil</b>", "evil<br/>evil",
)  # fmt: skip
LINES = tuple(
    f"evil{end}{start}evil"
    for end, start in zip(
        ("\n", "\r", "\r\n", "\x0b", "\x0c", "\x85", "\u2028", "\u2029", "\n\n", "\x1e"),
        ("# ", "- ", "> ", "1. ", "    ", "===\n", "```\n", "| a |\n|-|\n", "---\n", "+ "),
        strict=True,
    )
)
UNSEEN = (
    "evil\u202eevil\u202c", "\u202d5\u202c \u202e05 mg\u202c", "\u2066evil\u2069 \u2067evil\u2068x",
    "\u061cevil\u200e\u200f", "\ufeffevil\ufeff", "ev\u00adil", "e\u200cv\u200di\u2060l",
    "\U000e0065\U000e0076\U000e007f evil", "evil\ufff9x\ufffay\ufffb",
    "e\u2061v\u2062i\u2063l\u2064", "evil\x00\x07\x1b[31mevil\x9b2J", "\ue000evil\uf8ff\U000f0000",
    "evil\ufdd0\uffff\U0003fffe", "e\ufe0fv\U000e0101il", "\u2800evil\u3164\u115f\u1160\uffa0",
    "e\u034fvil\u17b4\u17b5", "e" + "\u0301\u0336\u0489" * 60 + "vil", "\u0338evil", "\u20ddevil",
)  # fmt: skip
LONG = (
    "evil" * 300_000,
    "evil " * 1000,
    "&" * 300,
    "`" * 300,
    "[" * 300,
    "<" * 300,
    "evil. " * 400,
)

HOSTILE = (*ADDRESSES, *MARKUP, *HTML, *LINES, *UNSEEN)

HONEST = (
    "Ménière's disease", "50 µg/h, ½ tablet, ≥ 3 × 10⁶, ± 2 °C", "“quoted” – said; 5–10 mg (twice)",
    "μ-opioid, α₂-agonist", "Кетамин 50 мг", "氯胺酮注射液", "ケタミン", "كيتامين ٥٠ ملغ",
    "שָׁלוֹם קטמין", "ยาเคตามีน", "दर्द", "Đau đầu nghiêm trọng", "😀 ok", "St. John's wort",
    "q.d. p.o. b.i.d.", "35.1 mg/kg/h, 0.5 mg", "a/b, c / d", "F33.2: severe", "5 < 6 & 7 > 4",
    "a @ b", "#30 tablets", "AT&T; R&D", "10:30:00", "x - y + z = 1.5", "2 * 3 * 4",
    "take_as_needed", "[see note]",
)  # fmt: skip
