# One static binary in an image without a shell. Build: docker build -t hailong .
#   docker run -p 8080:8080 -v hailong:/data -e HAILONG_BASE_URL=https://HOST hailong
FROM --platform=$BUILDPLATFORM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG TARGETOS TARGETARCH
RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build -trimpath -buildvcs=false -ldflags '-s -w' -o /image/hailong ./cmd/hailong
# A volume takes the owner of the folder that it covers.
RUN mkdir /image/data /image/tmp && chown 65532:65532 /image/data && chmod 0700 /image/data && chmod 1777 /image/tmp

FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /image/ /
USER 65532:65532
ENV HAILONG_DATA=/data HAILONG_LISTEN=:8080
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s CMD ["/hailong", "health"]
ENTRYPOINT ["/hailong"]
CMD ["serve"]
