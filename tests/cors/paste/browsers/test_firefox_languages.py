"""Firefox's messages in ten languages, as it publishes them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from apis.cors.paste import ReadingError, read_error

API = "https://abc123def4.execute-api.us-east-1.amazonaws.com/items"
LANGUAGES = json.loads((Path(__file__).parent / "firefox_messages.json").read_text("utf-8"))
CODES = {
    "missing": "MissingAllowOriginHeader",
    "multiple": "MultipleAllowOriginValues",
    "mismatch": "AllowOriginMismatch",
    "wildcard": "WildcardOriginNotAllowed",
    "method": "MethodDisallowedByPreflightResponse",
    "credentials": "InvalidAllowCredentials",
    "status": "PreflightInvalidStatus",
    "bad_methods": "InvalidAllowMethodsPreflightResponse",
    "bad_headers": "InvalidAllowHeadersPreflightResponse",
    "header": "HeaderDisallowedByPreflightResponse",
    "redirect": "PreflightDisallowedRedirect",
    "scheme": "CorsDisabledScheme",
    "failed": "InvalidResponse",
}


def test_there_are_ten_languages():
    assert len(LANGUAGES) == 10


@pytest.mark.parametrize(
    ("language", "kind"), [(name, kind) for name, about in LANGUAGES.items() for kind in about["reasons"]]
)
def test_a_message_in_another_language_is_read(language, kind):
    about = LANGUAGES[language]
    text = about["frame"].replace("%U", API).replace("%R", about["reasons"][kind])
    reading = read_error(text)
    assert (reading.source, reading.url, reading.code) == ("firefox", API, CODES[kind])
    assert reading.missing[0] == "origin"
    if "403" in text:
        assert 403 in (reading.status, reading.preflight_status)
    if kind == "header":
        assert reading.headers == (("x-a", ""),)
    if kind == "mismatch":
        assert reading.value == "https://x.example"


def both(frame, missing, failed):
    """The two messages that Firefox prints for a preflight without the header."""
    return "\n".join(frame.replace("%U", API).replace("%R", reason) for reason in (missing, failed))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_second_message_shows_a_failed_preflight(language):
    reasons = LANGUAGES[language]["reasons"]
    reading = read_error(both(LANGUAGES[language]["frame"], reasons["missing"], reasons["failed"]))
    assert (reading.url, reading.code, reading.preflight) == (API, "PreflightMissingAllowOriginHeader", True)


OTHERS = {
    "French, until 2023": "Blocage d’une requête multiorigines (Cross-Origin Request) : la politique « Same Origin » "
    "ne permet pas de consulter la ressource distante située sur %U. Raison : %R",
    "French, until 2021": "Blocage d’une requête multi-origines (Cross-Origin Request) : la politique « Same Origin » "
    "ne permet pas de consulter la ressource distante située sur %U. Raison : %R",
    "Spanish of Argentina": "Solicitud de origen cruzado bloqueada: La política de mismo origen no permite leer el "
    "recurso remoto en %U. (Razón: %R",
    "Spanish of Mexico": "Solicitud Cross-Origin bloqueada: La política del mismo origen no permite la lectura de "
    "recursos remotos en %U. (Razón: %R",
    "Spanish of Chile": "Petición de origen cruzado bloqueada: La política del mismo origen no permite leer el "
    "recurso remoto en %U (razón: %R",
    "Portuguese of Portugal": "Pedido cross-origin bloqueado: a política da mesma origem não permite a leitura do "
    "recurso remoto em %U. (Motivo: %R",
    "Portuguese of Portugal, today": "Pedido de origem cruzada bloqueado: a política da mesma origem não permite a "
    "leitura do recurso remoto em %U. (Motivo: %R",
    "Chinese, until 2022": "已拦截跨域请求：同源策略禁止读取位于 %U 的远程资源。（原因：%R",
    "Chinese of Taiwan": "已封鎖跨來源請求: 同源政策不允許讀取 %U 的遠端資源。（原因: %R",
    "Chinese of Taiwan, earlier": "已封鎖跨網域請求: 同源政策不允許讀取 %U 的遠端資源。（原因: %R",
    "Russian, earlier": "Кросс-доменный запрос заблокирован: Политика одного источника запрещает чтение удаленного "
    "ресурса на %U. (Причина: %R",
    "Korean, earlier": "교차 원본 요청 차단: 동일 출처 정책으로 인해 %U에 있는 원격 자원을 차단하였습니다. (원인: %R",
    "Polish": "Zablokowano żądanie do zasobu innego pochodzenia: zasady „Same Origin Policy” nie zezwalają na "
    "wczytywanie zdalnych zasobów z „%U” (przyczyna: %R",
    "Czech": "Požadavek Cross-Origin zablokován: Pravidlo stejného původu zabraňuje čtení vzdáleného zdroje na "
    "%U (důvod: %R",
    "Turkish": "Çapraz-Kaynak İsteği Engellendi: Aynı Kaynak İlkesi, %U konumundaki uzak kaynağın okunmasına izin "
    "vermiyor. (Neden: %R",
    "Swedish": "Cross-Origin-begäran blockerad: Samma ursprungspolicy tillåter inte läsning av fjärresursen på "
    "%U (orsak: %R",
}
MISSING, FAILED = "CORS ‘Access-Control-Allow-Origin’ …).", "CORS …)."


@pytest.mark.parametrize("frame", OTHERS)
def test_further_languages_and_earlier_versions_show_it_too(frame):
    reading = read_error(both(OTHERS[frame], MISSING, FAILED))
    assert (reading.source, reading.url, reading.code) == ("firefox", API, "PreflightMissingAllowOriginHeader")


@pytest.mark.parametrize(
    ("frame", "reason", "code"),
    [
        ("Swedish", "CORS-förhandssvar lyckades inte).", "PreflightInvalidStatus"),
        ("Swedish", "extern omdirigering av CORS-begäran är inte tillåten).", "PreflightDisallowedRedirect"),
        ("Swedish", "flera CORS-huvuden 'Access-Control-Allow-Origin' tillåts inte).", "MultipleAllowOriginValues"),
        ("Swedish", "ogiltig token 'a' i 'Access-Control-Allow-Methods').", "InvalidAllowMethodsPreflightResponse"),
        ("Turkish", "CORS ön kontrol yanıtı başarısız oldu).", "PreflightInvalidStatus"),
        ("Turkish", "CORS isteği dışarıya yönlendirme izni yok).", "PreflightDisallowedRedirect"),
        ("Turkish", "Birden fazla CORS 'Access-Control-Allow-Origin' üst bilgisi).", "MultipleAllowOriginValues"),
        ("Czech", "Odpověď na předběžný požadavek CORS nebyla úspěšná).", "PreflightInvalidStatus"),
        ("Czech", "externí přesměrování požadavku CORS není povoleno).", "PreflightDisallowedRedirect"),
        ("Czech", "více hlaviček CORS 'Access-Control-Allow-Origin' není povoleno).", "MultipleAllowOriginValues"),
        ("Polish", "odpowiedź na żądanie wstępne CORS się nie powiodła).", "PreflightInvalidStatus"),
        ("Polish", "zewnętrzne przekierowanie żądania CORS jest niedozwolone).", "PreflightDisallowedRedirect"),
        ("Polish", "wiele nagłówków CORS „Access-Control-Allow-Origin” jest niedozwolonych).",
         "MultipleAllowOriginValues"),
        ("Chinese of Taiwan", "CORS 預檢回應未成功）。", "PreflightInvalidStatus"),
        ("Chinese of Taiwan", "不允許 CORS 請求的外部重新導向）。", "PreflightDisallowedRedirect"),
        ("Chinese of Taiwan", "不允許多個 CORS ‘Access-Control-Allow-Origin’ 標頭）。", "MultipleAllowOriginValues"),
    ],
)  # fmt: skip
def test_the_reasons_of_further_languages(frame, reason, code):
    assert read_error(OTHERS[frame].replace("%U", API).replace("%R", reason)).code == code


MIXED = {
    "German": "Laden von gemischten aktiven Inhalten “%U” wurde blockiert",
    "English": "Blocked loading mixed active content “%U”",
    "French": "Blocage du chargement du contenu mixte actif « %U »",
    "Spanish": 'Bloqueada la carga de contenido activo mixto "%U"',
    "Italian": "Caricamento di contenuto misto attivo “%U” bloccato",
    "Portuguese": 'Bloqueado o carregamento de conteúdo misto ativo "%U"',
    "Japanese": "混在アクティブコンテンツ “%U” の読み込みをブロックしました",
    "Chinese": "已阻止加载混合活动内容 “%U”",
    "Russian": "Заблокирована загрузка смешанного активного содержимого «%U»",
    "Dutch": "Laden van gemengde actieve inhoud ‘%U’ geblokkeerd",
    "Korean": "혼합된 액티브 콘텐츠 “%U”의 로딩을 차단함",
    "Polish": "Zablokowano wczytanie mieszanych treści aktywnych „%U”",
}


@pytest.mark.parametrize("language", MIXED)
def test_a_page_with_https_that_calls_without_it(language):
    url = "http://api.example.com/items"
    reading = read_error(MIXED[language].replace("%U", url))
    assert (reading.source, reading.code, reading.url, reading.blocked) == ("firefox", "mixed-content", url, True)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_message_whose_beginning_was_cut_is_read_by_its_reason(language):
    about = LANGUAGES[language]
    frame = about["frame"].replace("%R", about["reasons"]["missing"])
    word = frame[frame.index("%U") :].replace("%U", "")
    reading = read_error(re.sub("^[ .。)」'’の]+", "", word))
    assert (reading.source, reading.url, reading.code) == ("firefox", "", "MissingAllowOriginHeader")
    assert reading.missing[:2] == ("origin", "url")
    for before in ("", "https://other.example/x http://localhost/y "):
        reading = read_error(f"{before}{API} {word}")
        assert (reading.url, reading.code) == (API, "MissingAllowOriginHeader")


@pytest.mark.parametrize("mark", [MIXED[name].partition(" “")[0] for name in ("English", "German")])
def test_a_message_about_mixed_content_that_was_cut(mark):
    words = " ".join(mark.split()[-3:])
    url = "http://api.example.com/items"
    assert read_error(f"{words} “{url}”").url == url
    with pytest.raises(ReadingError):
        read_error(words)
