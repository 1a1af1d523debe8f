"""Firefox's messages in other languages: how they begin, and the words by which their reasons differ.

Header names, URLs, values and status codes stay as they are in every language. Taken from Firefox's published strings
(dom/chrome/security/security.properties).
"""

from __future__ import annotations

import re

_BEGINNINGS = (
    "Quellübergreifende (Cross-Origin) Anfrage blockiert",  # German
    "Blocage d'une requête multiorigine",  # French
    "Blocage d'une requête multi-origines",
    "Solicitud desde otro origen bloqueada",  # Spanish
    "Solicitud de origen cruzado bloqueada",
    "Solicitud Cross-Origin bloqueada",
    "Petición de origen cruzado bloqueada",
    "Bloccata richiesta multiorigine",  # Italian
    "Requisição cross-origin bloqueada",  # Portuguese
    "Pedido cross-origin bloqueado",
    "Pedido de origem cruzada bloqueado",
    "クロスオリジン要求をブロックしました",  # Japanese
    "已拦截跨源请求",  # Chinese
    "已拦截跨域请求",
    "已封鎖跨來源請求",
    "已封鎖跨網域請求",
    "Запрос из постороннего источника заблокирован",  # Russian
    "Кросс-доменный запрос заблокирован",
    "Cross-Origin-aanvraag geblokkeerd",  # Dutch
    "교차 출처 요청 차단",  # Korean
    "교차 원본 요청 차단",
    "Zablokowano żądanie do zasobu innego pochodzenia",  # Polish
    "Požadavek Cross-Origin zablokován",  # Czech
    "Çapraz-Kaynak İsteği Engellendi",  # Turkish
    "Cross-Origin-begäran blockerad",  # Swedish
)
BEGINNING = re.compile("|".join(map(re.escape, _BEGINNINGS)))
"""The first words of a blocked call's message."""

PREFLIGHT = re.compile(
    r"preflight|pré-vérification|prévérification|verificación previa|comprobación previa|comprovação|プリフライト|预检|"
    r"預檢|사전 점검|предварительн|wstępn|předběžn|ön kontrol|förhands|respuesta CORS no tuvo éxito",
    re.IGNORECASE,
)
REDIRECT = re.compile(
    r"weiterleitung|redirec|redirect|リダイレクト|重定向|重新導向|перенаправлен|omleiding|리다이렉트|리디렉|przekierowan|"
    r"přesměrov|yönlendirme|omdirigering",
    re.IGNORECASE,
)
MULTIPLE = re.compile(
    r"nur ein|mehrere|plusieurs|múltipl|varias|multipl|vários|várias|複数|多个|多個|несколько|meerdere|여러|wiele|"
    r"wielu|více|birden|flera",
    re.IGNORECASE,
)
NOT_HTTP = re.compile(r"(?<![/A-Za-z0-9])https?(?![:/A-Za-z0-9])", re.IGNORECASE)
MIXED = (
    "mixed active content", "gemischten aktiven Inhalten", "contenu mixte actif", "contenido activo mixto",
    "contenuto misto attivo",
    "conteúdo misto ativo", "混在アクティブコンテンツ", "混合活动内容", "смешанного активного содержимого",
    "gemengde actieve inhoud", "혼합된 액티브 콘텐츠", "mieszanych treści aktywnych",
)  # fmt: skip
"""Words of the message for a call without https from a page with https."""
