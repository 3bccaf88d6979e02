FROM python:3.13-slim AS build
WORKDIR /src
# The locked packages first: they change seldom, the source often.
COPY requirements/base.txt requirements/base.txt
RUN python -m venv /opt/mock-ofd \
    && /opt/mock-ofd/bin/pip install --no-cache-dir --require-hashes --only-binary :all: -r requirements/base.txt
# The extra postgresql, for nodes that share a ledger: its one package as it is locked among all the others.
COPY requirements/dev.txt requirements/dev.txt
RUN awk '/^asyncpg==/ { it = 1 } it { print } it && !/\\$/ { exit }' requirements/dev.txt > requirements/postgresql.txt \
    && /opt/mock-ofd/bin/pip install --no-cache-dir --require-hashes --only-binary :all: -r requirements/postgresql.txt
COPY . .
RUN /opt/mock-ofd/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.13-slim
# Fixed numbers, so that the owner of a mounted /data can be given from outside.
RUN groupadd --gid 10001 ofd \
    && useradd --uid 10001 --gid ofd --no-create-home --shell /usr/sbin/nologin ofd \
    && install -d -o ofd -g ofd /data
COPY --from=build /opt/mock-ofd /opt/mock-ofd
ENV PATH=/opt/mock-ofd/bin:$PATH PYTHONUNBUFFERED=1
# A base image may come without the compiled standard library, and who runs may not write it: every start and every health
# check would compile what they import.
RUN python -c "import urllib.request, asyncpg, ofd_server.app, mock_ofd.cli.serve"
# By number: an orchestrator that lets no root in cannot look a name up.
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8080 7790 7777
HEALTHCHECK --interval=5s --timeout=3s --start-period=20s --retries=5 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/healthz', timeout=2)"]
CMD ["mock-ofd", "serve", "--data", "/data", "--http", "0.0.0.0:8080", "--native", "0.0.0.0:7790", "--kz", "0.0.0.0:7777"]
