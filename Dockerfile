# Two stages: build the one static binary, then ship it alone.
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN GOWORK=off CGO_ENABLED=0 go build -trimpath -o /starling ./cmd/starling

FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /starling /starling
EXPOSE 4000
ENTRYPOINT ["/starling"]
CMD ["serve"]
