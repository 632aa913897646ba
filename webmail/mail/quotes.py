"""How mail programs introduce what they quote, in the languages they speak. Patterns only; mail/text.py decides."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

_LONGEST: Final = 500
_MOST_LINES: Final = 4

# "On <date>, <name> wrote:" ends with a verb and a colon; the verb alone is enough when a quote follows directly.
_WROTE: Final = re.compile(
    r"\b(?:wrote|writes|said|schrieb|schrieben|geschrieben|schreibt|a écrit|écrivait|écrit|escribi[óo]|ha escrito|"
    r"ha scritto|scrisse|scriveva|escreveu|schreef|geschreven|skrev|skreiv|skrifaði|kirjoitti|napsala?|napsal\(a\)|"
    r"napísala?|napisała?|napisał\(a\)|pisze|írta|a scris|yazdı|yazmış|писала?|пишет|написала?|написав|пише|έγραψε|"  # noqa: RUF001
    r"napisao|je napisal)\b"
    r"|(?:写道|寫道|写到|のメール|書きました|さんは書|작성|쓰셨습니다|כתב|כתבה|كتب)",
    re.IGNORECASE,
)
_INTRO: Final = re.compile(
    r"\*?(?:(?:On|Am|Le|El|Il|Em|Op|Den|På|Na|W|Dnia|Dne|Dňa|Pe|V|Στις)\s|\d{1,4}[./年-])", re.IGNORECASE
)
_DATED_ADDRESS: Final = re.compile(r"\d{4}.{0,120}<[^<>\s]+@[^<>\s]+>\s*:?$")
_COLONS: Final = (":", "：")  # noqa: RUF001  (the full-width one of Chinese and Japanese programs)

_ORIGINAL: Final = re.compile(
    r"\s*[-_=*]{2,}\s*(?:original message|original email|reply message|ursprüngliche nachricht|ursprüngliche e-mail|"
    r"original-nachricht|originalnachricht|message d['’]origine|message original|mensaje original|messaggio originale|"  # noqa: RUF001
    r"mensagem original|oorspronkelijk bericht|ursprungligt meddelande|originalmeddelande|opprinnelig melding|"
    r"oprindelig meddelelse|alkuperäinen viesti|wiadomość oryginalna|původní zpráva|pôvodná správa|eredeti üzenet|"
    r"mesajul original|исходное сообщение|оригинальное сообщение|исходное письмо|özgün ileti|orijinal mesaj|"
    r"αρχικό μήνυμα|原始邮件|原始郵件|元のメッセージ|원본 메시지|원본 메일)\s*[-_=*]*\s*",
    re.IGNORECASE,
)
_FORWARDED: Final = re.compile(
    r"\s*[-_=*]{2,}\s*(?:forwarded|weitergeleitete|message transféré|mensaje reenviado|messaggio inoltrato|"
    r"mensagem encaminhada|doorgestuurd|vidarebefordrat|videresendt|välitetty|przekazana|přeposlaná|továbbított|"
    r"пересылаемое|переслан|iletilen|转发|轉寄|転送|전달).{0,80}"
    r"|\s*(?:begin forwarded message|anfang der weitergeleiteten|début du message (?:réexpédié|transféré)|"
    r"inicio del mensaje reenviado|inizio messaggio inoltrato|begin doorgestuurd bericht).{0,80}",
    re.IGNORECASE,
)
_FIELD: Final = re.compile(r"\s*\*?([^\W\d][\w\- ]{0,20}?)\*?\s?[:：]\*?(?:\s|$)")  # noqa: RUF001
_FROM: Final = frozenset({
    "from", "von", "de", "de la", "da", "van", "från", "fra", "od", "от", "від", "lähettäjä", "gönderen", "feladó",
    "kimden", "από", "发件人", "寄件者", "差出人", "보낸사람", "보낸 사람",
})  # fmt: skip
_SENT: Final = frozenset({
    "sent", "date", "date sent", "gesendet", "datum", "envoyé", "enviado", "fecha", "data", "inviato", "verzonden",
    "skickat", "sendt", "dato", "wysłano", "odesláno", "dátum", "lähetetty", "päivämäärä", "küldve", "tarih",
    "gönderme tarihi", "отправлено", "дата", "відправлено", "ημερομηνία", "发送时间", "发送日期", "日期", "送信日時",
    "날짜", "보낸 날짜",
})  # fmt: skip
_SUBJECT: Final = frozenset({
    "subject", "betreff", "objet", "asunto", "oggetto", "assunto", "onderwerp", "ämne", "emne", "aihe", "temat",
    "předmět", "predmet", "tárgy", "konu", "subiect", "тема", "θέμα", "主题", "主旨", "件名", "제목",
})  # fmt: skip


def attribution(before: Sequence[str]) -> int:
    """How many of the last lines, blank ones counted, say who wrote the quote that follows; 0 for none.

    Programs wrap that sentence, so up to four lines are read together.
    """
    blank = 0
    while blank < len(before) and not before[-1 - blank].strip():
        blank += 1
    found = 0
    for count in range(1, _MOST_LINES + 1):
        taken = before[max(0, len(before) - blank - count) : len(before) - blank]
        if len(taken) < count or not taken[0].strip():
            break
        sentence = " ".join(line.strip() for line in taken)
        if len(sentence) > _LONGEST or not sentence.endswith((*_COLONS, ">")):
            break
        if not _attributes(sentence):
            continue
        found = found or count
        if _INTRO.match(sentence):
            found = count
            break
    return found + blank if found and blank <= 2 else 0


def _attributes(sentence: str) -> bool:
    return bool(sentence.endswith(_COLONS) and _WROTE.search(sentence)) or bool(_DATED_ADDRESS.search(sentence))


def is_original(lines: Sequence[str], at: int) -> bool:
    """True where an unmarked quote begins: "-----Original Message-----", or the header block that Outlook writes."""
    line = lines[at]
    if _ORIGINAL.fullmatch(line):
        return True
    return _label(line) in _FROM and _is_header_block(lines[at : at + 9])


def is_forwarded(line: str) -> bool:
    """True for the line above a forwarded message: what follows is the point of the mail, and never folds."""
    return len(line) < 200 and _FORWARDED.fullmatch(line) is not None


def _is_header_block(lines: Sequence[str]) -> bool:
    labels = {_label(line) for line in lines}
    return bool(labels & _SUBJECT) and bool(labels & _SENT)


def _label(line: str) -> str:
    match = _FIELD.match(line[:60])
    return match[1].strip().lower() if match else ""
