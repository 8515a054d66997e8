# syntax=docker/dockerfile:1
# The image of API, worker and migrate alike; compose chooses by the command.

FROM node:22.19.0-bookworm-slim AS build
WORKDIR /app
COPY . .
# REDIS_URL: a server is given where the image runs, so that none has to be installed here.
RUN REDIS_URL=redis://given npm run build

FROM node:22.19.0-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
# Without what only builds and tests need, and without the private Postgres, which is an optional package.
RUN npm ci --omit=dev --omit=optional --no-audit --no-fund && npm cache clean --force

FROM node:22.19.0-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY --from=build /app/prisma prisma
COPY package.json ./
USER node
EXPOSE 3000
HEALTHCHECK --interval=5s --timeout=3s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:3000/health/ready').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/src/api.js"]
