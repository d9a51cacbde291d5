# Mien in a container: docker build -t mien . && docker run -p 8000:8000 mien
# The pages' scripts are built in one stage and the packages installed in another, so neither Node
# nor pip is in the picture that runs.

FROM node:22-slim AS scripts
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json ./
COPY bin/build.mjs bin/compress.mjs bin/entries.mjs bin/offline-manifest.mjs bin/
COPY static static
RUN npm run build

FROM python:3.13-slim AS packages
COPY requirements.txt bin/post_compile /build/
RUN python -m venv --without-pip /opt/mien \
 && python -m pip --python /opt/mien/bin/python install --no-cache-dir -r /build/requirements.txt \
 && PYTHON=/opt/mien/bin/python bash /build/post_compile

FROM python:3.13-slim
COPY --from=packages /opt/mien /opt/mien
WORKDIR /srv/mien
COPY LICENSE NOTICE gunicorn.conf.py ./
COPY app app
COPY templates templates
COPY --from=scripts /build/static static
# Compiled here, since the user below may not write.
RUN useradd --system --no-create-home --uid 10001 mien && /opt/mien/bin/python -m compileall -q app
USER 10001
ENV PATH=/opt/mien/bin:$PATH PORT=8000 KERAS_BACKEND=openvino PYTHONUNBUFFERED=1
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
  CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f\"http://127.0.0.1:{os.environ['PORT']}/api/v1/health\", timeout=4)"]
CMD ["gunicorn", "app:create_app()"]
