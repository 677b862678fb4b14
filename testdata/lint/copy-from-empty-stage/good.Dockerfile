FROM scratch AS some
ADD a.tar /
FROM scratch
COPY --from=some /a /b
