# An image with Gharial, for containers: docker build -t gharial .
# With Ray, for clusters: docker build --build-arg EXTRAS=ray -t gharial .
# Run as an unprivileged user: docker run --rm -v "$PWD:/test:ro" gharial run script.js
ARG PYTHON=3.13

FROM python:${PYTHON}-slim AS build
ARG EXTRAS=""
# A compiler, for the hot path and the JavaScript engine; the second stage has none.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends gcc g++ libc6-dev make \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY pyproject.toml hatch_build.py README.md LICENSE ./
COPY src src
# The environment has no pip of its own: nothing is installed into it later.
RUN python -m venv --without-pip /opt/gharial \
    && pip --python /opt/gharial/bin/python install --no-cache-dir ".${EXTRAS:+[$EXTRAS]}" \
    && /opt/gharial/bin/gharial version --json | grep --quiet '"compiled": true'

FROM python:${PYTHON}-slim
COPY --from=build /opt/gharial /opt/gharial
ENV PATH=/opt/gharial/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1
# A number, so that Kubernetes can check that it is not root.
RUN useradd --create-home --uid 1000 gharial
USER 1000
WORKDIR /test
ENTRYPOINT ["gharial"]
CMD ["--help"]
