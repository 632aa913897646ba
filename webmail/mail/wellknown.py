"""What mail programs and providers call the mailboxes that have a role but, on old servers, no attribute to say so."""

from __future__ import annotations

from typing import Final

WELL_KNOWN: Final[dict[str, tuple[str, ...]]] = {
    "drafts": (
        "Drafts", "Draft", "Entwürfe", "Entwurf", "Brouillons", "Brouillon", "Borradores", "Borrador", "Bozze",
        "Concepten", "Rascunhos", "Utkast", "Kladder", "Luonnokset", "Koncepty", "Rozpracované", "Robocze",
        "Szkice", "Wersje robocze", "Piszkozatok", "Ciorne", "Черновики", "Чернетки", "Taslaklar", "Πρόχειρα",
        "草稿", "草稿箱", "草稿匣", "下書き", "임시보관함", "임시 보관함", "المسودات", "טיוטות",
    ),
    "sent": (
        "Sent", "Sent Items", "Sent Messages", "Sent Mail", "Sent-Mail", "Gesendet", "Gesendete Objekte",
        "Gesendete Elemente", "Gesendete Nachrichten", "Éléments envoyés", "Messages envoyés", "Envoyés", "Envoyé",
        "Courrier envoyé", "Enviados", "Elementos enviados", "Mensajes enviados", "Itens enviados",
        "Mensagens enviadas", "Posta inviata", "Inviata", "Inviati", "Elementi inviati", "Verzonden",
        "Verzonden items", "Verzonden berichten", "Skickat", "Skickade", "Sendt", "Sendt post", "Sendte elementer",
        "Lähetetyt", "Odeslaná pošta", "Odeslané", "Odoslané", "Wysłane", "Elementy wysłane", "Elküldött",
        "Elküldött elemek", "Trimise", "Отправленные", "Надіслані", "Gönderilmiş Öğeler", "Gönderilenler",
        "Απεσταλμένα", "已发送", "已发送邮件", "寄件備份", "送信済み", "送信済みアイテム",
        "送信済みメール", "보낸편지함", "보낸 편지함",
    ),
    "archive": (
        "Archive", "Archives", "Archiv", "Archivo", "Archivos", "Archivio", "Archief", "Arquivo", "Arkiv", "Arkisto",
        "Archiwum", "Archív", "Arhiva", "Архив", "Архів", "Arşiv", "归档", "封存", "アーカイブ", "보관함",
    ),
    "junk": (
        "Junk", "Spam", "Junk E-mail", "Junk Email", "Junk Mail", "Bulk Mail", "Bulk", "Spamverdacht", "Spam-Verdacht",
        "Unerwünscht", "Indésirables", "Courrier indésirable", "Pourriel", "Pourriels", "Correo no deseado",
        "No deseado", "Posta indesiderata", "Indesiderata", "Ongewenste e-mail", "Ongewenste reclame", "Reclame",
        "Lixo eletrônico", "Lixo eletrónico", "Skräppost", "Søppelpost", "Uønsket", "Roskaposti",
        "Nevyžádaná pošta", "Nevyžiadaná pošta", "Wiadomości-śmieci", "Niechciane", "Levélszemét", "Nedorite",
        "Спам", "Нежелательная почта", "Небажана пошта", "Gereksiz", "Önemsiz", "Ανεπιθύμητα",
        "垃圾邮件", "垃圾郵件", "迷惑メール", "스팸", "스팸편지함",
    ),
    "trash": (
        "Trash", "Deleted Items", "Deleted Messages", "Deleted", "Bin", "Papierkorb", "Gelöscht", "Gelöschte Objekte",
        "Gelöschte Elemente", "Corbeille", "Éléments supprimés", "Messages supprimés", "Papelera",
        "Elementos eliminados", "Eliminados", "Cestino", "Posta eliminata", "Eliminata", "Prullenbak",
        "Verwijderde items", "Lixeira", "Lixo", "Itens excluídos", "Papperskorgen", "Borttaget", "Papirkurv",
        "Slettet", "Slettede elementer", "Slettet post", "Roskakori", "Poistetut", "Koš", "Odstraněná pošta", "Kôš",
        "Kosz", "Elementy usunięte", "Lomtár", "Törölt elemek", "Coș de gunoi", "Корзина", "Удаленные", "Удалённые",
        "Кошик", "Видалені", "Çöp Kutusu", "Çöp", "Silinmiş Öğeler", "Κάδος απορριμμάτων",
        "已删除", "已删除邮件", "刪除的郵件", "垃圾桶", "ゴミ箱", "削除済みアイテム", "휴지통", "지운편지함",
    ),
}  # fmt: skip
"""Role -> names, compared without case; the likeliest first, so that "Sent" beats "Sent Items"."""
