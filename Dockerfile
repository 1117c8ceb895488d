# syntax=docker/dockerfile:1
# One static binary on nothing: no shell, no package manager. Runs as 65532 on a read-only root; only /var/lib/tandem is
# written to. Configuration is mounted at /etc/tandem.
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY . .
ARG VERSION=unknown
# timetzdata: the image has no zone files, and schedules and formats name zones.
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=0 go build -trimpath -tags timetzdata -ldflags "-s -w -X main.version=${VERSION}" -o /out/tandem ./cmd/tandem
RUN mkdir -p /out/state /out/etc && install -d -m 1777 /out/tmp \
    && printf 'tandem:x:65532:65532::/var/lib/tandem:/sbin/nologin\n' >/out/etc/passwd \
    && printf 'tandem:x:65532:\n' >/out/etc/group

FROM scratch
LABEL org.opencontainers.image.title="Tandem" \
      org.opencontainers.image.description="Keeps marketing and sales on one set of facts" \
      org.opencontainers.image.source="https://github.com/tandem-sync/tandem" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/etc/passwd /out/etc/group /etc/
COPY --from=build /out/tmp /tmp
COPY --from=build --chown=65532:65532 /out/state /var/lib/tandem
COPY --from=build /out/tandem /tandem
USER 65532:65532
WORKDIR /var/lib/tandem
VOLUME /var/lib/tandem
EXPOSE 8484
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 CMD ["/tandem", "health", "--config", "/etc/tandem"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["/tandem"]
CMD ["run", "--config", "/etc/tandem"]
