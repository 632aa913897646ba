"""How programs introduce what they quote, in the languages they speak: facts, gathered for test_quotes.py."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

# "On ... wrote:", by program and language; the quote below it is marked with ">".
MARKED: Final = {
    "gmail": {
        "en": "On Mon, Jun 1, 2026 at 10:00 AM Bob Sharer <bob@x.test> wrote:",
        "de": "Am Mo., 1. Juni 2026 um 10:00 Uhr schrieb Bob Sharer <bob@x.test>:",
        "fr": "Le lun. 1 juin 2026 à 10:00, Bob Sharer <bob@x.test> a écrit :",
        "es": "El lun, 1 jun 2026 a las 10:00, Bob Sharer (<bob@x.test>) escribió:",
        "it": "Il giorno lun 1 giu 2026 alle ore 10:00 Bob Sharer <bob@x.test> ha scritto:",
        "pt": "Em seg., 1 de jun. de 2026 às 10:00, Bob Sharer <bob@x.test> escreveu:",
        "nl": "Op ma 1 jun 2026 om 10:00 schreef Bob Sharer <bob@x.test>:",
        "sv": "Den mån 1 juni 2026 kl 10:00 skrev Bob Sharer <bob@x.test>:",
        "da": "Den man. 1. jun. 2026 kl. 10.00 skrev Bob Sharer <bob@x.test>:",
        "nb": "man. 1. juni 2026 kl. 10:00 skrev Bob Sharer <bob@x.test>:",
        "fi": "ma 1. kesäk. 2026 klo 10.00 Bob Sharer (bob@x.test) kirjoitti:",
        "pl": "pon., 1 cze 2026 o 10:00 Bob Sharer <bob@x.test> napisał(a):",
        "cs": "po 1. 6. 2026 v 10:00 odesílatel Bob Sharer <bob@x.test> napsal:",
        "sk": "po 1. 6. 2026 o 10:00 Bob Sharer <bob@x.test> napísal(a):",
        "hu": "Bob Sharer <bob@x.test> ezt írta (időpont: 2026. jún. 1., H, 10:00):",
        "ro": "În lun., 1 iun. 2026 la 10:00, Bob Sharer <bob@x.test> a scris:",
        "tr": "Bob Sharer <bob@x.test>, 1 Haz 2026 Pzt, 10:00 tarihinde şunu yazdı:",
        "ru": "пн, 1 июн. 2026 г. в 10:00, Bob Sharer <bob@x.test>:",
        "uk": "пн, 1 черв. 2026 р. о 10:00 Bob Sharer <bob@x.test> пише:",
        "el": "Στις Δευ 1 Ιουν 2026 στις 10:00 π.μ., ο χρήστης Bob Sharer <bob@x.test> έγραψε:",
        "ja": "2026年6月1日(月) 10:00 Bob Sharer <bob@x.test>:",
        "zh": "Bob Sharer <bob@x.test> 于2026年6月1日周一 10:00写道：",
        "tw": "Bob Sharer <bob@x.test> 於 2026年6月1日 週一 上午10:00寫道：",
        "ko": "2026년 6월 1일 (월) 오전 10:00, Bob Sharer <bob@x.test>님이 작성:",
        "he": "\u202bבתאריך יום ב׳, 1 ביוני 2026 ב-10:00 מאת \u202aBob Sharer\u202c\u200f <\u202abob@x.test\u202c\u200f>:\u202c",
        "ar": "في الاثنين، 1 يونيو 2026 في 10:00 ص تمت كتابة ما يلي بواسطة \u202aBob Sharer\u202c\u200f <\u202abob@x.test\u202c\u200f>:",
        "id": "Pada Sen, 1 Jun 2026 pukul 10.00 Bob Sharer <bob@x.test> menulis:",
        "vi": "Vào Th 2, 1 thg 6, 2026 vào lúc 10:00 Bob Sharer <bob@x.test> đã viết:",
        "bg": "На пн, 1.06.2026 г. в 10:00 Bob Sharer <bob@x.test> написа:",
        "hr": "pon, 1. lip 2026. u 10:00 Bob Sharer <bob@x.test> napisao je:",
        "ca": "Missatge de Bob Sharer <bob@x.test> del dia dl., 1 de juny 2026 a les 10:00:",
    },
    "apple": {
        "en": "On 1 Jun 2026, at 10:00, Bob Sharer <bob@x.test> wrote:",
        "de": "Am 01.06.2026 um 10:00 schrieb Bob Sharer <bob@x.test>:",
        "fr": "Le 1 juin 2026 à 10:00, Bob Sharer <bob@x.test> a écrit :",
        "es": "El 1 jun 2026, a las 10:00, Bob Sharer <bob@x.test> escribió:",
        "it": "Il giorno 1 giu 2026, alle ore 10:00, Bob Sharer <bob@x.test> ha scritto:",
        "pt": "Em 1 de jun. de 2026, à(s) 10:00, Bob Sharer <bob@x.test> escreveu:",
        "nl": "Op 1 jun. 2026 om 10:00 heeft Bob Sharer <bob@x.test> het volgende geschreven:",
        "sv": "1 juni 2026 kl. 10:00 skrev Bob Sharer <bob@x.test>:",
        "da": "Den 1. jun. 2026 kl. 10.00 skrev Bob Sharer <bob@x.test>:",
        "nb": "1. juni 2026 kl. 10:00 skrev Bob Sharer <bob@x.test>:",
        "fi": "Bob Sharer <bob@x.test> kirjoitti 1.6.2026 kello 10.00:",
        "pl": "Wiadomość napisana przez Bob Sharer <bob@x.test> w dniu 1 cze 2026, o godz. 10:00:",
        "cs": "1. 6. 2026 v 10:00, Bob Sharer <bob@x.test>:",
        "hu": "2026. jún. 1. dátummal, 10:00 időpontban Bob Sharer <bob@x.test> írta:",
        "ro": "Pe 1 iun. 2026, la 10:00, Bob Sharer <bob@x.test> a scris:",
        "tr": "Bob Sharer <bob@x.test> şunları yazdı (1 Haz 2026 10:00):",
        "ru": "1 июня 2026 г., в 10:00, Bob Sharer <bob@x.test> написал(а):",
        "uk": "1 черв. 2026 р. о 10:00 Bob Sharer <bob@x.test> написав(ла):",
        "el": "Στις 1 Ιουν 2026, στις 10:00, ο/η Bob Sharer <bob@x.test> έγραψε:",
        "ja": "2026/06/01 10:00、Bob Sharer <bob@x.test>のメール:",
        "zh": "2026年6月1日 10:00，Bob Sharer <bob@x.test> 写道：",
        "tw": "Bob Sharer <bob@x.test> 於 2026年6月1日 上午10:00 寫道：",
        "ko": "2026. 6. 1. 오전 10:00, Bob Sharer <bob@x.test> 작성:",
        "he": "ב-1 ביוני 2026, בשעה 10:00, \u200fBob Sharer <bob@x.test> כתב/ה:",
        "ar": "في ١ يونيو ٢٠٢٦، الساعة ١٠:٠٠ ص، كتب/كتبت Bob Sharer <bob@x.test>:",
    },
    "thunderbird": {
        "en": "On 6/1/26 10:00, Bob Sharer wrote:",
        "de": "Am 01.06.26 um 10:00 schrieb Bob Sharer:",
        "fr": "Le 01/06/2026 à 10:00, Bob Sharer a écrit :",
        "es": "El 1/6/26 a las 10:00, Bob Sharer escribió:",
        "it": "Il 01/06/26 10:00, Bob Sharer ha scritto:",
        "pt": "Às 10:00 de 01/06/2026, Bob Sharer escreveu:",
        "nl": "Op 01-06-2026 om 10:00 schreef Bob Sharer:",
        "sv": "Den 2026-06-01 kl. 10:00, skrev Bob Sharer:",
        "da": "Den 01.06.2026 kl. 10.00 skrev Bob Sharer:",
        "nb": "Den 01.06.2026 10:00, skrev Bob Sharer:",
        "fi": "Bob Sharer kirjoitti 1.6.2026 klo 10.00:",
        "pl": "W dniu 1.06.2026 o 10:00, Bob Sharer pisze:",
        "cs": "Dne 01. 06. 26 v 10:00 Bob Sharer napsal(a):",
        "sk": "Dňa 1. 6. 2026 o 10:00 Bob Sharer napísal(a):",
        "hu": "2026. 06. 01. 10:00 keltezéssel, Bob Sharer írta:",
        "ro": "Pe 01.06.2026 10:00, Bob Sharer a scris:",
        "tr": "01.06.2026 10:00 tarihinde Bob Sharer yazdı:",
        "ru": "01.06.2026 10:00, Bob Sharer пишет:",
        "uk": "01.06.26 10:00, Bob Sharer пише:",
        "el": "Στις 1/6/2026 10:00, ο/η Bob Sharer έγραψε:",
        "zh": "在 2026/6/1 10:00, Bob Sharer 写道:",
        "tw": "於 2026/6/1 10:00，Bob Sharer 寫道:",
        "ko": "2026-06-01 10:00에 Bob Sharer 이(가) 쓴 글:",
        "he": "בתאריך 01/06/2026 10:00, Bob Sharer כתב:",
    },
    "protonmail": {
        "en": "On Monday, June 1st, 2026 at 10:00 AM, Bob Sharer <bob@x.test> wrote:",
        "en, older": "\u2010\u2010\u2010\u2010\u2010\u2010\u2010 Original Message \u2010\u2010\u2010\u2010\u2010\u2010\u2010\nOn Monday, June 1, 2026 10:00 AM, Bob Sharer <bob@x.test> wrote:",
        "de": "Am Montag, 1. Juni 2026 um 10:00, Bob Sharer <bob@x.test> schrieb:",
        "fr": "Le lundi 1 juin 2026 à 10:00, Bob Sharer <bob@x.test> a écrit :",
        "es": "El lunes, 1 de junio de 2026 a las 10:00, Bob Sharer <bob@x.test> escribió:",
        "pl": "poniedziałek, 1 czerwca 2026 10:00, Bob Sharer <bob@x.test> napisał(a):",
    },
    "k9": {
        "en": "On June 1, 2026 10:00:00 AM GMT+02:00, Bob Sharer <bob@x.test> wrote:",
        "de": "Am 1. Juni 2026 10:00:00 MESZ schrieb Bob Sharer <bob@x.test>:",
        "fr": "Le 1 juin 2026 10:00:00 GMT+02:00, Bob Sharer <bob@x.test> a écrit :",
        "nl": "Op 1 juni 2026 10:00:00 CEST schreef Bob Sharer <bob@x.test>:",
        "ru": "1 июня 2026 г. 10:00:00 GMT+03:00, Bob Sharer <bob@x.test> пишет:",
    },
    "yandex": {"ru": '01.06.2026, 10:00, "Bob Sharer" <bob@x.test>:'},
    "mail.ru": {"ru": "Понедельник, 1 июня 2026, 10:00 +03:00 от Bob Sharer <bob@x.test>:"},
}

# The quote below has no marks.
YAHOO: Final = {
    "en": "    On Monday, June 1, 2026 at 10:00:00 AM UTC, Bob Sharer <bob@x.test> wrote:  ",
    "de": "    Am Montag, 1. Juni 2026 um 10:00:00 MESZ hat Bob Sharer <bob@x.test> Folgendes geschrieben:  ",
    "fr": "    Le lundi 1 juin 2026 à 10:00:00 UTC+2, Bob Sharer <bob@x.test> a écrit :  ",
    "es": "    El lunes, 1 de junio de 2026, 10:00:00 CEST, Bob Sharer <bob@x.test> escribió:  ",
    "it": "    Il lunedì 1 giugno 2026 alle ore 10:00:00 CEST, Bob Sharer <bob@x.test> ha scritto:  ",
    "pt": "    Em segunda-feira, 1 de junho de 2026 às 10:00:00 BRT, Bob Sharer <bob@x.test> escreveu:  ",
}

# Outlook: what it calls From, Sent, To and Subject.
FIELDS: Final = {
    "en": ("From:", "Sent:", "To:", "Subject:"),
    "de": ("Von:", "Gesendet:", "An:", "Betreff:"),
    "fr": ("De :", "Envoyé :", "À :", "Objet :"),
    "es": ("De:", "Enviado el:", "Para:", "Asunto:"),
    "it": ("Da:", "Inviato:", "A:", "Oggetto:"),
    "pt": ("De:", "Enviada em:", "Para:", "Assunto:"),
    "nl": ("Van:", "Verzonden:", "Aan:", "Onderwerp:"),
    "sv": ("Från:", "Skickat:", "Till:", "Ämne:"),
    "da": ("Fra:", "Sendt:", "Til:", "Emne:"),
    "fi": ("Lähettäjä:", "Lähetetty:", "Vastaanottaja:", "Aihe:"),
    "pl": ("Od:", "Wysłano:", "Do:", "Temat:"),
    "cs": ("Od:", "Odesláno:", "Komu:", "Předmět:"),
    "sk": ("Od:", "Odoslané:", "Komu:", "Predmet:"),
    "hu": ("Feladó:", "Elküldve:", "Címzett:", "Tárgy:"),
    "ro": ("De la:", "Trimis:", "Către:", "Subiect:"),
    "tr": ("Kimden:", "Gönderildi:", "Kime:", "Konu:"),
    "ru": ("От:", "Отправлено:", "Кому:", "Тема:"),
    "uk": ("Від:", "Надіслано:", "Кому:", "Тема:"),
    "el": ("Από:", "Στάλθηκε:", "Προς:", "Θέμα:"),
    "ja": ("差出人:", "送信日時:", "宛先:", "件名:"),
    "zh": ("发件人:", "发送时间:", "收件人:", "主题:"),
    "tw": ("寄件者:", "寄件日期:", "收件者:", "主旨:"),
    "ko": ("보낸 사람:", "보낸 날짜:", "받는 사람:", "제목:"),
    "he": ("מאת:", "נשלח:", "אל:", "נושא:"),
    "ar": ("من:", "تم الإرسال:", "إلى:", "الموضوع:"),
    "bg": ("От:", "Изпратено:", "До:", "Относно:"),
}

ORIGINAL: Final = {
    "en": "-----Original Message-----", "de": "-----Ursprüngliche Nachricht-----", "fr": "-----Message d'origine-----",
    "es": "-----Mensaje original-----", "it": "-----Messaggio originale-----", "pt": "-----Mensagem original-----",
    "nl": "-----Oorspronkelijk bericht-----", "sv": "-----Ursprungligt meddelande-----",
    "da": "-----Oprindelig meddelelse-----", "fi": "-----Alkuperäinen viesti-----", "pl": "-----Wiadomość oryginalna-----",
    "cs": "-----Původní zpráva-----", "hu": "-----Eredeti üzenet-----", "ru": "-----Исходное сообщение-----",
    "tr": "-----Özgün İleti-----", "el": "-----Αρχικό μήνυμα-----", "zh": "------------------ 原始邮件 ------------------",
    "ko": "-----Original Message-----", "ja": "-----元のメッセージ-----",
}  # fmt: skip

OWN: Final = "Own words, first line.\nOwn words: second line."
_QUOTED: Final = ("Quoted words one.", "", "Quoted words two.")
_UNMARKED: Final = "\n".join(_QUOTED)
_MARKED: Final = "\n".join(f"> {line}" if line else ">" for line in _QUOTED)


def samples() -> Iterator[tuple[str, str]]:
    """(program and language, text): OWN, then a quote that should fold with what introduces it."""
    for program, lines in MARKED.items():
        for language, line in lines.items():
            yield f"{program} {language}", f"{OWN}\n\n{line}\n\n{_MARKED}\n"
            if " <bob" in line and program != "mail.ru":
                wrapped = line.replace(" <bob", "\n<bob")
                yield f"{program} {language}, wrapped", f"{OWN}\n\n{wrapped}\n{_MARKED}\n"
    for language, line in YAHOO.items():
        yield f"yahoo {language}", f"{OWN}\n\n{line}\n \n {_UNMARKED}\n"
    for language, (sender, sent, to, subject) in FIELDS.items():
        block = f"{sender} Bob Sharer <bob@x.test>\n{sent} Monday, June 1, 2026 10:00\n{to} Alice\n{subject} Beans"
        yield f"outlook {language}", f"{OWN}\n\n{block}\n\n{_UNMARKED}\n"
        yield f"outlook.com {language}", f"{OWN}\n\n{'_' * 32}\n{block}\n\n{_UNMARKED}\n"
        if language in ORIGINAL:
            yield f"outlook {language}, older", f"{OWN}\n\n{ORIGINAL[language]}\n{block}\n\n{_UNMARKED}\n"
    yield (
        "gmx de",
        f'{OWN}\n\nGesendet: Montag, 01. Juni 2026 um 10:00 Uhr\nVon: "Bob" <bob@x.test>\nAn: alice@x.test\n'
        f"Betreff: Bohnen\n\n{_UNMARKED}\n",
    )
    yield (
        "yahoo, classic",
        f"{OWN}\n\n--- On Mon, 6/1/26, bob@x.test <bob@x.test> wrote:\n\n\nFrom: bob@x.test <bob@x.test>\n"
        f"Subject: Beans\nTo: alice@x.test\nDate: Monday, June 1, 2026, 10:00 AM\n\n{_UNMARKED}\n",
    )
    yield "signed", f"{OWN}\n\n-- \nAlice\n\nOn Mon, 1 Jun 2026 at 10:00, Bob <bob@x.test> wrote:\n{_MARKED}\n"


# Nothing of these folds.
PLAIN: Final = {
    "answers between": "Bob wrote:\n> one?\nYes.\n> two?\nNo.\n",
    "answers below": "On 04/02/2026 06:26 PM, Megan One wrote:\n> Hi\nHello",
    "answers between, after a greeting": "Hi Bob,\n\nOn 1 Jun 2026, Bob <b@x.test> wrote:\n> one?\n\nYes.\n\n> two?\n\nNo.\n",
    "a forward": "See below.\n\n---------- Forwarded message ---------\nFrom: Bob <b@x.test>\nDate: Mon, Jun 1, 2026\n"
    "Subject: Beans\nTo: Alice <a@x.test>\n\nShall we plant?\n",
    "a forward by Outlook alone": "From: Bob\nSent: Monday\nTo: Alice\nSubject: Beans\n\nShall we plant?\n",
    "a forward by Apple": "FYI\n\nBegin forwarded message:\n\nFrom: Bob <b@x.test>\nSubject: Beans\nDate: 1 June 2026\n"
    "To: Alice\n\nOn 1 Jun 2026, at 10:00, Carl <c@x.test> wrote:\n\n> Shall we plant?\n",
    "prose with labels": "From: the kitchen window\nTo: the garden wall\nis where the beans should go.\n",
    "prose that says who wrote": "I found it at last. On page 7 of 1984 Orwell wrote:\n\nWar is peace.\n",
    "prose with a date": "My favourite lines. On 5 May 1821 Manzoni wrote:\n\nEi fu. Siccome immobile.\n",
    "a list": "Sent: 12\nReceived: 11\nSubject: beans\nThe rest is lost.\n",
    "only a quote": "> one\n> two\n",
    "a program's output": "Hello,\n\nfrom: a\nto: b\ncount: 3\n\nRegards\n",
}
