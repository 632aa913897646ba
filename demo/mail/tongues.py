# ruff: noqa: RUF001 - letters of other alphabets are meant
"""Letters in many languages and scripts, two of them in charsets of another age."""

from __future__ import annotations

from datetime import date
from email.header import Header

from demo.mail.files import pdf
from demo.mail.letters import NEW, READ, STAR, File, Letter


def letters(today: date) -> list[Letter]:
    return [*_left_to_right(), *_right_to_left(), *_older_charsets()]


def _left_to_right() -> list[Letter]:
    plan = pdf("Meeting", "Friday, 14:00", "Room 3")
    return [
        Letter(1, "04:20", "山本 由紀 <yuki@yamamoto.example>", "来週の打ち合わせについて", """
            アナ様

            いつもお世話になっております。来週の打ち合わせの資料を添付しました。
            金曜日までにご確認いただけますと幸いです。

            会場は駅前の図書館、三階の会議室です。

            山本
            """, flags=READ, zone=9, files=(File("打ち合わせ資料.pdf", "application/pdf", plan),)),
        Letter(1, "10:50", "Grundschule Bärental <sekretariat@grundschule-baerental.example>",
            "Einladung zum Sommerfest – bitte um Rückmeldung", """
            Liebe Eltern,

            am Samstag ab 15 Uhr feiern wir im Hof. Es gibt Kuchen, Würstchen
            (auch ohne Fleisch) und eine Tombola. Bitte geben Sie Ihrem Kind
            bis Mittwoch den Zettel mit, ob Sie einen Kuchen backen können.

            Größere Kuchen sind ausdrücklich erwünscht.

            Herzliche Grüße
            Frau Jäger, Sekretariat
            """, flags=NEW, zone=1),
        Letter(2, "19:20", "Hélène Dubreuil <helene@dubreuil.example>", "Ça y est, nous avons déménagé !", """
            Chère Ana,

            nous voilà enfin installés, entre les cartons et le chat, qui a
            choisi le plus grand. La fenêtre de la cuisine donne sur un
            pommier. Viens quand tu veux, il y a un lit (sous les cartons).

            Je t’embrasse,
            Hélène
            """, flags=STAR, zone=1),
        Letter(2, "14:30", "Taller de bicis Ñandú <taller@nandu.example>", "¿Cuándo pasas a recoger la bici?", """
            ¡Hola, Ana!

            La bicicleta ya está lista: cambiamos la cadena y el pedal
            izquierdo. Mañana cerramos a las dos. ¿Te viene bien el miércoles?

            Un saludo,
            Íñigo
            """, flags=READ, zone=1),
        Letter(3, "08:40", "Łucja Wiśniewska <lucja@wisniewska.example>", "Zdjęcia z łąki i przepis na żurek", """
            Cześć Ana!

            Obiecany przepis: zakwas robi się pięć dni, a zjada w pięć minut.
            Zdjęcia prześlę później, bo łącze znowu śpi.

            Pozdrawiam, Łucja
            """, flags=NEW, zone=1),
        Letter(4, "12:12", "Оксана Гнатюк <oksana@hnatiuk.example>", "Запрошення на концерт у неділю", """
            Вітаю, Ано!

            У неділю о шостій ми співаємо в старій бібліотеці. Вхід вільний,
            але стільців лише сорок, тож приходьте трохи раніше.

            Буде й їжа: пиріг з вишнями.

            Оксана
            """, flags=READ, zone=2),
        Letter(5, "09:33", "João Conceição <joao@conceicao.example>", "Reunião de condomínio: não se esqueçam!", """
            Bom dia,

            a reunião é na quinta-feira, às 19h, no átrio. Pontos: o elevador,
            as bicicletas e o pão da padaria (que afinal vai continuar).

            Abraço,
            João
            """, flags=READ, zone=0),
        Letter(5, "17:01", "Jiří Dvořák <jiri@dvorak.example>", "Příliš žluťoučký kůň a jiné zprávy", """
            Milá Ano,

            zkouška písma dopadla dobře: kůň úpěl, jak měl. V pátek přivezu
            sazenice rajčat, šest kusů, a dvě papriky navíc.

            Jiří
            """, flags=READ, zone=1),
        Letter(9, "06:15", "Ελένη Παπαδάκη <eleni@papadaki.example>", "Καλημέρα από το νησί", """
            Αγαπητή Άνα,

            εδώ φυσάει, αλλά η θάλασσα είναι ζεστή. Το σπίτι σε περιμένει.

            Ελένη
            """, flags=READ, zone=2),
        Letter(11, "15:00", "陳怡君 <yichun@chen.example>", "中秋節聚餐的時間", """
            安娜你好:

            聚餐改到星期六晚上七點,地點不變。月餅我會帶,請帶一把椅子。

            怡君
            """, flags=READ, zone=8),
        Letter(12, "03:10", "김민서 <minseo@kim.example>", "사진 잘 받았어요", """
            안녕하세요, 아나 씨.

            보내 주신 사진 잘 받았습니다. 콩이 정말 많이 자랐네요!

            민서
            """, flags=READ, zone=9),
    ]  # fmt: skip


def _right_to_left() -> list[Letter]:
    return [
        Letter(1, "20:05", "دانا الليثي <dana@allaithi.example>", "موعد التدريب يوم الخميس", """
            مساء الخير آنا،

            هل يناسبكم الساعة السادسة والنصف بدلاً من السابعة؟ القاعة محجوزة
            حتى التاسعة، ومعنا مفتاح Harbour Hall.

            مع التحية
            دانا
            """, flags=NEW, zone=3),
        Letter(4, "18:44", "נועה ברק <noa@barak.example>", "הזמנה לערב קריאה", """
            שלום אנה,

            ביום רביעי בשמונה בערב נקרא יחד את הפרק הראשון. תה ועוגיות יהיו,
            רק תביאו כוס. הכתובת: Harbour Street 12, קומה 2.

            נועה
            """, flags=READ, zone=2),
    ]  # fmt: skip


def _older_charsets() -> list[Letter]:
    subject = Header("Kassettenabend, wie früher", "iso-8859-1").encode()
    sender = Header("Uwe Köhler", "iso-8859-1").encode()
    german = f"From: {sender} <uwe@koehler.example>\nTo: ana@pennypost.example\nSubject: {subject}\n"
    german += "Date: {date}\nMessage-ID: <cassette@koehler.example>\nMIME-Version: 1.0\n"
    german += "Content-Type: text/plain; charset=ISO-8859-1\nContent-Transfer-Encoding: 8bit\n\n"
    german += "Hallo Ana,\n\nich habe den Rekorder repariert. Er frißt jetzt nur noch jede\nzweite Kassette. "
    german += "Samstag, acht Uhr, bei mir?\n\nGrüße\nUwe\n"
    name = Header("Сергій", "koi8-u").encode()
    topic = Header("Лист зі старого комп'ютера", "utf-8").encode()
    ukrainian = f"From: {name} <serhii@archive.example>\nTo: ana@pennypost.example\nSubject: {topic}\n"
    ukrainian += "Date: {date}\nMessage-ID: <koi8@archive.example>\nMIME-Version: 1.0\n"
    ukrainian += "Content-Type: text/plain; charset=KOI8-U\nContent-Transfer-Encoding: 8bit\n\n"
    ukrainian += "Привіт! Це той самий комп'ютер, і він усе ще пише листи.\n\nСергій\n"
    return [
        Letter(14, "22:10", raw=german.encode("iso-8859-1"), flags=READ),
        Letter(16, "13:37", raw=ukrainian.encode("koi8-u"), flags=READ),
    ]
