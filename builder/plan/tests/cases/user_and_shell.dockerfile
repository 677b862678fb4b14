FROM app:1
USER root
SHELL ["/bin/zsh", "-ec"]
RUN a   b
ENTRYPOINT run it
CMD arg "x"
