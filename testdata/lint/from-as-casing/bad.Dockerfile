FROM scratch as base
