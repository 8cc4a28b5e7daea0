# The hub: ingest, jobs, API and dashboard in one process over one folder, /data.
FROM python:3.12-slim AS build
WORKDIR /src
# For the collector's compiled module; the image that is kept has no compiler.
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev && rm -rf /var/lib/apt/lists/*
COPY requirements requirements
RUN pip install --no-cache-dir --prefix=/install --require-hashes -r requirements/demo.txt
COPY . .
RUN PYTHONPATH=/install/lib/python3.12/site-packages \
    pip install --no-cache-dir --prefix=/install --no-deps --no-build-isolation .

FROM python:3.12-slim
COPY --from=build /install /usr/local
RUN useradd --system --create-home --uid 10001 scalix && install -d -o scalix -m 0700 /data
USER scalix
ENV SCALIX_HOME=/data LITELLM_LOCAL_MODEL_COST_MAP=True
VOLUME /data
EXPOSE 8510
# A container must listen beyond loopback, which the hub refuses without a password:
#   docker run -e SCALIX_HOST=0.0.0.0 -e SCALIX_PASSWORD=… -v scalix:/data -p 8510:8510 scalix
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8510/healthz', timeout=4)"]
ENTRYPOINT ["scalix"]
CMD ["up"]
