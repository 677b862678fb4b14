FROM scratch
COPY ./secret/key a.txt /b/
ADD sub/../node_modules /c
