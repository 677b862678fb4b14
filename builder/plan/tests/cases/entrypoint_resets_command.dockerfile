FROM app:1 AS a
ENTRYPOINT ["/other"]
FROM app:1 AS b
CMD ["mine"]
ENTRYPOINT ["/other"]
FROM b
ENTRYPOINT []
