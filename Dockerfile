# gdpr-audit, and nothing that builds it. The build's folder is this one:
#
#   docker build -t gdpr-audit:0.1.0 .
#   docker build -t gdpr-audit:0.1.0-pdf --build-arg EXTRA=pdf .
#
# The image is pinned by version; put the digest that you trust in its place, if your rules ask.
ARG PYTHON=python:3.13-slim
# "pdf" adds what -f pdf needs, some 170 MB; there is no other.
ARG EXTRA=""

FROM ${PYTHON} AS build
ARG EXTRA
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /src
COPY requirements*.txt ./
# sslyze comes as source only: what builds it, and us, is there before it and stays in this stage
RUN python3 -m venv /build && python3 -m venv --without-pip /opt/gdpr-audit \
    && /build/bin/python -m pip install -q --require-hashes -r requirements-build.txt
RUN /build/bin/python -m pip wheel -q --require-hashes --no-build-isolation -w /wheels \
    -r "requirements${EXTRA:+-$EXTRA}.txt"
COPY pyproject.toml README.md LICENSE ./
COPY gdpr_audit gdpr_audit
COPY rules rules
COPY reports/templates reports/templates
RUN /build/bin/python -m pip wheel -q --no-deps --no-build-isolation -w /wheels . \
    && /build/bin/python -m pip --python /opt/gdpr-audit install -q --no-index --no-deps /wheels/*.whl

FROM ${PYTHON}
ARG EXTRA
# The fonts' cache is made here, as nothing can be written later. It names the second and the
# nanosecond of each folder, and a layer keeps the second alone.
RUN if [ "$EXTRA" = pdf ]; then \
        apt-get update -qq \
        && apt-get install -y -qq --no-install-recommends \
            fontconfig fonts-dejavu-core libpango-1.0-0 libpangoft2-1.0-0 \
        && find /usr/share/fonts /usr/local/share/fonts -type d -exec touch -d 2000-01-01 {} + \
        && fc-cache -s && rm -rf /var/lib/apt/lists/*; \
    fi
COPY --from=build /opt/gdpr-audit /opt/gdpr-audit
ENV PATH=/opt/gdpr-audit/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
# A number, so that Kubernetes' runAsNonRoot can tell; `docker run --user` may say another.
USER 10001:10001
WORKDIR /work
ENTRYPOINT ["gdpr-audit"]
