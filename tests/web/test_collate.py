"""Names stand as the dictionaries of a language have them."""

from __future__ import annotations

import random

import pytest
from flask import Flask, g

from tests.servers.application import Visitor
from tests.servers.people import Person
from webmail.languages import LANGUAGES
from webmail.web import collate

ORDERS = {
    "en": ["Archive 2", "archive 3", "Élan", "Elbow", "Œuvre", "Zebra"],
    "de": ["Apfel", "Äpfel", "Apfelbaum", "Straße", "Strasse 2", "Zug"],
    "fr": ["cote", "coté", "côte", "eau", "Éducation", "été", "œuvre", "zèle"],
    "es": ["nube", "Nuria", "ñandú", "ñu", "oso"],
    "pl": ["lato", "łąka", "mama", "zebra", "źrebię", "żaba"],
    "pt-BR": ["ação", "acesso", "água", "avó", "avô", "zebra"],
    "uk": ["гора", "ґанок", "дім", "екран", "єдність", "зима", "икс", "іній", "їжак", "йод", "щука", "яма"],
    "ja": ["2026", "ABC", "あさ", "アニメ", "いぬ", "がく", "かば"],
    "ar": ["أحمد", "باب", "تاريخ", "يوم"],
    "he": ["אבא", "בית", "תיק"],
}


@pytest.mark.parametrize("tag", ORDERS)
def test_names_stand_in_the_order_of_the_language(app: Flask, tag: str) -> None:
    names = ORDERS[tag]
    mixed = random.Random(1).sample(names, len(names))
    with app.test_request_context():
        g.language = LANGUAGES[tag]
        assert sorted(mixed, key=collate.key) == names


def test_what_differs_in_case_or_accent_alone_always_has_the_same_order(app: Flask) -> None:
    with app.test_request_context():
        g.language = LANGUAGES["fr"]
        for seed in range(20):
            mixed = random.Random(seed).sample(["Été", "été", "ete", "Ete"], 4)
            assert sorted(mixed, key=collate.key) == ["ete", "Ete", "été", "Été"]


def test_folders_stand_by_what_the_page_calls_them_each_below_the_one_that_holds_it(
    visitor: Visitor, alice: Person
) -> None:
    for name in ("Archive", "Archive.2024", "Beta"):
        alice.create(name)
    visitor.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "es"
    visitor.sign_in(alice)
    visitor.get("/folders")
    told = visitor.html.partition("<main")[2].partition(">Archivo<")[2]
    places = [told.index(f">{name}<") for name in ("2024", "Bandeja de entrada", "Beta", "Borradores")]
    assert places == sorted(places)
