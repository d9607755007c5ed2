"""Makes the list of texts that every reference encodes.

The list is deterministic: the same on every machine, Python and Unicode
version. All texts are ours (CC0-1.0). Run it to print a summary by kind;
vectors.py writes the list to texts.jsonl.gz.
"""

import collections
import itertools
import unicodedata

from sentences import SENTENCES

# White_Space of Unicode (25 code points), then characters that one library or
# another takes for white space, or that look like it.
WHITE_SPACE = (
    "\t\n\v\f\r \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006"
    "\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)
ALMOST_SPACE = "\x1c\x1d\x1e\x1f\u180e\u200b\u200c\u200d\u2060\ufeff\u2800\u3164\uffa0\u115f\u034f\u00ad\u2581"


class Random:
    """splitmix64: the same numbers everywhere."""

    def __init__(self, seed):
        self.state = seed

    def next(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & 0xFFFFFFFFFFFFFFFF
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & 0xFFFFFFFFFFFFFFFF
        return z ^ (z >> 31)

    def below(self, n):
        return self.next() % n

    def pick(self, seq):
        return seq[self.below(len(seq))]

    def string(self, alphabet, low, high):
        return "".join(self.pick(alphabet) for _ in range(low + self.below(high - low + 1)))


def chars(*ranges):
    """The characters of inclusive ranges of code points."""
    return "".join(chr(c) for a, b in ranges for c in range(a, b + 1))


def natural():
    for lang, texts in SENTENCES.items():
        for text in texts:
            yield f"natural/{lang}", text
    # The same content in other canonical forms.
    for lang, texts in SENTENCES.items():
        for text in texts[:4]:
            for form in ("NFD", "NFC"):
                other = unicodedata.normalize(form, text)
                if other != text:
                    yield f"{form.lower()}/{lang}", other
    yield "natural/mixed", " ".join(SENTENCES[x][0] for x in ("en", "zh-Hans", "ja", "ko", "th", "ar"))
    yield "natural/mixed", "我用iPhone 15 Pro拍了4K视频，文件名是IMG_0042.MOV。"
    yield "natural/mixed", "今日のTo-do：①Python3.14を入れる ②牛乳を買う（2本）③ﾒｰﾙの返信♪"
    yield "natural/mixed", "오늘 PR#128 리뷰하고 v2.0.0-rc.1 태그 달았어요ㅋㅋㅋ ㅠㅠ"
    yield "natural/mixed", "السعر $12.50 (≈ ٤٥٫٣٠ ريال) שלום hello مرحبا"
    yield "natural/upper", SENTENCES["en"][0].upper()
    yield "natural/upper", SENTENCES["fr"][5].upper()
    yield "natural/upper", SENTENCES["el"][0].upper()
    yield "natural/upper", SENTENCES["ru"][0].upper()
    yield "natural/title", SENTENCES["en"][3].title()
    yield "natural/camel", "theQuickBrownHTTPServerOf2024XMLParserIDsABCdefGHI iOS macOS eBay McDonald JSONToYAML"


def width():
    yield "width", "ＦＵＬＬ　ｗｉｄｔｈ　１２３　！？＂＇（）［］｛｝～"
    yield "width", "ﾊﾟﾋﾟﾌﾟﾍﾟﾎﾟ ｶﾞｷﾞｸﾞ ｱｲｳｴｵ ｬｭｮｯ ｰ｡｢｣､･"
    yield "width", "ﾡﾢﾣﾤ ￂￃￄ ￠￡￢￣￤￥￦ ￨￩￪￫￬￭￮"
    yield "width", "ﾞﾟ カ\u3099キ\u309a が か\u3099 ゔ う\u3099 ヷ ワ\u3099"
    yield "width", "Ａ＇ｓ ｂ＇ｌｌ ｗｅ＇ｒｅ"
    yield "width", "㈱㊙㌔㍿㏔㋿ ㍻ ㎏ ㎡ ㏂ ㋀ ㍘"
    yield "width", "ﬀ ﬁ ﬂ ﬃ ﬄ ﬅ ﬆ ﬓ יִ שׁ ﭏ"
    yield "width", "ﻼ ﷲ ﷺ ﷻ ﷽ ﺍﻟﻌﺮﺑﻴﺔ"
    yield "width", "ℌ ℍ ℕ ℝ ™ ℠ Å K Ω ℵ ⅓ ⅛ ⅻ Ⅻ"
    yield "width", "𝐁𝒐𝓵𝕕 𝔣𝕣𝖆𝗄𝘁𝙪𝚛 𝟎𝟙𝟤𝟯𝟺"
    yield "width", "①②③ ⑴⑵ ⒈⒉ ⓐⓑ Ⓐ ➀ ❶ ⓪ ㉑ ㊿"
    yield "width", "… ‥ ․ ‼ ⁇ ⁈ ⁉ ″ ‴ ‶ ⁗ ¨ ´ ¸ ˘ ˙"
    yield "width", "ĳ Ĳ ŀ ŉ ſ Ǆ ǅ ǆ Ǉ ǈ ǉ Ǌ ǋ ǌ Ǳ ǲ ǳ ẚ ẛ"
    yield "width", "ª º ¹ ² ³ ⁴ ⁿ ₀ ₁ ₉ ᵃ ᵇ ᶜ ʰ ˢ"
    for c in "゛゜ﾞﾟ｀＾￣＿〜～－ー―‐‑‒–—−":
        yield "width", f"a{c}b"


def emoji():
    for text in (
        "😀", "👍🏽", "👨‍👩‍👧‍👦", "🏳️‍🌈", "🏴‍☠️", "🇰🇷", "🇯🇵🇨🇳🇹🇼", "🇺", "🇺🇸🇺",
        "👩🏿‍🚀", "🧑🏻‍❤️‍💋‍🧑🏾", "1️⃣2️⃣", "#️⃣*️⃣0⃣", "❤️", "❤", "☺︎", "©️®️™️",
        "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
        "😶‍🌫️ 😮‍💨 ❤️‍🔥", "🙈🙉🙊", "🫠🫡🫥🫶🏼", "🪿🫨🩷", "🫩🫆🪾", "🐦‍🔥🍋‍🟩⛓️‍💥", "🫟🪉🪏",
        "a😀b", "1😀2", " 😀 ", "😀😀😀😀😀😀😀😀", "😀\n😀", "😀's", "(⊙_⊙)", "¯\\_(ツ)_/¯", "ʕ•ᴥ•ʔ",
        "(╯°□°)╯︵ ┻━┻", ":-) ;-P <3", "♪♫ ♥♦♣♠ ★☆ ☃", "→ ← ⇒ ⟶", "▁▂▃▄▅▆▇█ ▁", "■□▪▫ ◆◇",
        "👁️‍🗨️", "\u200d", "\ufe0f", "😀\ufe0f", "👍🏽👍🏿👍", "🏽", "🤷🏻‍♀️🤷‍♂️", "☝🏿", "✍🏻",
    ):
        yield "emoji", text


def han():
    for text in (
        "㐀㐁㒵䶵", "𠀀𠀋𡈽𠮷野家", "𪚥𪛖", "𪜀𫝀𫠠𬺰", "𮯰", "𰀀𰻞𰻝麵", "𱍐𲎯", "\U0002ebf0\U0002ee5d",
        "\U000323b0\U00033479", "豈更車賈滑串句龜", "塚晴凞猪益礼神祥", "\ufa0e\ufa0f\ufa11", "\U0002f800\U0002f801\U0002fa1d",
        "葛\U000e0100城", "辻\U000e0101", "神\ufe00", "〇一二三", "〆切 々 〻 〡〢〣", "⼀⼁⼂⿕", "⺀⺁⻳", "⿰亻尔⿱艹田",
        "㇀㇁㇂", "ㄅㄆㄇㄈ ㆠㆡ", "㐂㐅", "龦龻鿿", "鿕鿖鿪鿯鿼", "丂丄丅", "𠮟る叱る", "𩸽𠹤", "昔㫺㬉", "朗\uf929", "﨑﨔髙",
        "凜凛熙", "艹⺾", "中文abc中文", "中 文 中　文", "中\n文", "，。！？；：“”‘’（）《》【】", "“中”", "「」『』〔〕〖〗〘〙",
        "中1文2", "２０２４年１月", "一九八四年", "壹贰叁肆伍", "漢\u0301字", "漢\u3099", "\u302a中", "仝々ヽヾゝゞ", "ヿゟ", "㋐㋑",
        "ァアィイ ㇰㇱㇲ", "𛀀𛀁𛄢", "𛅐𛅒", "ー〜", "カー", "ｶｰ", "ふりがな《かな》", "𝒳中",
    ):
        yield "han", text


def marks():
    yield "marks", "Z\u0351\u036b\u0343\u036a\u0302a\u0334\u0335\u0340l\u0310\u034cg\u0321\u0322o\u0489!"
    yield "marks", "e\u0301 \u00e9 e\u0301\u0302 e\u0302\u0301 \u1ebf e\u0323\u0302 \u1ec7 \u1eb9\u0302"
    yield "marks", "q\u0307\u0323 q\u0323\u0307 \u1e69 s\u0323\u0307 s\u0307\u0323 \u1e61\u0323"
    yield "marks", "\u0301a \u0301 '\u0301s 1\u0301 .\u0301. \n\u0301"
    yield "marks", "A\u030a \u00c5 \u212b"
    yield "marks", "\u0344 \u0340 \u0341 \u0343 \u0374 \u037e \u0387"  # singletons
    yield "marks", "\u0958\u0959\u095a \u0915\u093c \u09dc \u0a33 \u0f43 \ufb1d \u2adc"  # composition exclusions
    yield "marks", "क्षत्रिय त्र ज्ञ श्री र्क क़ ड़ ढ़"
    yield "marks", "কি কে কো ক্ষ ৎ য় ড়"
    yield "marks", "கொ கோ கௌ க்ஷ \u0b95\u0bc6\u0bbe \u0b95\u0bca"
    yield "marks", "ก็ กี่ ก้ำ น้ำ นํ้า เเ แ"
    yield "marks", "ກ່ຳ ນ້ຳ ຫນ ໜ"
    yield "marks", "ក្រុម ស្ត្រី ញ៉ាំ"
    yield "marks", "က္ကျွန်ုပ် မြန်မာ ဩ ဪ"
    yield "marks", "بِسْمِ اللَّهِ قُرْآن شَدَّة آ ا\u0653 أ ا\u0654 ؤ"
    yield "marks", "בְּרֵאשִׁית שׂ ש\u05c2 ש\u05bc\u05c1"
    yield "marks", "Việt Vie\u0302\u0323t Vie\u0323\u0302t tiê\u0301ng"
    yield "marks", "\u0f71\u0f72\u0f74 \u0f73 \u0f75 \u0f81 \u0f76 \u0f78"
    yield "marks", "\u1100\u0301 가\u0301"
    yield "marks", "𝅗𝅥 \U0001d15e \U0001d157\U0001d165"
    yield "marks", "\U000110a5\U000110ba \U000110ab \U00011935\U00011930"
    yield "marks", "a\u20dd 1\u20e3 \u0488 \u0489 \u093e \u0903 \u20d0"
    yield "marks", "İ i\u0307 ı I\u0307 İ\u0307 ΐ ΐ \u03b9\u0308\u0301 ᾳ ᾼ Σ ς ΑΣ ΑΣ."
    yield "marks", "ß ẞ SS ŉ ǰ ẖ և ﬗ"
    yield "marks", "ў й ї ё Й Ў \u0438\u0306 \u0443\u0306 \u0456\u0308 \u0435\u0308"
    for n in (2, 5, 30, 60):
        yield "marks", "a" + "\u0301" * n
    yield "marks", "a" + "".join(chr(0x300 + (i * 7) % 0x70) for i in range(40))
    yield "marks", "\u0301" * 10
    yield "marks", "e" + "\u0327\u0301\u0323\u0308" * 6
    for text in ("\u1100\u1161", "\u1100\u1161\u11a8", "\u1112\u1161\u11ab\u1100\u1173\u11af", "\u1100", "\u1161", "\u11a8",
                 "\u1100\u1100\u1161", "가\u11a8", "각\u11a8", "\u1160\u115f", "\ua960\u1161\ud7b0\ud7cb", "ㄱㅏㄴ ㅋㅋ ㅎㅎ ㅠㅠ", "ᄀᆞᇂ 나랏말ᄊᆞ미",
                 "ㅏ가ㄱ", "\u1113\u1161", "하\u11a7", "힣\ud7a4", "각\u0301", "가\u200b각", "가 각\u3000간", "\u302e가\u302f"):
        yield "jamo", text


def digits():
    for text in ("0", "12", "123", "1234", "12345", "1234567", "3.14159", "1,234,567.89", "1 234 567", "007", "0x1F", "1e-9", "50%", "$9.99",
                 "2024-02-29T23:59:60Z", "192.168.0.1", "+82-10-1234-5678", "½", "1½", "4 ½ months", "a½b", "Ⅷ", "Ⅷ章", "ⅷ", "x²", "x²³", "H₂O", "m²/s", "10⁻⁹",
                 "①②", "⑽", "㊀", "一二三", "〇", "٣", "٠١٢٣٤", "۱۲۳۴", "१२३४", "১২৩৪", "௧௨௩ ௰", "౧౨౩", "೧೨೩", "๑๒๓๔", "໑໒໓", "၁၂၃၄", "០១២៣", "᠐᠑᠒",
                 "༡༢༣ ༪", "１２３４", "𝟏𝟐𝟑", "𝟘𝟙", "𞥐𞥑𞥒", "𑁦𑁧", "𐒠𐒡", "߁߂", "꘡꘢", "\U00010d40\U00010d41", "\U00011de0\U00011de1", "𐄇𐄈", "𒐀𒐁", "፩፪፲", "৴৵", "൰൱൲", "ↀↁↂ", "㉈㉉", "꠰", "𐅀", "௲",
                 "၊။၌", "႐႑", "꧰", "1٣３", "12３４५", "1a2b3c", "a1", "1a", " 1", "  1", "1 2", "1  2", "1\n2", "1'2", "1's", "1st 2nd", "3月", "第4章", "v1.2.3", "#1", "１２，３４５",
                 "12345678901234567890123456789012345", "1\u03012", "1\u200b2", "1\ufe0f\u20e3", "𖭐𖭑", "\U00016d70\U00016d71", "\U000116d0", "🯰🯱🯲", "🄀🄁", "０．５", "¼ ¾ ⅐", "₁₂₃", "ᚠ17 ᛮᛯᛰ"):
        yield "digits", text


def spaces():
    for c in WHITE_SPACE + ALMOST_SPACE:
        yield "space/alone", c
        yield "space/two", c + c
        yield "space/inner", f"a{c}b"
        yield "space/inner", f"a{c}{c}b"
        yield "space/mixed", f"a {c}b{c} c"
        yield "space/lines", f"a{c}\n{c}b{c}\r\n{c}"
        yield "space/around", f"{c}x {c}. {c}1 {c}中{c}"
    for text in (" \n \n", "\n \n ", "a \n \n b", "\n    \n", "x\n    \n    y", " \t \t", "\t\t\tx", "  x", "   x", "x  ", "x   ", "x \n", "x\n ", "x\n\n\ny", "x\r\ny", "x\r\n\r\ny", "x\r\r\ny",
                 "\r\n", "\r\n\r\n", "\n\r", "\r", "\r\r", "x\ry", " \r\n \r\n ", "x \r\n  y", "\n", "\n\n", "\n\n\n", "\n\n\n\n", " ", "  ", "   ", "    ", "        ", "x" + " " * 15 + "y", "x" + " " * 16 + "y", "x" + " " * 17,
                 " " * 31 + "x", " " * 32 + "x", " " * 33 + "x", "\n" * 16, "\n" * 31 + "x", "\n" * 33, "\t" * 8 + "x", "\t" * 31, " \n" * 6, "\n " * 6, "a\u00a0b", "a \u00a0b", "a\u00a0 b", "a\u00a0\u00a0b", "\u00a0\u00a0x", "a\u3000b", "　　段落", "。　次",
                 "a\u3000\nb", "a\u3000\n\u3000b", "a\u2028b", "a \u2028 b", "a\u2029\n", "a\u0085b", "a\u0085\u0085\nb", "a\u2003\u2003b", "a\u200bb", "a \u200b b", "\ufeffa", "a\ufeff b", "\u180e \u180ex", "a\vb\fc", "a \v \f b", "a\x1cb", "a \x1c\x1d\x1e\x1f b", "\x1c\n", " \x1f x",
                 " a  b   c    d     e", "a b  c   d    e     ", "the  cat", "the   cat\n\n   sat", "end. \n\n Next", "end.\n\n\n  Next", "end.  Next", "(a) \n(b)", "a\n.b", "a\n 1", "a  1", "a  .", "a  中", "a  's", "\n's", "a \n\n\n", ".\n", ".\n\n", ". \n", "?!\r\n\r\n", "/\n", "//\n/\n", "a/\n\nb", "!\n \n",
                 "  \n  \n  x  \n  ", "\t \n\t \nx", "x\t\ty", "x \ty", "x\t y", "x\n\t\ty", "x\n\n\t\ty", "x\n \t \n y", "x\u2009%", "20\u202f%", "« \u00a0x\u00a0 »", "x\u205fy", "\u1680x", "x\u00adsoft", "\u3164x", "a\u2800b",
                 "\u2581x", "x\u2581y", " \u2581 ", "\u2581\u2581x", "x\u2581", "Ġx", "Ċ", "ĠĠ", "ĉ"):
        yield "space/list", text
    r = Random(1)
    for _ in range(120):
        yield "space/random", r.string(WHITE_SPACE + " \n  \r\n\n\t a.1中" + "\u200b", 2, 14)
    for _ in range(80):
        yield "space/crlf", r.string("  \n\r\tx", 3, 18)


def controls():
    for c in list(range(0x20)) + [0x7F] + list(range(0x80, 0xA0)):
        yield "control", f"a{chr(c)}b"
    for text in ("\0", "\0\0", "a\0", "\0a", "a\0b\0c", " \0 ", "\n\0\n", "\x01\x02\x03\x04\x05", "\x1b[31mred\x1b[0m", "\x7f", " \x7f", "\x7f\n", "\x08x", "\u0080", "\u009f\u009e", "\u200e\u200f", "\u202a\u202ba\u202c", "\u2066x\u2069", "\u061c",
                 "\ufff9a\ufffab\ufffb", "\ufffc", "\ufffd", "\ufffd\ufffd", "a\ufffdb", "\ufffe", "\uffff", "\U0001fffe", "\U0010ffff", "\ufdd0\ufdef", "\ue000\uf8ff", "\U000f0000\U0010fffd", "a\ue000b", " \ue000", "\uf8ff",
                 "\U000e0001\U000e0041", "\U000e007f", "\u2028\u2029", "\u206a\u206f", "\u00ad\u00ad", "\u0600\u0605\u06dd", "\u070f", "\U000110bd", "\U00013430", "\U0001bca0", "\U0001d173"):
        yield "control", text


CODE = (
    'package main\n\nimport "fmt"\n\nfunc main() {\n\tfor i := 0; i < 3; i++ {\n\t\tfmt.Printf("%d: %q\\n", i, "世界")\n\t}\n}\n',
    'def area(r: float) -> float:\n    """Area of a disc."""\n    if r < 0:\n        raise ValueError(f"negative: {r!r}")\n    return 3.14159 * r ** 2\n\n\nprint(area(2.0))  # 12.566\n',
    "const xs = [1, 2, 3].map((x) => x * x);\nconsole.log(`sum=${xs.reduce((a, b) => a + b, 0)}`);\nif (!xs?.length) { throw new Error('empty'); }\n",
    "#include <stdio.h>\n#define MAX(a,b) ((a)>(b)?(a):(b))\nint main(void)\n{\n    char *s = \"tab\\t\\0\";\n    return printf(\"%s\\n\", s) != 5 ? 1 : 0; /* done */\n}\n",
    "fn main() {\n    let v: Vec<u8> = vec![0x00, 0xff];\n    match v.get(0) { Some(&b) if b == 0 => println!(\"{b:#04x}\"), _ => unreachable!() }\n}\n",
    "SELECT u.id, COUNT(*) AS n\n  FROM users u\n  LEFT JOIN visits v ON v.user_id = u.id\n WHERE u.name LIKE 'O''Neil%'\n GROUP BY 1 HAVING n > 10;\n",
    "#!/bin/sh\nset -eu\nfor f in *.txt; do\n\tsed -e 's/[[:space:]]*$//' \"$f\" > \"${f%.txt}.out\" || exit 1\ndone\n",
    '{"name": "テスト", "n": [1, -2.5e10, null], "ok": true, "esc": "\\u00e9\\n\\"q\\"", "nested": {"a": {}}}',
    '{\n    "id": 17,\n    "tags": [\n        "a",\n        "b"\n    ]\n}\n',
    "# Title\n\n* one\n* two **bold** and `code`\n    1. nested\n\n> quote\n\n```go\nx := 1\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n[link](https://example.com/a_b?c=d&e=%20f)\n",
    "<!DOCTYPE html>\n<html lang=\"ko\">\n  <head><title>안녕</title></head>\n  <body class='x y'>&nbsp;&lt;p&gt;<br/><!-- c --></body>\n</html>\n",
    "body > .nav:hover::after { content: \"\\201C\"; margin: 0 -1px .5em; color: #FFaa00; }\n",
    "key: value\nlist:\n  - 1\n  - two: |\n      text\n\n      more\n? complex\n: x\n",
    "class Foo<T extends Bar> {\n    private final Map<String, List<T>> m = new HashMap<>();\n    @Override public String toString() { return \"Foo{\" + m + '}'; }\n}\n",
    "\\begin{equation}\n  \\int_0^\\infty e^{-x^2}\\,dx = \\frac{\\sqrt{\\pi}}{2}\n\\end{equation}\n",
    "diff --git a/x b/x\n@@ -1,3 +1,4 @@\n context\n-old line\n+new line\n+\tadded\n\\ No newline at end of file\n",
    "if (a&&b||!c) { x+=y<<2; z=~w^0xFF; } else if (p->q.r[3]) goto end;\n",
    "\t\tif x {\n\t\t\treturn\n\t\t}\n\n\n\t}\n",
    "    four\n        eight\n            twelve\n\n\n    back\n  two\n three\n",
    "https://example.com/path/to/%E4%B8%AD?q=a+b&lang=zh-Hans#frag",
    "mailto:someone.else+tag@sub.example.co.jp?subject=Hi%20there",
    "C:\\Users\\me\\Desktop\\new folder\\file (1).txt",
    "/usr/local/lib/python3.14/site-packages/_x/__init__.py:42: in <module>",
    "2024/05/06 07:08:09.123456 [ERROR] pkg/mod.go:99 msg=\"failed\" err=\"context deadline exceeded\" n=3",
    "snake_case_name camelCaseName PascalCaseName SCREAMING_SNAKE kebab-case-name dotted.name.here",
    "a==b a!=b a<=b a>=b a->b a=>b a::b a..b a...b a//b a**b a??b a?.b a|>b <<< >>> === !==",
    "-----BEGIN X-----\nQUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo=\n-----END X-----\n",
    "^(?:[a-z]+|\\d{2,})(?=\\s|$)(?!x)[^\\r\\n]*?\\b$",
    "x = '''triple\n'quoted' \"text\"'''\ny = r\"\\d+\"\n",
    "λx.x∘f ∀ε>0 ∃δ>0: |x−a|<δ ⇒ |f(x)−L|<ε; ∑ᵢ₌₁ⁿ i = n(n+1)/2",
    "e2 82 ac f0 9f 98 80 00 ff",
    "<tool_call>\n{\"name\": \"get_weather\", \"arguments\": {\"city\": \"서울\"}}\n</tool_call>",
    "<think>\nLet me see.\n</think>\n\nYes.",
)


def code():
    for text in CODE:
        yield "code", text
        if text.endswith("\n") and "\n" in text[:-1]:
            yield "code/crlf", text.replace("\n", "\r\n")


def contractions():
    tails = ("s", "t", "re", "ve", "m", "ll", "d")
    for mark in "'\u2019":
        for tail in tails:
            for form in dict.fromkeys((tail, tail.upper(), tail.capitalize(), tail[0] + tail[1:].upper())):
                yield "contraction", f"we{mark}{form}"
                yield "contraction", f"WE{mark}{form} {mark}{form}"
        for text in ("I{0}d{0}ve", "y{0}all{0}d{0}ve", "who{0}s{0}s", "{0}s{0}t", "{0}S{0}T", "a{0}S{0}sb", "it{0}\u017f", "it{0}\u017f ok", "{0}\u017f", "IT{0}\u017fA", "don{0}t", "DON{0}T", "Don{0}T", "can{0}tx", "o{0}clock", "d{0}Artagnan",
                     "rock {0}n{0} roll", "{0}90s", "90{0}s", "x{0}{0}s", "x{0} s", "x {0}s", "x  {0}s", "x\n{0}s", "中{0}s", "가{0}s", ".{0}s", "1{0}ll", "{0}", "{0}{0}", "{0}{0}{0}", "a{0}", "a{0}{0}b", "{0}a{0}", "{0}re{0}ve{0}ll",
                     "{0}lL {0}Ll {0}rE {0}Ve", "{0}m{0}M{0}d{0}D", "é{0}s", "e\u0301{0}s", "s{0}", "l{0}\u0301s", "{0}\u212a", "O{0}\u212aelvin", "X{0}s{0}Y", "A{0}llB", "ab{0}Tcd", "{0}sa {0}ta {0}rea"):
            yield "contraction", text.format(mark)
    for text in ("l\u02bcs", "it`s", "it\u00b4s", "it\uff07s", "it\u2018s", "it\u201bs", "he'\u017f\u017f", "\u017f's", "\u212a's", "\u212a\u017f", "STRA\u1e9eE's", "'\u0130s"):
        yield "contraction", text


# Strings that some vocabulary uses as control or added tokens.
SPECIAL = (
    "<|endoftext|> <|endofprompt|> <|fim_prefix|> <|fim_middle|> <|fim_suffix|> <|startoftext|> <|return|> <|constrain|> <|channel|> <|start|> <|end|> <|message|> <|call|> <|reserved_200000|> "
    "<EOT> <META> <META_START> <META_END> <SOS> <s> </s> <unk> <pad> <mask> <bos> <eos> [PAD] [UNK] [CLS] [SEP] [MASK] [BOS] [EOS] "
    "<|begin_of_text|> <|end_of_text|> <|eot_id|> <|start_header_id|> <|end_header_id|> <|reserved_special_token_0|> <|python_tag|> <|finetune_right_pad_id|> "
    "<start_of_turn> <end_of_turn> <start_of_image> <image_soft_token> <unused0> <unused99> [multimodal] <2mass> [@BOS@] <|turn> <|tool> "
    "<|im_start|> <|im_end|> <|im_sep|> <|object_ref_start|> <|box_end|> <|vision_start|> <|image_pad|> <|repo_name|> <|file_sep|> <tool_call> </tool_call> <tool_response> </tool_response> <think> </think> "
    "<｜begin▁of▁sentence｜> <｜end▁of▁sentence｜> <｜User｜> <｜Assistant｜> <｜fim▁hole｜> <｜tool▁calls▁begin｜> <|EOT|> <｜place▁holder▁no▁0｜> <｜▁pad▁｜> "
    "[gMASK] [sMASK] <sop> <eop> <|user|> <|assistant|> <|system|> <|observation|> <|begin_of_image|> "
    "<|im_user|> <|im_assistant|> <|im_middle|> <|tool_calls_section_begin|> <|extra_0|> <|extra_204|> "
    "<beginning_of_sentence> <end_of_sentence> ]~b] [e~[ "
    "[INST] [/INST] [AVAILABLE_TOOLS] [TOOL_CALLS] [TOOL_RESULTS] [IMG] [PREFIX] [SUFFIX] <SPECIAL_20> [control_8] "
    "<BOS_TOKEN> <EOS_TOKEN> <|START_OF_TURN_TOKEN|> <|END_OF_TURN_TOKEN|> <|USER_TOKEN|> <|CHATBOT_TOKEN|> <|START_THINKING|> "
    "<|endofturn|> [|endofturn|] <|placeholder1|> <|dummy_id_1|> <cls> <sep> <NUL> <extra_id_0> <extra_id_99> <madeupword0> <mask:1> "
    "<0x00> <0x0A> <0x41> <0xFF> <0xff> <0xE4> <0x100> <0x> <0x0A><0x0A> <0xE4><0xB8><0xAD> <h1> </h1> <table> </td> <b> </i> <code> <ul> ## ##ing @@ </w> ▁ ▁▁ ▁the Ġ Ċ Ġthe âĤ¬ "
    "<CLS|LLM-jp> <SEP|LLM-jp> <EOD|LLM-jp> <MASK|LLM-jp> [unused0] [unused1]"
).split()


def special():
    for s in SPECIAL:
        yield "special/alone", s
        yield "special/inside", f"a{s}b {s} c"
        yield "special/lines", f"{s}\n{s}{s}  {s}"
    for s in SPECIAL[::3]:
        yield "special/broken", f"{s[:-1]} {s[1:]} {s.upper()} {s.lower()}"
    yield "special/chat", "<|im_start|>system\nYou are kind.<|im_end|>\n<|im_start|>user\n안녕<|im_end|>\n<|im_start|>assistant\n"
    yield "special/chat", "<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|>"
    yield "special/chat", "<s>[INST] <<SYS>>\nBe brief.\n<</SYS>>\n\nHi [/INST] Hello </s>"
    yield "special/chat", "<bos><start_of_turn>user\nHi<end_of_turn>\n<start_of_turn>model\n"
    yield "special/chat", "<｜begin▁of▁sentence｜>Be brief.<｜User｜>你好<｜Assistant｜><think>\n\n</think>"
    yield "special/chat", "<|START_OF_TURN_TOKEN|><|USER_TOKEN|>Hi<|END_OF_TURN_TOKEN|>"
    yield "special/chat", "[CLS] hello [SEP] world [MASK] ##ing [UNK] [PAD]"


CLASSES = {
    "upper": "B", "lower": "a", "han": "中", "kana": "か", "hangul": "한", "mark": "\u0301", "digit": "7", "space": " ",
    "newline": "\n", "apostrophe": "'", "punctuation": ".", "symbol": "+", "other": "\u0007",
}
MORE = "\r\t\u00a0\u3000\u017fst½ǅʰ/_-😀éÀжأกम\u093f\u200d\u00ad2"


def exhaustive():
    reps = list(CLASSES.values())
    for n in (1, 2, 3):
        for t in itertools.product(reps, repeat=n):
            yield f"exhaustive/{n}", "".join(t)
    r = Random(2)
    for _ in range(500):
        yield "exhaustive/random", r.string(reps, 4, 6)
    for _ in range(500):
        yield "exhaustive/more", r.string(reps + list(MORE), 3, 6)


def runs():
    for c, ns in (("a", (63, 200, 700)), (" ", (64, 127, 200, 700)), ("\n", (64, 200)), ("=", (64, 200, 700)), ("-", (63, 200)), ("中", (64, 200)), ("😀", (32, 100)), ("0", (64, 200, 700)),
                  ("\t", (64,)), (".", (100,)), ("!", (100,)), ("A", (100,)), ("é", (100,)), ("가", (100,)), ("ก", (100,)), ("\u0301", (100,)), ("'", (64,)), ("_", (100,)), ("*", (100,)), ("#", (100,)),
                  ("\u3000", (64,)), ("\u00a0", (64,)), ("\r\n", (64,)), (" \n", (64,)), ("ab", (100,)), ("aB", (64,)), ("a ", (100,)), ("'s", (64,)), ("1a", (64,)), ("中a", (64,)), ("ha", (100,)),
                  ("\u200b", (40,)), ("𠮷", (40,)), ("क्", (64,)), ("ｗ", (100,)), ("笑", (100,)), ("ー", (100,)), ("ㅋ", (100,)), ("▁", (64,)), ("\0", (40,)), ("\ufffd", (40,)), ("<s>", (40,)), ("Ā", (64,))):
        for n in ns:
            yield "run", c * n
    yield "run", "b" + "a" * 200 + "b"
    yield "run", " " * 100 + "x" + " " * 100
    yield "run", "x" * 99 + " " + "x" * 101  # BERT's longest word has 100
    yield "run", "é" * 50 + "e\u0301" * 50
    yield "word", "pneumonoultramicroscopicsilicovolcanoconiosis" * 8
    yield "word", "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz" * 3
    yield "word", "".join(chr(0x61 + (i * i + 3 * i) % 26) for i in range(1200))
    yield "word", "".join(chr(0x4E00 + (i * 7919) % 20000) for i in range(300))
    yield "word", "".join(chr(0xAC00 + (i * 7919) % 11172) for i in range(200))
    yield "word", "".join(chr(0x3041 + (i * 31) % 83) for i in range(300))


# One assigned letter, mark, digit, symbol or two by the version that brought
# them, and neighbours that no version before 18 has assigned.
NEW = {
    "5.2": (0xA4D0, 0x2B740, 0x1B000), "6": (0x20B9, 0x1F600, 0x2B81D), "7": (0x1E800, 0x20BD, 0x11600), "8": (0xAB70, 0x13F8, 0x9FD5, 0x2B820), "9": (0x1E900, 0x104B0, 0x11C50, 0x1C80), "10": (0x9FEA, 0x2CEB0, 0x20BF),
    "11": (0x10D30, 0x1C90, 0x10D3A, 0x9FEF), "12": (0x1E2F0, 0x1E2C0, 0xA7BA, 0x0C77), "12.1": (0x32FF,), "13": (0x30000, 0x10E80, 0x1FBF0, 0x9FFC, 0xA7C7, 0x31BB, 0x1FAD6),
    "14": (0x1E290, 0x10570, 0x10597, 0xA7C0, 0x12F90, 0x2A6DE, 0x1DF00, 0x1DF0A, 0x0870, 0x0898, 0x9FFD, 0x1FAE0, 0x20C0, 0x16AC0),
    "15": (0x31350, 0x323AF, 0x1E4D0, 0x1E4F0, 0x1E4EC, 0x11F04, 0x11F50, 0x1D2C0, 0x1DF25, 0x1E030, 0x0ECE, 0x0CF3, 0x10EFD, 0x1FA75, 0x1B132, 0x11B00),
    "15.1": (0x2EBF0, 0x2EE5D, 0x2FFC, 0x2FFF, 0x31EF),
    "16": (0x1C89, 0x1C8A, 0xA7CB, 0xA7DA, 0x105C0, 0x10D40, 0x10D50, 0x10D70, 0x10D69, 0x10EC2, 0x11380, 0x113CE, 0x11BC0, 0x11BF0, 0x13460, 0x16100, 0x1611E, 0x16130, 0x16D40, 0x16D70, 0x1CCF0, 0x1CC00, 0x1E5D0, 0x1E5F1, 0x1F8B2, 0x1FAE9, 0x0897, 0x1B4E, 0x2427, 0x31E4),
    "17": (0x088F, 0x0C5C, 0x0CDC, 0x1ACF, 0x20C1, 0x2B96, 0xA7CE, 0xA7D2, 0xA7F1, 0x10940, 0x10EC5, 0x10EFA, 0x11B60, 0x11DB0, 0x11DE0, 0x16EA0, 0x16EBB, 0x16FF4, 0x1CCBA, 0x1E6C0, 0x1E6E3, 0x1F6D8, 0x1FAC8, 0x1FAEA, 0x323B0, 0x33479, 0x2B739),
    "unassigned": (0x0378, 0x05FF, 0x2FE0, 0xA7E0, 0xFDD0, 0x1FFFF, 0x2A6E0, 0x40000, 0x50000, 0x8FFFE, 0xE0080, 0xEFFFF, 0x3347A, 0x1F8FF, 0x11FFF),
    "private": (0xE000, 0xF8FF, 0xF0000, 0x10FFFD),
}


def unicode_versions():
    for version, points in NEW.items():
        for p in points:
            c = chr(p)
            yield f"unicode/{version}", c
            yield f"unicode/{version}", f"a{c}b {c} 1{c}{c}'s .{c}\n{c}"
        yield f"unicode/{version}", "".join(map(chr, points))
    # Letters with case, or with a decomposition, that came late.
    for text in ("\U00010570\U00010597", "\ua7c0\ua7c1 \u2c2f\u2c5f", "\U0001e900\U0001e922", "\u1c90\u10d0", "\u13a0\uab70\u13f8", "\U000105c0 \U000105d2\u0307", "\U00011382\U000113c9 \U00011383", "\U000113c2\U000113c2 \U000113c5",
                 "\U00016121\U0001611e \U00016122", "\U00016d67\U00016d67 \U00016d68 \U00016d69", "\U00010d50\U00010d70", "\U00016ea0\U00016ebb", "\ua7f1 \ua7cf", "\u1c89\u1c8a", "\u0897\u0301a\u0897", "a\U0001e5ee\u0301", "\U00010efa\u0301", "a\u1acf\u0323 a\u0323\u1acf", "\U00011935\U00011930 \U00011938"):
        yield "unicode/case", text


def random_strings():
    latin = chars((0x20, 0x7E))
    alphabets = {
        "ascii": latin,
        "latin": latin + chars((0xA0, 0x24F)),
        "word": "abcdefghijklmnopqrstuvwxyz" * 3 + "ABCDEFGHIJKLMNOPQRSTUVWXYZ 's’.,\n0123",
        "cjk": chars((0x4E00, 0x4E80), (0x3041, 0x3096), (0x30A1, 0x30FA), (0x3000, 0x3011)) + " a1\n",
        "hangul": chars((0xAC00, 0xAC80), (0x1100, 0x1112), (0x1161, 0x1175), (0x11A8, 0x11C2)) + "  a1.",
        "indic": chars((0x905, 0x94D), (0x966, 0x96F), (0x995, 0x9CD), (0xB85, 0xBCD)) + "  .",
        "arabic": chars((0x621, 0x655), (0x660, 0x669), (0x5D0, 0x5EA), (0x5B0, 0x5C2)) + "  a.",
        "southeast": chars((0xE01, 0xE3A), (0xE40, 0xE4E), (0xE81, 0xE9D), (0x1000, 0x1039), (0x1780, 0x17B3)) + " ",
        "cyrillic": chars((0x400, 0x45F), (0x391, 0x3C9), (0x531, 0x556), (0x10D0, 0x10F0)) + "  '-",
        "marks": "aeiouAEIOUnsq " + chars((0x300, 0x345)) + "가\u1100\u1161\u11a8か\u3099",
        "symbols": chars((0x21, 0x2F), (0x3A, 0x40), (0x5B, 0x60), (0x7B, 0x7E), (0x2010, 0x2027), (0x2190, 0x21A0), (0x2200, 0x2210)) + " \n/ab1",
        "emoji": chars((0x1F600, 0x1F64F), (0x1F3FB, 0x1F3FF), (0x1F1E6, 0x1F1FF)) + "\u200d\ufe0f\u20e3#1 ",
        "spaces": WHITE_SPACE + ALMOST_SPACE + "aB1.中'",
        "compat": chars((0xFF01, 0xFFEE), (0x3200, 0x32FE), (0xFB00, 0xFB06), (0xF900, 0xF930), (0x2460, 0x24FF)) + " ",
    }
    for i, (name, alphabet) in enumerate(alphabets.items()):
        r = Random(100 + i)
        for _ in range(28):
            yield f"random/{name}", r.string(alphabet, 1, 40)
    r = Random(3)
    everything = "".join(alphabets.values())
    for _ in range(60):
        yield "random/all", r.string(everything, 1, 30)
    pieces = [t for _, t in natural()]
    for _ in range(60):  # cuts of natural text, joined anywhere
        out = []
        for _ in range(1 + r.below(4)):
            p = r.pick(pieces)
            a = r.below(len(p))
            out.append(p[a : a + 1 + r.below(20)])
        yield "random/cuts", r.pick(("", " ", "\n", "  ")).join(out)
    for _ in range(120):  # any scalar value
        out = []
        while len(out) < 1 + r.below(12):
            c = r.below(0x110000) if r.below(4) == 0 else r.below(0x3000)
            if not 0xD800 <= c <= 0xDFFF:
                out.append(chr(c))
        yield "random/scalar", "".join(out)


def texts():
    """The list of (kind, text), without repeats."""
    seen = set()
    out = []
    parts = (
        [("empty", "")], natural(), width(), emoji(), han(), marks(), digits(), spaces(), controls(), code(),
        contractions(), special(), exhaustive(), runs(), unicode_versions(), random_strings(),
    )
    for kind, text in itertools.chain(*parts):
        if text not in seen:
            seen.add(text)
            text.encode("utf-8")  # no surrogates
            out.append((kind, text))
    return out


if __name__ == "__main__":
    listed = texts()
    count = collections.Counter(kind.split("/")[0] for kind, _ in listed)
    size = collections.Counter()
    for kind, text in listed:
        size[kind.split("/")[0]] += len(text.encode())
    for kind in count:
        print(f"{kind:12} {count[kind]:5} texts {size[kind]:7} bytes")
    print(f"{'all':12} {len(listed):5} texts {sum(size.values()):7} bytes")
