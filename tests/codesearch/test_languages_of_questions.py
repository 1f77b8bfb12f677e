"""Questions in other languages than English: by words they find what is named or commented in that language."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from codesearch import CodeSearch, Mode

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CODE = '''
def f1(path):
    """Lee un archivo de configuración y devuelve las opciones."""
    return path


def f2(address):
    """Envía un correo electrónico al usuario."""
    return address


def f3(path):
    """Читает файл настроек и возвращает параметры."""
    return path


def f4(address):
    """Отправляет письмо пользователю."""
    return address


def f5(path):
    # 读取配置文件并返回选项
    return path


def f6(address):
    # 向用户发送电子邮件
    return address


def f7(path):
    # 設定ファイルを読み込んで、値を返す
    return path


def f8(address):
    # ユーザーにメールを送信する
    return address


def f9(path):
    """Lese die Einstellungen aus der Datei."""
    größe_der_datei = path
    return größe_der_datei
'''


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[CodeSearch, Path]]:
    """Index the functions by their words."""
    root = tmp_path_factory.mktemp("project")
    (root / "code.py").write_text(CODE, encoding="utf-8")
    with CodeSearch(library=tmp_path_factory.mktemp("library")) as opened:
        opened.index(root, lexical_only=True)
        yield opened, root


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("¿dónde se lee el archivo de configuración?", "f1"),
        ("leer archivo configuracion", "f1"),  # without accents
        ("enviar correo electrónico al usuario", "f2"),
        ("где читается файл настроек?", "f3"),
        ("отправляет письмо", "f4"),
        ("在哪里读取配置文件\uff1f", "f5"),
        ("发送电子邮件给用户", "f6"),
        ("設定ファイルを読み込む関数はどこですか", "f7"),
        ("メールの送信", "f8"),
        ("Größe der Datei", "f9"),
        ("grosse der datei groesse größe", "f9"),
        ("archvio de configuracoin", "f1"),  # misspelt
        ("файл настрокй", "f3"),
    ],
)
def test_questions_find_comments_of_their_language(engine: tuple[CodeSearch, Path], query: str, name: str) -> None:
    """Whole words, and pairs of characters where there are no spaces, find the function that has them first."""
    opened, root = engine
    found = opened.search(query, [root], mode=Mode.LEXICAL, refresh=False)
    assert found.matches[0].definition.name == name


@pytest.mark.parametrize("query", ["", "¿?", "\uff1b", "ありがとう", "спасибо", "한국어 질문", "שלום", "ไทย", "\u200d"])
def test_no_language_breaks_the_search(engine: tuple[CodeSearch, Path], query: str) -> None:
    """Any text with a letter in it is answered, if with nothing; a letter-like sign alone is not asked."""
    from codesearch.errors import EmptyQuery

    opened, root = engine
    if any(character.isalnum() for character in query):
        opened.search(query, [root], mode=Mode.LEXICAL, refresh=False)
    else:
        with pytest.raises(EmptyQuery):
            opened.search(query, [root], mode=Mode.LEXICAL, refresh=False)
