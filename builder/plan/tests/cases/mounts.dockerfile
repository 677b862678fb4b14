#! arg BUILDKIT_CACHE_MOUNT_NS=ns
FROM debian:12 AS tools
FROM app:1
ARG DIR=/root/.cache
RUN --mount=target=/ctx --mount=type=bind,from=tools,source=/usr,target=usr,rw a
RUN --mount=type=cache,target=$DIR,sharing=locked --mount=type=cache,id=x,target=/y,mode=0700,uid=5,from=tools,source=z b
RUN --mount=type=tmpfs,target=/t,size=1m --mount=type=secret,id=key --mount=type=secret,id=tok,env=TOKEN,required c $TOKEN
RUN --mount=type=ssh --mount=type=ssh,id=two d
RUN --mount=type=secret,target=/etc/x/pass,mode=0444 e
