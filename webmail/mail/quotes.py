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
    r"va escriure|ha escrit|ha scritto|scrisse|scriveva|escreveu|schreef|geschreven|skrev|skreiv|skrifaði|kirjoitti|"
    r"napsala?|napsal\(a\)|napísala?|napisała?|napisał\(a\)|napisana przez|pisze|írta|a scris|yazdı|yazmış|писала?|"
    r"пишет|написала?|написав|написа|пише|έγραψε|napisao|je napisala?|piše|menulis|viết|rakstīja|rašė|kirjutas)\b"
    r"|(?:写道|寫道|写到|のメール|書きました|さんは書|작성|쓰셨습니다|쓴 글|כתב|כתבה|كتب|כתב/ה|كتابة)",
    re.IGNORECASE,
)
_INTRO: Final = re.compile(
    r"\*?(?:(?:On|Am|Le|El|Il|Em|Às|Op|Den|På|Na|W|Dnia|Dne|Dňa|Pe|În|V|На|Στις|Vào|Pada)\s|\d{1,4}[./年-])",
    re.IGNORECASE,
)
_ADDRESS: Final = re.compile(r"[<(]\s?(?:mailto:)?[^<>()\s]{1,200}@[^<>()\s]{1,200}\s?[>)]")
_DATE: Final = re.compile(r"\d{4}|\d{1,2}[./-]\s?\d{1,2}[./-]")
_MARKS: Final = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_COLONS: Final = (":", "：")  # the full-width one of Chinese and Japanese programs

_RULE: Final = r"[-_=*\u2010-\u2015]"
_RULES: Final = re.compile(rf"\s*+{_RULE}{{3,}}+\s*+")
_ORIGINAL: Final = re.compile(
    rf"\s*+{_RULE}{{2,}}+\s*+(?:original message|original email|reply message|ursprüngliche nachricht|"
    r"ursprüngliche e-mail|original-nachricht|originalnachricht|message d['’]origine|message original|"
    r"mensaje original|messaggio originale|mensagem original|oorspronkelijk bericht|ursprungligt meddelande|"
    r"originalmeddelande|opprinnelig melding|"
    r"oprindelig meddelelse|alkuperäinen viesti|wiadomość oryginalna|oryginalna wiadomość|původní zpráva|"
    r"původní e-mail|pôvodná správa|eredeti üzenet|mesajul original|mesaj original|исходное сообщение|"
    r"оригинальное сообщение|исходное письмо|оригінальне повідомлення|originalna poruka|özgün ileti|orijinal mesaj|"
    r"αρχικό μήνυμα|原始邮件|原始郵件|"
    rf"元のメッセージ|원본 메시지|원본 메일|הודעה מקורית|الرسالة الأصلية)\s*{_RULE}*\s*",
    re.IGNORECASE,
)
_FORWARDED: Final = re.compile(
    r"\s*+[-_=*]{2,}+\s*+(?:forwarded|weitergeleitete|message transféré|mensaje reenviado|messaggio inoltrato|"
    r"mensagem encaminhada|doorgestuurd|vidarebefordrat|videresendt|välitetty|przekazana|přeposlaná|továbbított|"
    r"пересылаемое|переслан|iletilen|转发|轉寄|転送|전달).{0,80}"
    r"|\s*+(?:begin forwarded message|anfang der weitergeleiteten|début du message (?:réexpédié|transféré)|"
    r"inicio del mensaje reenviado|inizio messaggio inoltrato|begin doorgestuurd bericht).{0,80}",
    re.IGNORECASE,
)
_FIELD: Final = re.compile(r"\s*\*?([^\W\d][\w\- ]{0,20}?)\*?\s?[:：]\*?(?:\s|$)")
_FROM: Final = frozenset({
    "from", "von", "de", "de la", "da", "van", "från", "fra", "od", "от", "від", "lähettäjä", "gönderen", "feladó",
    "kimden", "από", "šalje", "saatja", "dari", "发件人", "寄件者", "寄件人", "差出人", "보낸사람",
    "보낸 사람", "מאת", "من",
})  # fmt: skip
_SENT: Final = frozenset({
    "sent", "date", "date sent", "gesendet", "datum", "envoyé", "date d", "enviado", "enviado el", "enviado em",
    "enviada", "enviada el", "enviada em", "fecha", "data", "data de envio", "inviato", "verzonden", "skickat", "sendt",
    "dato", "wysłano", "wysłane", "odesláno", "odoslané", "dátum", "lähetetty", "päivämäärä", "küldve", "elküldve",
    "küldés dátuma", "trimis", "trimis la", "dată", "tarih", "gönderildi", "gönderme tarihi", "gönderilme tarihi",
    "отправлено", "дата", "надіслано", "відправлено", "изпратено", "poslano", "saadetud", "dikirim", "tanggal",
    "ημερομηνία", "στάλθηκε", "αποστολή", "发送时间", "发送日期", "日期", "時間", "寄件日期", "傳送日期", "送信日時",
    "日時", "날짜", "보낸 날짜", "보낸날짜", "נשלח", "תאריך", "تم الإرسال", "تاريخ الإرسال", "التاريخ", "أرسلت",
})  # fmt: skip
_TO: Final = frozenset({
    "to", "an", "à", "a", "para", "aan", "till", "til", "vastaanottaja", "do", "komu", "címzett", "către", "catre",
    "kime", "alıcı", "кому", "до", "προς", "prima", "kepada", "ke", "宛先", "收件人", "收件者", "받는 사람", "받는사람",
    "אל", "إلى", "الى",
})  # fmt: skip
_SUBJECT: Final = frozenset({
    "subject", "betreff", "objet", "asunto", "oggetto", "assunto", "onderwerp", "ämne", "emne", "aihe", "temat",
    "předmět", "predmet", "tárgy", "konu", "subiect", "тема", "относно", "θέμα", "teema", "subjek", "assumpte", "主题",
    "主旨", "標題", "件名", "제목", "נושא", "الموضوع",
})  # fmt: skip
_FIELDS: Final = (_FROM, _SENT, _TO, _SUBJECT)
_RAW: Final = frozenset({
    "message-id", "mime-version", "content-type", "received", "return-path", "references", "in-reply-to", "x-mailer",
    "user-agent", "dkim-signature", "content-transfer-encoding",
})  # fmt: skip
"""Fields that no program shows above a quote: this is the header of a returned message, or of one in an archive."""


def attribution(before: Sequence[str]) -> int:
    """How many of the last lines, blank ones counted, say who wrote the quote that follows; 0 for none.

    Programs wrap that sentence, so up to four lines are read together: the fewest that make a whole one.
    """
    blank = 0
    while blank < len(before) and not before[-1 - blank].strip():
        blank += 1
    found = 0
    for count in range(1, _MOST_LINES + 1):
        taken = before[max(0, len(before) - blank - count) : len(before) - blank]
        if len(taken) < count or not taken[0].strip():
            break
        sentence = _joined(taken)
        if len(sentence) > _LONGEST or not sentence.endswith((*_COLONS, ">")):
            break
        if not _attributes(sentence):
            continue
        if _INTRO.match(sentence) or (_is_dated_address(sentence) and sentence[0] not in "<("):
            found = count
            break
        found = count if sentence[0] in "<(" else found or count
    return found + blank if found and blank <= 2 else 0


def unmarked(lines: Sequence[str], at: int) -> int:
    """How many lines from here on introduce a quote without marks: a paragraph of its own that names address, date and
    deed, as Yahoo writes it; 0 for none."""
    if at and lines[at - 1].strip():
        return 0
    for count in range(1, _MOST_LINES + 1):
        taken = lines[at : at + count]
        if len(taken) < count or not taken[-1].strip():
            return 0
        sentence = _joined(taken).lstrip("-_ ")
        if sentence.endswith(_COLONS):
            named = _is_dated_address(sentence) and _INTRO.match(sentence) and _WROTE.search(sentence)
            return count if named and len(sentence) <= _LONGEST else 0
    return 0


def _joined(lines: Sequence[str]) -> str:
    return _MARKS.sub("", " ".join(line.strip() for line in lines)).strip()


def _attributes(sentence: str) -> bool:
    return bool(sentence.endswith(_COLONS) and _WROTE.search(sentence)) or _is_dated_address(sentence)


def _is_dated_address(sentence: str) -> bool:
    return _ADDRESS.search(sentence) is not None and _DATE.search(_ADDRESS.sub(" ", sentence)) is not None


def is_original(lines: Sequence[str], at: int) -> bool:
    """True where an unmarked quote begins: "-----Original Message-----", or the header block that Outlook writes."""
    line = lines[at]
    if _ORIGINAL.fullmatch(line):
        return True
    label = _label(line)
    return (label in _FROM or label in _SENT) and _is_header_block(lines[at : at + 9])


def is_rule(line: str) -> bool:
    """True for the line that programs draw above a quote."""
    return _RULES.fullmatch(line) is not None


def is_forwarded(line: str) -> bool:
    """True for the line above a forwarded message: what follows is the point of the mail, and never folds."""
    return len(line) < 200 and _FORWARDED.fullmatch(line) is not None


def _is_header_block(lines: Sequence[str]) -> bool:
    """Three of the four fields, the sender's among them; "from" and "to" begin sentences too."""
    labels = {_label(line) for line in lines}
    return bool(labels & _FROM) and not labels & _RAW and sum(bool(labels & names) for names in _FIELDS) >= 3


def _label(line: str) -> str:
    head = line[:60]
    if ":" not in head and "：" not in head:
        return ""
    match = _FIELD.match(head if head.isascii() else _MARKS.sub("", head))
    return match[1].strip().lower() if match else ""
