# corsdash in one image. By itself it runs the whole dashboard on /data; docker-compose.yml runs its parts apart.
FROM python:3.13-slim AS packages
RUN pip install --no-cache-dir uv==0.13.9
WORKDIR /app
COPY pyproject.toml ./
# pyproject.toml pins the direct dependencies, and by exclude-newer all others.
RUN UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never UV_COMPILE_BYTECODE=1 uv sync --no-cache

FROM python:3.13-slim
RUN useradd --system --uid 10001 --home-dir /data --create-home corsdash && chmod 700 /data
WORKDIR /app
COPY --from=packages /app/.venv .venv
COPY manage.py ./
COPY corsdash corsdash
COPY apis apis
COPY templates templates
COPY static static
RUN .venv/bin/python -m compileall -q corsdash apis
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 CORSDASH_DATA=/data
# All that is written lies in /data, so the container may run with --read-only and a volume there.
USER corsdash
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=6s --start-period=30s CMD ["python", "-c", \
    "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/api/v1/health', timeout=5)"]
CMD ["python", "manage.py", "up", "--host", "0.0.0.0"]
