FROM app:1
WORKDIR sub/../dir
WORKDIR /a/$UNSET/b
RUN pwd
COPY x .
WORKDIR /
COPY x y/
COPY x /abs/.
