# An image with Gharial and Ray, for containers and clusters: docker build -t gharial .
# Run as an unprivileged user: docker run --rm -v "$PWD:/test" gharial run script.js
ARG PYTHON=3.11

FROM python:${PYTHON}-slim AS build
# A compiler, for the hot path and the JavaScript engine.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends gcc g++ libc6-dev make \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY . .
RUN python -m venv /opt/gharial \
    && /opt/gharial/bin/pip install --no-cache-dir ".[ray]"

FROM python:${PYTHON}-slim
COPY --from=build /opt/gharial /opt/gharial
ENV PATH=/opt/gharial/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1
RUN useradd --create-home --uid 1000 gharial
USER gharial
WORKDIR /test
ENTRYPOINT ["gharial"]
CMD ["--help"]
