# One image for worker, gateway and review server: docker run … holdpoint:local worker
# Debian, not Alpine: Temporal's native library needs glibc.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Installing in a clone builds the inbox. Here its sources come later, and the build below does it.
RUN npm pkg delete scripts.prepare && npm ci --no-audit --no-fund
COPY . .
RUN npm run build && npm prune --omit=dev

FROM node:24-bookworm-slim
# Temporal's library reads the system's certificates.
RUN apt-get update && apt-get install --yes --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/*
ENV NODE_ENV=production
# glibc keeps one heap for each thread that allocates, eight a core by default. Two take less memory for waiting runs.
ENV MALLOC_ARENA_MAX=2
WORKDIR /app
COPY --from=build /app/package.json /app/LICENSE /app/.env.example ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/bin bin
COPY --from=build /app/dist dist
COPY --from=build /app/examples examples
COPY --from=build /app/deploy/answers.mjs deploy/answers.mjs
USER node
# Larger semi-spaces take more memory for waiting runs. A flag, since NODE_OPTIONS is yours.
ENTRYPOINT ["node", "--max-semi-space-size=16", "/app/bin/holdpoint.mjs"]
CMD ["--help"]
