"""Pinyin: how a Chinese text is read, and how letters that somebody typed may be meant.

A text is read once, when it is indexed; typed letters are never turned back into characters. They are split into units
(whole syllables, initials, a last syllable that is still being typed), and a unit is compared with the syllables of texts.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

SYLLABLES = frozenset(
    """
    a ai an ang ao ba bai ban bang bao bei ben beng bi bian biao bie bin bing bo bu ca cai can cang cao ce cen ceng cha chai
    chan chang chao che chen cheng chi chong chou chu chua chuai chuan chuang chui chun chuo ci cong cou cu cuan cui cun cuo
    da dai dan dang dao de dei den deng di dia dian diao die ding diu dong dou du duan dui dun duo e ei en eng er fa fan fang
    fei fen feng fo fou fu ga gai gan gang gao ge gei gen geng gong gou gu gua guai guan guang gui gun guo ha hai han hang hao
    he hei hen heng hong hou hu hua huai huan huang hui hun huo ji jia jian jiang jiao jie jin jing jiong jiu ju juan jue jun
    ka kai kan kang kao ke kei ken keng kong kou ku kua kuai kuan kuang kui kun kuo la lai lan lang lao le lei leng li lia
    lian liang liao lie lin ling liu lo long lou lu luan lun luo lv lve ma mai man mang mao me mei men meng mi mian miao mie
    min ming miu mo mou mu na nai nan nang nao ne nei nen neng ni nian niang niao nie nin ning niu nong nou nu nuan nun nuo nv
    nve o ou pa pai pan pang pao pei pen peng pi pian piao pie pin ping po pou pu qi qia qian qiang qiao qie qin qing qiong
    qiu qu quan que qun ran rang rao re ren reng ri rong rou ru rua ruan rui run ruo sa sai san sang sao se sen seng sha shai
    shan shang shao she shei shen sheng shi shou shu shua shuai shuan shuang shui shun shuo si song sou su suan sui sun suo ta
    tai tan tang tao te tei teng ti tian tiao tie ting tong tou tu tuan tui tun tuo wa wai wan wang wei wen weng wo wu xi xia
    xian xiang xiao xie xin xing xiong xiu xu xuan xue xun ya yan yang yao ye yi yin ying yo yong you yu yuan yue yun za zai
    zan zang zao ze zei zen zeng zha zhai zhan zhang zhao zhe zhei zhen zheng zhi zhong zhou zhu zhua zhuai zhuan zhuang zhui
    zhun zhuo zi zong zou zu zuan zui zun zuo
    """.split()
)
"""The syllables of Mandarin without tones; ü is written v, as on keyboards."""

BEGINNINGS = frozenset(syllable[:length] for syllable in SYLLABLES for length in range(1, len(syllable) + 1))
INITIALS = frozenset(beginning for beginning in BEGINNINGS if len(beginning) == 1 or beginning in ("zh", "ch", "sh"))
LONGEST = 6  # letters: zhuang

READ_OTHERWISE = {
    "银行政策": "yin hang zheng ce",
    "行政": "xing zheng",
    "行道树": "xing dao shu",
    "一行三会": "yi hang san hui",
    "长寿": "chang shou",
    "长江": "chang jiang",
    "长安": "chang an",
    "长生": "chang sheng",
    "长途": "chang tu",
    "长期": "chang qi",
    "长护": "chang hu",
    "长效": "chang xiao",
    "长度": "chang du",
    "长廊": "chang lang",
    "长沙": "chang sha",
    "长春": "chang chun",
    "长城": "chang cheng",
    "长宁": "chang ning",
    "长风": "chang feng",
    "长征": "chang zheng",
    "长白": "chang bai",
    "长海": "chang hai",
    "长桥": "chang qiao",
    "长兴": "chang xing",
    "长三角": "chang san jiao",
    "长者": "zhang zhe",
    "重庆": "chong qing",
    "大足": "da zu",
    "酉阳": "you yang",
    "万朝": "wan chao",
    "朝阳": "chao yang",
    "朝天门": "chao tian men",
    "曾家": "zeng jia",
    "弹子石": "dan zi shi",
    "较场口": "jiao chang kou",
    "几江": "ji jiang",
    "给水": "ji shui",
    "给排水": "ji pai shui",
    "调整": "tiao zheng",
    "调水": "diao shui",
    "权属": "quan shu",
    "发卡": "fa ka",
    "卡发": "ka fa",
    "还款": "huan kuan",
    "还林": "huan lin",
    "还草": "huan cao",
    "血": "xue",
    "目的": "mu di",
    "标的": "biao di",
    "的士": "di shi",
    "的": "de",
    "单县": "shan xian",
}
"""Words whose reading the dictionary misses, mostly because it cuts the words around them wrongly (区长 寿 for 区 长寿)."""

HAN = "㐀-䶿一-鿿豈-﫿𠀀-𲎯"
PART = re.compile(f"([{HAN}]+)|([a-z]+|[0-9]+)")
OTHERWISE = re.compile("(" + "|".join(sorted(READ_OTHERWISE, key=len, reverse=True)) + ")")
TYPED = re.compile(r"[a-z0-9]+(?:[\s'’·-]+[a-z0-9]+)*")
"""Letters and figures, in words that blanks, apostrophes or hyphens keep apart."""

PIECE = re.compile(r"[a-z]+|[0-9]+")


def plain(text: str) -> str:
    """Return ``text`` in small letters of one width, ü as v, without the accents of tones."""
    small = unicodedata.normalize("NFKC", text).lower()
    apart = unicodedata.normalize("NFD", small).replace("u\u0308", "v")
    return unicodedata.normalize("NFC", "".join(c for c in apart if not "\u0300" <= c <= "\u036f"))


def syllables(text: str) -> tuple[str, ...]:
    """Return how a text is read, syllable by syllable: 重庆市长寿区 is ``chong qing shi chang shou qu``.

    Words in Latin letters and numbers stay as they are, in small letters; everything else is left out. Traditional
    characters are read too, but only simplified ones find the corrections above.
    """
    return tuple(syllable for _, _, syllable in read(text) if syllable)


def read(text: str) -> list[tuple[int, str, str]]:
    """Return what ``syllables`` reads with where it stands: ``(index in plain(text), character or "", syllable or "")``.

    A Latin word or a number is one element without a character; a character that nobody can read has no syllable.
    """
    found: list[tuple[int, str, str]] = []
    for part in PART.finditer(plain(text)):
        if part[2]:
            found.append((part.start(), "", part[2]))
            continue
        heard: list[str] = []
        for piece in OTHERWISE.split(part[1]):
            heard.extend(READ_OTHERWISE[piece].split() if piece in READ_OTHERWISE else _read(piece))
        found.extend(zip(range(part.start(), part.end()), part[1], heard, strict=True))
    return found


def _read(run: str) -> list[str]:
    """Return the syllables of a run of Chinese characters by the dictionary of pypinyin, one for each character."""
    from pypinyin.contrib.mmseg import seg  # here: its dictionary takes long to load, and who only searches needs none

    return [syllable for word in seg.cut(run) for syllable in _word(word)]


@lru_cache(maxsize=20_000)
def _word(word: str) -> tuple[str, ...]:
    """Return the syllables of a word of the dictionary; titles are made of the same few thousand words."""
    from pypinyin import lazy_pinyin

    return tuple(plain(syllable) for syllable in lazy_pinyin(word, errors=lambda unknown: [""] * len(unknown)))


WHOLE_MARK = "."
"""Stands after a unit that is a whole syllable, and in the index after every syllable: xi is not the beginning of xian."""

MOST_LETTERS = 90
"""Letters beyond which nothing is read as pinyin: some twenty syllables."""

MOST_READINGS = 6
SYLLABLE, INITIAL, BEGUN = 10, 17, 12
"""What a unit costs when ways to split are compared: one syllable is likelier than two initials."""

SLACK = 14
"""How much more than the likeliest way another one may cost: about one syllable more."""

Way = tuple[int, tuple[str, ...]]


def readings(query: str, most: int = MOST_READINGS) -> list[list[str]]:
    """Return how typed letters may be meant, likeliest first, at most ``most`` ways; none when they can't be pinyin.

    Each way is a list of units: ``ting.`` is the whole syllable, ``t`` or ``tin`` the beginning of one, ``2021.`` a
    number. Only the last unit is open at its end, for it may be typed on: tingc gives ``ting. c``; tcc gives ``t c c``;
    xian gives ``xian`` and ``xi. an``.
    """
    text = plain(query).strip()
    if len(text) > MOST_LETTERS or not TYPED.fullmatch(text) or text.isdigit():
        return []
    return split(PIECE.findall(text), True, most)


def split(pieces: list[str], open_end: bool, most: int = MOST_READINGS) -> list[list[str]]:
    """Return ``readings`` of runs of letters and figures that follow each other.

    ``open_end`` says whether the last one may be typed on; it may not when a Chinese character comes after it.
    """
    pieces = [_as_typed(piece) for piece in pieces]
    ways: list[Way] = [(0, ())]
    for number, piece in enumerate(pieces):
        last = open_end and number == len(pieces) - 1
        if piece.isdigit():
            here: list[Way] = [(SYLLABLE, (piece if last else piece + WHOLE_MARK,))]
        else:
            here = _split(piece, last, most)
        ways = sorted(
            ((cost + more, units + rest) for cost, units in ways for more, rest in here),
            key=lambda way: (way[0], len(way[1]), way[1]),
        )[:most]
    if not ways:
        return []
    best, units = ways[0]
    likely = [list(each) for cost, each in ways if cost <= best + SLACK]
    letters = list("".join(pieces))
    if best > SYLLABLE * len(units) and letters not in likely and all(letter in INITIALS for letter in letters):
        likely.append(letters)  # zhsj is zh s j, and just as well z h s j
    return likely


def _as_typed(piece: str) -> str:
    """Return letters with ü written as in the table: lue and lyue are lve, nyu is nv."""
    return re.sub(r"([ln])(?:yu|u(?=e))", r"\1v", piece)


def _split(letters: str, last: bool, most: int) -> list[Way]:
    """Return the cheapest ``most`` ways to split letters into units, with their costs; none when there is no way.

    ``last`` says whether the final unit may be the beginning of a longer syllable.
    """
    from_here: list[list[Way]] = [[] for _ in letters] + [[(0, ())]]
    for at in range(len(letters) - 1, -1, -1):
        ways: dict[tuple[str, ...], int] = {}
        for end in range(at + 1, min(len(letters), at + LONGEST) + 1):
            for cost, unit in _meant(letters[at:end], last and end == len(letters)):
                for more, rest in from_here[end]:
                    ways.setdefault((unit, *rest), cost + more)
        from_here[at] = sorted(
            ((cost, way) for way, cost in ways.items()), key=lambda way: (way[0], len(way[1]), way[1])
        )[:most]
    return from_here[0]


def _meant(letters: str, last: bool) -> list[tuple[int, str]]:
    """Return the units that ``letters`` may be, with their costs."""
    if letters not in BEGINNINGS:
        return []
    if last:
        cost = SYLLABLE if letters in SYLLABLES else INITIAL if letters in INITIALS else BEGUN
        return [(cost, letters)]
    found = [(SYLLABLE, letters + WHOLE_MARK)] if letters in SYLLABLES else []
    return found + ([(INITIAL, letters)] if letters in INITIALS else [])


def fits(unit: str, syllable: str) -> bool:
    """Whether a syllable of a text may be meant by a unit of ``readings``."""
    return (syllable + WHOLE_MARK).startswith(unit)
