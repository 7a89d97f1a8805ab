# An image that serves an emulated cloud. It needs no network, no volume and no writable file system:
#
#   docker build -t fake-nova .
#   docker run --rm --init --read-only -p 127.0.0.1:8774:8774 -e FAKE_NOVA_ADMIN_TOKEN=... fake-nova
#
# Fixtures mounted at /fixtures take the place of the default ones. Settings are variables, such as FAKE_NOVA_DIALECT.
# The server refuses to start without a choice for the admin API: FAKE_NOVA_ADMIN_TOKEN, or FAKE_NOVA_ADMIN=off or public.

FROM python:3.13-slim AS build
WORKDIR /source
COPY scripts/requirements.txt scripts/requirements.txt
# Setuptools comes first, as in scripts/setup: it builds those packages that are there as source only, and this one.
RUN python -m venv /opt/fake-nova \
    && sed -n '/^setuptools==/,/[^\\]$/p' scripts/requirements.txt > setuptools.txt \
    && sed '/^# Only/,$d' scripts/requirements.txt > requirements.txt \
    && /opt/fake-nova/bin/pip install --no-cache-dir --require-hashes -r setuptools.txt \
    && /opt/fake-nova/bin/pip install --no-cache-dir --require-hashes --no-build-isolation -r requirements.txt
COPY LICENSE README.md pyproject.toml setup.cfg ./
COPY fixtures fixtures
COPY fake_nova fake_nova
RUN /opt/fake-nova/bin/pip install --no-cache-dir --no-deps --no-build-isolation . \
    && /opt/fake-nova/bin/pip uninstall --yes setuptools pip

FROM python:3.13-slim
COPY --from=build /opt/fake-nova /opt/fake-nova
COPY fixtures/default.yaml /fixtures/default.yaml
ENV PATH=/opt/fake-nova/bin:$PATH \
    FAKE_NOVA_HOST=0.0.0.0 \
    FAKE_NOVA_PORT=8774 \
    FAKE_NOVA_FIXTURES=/fixtures
USER 10001:10001
EXPOSE 8774
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=5s --start-period=30s CMD ["fake-nova", "wait", "--timeout", "2"]
ENTRYPOINT ["fake-nova"]
CMD ["serve"]
