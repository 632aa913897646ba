# ruff: noqa: RUF001 - dashes are meant
"""What lies in the other folders: the choir's list, the allotment, receipts, drafts, and what was thrown away."""

from __future__ import annotations

from datetime import date

from demo.mail.files import beans, pdf
from demo.mail.letters import ANA, BEN, NEW, STAR, File, Letter

FOLDERS = (
    "Allotment",
    "Choir",
    "House",
    "House/Repairs",
    "Receipts",
    "Receipts/Last year",
    "Ärger",
    "Ärger/日本",
    "R&D – ideas",
)  # "House/Repairs" and "Ärger/日本" show nesting; "&" has to be encoded (RFC 3501 5.1.3)

_LIST = {
    "List-Id": "Harbour Choir <choir.harbourchoir.example>",
    "List-Post": "<mailto:choir@harbourchoir.example>",
    "List-Unsubscribe": "<mailto:choir-leave@harbourchoir.example>",
    "Reply-To": "Harbour Choir <choir@harbourchoir.example>",
    "Precedence": "list",
}
_CHOIR = "Harbour Choir <choir@harbourchoir.example>"


def letters(today: date) -> list[Letter]:
    return [*_choir(), *_allotment(), *_house(), *_receipts(), *_elsewhere(), *_drafts(), *_archive()]


def _choir() -> list[Letter]:
    return [
        Letter(12, "18:00", "Hanne Grøn <hanne@harbourchoir.example>", "[Choir] Second half: the order", """
            1. Evening song  2. Bar 48 and its consequences  3. Tea

            _______________________________________________
            Choir mailing list  -  choir@harbourchoir.example
            """, to=_CHOIR, folder="Choir", headers=_LIST, id="choir-1", zone=1),
        Letter(11, "20:20", "Basil Reed <basil@reed.example>", "Re: [Choir] Second half: the order", """
            > 3. Tea

            Could tea be second? Asking for all basses.
            """, to=_CHOIR, folder="Choir", headers=_LIST, id="choir-2", answers=("choir-1",)),
        Letter(11, "21:00", "Sofia Marchetti <sofia@marchetti.example>", "Re: [Choir] Second half: the order", """
            >> 3. Tea
            > Could tea be second? Asking for all basses.

            Seconded. Thirded by the piano.
            """, to=_CHOIR, folder="Choir", headers=_LIST, flags=NEW, id="choir-3", answers=("choir-1", "choir-2")),
        Letter(4, "08:08", "Hanne Grøn <hanne@harbourchoir.example>", "[Choir] Stairs are slippery", """
            The lower stairs have been painted and are slippery until Sunday.
            """, to=_CHOIR, folder="Choir", headers=_LIST, flags=NEW, zone=1),
        Letter(1, "22:22", "Basil Reed <basil@reed.example>", "[Choir] Whose scarf?", """
            Blue, woollen, very long. It hangs on the piano.
            """, to=_CHOIR, folder="Choir", headers=_LIST, flags=NEW),
    ]  # fmt: skip


def _allotment() -> list[Letter]:
    nora, pavel = "Nora Lindqvist <nora@allotments.example>", "Pavel Novák <pavel@novak.example>"
    return [
        Letter(30, "09:00", nora, "Watering rota", """
            Week 1 Pavel, week 2 Ana, week 3 whoever is at home.
            """, folder="Allotment", flags=STAR),
        Letter(33, "19:30", pavel, "Canes", """
            I have forty canes. Take ten, leave the long ones.
            """, folder="Allotment", files=(File("canes.png", "image/png", beans()),)),
        Letter(47, "07:20", nora, "Frost on Thursday", """
            Cover what you love.
            """, folder="Allotment"),
    ]  # fmt: skip


def _house() -> list[Letter]:
    return [
        Letter(25, "10:10", "Chimney sweep <office@sweep.example>", "We come on the 12th, between 8 and 10", """
            Please leave the cellar open.
            """, folder="House"),
        Letter(52, "15:45", "Roof & Gutter <hello@roofandgutter.example>", "What we found up there", """
            Two slates, one tennis ball, one spoon. The report is attached.
            """, folder="House/Repairs",
            files=(File("report.pdf", "application/pdf", pdf("Report", "2 slates", "1 tennis ball", "1 spoon")),)),
    ]  # fmt: skip


def _receipts() -> list[Letter]:
    return [
        Letter(4, "13:25", "Timber & Paint <shop@timberandpaint.example>", "Receipt 20417", """
            Received with thanks: 68.30
            """, folder="Receipts"),
        Letter(34, "12:01", "Spoke & Chain <hello@spokeandchain.example>", "Receipt 611", """
            Inner tube, twice. 14.00
            """, folder="Receipts"),
        Letter(340, "12:01", "Harbour Books <shop@harbour-books.example>", "Receipt 90041", """
            One atlas, second hand. 22.50
            """, folder="Receipts/Last year"),
    ]  # fmt: skip


def _elsewhere() -> list[Letter]:
    return [
        Letter(28, "17:00", "Hausverwaltung Möwe <post@moewe.example>", "Ihr Schreiben wegen der Türklingel", """
            Sehr geehrte Frau Moreira,

            die Klingel läutet, wie Klingeln läuten. Mehr können wir nicht tun.
            """, folder="Ärger"),
        Letter(60, "05:05", "鉄道博物館 <info@tetsudo.example>", "お問い合わせの件", """
            お問い合わせありがとうございます。忘れ物の傘は見つかりませんでした。
            """, folder="Ärger/日本", zone=9),
        Letter(19, "23:50", ANA, "Ideas, three of them", """
            1. A bell that says who rings.
            2. A ladder with a register.
            3. Bar 48, but as a doorbell.
            """, folder="R&D – ideas"),
        Letter(5, "14:00", "Sale <sale@everything.example>", "Everything must go", """
            Everything. Must. Go.
            """, folder="Trash"),
        Letter(9, "14:00", BEN, "Re: Ladder?", """
            Forget it, found one in the cellar. It is the wrong cellar, though.
            """, folder="Trash"),
    ]  # fmt: skip


def _drafts() -> list[Letter]:
    return [
        Letter(1, "23:15", ANA, "The cello, and a cake", """
            Dear Sofia,

            what kind of cake does a cello case cost? I can offer
            """, to="Sofia Marchetti <sofia@marchetti.example>", folder="Drafts", flags=("\\Seen", "\\Draft")),
        Letter(6, "12:00", ANA, "Bees", """
            Dear neighbours, about the hive:
            """, to="", folder="Drafts", flags=("\\Seen", "\\Draft")),
    ]  # fmt: skip


def _archive() -> list[Letter]:
    subjects = (
        "Minutes, spring meeting", "Key for the tool shed", "Two chairs, one owner", "Choir: new faces",
        "Recipe for quinces", "Map of the plots", "The old timetable", "Thank you for the seeds",
        "Snow, and who clears it", "Piano tuner's visit",
    )  # fmt: skip
    return [
        Letter(120 + 23 * place, "12:00", "Nora Lindqvist <nora@allotments.example>", subject, """
            Filed, so that somebody finds it again.
            """, folder="Archive")
        for place, subject in enumerate(subjects)
    ]  # fmt: skip
