# The image of a release, which has a program for each platform: see .goreleaser.yaml.
FROM scratch
ARG TARGETPLATFORM
COPY etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY $TARGETPLATFORM/store /usr/bin/store
USER 65532:65532
ENTRYPOINT ["/usr/bin/store"]
