# The shipped pipeline: single-file programs that need nothing but Node. The context is a folder with *.js (dist/pipeline).
ARG NODE_IMAGE=node:24-alpine
FROM ${NODE_IMAGE}
ENV NODE_ENV=production
WORKDIR /app
# package.json says that the programs are ES modules; the pattern lets a context without it pass.
COPY *.js package.jso[n] /app/
# By number, so that the engine can tell without a passwd file that it is not root.
USER 1000:1000
# An array, so that node itself is process 1 and receives the signal to stop.
CMD ["node", "/app/api.js"]
